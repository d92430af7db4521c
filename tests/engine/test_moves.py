"""What moves from one resource to another within a stack is never deleted on the way."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import attrs
import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.killing import Boundary, Victim, kill, running
from tests.engine.traffic import sent
from tools.project import Project

HELPERS = """
from pulumi import ROOT_STACK_RESOURCE, Alias, ComponentResource, ResourceOptions

made = []

def keep(resource):
    made.append(resource)
    return resource

def named(name):
    return f"{move}-{name}"

def was(name):
    return [Alias(name=named(name))]

def area():
    return ComponentResource("shop:index:Area", named("area"))

def team(name="team", slug="", **options):
    return keep(Workspace(named(name), name="Team", slug=f"{move}{slug}", adopt_existing=True,
        force_destroy=True, opts=ResourceOptions(**options)))

def budget(workspace, name="budget", limits=(1, 2, None), **options):
    daily, weekly, monthly = limits
    return keep(WorkspaceBudget(named(name), workspace_id=workspace, daily_limit_usd=daily,
        weekly_limit_usd=weekly, monthly_limit_usd=monthly, opts=ResourceOptions(**options)))

def members(workspace, name="members", who="ada", ids=None, **options):
    emails = [f"{person}@example.com" for person in who.split()]
    return keep(WorkspaceMembership(named(name), workspace_id=workspace, emails=emails,
        user_ids=ids, opts=ResourceOptions(**options)))
"""
STOP = """
keep(Workspace("stop", opts=ResourceOptions(depends_on=list(made))))
"""
EXPORT = """
pulumi.export("declared", [resource.urn for resource in made])
"""


@attrs.frozen
class Move:
    """Two programs that declare the same with other resources."""

    name: str
    after: str
    before: str = "t = team(); budget(t); members(t)"
    replaced: tuple[str, ...] = ()
    """What `up` is asked to replace: its type and its name."""

    def program(self, text: str) -> str:
        """One of the programs, in which all names and slugs begin with the name of the move."""
        return f"move = {self.name!r}\n{text}\n"

    def arguments(self, project: Project) -> list[str]:
        """What `up` is called with."""
        named = [resource.split() for resource in self.replaced]
        urns = [project.urn(kind, f"{self.name}-{name}") for kind, name in named]
        return [argument for urn in urns for argument in ("--replace", urn)]


SAME = "t = team(); budget(t); members(t)"
DELETED_FIRST = (
    "t = team(); budget(t, delete_before_replace=True); members(t, delete_before_replace=True)"
)
WORKSPACE = "Workspace team"
CHILDREN = ("WorkspaceBudget budget", "WorkspaceMembership members")

# Who loses something waits for who gains it: only then is the move known before the removal.
MOVES = [
    Move("all-renamed", """t = team("new"); budget(t, "a"); members(t, "b")"""),
    Move(
        "all-with-alias",
        """
t = team("new", aliases=was("team"))
budget(t, "a", aliases=was("budget"))
members(t, "b", aliases=was("members"))
""",
    ),
    Move("team-renamed", """t = team("new"); budget(t); members(t)"""),
    Move("team-with-alias", """t = team("new", aliases=was("team")); budget(t); members(t)"""),
    Move("budget-renamed", """t = team(); budget(t, "new"); members(t)"""),
    Move("members-renamed", """t = team(); budget(t); members(t, "new")"""),
    Move("parent", "p = area(); t = team(parent=p); budget(t, parent=p); members(t, parent=p)"),
    Move(
        "parent-with-alias",
        """
o = {"parent": area(), "aliases": [Alias(parent=ROOT_STACK_RESOURCE)]}
t = team(**o)
budget(t, **o)
members(t, **o)
""",
    ),
    Move("team-replaced", SAME, replaced=(WORKSPACE,)),
    Move("children-replaced", SAME, replaced=CHILDREN),
    Move("all-replaced", SAME, replaced=(WORKSPACE, *CHILDREN)),
    Move("children-deleted-first", DELETED_FIRST, DELETED_FIRST, replaced=CHILDREN),
    Move("renamed-by-id", "t = team('new'); budget(t.id, 'a'); members(t.id, 'b')"),
    Move(
        "interval",
        """
t = team().id
gains = budget(t, "two", (None, 2, 20))
budget(t, "one", (1, None, None), depends_on=[gains])
""",
        """
t = team().id
keeps = budget(t, "one")
budget(t, "two", (None, None, 20), depends_on=[keeps])
""",
    ),
    Move(
        "all-intervals",
        """budget(team(), "two", (1, 2, 20))""",
        """t = team().id; budget(t, "one"); budget(t, "two", (None, None, 20))""",
    ),
    Move(
        "member",
        """
