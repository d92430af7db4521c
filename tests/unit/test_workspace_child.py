"""What budgets and memberships have in common: the workspace that they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi import Output, ResourceOptions

from pulumi_openrouter import Workspace, WorkspaceBudget, WorkspaceMembership
from pulumi_openrouter.api.errors import BadAnswerError, ForbiddenError, OpenRouterError
from pulumi_openrouter.core.children import WORKSPACE_ID, ChildLifecycle
from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.host import SECRET_NAMES
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.mock_engine import Engine, run_program
from tests.support.runs import Run

ID = "3f0c7d1a-54d1-4a3e-9a55-0f3a5a6b7c8d"
OTHER_ID = "3f0c7d1a-54d1-4a3e-9a55-0f3a5a6b7c8e"

DECLARED: dict[type[Any], dict[str, Any]] = {
    WorkspaceBudget: {"daily_limit_usd": 1.0, "exclusive": False},
    WorkspaceMembership: {"user_ids": ["user_1"], "exclusive": False},
}
EACH = pytest.mark.parametrize("kind", DECLARED)


def child_of(kind: type[Any], workspace: Callable[[], Any], **options: Any) -> Engine:
    """A program with a child of that workspace."""

    def program() -> None:
        arguments = {**DECLARED[kind], "workspace_id": workspace()}
        kind("child", **arguments, opts=ResourceOptions(**options))

    return run_program(program)


@pytest.fixture(params=["budgets", "memberships"])
def children(request: pytest.FixtureRequest, run: Run) -> ChildLifecycle:
    """Each of the two lifecycles."""
    lifecycle: ChildLifecycle = getattr(run, request.param)
    return lifecycle


def declared(children: ChildLifecycle, **fields: Any) -> dict[str, Any]:
    """The inputs of such a child."""
    (sample,) = (sample for sample in DECLARED.values() if set(sample) <= set(children.fields))
    return {"workspace_id": ID, **sample, **fields}


# workspace_id in a program


@EACH
@pytest.mark.parametrize(
    "workspace",
    [lambda: ID, lambda: Output.from_input(ID), lambda: Output.secret(ID)],
    ids=["uuid", "output", "secret"],
)
def test_a_workspace_is_given_by_id(kind: type[Any], workspace: Callable[[], Any]) -> None:
    """A UUID or an Output of one is the workspace_id; the child is deleted by itself."""
    engine = child_of(kind, workspace)
    inputs = engine.inputs("child")
    inputs.pop(SECRET_NAMES, None)
    assert inputs == {**DECLARED[kind], "workspace_id": ID}
    assert engine.deleted_with("child") is None


@EACH
def test_a_workspace_is_given_as_the_resource(kind: type[Any]) -> None:
    """Given the Workspace itself, its id is the workspace_id, and the child goes with it."""

    def program() -> Output[str]:
        team = Workspace("team")
        kind("child", workspace_id=team, **DECLARED[kind])
        return team.id

    engine = run_program(program)
    assert engine.inputs("child") == {**DECLARED[kind], "workspace_id": engine.result}
    assert engine.deleted_with("child") == "team"


@EACH
@pytest.mark.parametrize(
    "workspace",
    [
        lambda: Workspace("team", adopt_existing=True),
        lambda: Workspace("team", force_destroy=True),
        lambda: Workspace("team", opts=ResourceOptions(retain_on_delete=False)),
        lambda: Workspace("team", opts=ResourceOptions(protect=True)),
        lambda: Workspace("team", slug=Output.from_input("team")),
        lambda: Workspace("Default", slug="team", adopt_existing=True),
    ],
)
def test_a_child_goes_with_a_workspace_that_dies_with_the_stack(
    kind: type[Any], workspace: Callable[[], Workspace]
) -> None:
    """Where deleting the resource deletes the workspace, the engine deletes no child."""
    engine = child_of(kind, workspace)
    assert engine.deleted_with("child") in ("team", "Default")


@EACH
@pytest.mark.parametrize(
    "workspace",
    [
        lambda: Workspace.get("team", ID),
        lambda: Workspace("team", opts=ResourceOptions(retain_on_delete=True)),
        lambda: Workspace("team", slug="default", adopt_existing=True),
        lambda: Workspace("Default", adopt_existing=True),
        lambda: Workspace("default"),
        lambda: Workspace("team", slug=Output.from_input("x"), adopt_existing=True),
        lambda: Workspace(
            "team", slug=Output.from_input("x"), adopt_existing=Output.from_input(True)
        ),
        lambda: Workspace("team").id,
    ],
    ids=[
        "get",
        "retained",
        "default",
        "default by name",
        "default, not adopted",
        "unknown slug, adopted",
        "unknown slug, perhaps adopted",
        "only the id",
    ],
)
def test_a_child_is_deleted_by_itself_where_the_workspace_may_stay(
    kind: type[Any], workspace: Callable[[], Any]
) -> None:
    """Where the workspace outlives its resource, the engine must delete the child."""
    assert child_of(kind, workspace).deleted_with("child") is None


@EACH
def test_the_callers_own_deleted_with_wins(kind: type[Any]) -> None:
    """deleted_with is set only where the program does not."""

    def program() -> None:
        team, other = Workspace("team"), Workspace("other")
        opts = ResourceOptions(deleted_with=other, protect=True)
        kind("child", workspace_id=team, opts=opts, **DECLARED[kind])

    engine = run_program(program)
    assert engine.deleted_with("child") == "other"
    assert engine.requests["child"].protect


@EACH
def test_other_options_stay(kind: type[Any]) -> None:
    """Going with the workspace takes no other option away."""
    engine = child_of(kind, lambda: Workspace("team"), protect=True)
    assert engine.deleted_with("child") == "team"
    assert engine.requests["child"].protect


# one WorkspaceBudget for each workspace


@pytest.mark.parametrize(
    "workspace", [lambda: Workspace("team"), lambda: Workspace.get("team", ID)], ids=["own", "get"]
)
def test_a_second_budget_of_a_workspace_is_refused(workspace: Callable[[], Workspace]) -> None:
    """Two could not be ordered against each other: the error names both."""

    def program() -> None:
        team = workspace()
        WorkspaceBudget("days", workspace_id=team, daily_limit_usd=1)
        WorkspaceBudget("months", workspace_id=team, monthly_limit_usd=2)

    with pytest.raises(ValueError, match=r"'months'.*has WorkspaceBudget 'days' already"):
        run_program(program)


def test_each_workspace_may_have_a_budget_and_several_memberships() -> None:
    """Only a second budget of the very same workspace is refused."""

    def program() -> None:
        for name in ("one", "two"):
            team = Workspace(name)
            WorkspaceBudget(f"{name}-budget", workspace_id=team, daily_limit_usd=1)
            for half in ("a", "b"):
                WorkspaceMembership(f"{name}-{half}", workspace_id=team, user_ids=[half])

    assert len(run_program(program).requests) == 8


# check and diff of workspace_id


@pytest.mark.parametrize(
    "value",
    ["team", "", f"{ID} ", f"{ID}\n", ID[:-1], ID.replace("-", ""), f"{{{ID}}}", 1, [ID]],
)
def test_what_is_no_uuid_is_refused(children: ChildLifecycle, value: Any) -> None:
    """A slug, or anything but a UUID, is one problem that says what is right."""
    (problem,) = children.check({}, declared(children, workspace_id=value))[1]
    assert problem.property == "workspace_id"
    assert problem.reason.partition("; got ")[0] == (
        "must be the UUID of a workspace (its id, not its slug), or the Workspace itself"
    )


def test_a_workspace_id_must_be_there(children: ChildLifecycle) -> None:
    """A workspace_id that came to nothing is a problem of its own."""
    properties = declared(children)
    del properties["workspace_id"]
    _, problems = children.check({}, properties)
    assert [(problem.property, problem.reason) for problem in problems] == [
        ("workspace_id", f"is missing: must be {WORKSPACE_ID.wants}")
    ]


def test_a_uuid_is_kept_in_lower_case(children: ChildLifecycle) -> None:
    """Upper case makes no other workspace."""
    inputs, problems = children.check({}, declared(children, workspace_id=ID.upper()))
    assert (inputs["workspace_id"], problems) == (ID, [])
    assert children.diff(ID, declared(children), declared(children)).changed == ()


@pytest.mark.parametrize("id", [OTHER_ID, UNKNOWN])
def test_another_workspace_replaces(children: ChildLifecycle, id: Any) -> None:
    """Only workspace_id asks for a new object; one that is not known yet counts as another."""
    _, problems = children.check(declared(children), declared(children, workspace_id=id))
    assert problems == []
    difference = children.diff(ID, declared(children), declared(children, workspace_id=id))
    assert difference.replaces == difference.changed == ("workspace_id",)


def test_everything_else_changes_in_place(children: ChildLifecycle) -> None:
    """No other field of a child replaces it."""
    replacing = [name for name, field in children.fields.items() if field.replaces]
    assert replacing == ["workspace_id"]
    difference = children.diff(ID, declared(children), declared(children, exclusive=True))
    assert (difference.changed, difference.replaces) == (("exclusive",), ())


def test_a_managed_child_is_known_by_exclusive(children: ChildLifecycle) -> None:
    """A managed child always has exclusive, and one from get never."""
    assert children.is_managed(declared(children))
    assert not children.is_managed({})


# the workspace behind a child


def test_the_workspace_of_a_child_is_asked_for(
    simulator: Simulator, children: ChildLifecycle
) -> None:
    """The workspace is found by its id; only its own 404 says that it is gone."""
    team = simulator.organization.create_workspace(name="Team", slug="team")
    found = children.client.find_workspace(team.id)
    assert found is not None
    assert found.slug == "team"
    assert children.client.find_workspace(ID) is None


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(kind=FaultKind.HTML, status=404), BadAnswerError),
        (Fault(kind=FaultKind.STATUS, status=403), ForbiddenError),
    ],
)
def test_another_failure_never_says_that_the_workspace_is_gone(
    simulator: Simulator, children: ChildLifecycle, fault: Fault, kind: type[OpenRouterError]
) -> None:
    """A proxy's 404 or a refusal is an error, whether or not there is a workspace."""
    simulator.faults.add(fault)
    with pytest.raises(kind):
        children.client.find_workspace(ID)


def test_a_get_names_its_workspace_by_id(simulator: Simulator, children: ChildLifecycle) -> None:
    """get of a slug is an error that names the UUID, get of nothing one that says so."""
    team = simulator.organization.create_workspace(name="Team", slug="team")
    assert children.workspace_to_get(team.id).id == team.id
    with pytest.raises(OpenRouterError, match=f"takes the UUID, not the slug: that is {team.id}"):
        children.workspace_to_get("team")
    for nobody in (ID, "nobody"):
        with pytest.raises(OpenRouterError, match="there is no such workspace"):
            children.workspace_to_get(nobody)


def test_errors_call_a_child_by_its_workspace(children: ChildLifecycle) -> None:
    """The id of a child is its workspace's; before there is one, it is the declared one."""
    assert children.label(ID, {}) == f"of workspace {ID}"
    assert children.label("", {"workspace_id": OTHER_ID}) == f"of workspace {OTHER_ID}"
