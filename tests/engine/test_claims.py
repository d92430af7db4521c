"""What a run declares, that run never deletes: the engine deletes last, whatever stands there."""

from __future__ import annotations

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.traffic import sent
from tools.project import Project

ADOPTING = """
    from pulumi import Alias, ResourceOptions

    def options(kind, name):
        return ResourceOptions(aliases=[Alias(name=was + kind)] if was else [])

    was, now = {was!r}, {now!r}
    team = Workspace(now + "-team", name="Team", slug="team", adopt_existing=True,
        opts=options("-team", was))
    budget = WorkspaceBudget(now + "-budget", workspace_id=team,
        daily_limit_usd=1, weekly_limit_usd=2, opts=options("-budget", was))
    members = WorkspaceMembership(now + "-members", workspace_id=team,
        emails=["ada@example.com"], opts=options("-members", was))
"""
BUDGETS, MEMBERS = "/workspaces/<team>/budgets", "/workspaces/<team>/members"
READS = [
    "GET /organization/members",
    "GET /workspaces/<team>",
    f"GET {BUDGETS}",
    f"GET {MEMBERS}",
    "GET /workspaces/team",
]


def assert_complete(simulator: Simulator) -> None:
    organization = simulator.organization
    assert organization.budgets("team") == {"daily": 1, "weekly": 2}
    assert organization.members("team") == [organization.person("ada@example.com").id]


def test_a_renamed_resource_loses_nothing(project: Project, simulator: Simulator) -> None:
    """Renamed without an alias, also in an up that stops half way, all stays; destroy deletes."""
    project.program(ADOPTING.format(was="", now="old"))
    project.up()
    id = simulator.organization.workspace("team").id
    sent(simulator)

    project.program(ADOPTING.format(was="", now="new"))
    renamed = project.up()
    assert renamed.changes == {
        **{f"new-{kind}": "create" for kind in ("team", "budget", "members")},
        **{f"old-{kind}": "delete" for kind in ("team", "budget", "members")},
    }
    assert "workspace 'team' is left alone: another resource of this stack declares it" in (
        renamed.output
    )
    assert sorted(sent(simulator)) == READS
    assert set(project.state()) == {"new-team", "new-budget", "new-members"}
    assert_complete(simulator)

    # An error elsewhere ends the up between its creates and its deletes: both names stay in state.
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="POST", path="/workspaces", status=400)
    )
    project.program(
        ADOPTING.format(was="", now="newer")
        + '    Workspace("other", opts=ResourceOptions(depends_on=[team, budget, members]))'
    )
    assert "creating workspace 'other': 400" in project.up(check=False).errors[0]
    assert {"newer-team", "new-team"} <= project.state().keys()
    assert project.up().changes["new-team"] == "delete"
    assert set(project.state()) == {"other", "newer-team", "newer-budget", "newer-members"}
    assert_complete(simulator)
    sent(simulator)

    project.program(ADOPTING.format(was="newer", now="newest"))
    assert project.up().changes == {"other": "delete"}
    assert len(sent(simulator, writes=True)) == 1
    assert_complete(simulator)
    project.destroy()
    assert sent(simulator) == [f"DELETE /workspaces/{id}"]
    assert project.state() == {}


def test_a_resource_that_replaces_itself_loses_nothing(
    project: Project, simulator: Simulator
) -> None:
    """`up --replace` of each resource leaves all as it was; destroy --run-program deletes it."""
    project.program(ADOPTING.format(was="", now="our"))
    project.up()
    id = simulator.organization.workspace("team").id
    sent(simulator)

    project.up("--replace", project.urn("Workspace", "our-team"))
    assert "DELETE" not in " ".join(sent(simulator))
    assert_complete(simulator)
    budget = project.urn("WorkspaceBudget", "our-budget")
    members = project.urn("WorkspaceMembership", "our-members")
    project.up("--replace", budget, "--replace", members)
    assert sent(simulator, writes=True) == []
    assert_complete(simulator)
    assert set(project.state()) == {"our-team", "our-budget", "our-members"}

    project.destroy("--run-program")
    assert sent(simulator) == [f"DELETE /workspaces/{id}"]


def test_an_interval_and_a_member_move_between_resources(
    project: Project, simulator: Simulator
) -> None:
    """Who loses an interval or a member takes nothing from who gains it, in whatever order."""
    organization = simulator.organization
    organization.create_workspace(name="Team", slug="team")
    id = organization.workspace("team").id
    ada, grace, alan = (person.id for person in organization.people[:3])
    daily, weekly, monthly = "daily_limit_usd=1", "weekly_limit_usd=5", "monthly_limit_usd=20"
    with_first = (f"{daily}, {weekly}", monthly, [ada, grace], [alan])
    with_second = (daily, f"{weekly}, {monthly}", [ada], [grace, alan])

    def up(first: str, second: str, ours: list[str], theirs: list[str], after: str) -> str:
        project.program(f"""
            # Two are refused where the program itself can tell: an Output could be another one.
            team = pulumi.Output.from_input("{id}")
            first = WorkspaceBudget("first", workspace_id=team, {first})
            ours = WorkspaceMembership("ours", workspace_id="{id}", user_ids={ours!r})
            later = pulumi.ResourceOptions(depends_on=[{after}])
            WorkspaceBudget("second", workspace_id=team, {second}, opts=later)
            WorkspaceMembership("theirs", workspace_id="{id}", user_ids={theirs!r}, opts=later)
        """)
        output = project.up().output
        assert organization.budgets("team") == {"daily": 1, "weekly": 5, "monthly": 20}
        assert {*organization.members("team")} == {ada, grace, alan}
        return output

    up(*with_first, after="")
    # Who gains comes so late that the removal is on its way already, but has not arrived.
    simulator.faults.add(
        Fault(kind=FaultKind.LATENCY, method="POST", path="/workspaces", seconds=0.5),
        Fault(kind=FaultKind.LATENCY, method="DELETE", path="*/budgets/*", seconds=1.5),
        Fault(kind=FaultKind.LATENCY, method="POST", path="*/members/remove", seconds=1.5),
    )
    up(*with_second, after='Workspace("other")')
    assert f"POST {MEMBERS}/remove" in sent(simulator)

    said = up(*with_first, after="first, ours")
    assert "weekly left alone, because another resource of this stack declares it" in said
    assert f"{grace} left alone, because another resource of this stack declares it" in said
    project.destroy("--run-program")
    assert organization.budgets("team") == {}
    assert organization.members("team") == []


def test_two_adoptions_of_one_slug_that_only_an_up_can_see(
    project: Project, simulator: Simulator
) -> None:
    """The second one fails, is not advised to adopt, and never owns what the first one has."""
    simulator.organization.create_workspace(name="Team", slug="team")
    project.program("""
        other = Workspace("other")
        slug = other.id.apply(lambda _: "team")
        for name in ("one", "two"):
            Workspace(name, slug=slug, adopt_existing=True)
    """)
    failed = project.up(check=False)
    assert failed.errors, failed.output
    (error,) = [error for error in failed.errors if "OpenRouterError" in error]
    assert "which another resource of this stack declares" in error
    assert "Give one of the two another slug, or remove it." in error
    assert "adopt_existing" not in error
    assert len({"one", "two"} & project.state().keys()) == 1