t = team()
gains = members(t, "two", "alan", ids=[id_of["grace"]])
members(t, "one", "ada", depends_on=[gains])
""",
        """
t = team()
keeps = members(t, "one", "ada grace")
members(t, "two", "alan", depends_on=[keeps])
""",
    ),
    Move(
        "all-members",
        """members(team(), "two", "ada", ids=[id_of["grace"]])""",
        """t = team(); members(t, "one", "grace"); members(t, "two", "ada")""",
    ),
    Move(
        "swapped",
        """
t, u = team("a", "-a"), team("b", "-b")
budget(u, "one"), budget(t, "two"), members(u, "first"), members(t, "second")
""",
        """
t, u = team("a", "-a"), team("b", "-b")
budget(t, "one"), budget(u, "two"), members(t, "first"), members(u, "second")
""",
    ),
]


CREATION = Boundary("POST", "/workspaces", 1)


@attrs.frozen
class Scene:
    """All moves in one stack, each with workspaces of its own."""

    project: Project
    simulator: Simulator

    def write(self, texts: Callable[[Move], str], *, stop: bool = False) -> None:
        """Write the program; one that stops ends with something that comes after all else."""
        ids = {
            person.email.split("@")[0]: person.id for person in self.simulator.organization.people
        }
        moves = [move.program(texts(move)) for move in MOVES]
        lines = [HELPERS, f"id_of = {ids!r}", *moves, STOP if stop else "", EXPORT]
        self.project.program("\n".join(lines))

    def replacing(self) -> list[str]:
        """What `up` is called with."""
        return [argument for move in MOVES for argument in move.arguments(self.project)]

    def move(self, end: End) -> None:
        """One up of what moves, which ends as it is told to, before anything is deleted."""
        project, arguments = self.project, self.replacing()
        if end is End.WELL:
            project.up(*arguments)
        elif end is End.KILLED:
            self.simulator.faults.add(CREATION.held(applied=False))
            with running(project, "up", *arguments) as command:
                command.wait_until(lambda: bool(self.simulator.requests("POST")))
                kill(command, Victim.ENGINE)
            project.run("cancel", "--yes")
        else:
            refused = Fault(kind=FaultKind.STATUS, method="POST", path="/workspaces", status=400)
            self.simulator.faults.add(refused)
            failed = project.up(*arguments, check=False)
            assert "creating workspace 'stop': 400" in failed.errors[0]

    def add_keys(self) -> None:
        """Something in each workspace that only its deletion would take away."""
        organization = self.simulator.organization
        for workspace in organization.workspaces:
            organization.create_key("key", workspace=workspace.id)

    def organization(self) -> dict[str, Any]:
        """All that the workspaces of the moves are and have."""
        organization = self.simulator.organization
        return {
            workspace.slug: (
                workspace.id,
                organization.budgets(workspace.id),
                sorted(organization.members(workspace.id)),
                [key.hash for key in organization.keys if key.workspace_id == workspace.id],
            )
            for workspace in organization.workspaces
            if workspace.slug not in {"default", "stop"}
        }

    def assert_settled(self) -> None:
        """The state holds what the program declares, and nothing else; nothing is left to do."""
        resources = self.project.resources()
        stack = next(found for found in resources if found["type"] == "pulumi:pulumi:Stack")
        held = [found["urn"] for found in resources if ":dynamic/" in found["type"]]
        assert sorted(held) == sorted(stack["outputs"]["declared"])
        assert self.project.up().changes == {}
        assert sent(self.simulator, writes=True) == []


class End(Enum):
    """How the up ends that moves everything, and what comes after it."""

    WELL = "it ends well"
    ERROR = "an error stops it, the next completes it"
    REVERTED = "an error stops it, the program is reverted"
    KILLED = "it is killed, the next refreshes and completes it"


@pytest.mark.reliability(
    "everything moved between resources of a stack (renamed with and without an alias, given "
    "another parent, --replace, intervals and members given to another resource), that up ending "
    "well, stopped by an error, killed, or reverted",
    "nothing declared is ever deleted, and the next up leaves nothing else in the state",
)
@pytest.mark.parametrize("end", End, ids=lambda end: end.name.lower())
def test_what_moves_is_never_deleted(
    project: Project,
    simulator: Simulator,
    end: End,
    record_property: Callable[[str, object], None],
) -> None:
    """Whatever moves, and wherever that up ends, no request removes what is declared."""
    record_property("cases", len(MOVES))
    scene = Scene(project, simulator)
    scene.write(lambda move: move.before)
    project.up()
    scene.add_keys()
    before = scene.organization()
    sent(simulator)

    scene.write(lambda move: move.after, stop=end is not End.WELL)
    scene.move(end)
    if end is End.REVERTED:
        scene.write(lambda move: move.before)
    if end is not End.WELL:
        project.up(*["--refresh"] * (end is End.KILLED))
    stops = {End.WELL: 0, End.REVERTED: 1, End.ERROR: 2, End.KILLED: 2}[end]
    assert sent(simulator, writes=True) == ["POST /workspaces"] * stops
    assert scene.organization() == before
    scene.assert_settled()


# An up that is told to do only one half of a rename.

NAMES = {"Workspace": "team", "WorkspaceBudget": "budget", "WorkspaceMembership": "members"}


@pytest.fixture
def crew(simulator: Simulator) -> str:
    """A workspace that somebody else made."""
    return simulator.organization.create_workspace(name="Crew", slug="crew").id


def named(project: Project, prefix: str, crew: str) -> None:
    """Declare the same under names that begin with something."""
    project.program(f"""
        Workspace("{prefix}-team", name="Team", slug="team", adopt_existing=True)
        WorkspaceBudget("{prefix}-budget", workspace_id="{crew}", daily_limit_usd=1)
        WorkspaceMembership("{prefix}-members", workspace_id="{crew}", emails=["ada@example.com"])
    """)


def each(project: Project, option: str, prefix: str) -> list[str]:
    """The option for each resource whose name begins so."""
    urns = [project.urn(kind, f"{prefix}-{name}") for kind, name in NAMES.items()]
    return [argument for urn in urns for argument in (option, urn)]


def names(*prefixes: str) -> set[str]:
    return {f"{prefix}-{name}" for prefix in prefixes for name in NAMES.values()}


@pytest.mark.reliability(
    "a rename without alias, only its creating half by --target or --exclude, then the rest",
    "nothing is deleted, and the next full up forgets the old names",
)
def test_the_creating_half_of_a_rename_comes_first(
    project: Project, simulator: Simulator, crew: str
) -> None:
    """With --target of the new or --exclude of the old names, both stay until the next full up."""
    named(project, "first", crew)
    project.up()
    sent(simulator)
    named(project, "second", crew)
    project.up(*each(project, "--target", "second"))
    assert set(project.state()) == names("first", "second")
    project.up()
    assert set(project.state()) == names("second")
    named(project, "third", crew)
    project.up(*each(project, "--exclude", "second"))
    assert set(project.state()) == names("second", "third")
    project.up()
    assert set(project.state()) == names("third")
    assert sent(simulator, writes=True) == []


def half_renamed(project: Project, crew: str) -> None:
    """Leave old and new names in the state."""
    named(project, "old", crew)
    project.up()
    named(project, "new", crew)
    project.up(*each(project, "--target", "new"))


@pytest.mark.reliability(
    "the old names of a half done rename deleted by --target",
    "they are deleted, as told; the next up --refresh creates again what is declared",
)
def test_what_a_targeted_deletion_took_comes_back(
    project: Project, simulator: Simulator, crew: str
) -> None:
    """A deletion by --target that took what another name declares is repaired by up --refresh."""
    half_renamed(project, crew)
    project.up(*each(project, "--target", "old"))
    project.up("--refresh")
    organization = simulator.organization
    assert organization.workspace("team").name == "Team"
    assert organization.budgets(crew) == {"daily": 1}
    assert organization.members(crew) == [organization.person("ada@example.com").id]
    assert set(project.state()) == names("new")
    assert project.up().changes == {}


# An up that goes on after an error.


REFUSED_LOOK = Fault(kind=FaultKind.STATUS, method="GET", path="/workspaces/team", status=400)


@pytest.mark.reliability(
    "a workspace renamed without alias under --continue-on-error, and its new name fails",
    "it is not deleted under its old name either, and the error says why",
)
@pytest.mark.parametrize(
    ("workspace", "fault"),
    [
        ('Workspace("new", slug="team", adopt_existing=True)', REFUSED_LOOK),
        ('Workspace("new", slug="team")', None),
    ],
    ids=["its look fails", "not adopted"],
)
def test_a_workspace_that_could_not_be_taken_over_stays(
    project: Project, simulator: Simulator, workspace: str, fault: Fault | None
) -> None:
    """Renamed without alias under --continue-on-error: where the create fails, nothing goes."""
    project.program("""Workspace("old", slug="team")""")
    project.up()
    sent(simulator)
    simulator.faults.add(*[fault] if fault else [])
    project.program(workspace)
    failed = project.up("--continue-on-error", check=False)
    assert "creating workspace" in failed.errors[0]
    assert "deleting workspace 'team': not deleted: this stack declares" in failed.errors[1]
    assert "DELETE" not in " ".join(sent(simulator, writes=True))
    assert set(project.state()) == {"old"}


def test_children_that_could_not_be_taken_over_stay(
    project: Project, simulator: Simulator, crew: str
) -> None:
    """Budgets and members whose new names fail under --continue-on-error are left alone."""
    named(project, "old", crew)
    project.up()
    sent(simulator)
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="GET", path=f"/workspaces/{crew}/budgets", status=400),
        Fault(kind=FaultKind.STATUS, method="GET", path=f"/workspaces/{crew}/members", status=400),
    )
    named(project, "new", crew)
    failed = project.up("--continue-on-error", check=False)
    assert len([error for error in failed.errors if "400" in error]) == 2
    project.up()
    assert set(project.state()) == names("new")
    assert sent(simulator, writes=True) == []


# A workspace that is managed no longer, and still wanted.


@pytest.mark.reliability(
    "a workspace that is dropped from a program which still declares budgets or members in it",
    "it is not deleted, and the error says what to do",
)
@pytest.mark.parametrize(
    "workspace",
    ['Workspace.get("there", "{id}")', '"{id}"'],
    ids=["get", "uuid"],
)
def test_a_workspace_whose_children_stay_declared_stays(
    project: Project, simulator: Simulator, workspace: str
) -> None:
    """Declared no longer, but with declared budgets in it: the up refuses to delete it."""
    child = """WorkspaceBudget("budget", workspace_id={}, daily_limit_usd=1)"""
    project.program(f"""team = Workspace("team")\n{child.format("team")}""")
    project.up()
    id = simulator.organization.workspace("team").id
    sent(simulator)
    project.program(child.format(workspace.format(id=id)))
    (error,) = project.up(check=False).errors[:1]
    assert "not deleted: this stack declares budgets or members in it" in error
    assert sent(simulator, writes=True) == []
    assert "team" in project.state()


# A workspace that becomes another one under its children.

CHILDREN_OF_TEAM = """
    opts = pulumi.ResourceOptions(delete_before_replace=True)
    team = Workspace("team", adopt_existing=True, opts=opts)
    budget = WorkspaceBudget("budget", workspace_id=team, daily_limit_usd=1)
    members = WorkspaceMembership("members", workspace_id=team, emails=["ada@example.com"])
"""
STOP_AFTER_TEAM = """
    Workspace("stop", opts=pulumi.ResourceOptions(depends_on=[team, budget, members]))
"""


def assert_complete(project: Project, simulator: Simulator, *others: str) -> None:
    """The team has what is declared, the state knows it, and nothing is left to do."""
    organization = simulator.organization
    id = organization.workspace("team").id
    assert organization.budgets(id) == {"daily": 1}
    assert organization.members(id) == [organization.person("ada@example.com").id]
    assert {held["id"] for name, held in project.state().items() if name not in others} == {id}
    assert project.up().changes == {}


@pytest.mark.reliability(
    "a workspace deleted outside and made anew there, the up that notices stopped by an error",
    "the next up ends with all that is declared in the new workspace",
)
def test_a_workspace_made_anew_outside_gets_its_children_back(
    project: Project, simulator: Simulator
) -> None:
    """Deleted and made again by somebody else, it is adopted, and gets its children again."""
    organization = simulator.organization
    project.program(CHILDREN_OF_TEAM)
    project.up()

    def make_anew() -> None:
        organization.delete_workspace("team")
        organization.create_workspace(name="team", slug="team")
        sent(simulator)

    make_anew()
    stop = Fault(kind=FaultKind.STATUS, method="POST", path="/workspaces", status=400)
    simulator.faults.add(stop)
    project.program(CHILDREN_OF_TEAM + STOP_AFTER_TEAM)
    assert project.up("--refresh", check=False).errors
    project.up()
    requests = " ".join(sent(simulator, writes=True))
    assert "DELETE" not in requests
    assert "remove" not in requests
    assert_complete(project, simulator, "stop")

    # The children still belong to the old one in the state, so they are replaced.
    make_anew()
    project.refresh("--target", project.urn("Workspace", "team"))
    project.up()
    # Those are gone with the old workspace; nothing is removed from the new one.
    removals = [line for line in sent(simulator) if "DELETE" in line or "remove" in line]
    assert not any("<team>" in line for line in removals)
    assert_complete(project, simulator, "stop")


def test_a_workspace_that_is_deleted_first_is_complete_in_the_end(
    project: Project, simulator: Simulator
) -> None:
    """Replaced with delete_before_replace, also when stopped between, it has its children again."""
    project.program(CHILDREN_OF_TEAM)
    project.up()
    first = simulator.organization.workspace("team").id
    refused = Fault(kind=FaultKind.STATUS, method="POST", path="/workspaces", status=400)
    simulator.faults.add(refused)
    failed = project.up("--replace", project.urn("Workspace", "team"), check=False)
    assert "creating workspace 'team': 400" in failed.errors[0]
    project.up()
    assert simulator.organization.workspace("team").id != first
    assert_complete(project, simulator)
