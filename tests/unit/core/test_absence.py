"""When a 404 is believed: not another organization's, not too early, not a wrong base URL's."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import NotFoundError, WrongOrganizationError
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.failures import NotThereYetError, OtherOrganizationError
from pulumi_openrouter.core.lifecycle import Lifecycle, Values
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.runs import Run
from tests.support.workspaces import declaration
from tests.unit.core.scenes import failure

KINDS = ["workspace", "budget", "membership", "guardrail", "default guardrail", "provider key"]
EACH = pytest.mark.parametrize("kind", KINDS)
OPERATIONS = ["read", "update", "delete"]


@pytest.fixture
def other() -> Iterator[Simulator]:
    """The simulator of another organization, whose key somebody took by mistake."""
    with Simulator(random_seed=1) as running:
        yield running


class Made:
    """Resources of a team, as a run made them."""

    def __init__(self, simulator: Simulator, patience: float = 0) -> None:
        self.simulator = simulator
        run = Run.against(simulator, patience=patience)
        team = run.workspaces.create(declaration())
        self.id = team.id
        inputs: dict[str, Values] = {
            "budget": {"workspace_id": team.id, "daily_limit_usd": 5, "exclusive": False},
            "membership": {
                "workspace_id": team.id,
                "emails": ["ada@example.com"],
                "exclusive": False,
            },
            "guardrail": {"workspace_id": team.id, "name": "safe", "exclusive": False},
            "default guardrail": {"workspace_id": team.id, "description": "d"},
            "provider key": {
                "workspace_id": team.id,
                "name": "own",
                "provider": "openai",
                "key": "sk-provider-1234567890",
            },
        }
        found = {"workspace": team}
        found.update((kind, run.lifecycles[kind].create(inputs[kind])) for kind in inputs)
        self.states = {kind: each.outputs for kind, each in found.items()}
        self.ids = {kind: each.id for kind, each in found.items()}
        self.run = run

    def operation(self, lifecycle: Lifecycle, name: str) -> Callable[[], object]:
        """One operation on the resource of this kind, which changes something where it can."""
        state = self.states[lifecycle.noun]
        changes: dict[str, Values] = {
            "workspace": {"description": "new"},
            "budget": {"daily_limit_usd": 7},
            "membership": {"user_ids": ["user_x"]},
            "guardrail": {"description": "new"},
            "default guardrail": {"description": "new"},
            "provider key": {"disabled": True},
        }
        object_id = self.ids[lifecycle.noun]
        if name == "update":
            news = {**lifecycle.arguments_of(state), **changes[lifecycle.noun]}
            return lambda: lifecycle.update(object_id, state, news)
        return lambda: getattr(lifecycle, name)(object_id, state)


@EACH
def test_every_resource_says_whose_it_is(simulator: Simulator, kind: str) -> None:
    """Its state has the organization, asked once in the run that made it."""
    made = Made(simulator)
    assert made.states[kind]["organization_id"] == simulator.organization.id
    assert len(simulator.requests("GET", "/key")) == 1


@EACH
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.reliability(
    "a key of another organization in refresh, up and destroy",
    "nothing is called gone, nothing is sent, and the error names both organizations",
)
def test_another_organizations_key_calls_nothing_gone(
    simulator: Simulator, other: Simulator, kind: str, operation: str
) -> None:
    """Its 404 says nothing; the error names both organizations, and nothing was written."""
    made = Made(simulator)
    run = Run.against(other)
    error = failure(made.operation(run.lifecycles[kind], operation))
    assert isinstance(error, OtherOrganizationError)
    assert other.organization.id in str(error)
    assert simulator.organization.id in str(error)
    assert [request.status for request in other.writes() if request.status != 404] == []


@pytest.mark.parametrize("operation", ["read", "delete"])
def test_the_configured_organization_is_held_to_as_well(
    simulator: Simulator, other: Simulator, operation: str
) -> None:
    """Even where the state does not say whose it is."""
    made = Made(simulator)
    client = Client(other.key, other.base_url, organization_id=simulator.organization.id)
    lifecycle = WorkspaceLifecycle(Context(lambda: client, patience=0))
    del made.states["workspace"]["organization_id"]
    error = failure(made.operation(lifecycle, operation))
    assert isinstance(error, WrongOrganizationError)


@EACH
@pytest.mark.reliability(
    "a base URL with a wrong path, such as /api/v1/v1", "an error, and nothing leaves the state"
)
def test_a_wrong_path_calls_nothing_gone(simulator: Simulator, kind: str) -> None:
    """Every path answers 404 there, that of the key too."""
    made = Made(simulator)
    client = Client(simulator.key, f"{simulator.base_url}/v1")
    lifecycle = type(made.run.lifecycles[kind])(Context(lambda: client, patience=0))
    assert isinstance(failure(made.operation(lifecycle, "read")), NotFoundError)


@EACH
def test_what_is_gone_is_gone(simulator: Simulator, kind: str) -> None:
    """With the right key a 404 is believed, which costs one question after the key."""
    made = Made(simulator)
    simulator.organization.delete_workspace("team")
    simulator.log.clear()
    run = Run.against(simulator)
    assert made.operation(run.lifecycles[kind], "read")() is None
    assert len(simulator.requests("GET", "/key")) == 1
    made.operation(run.lifecycles[kind], "delete")()
    assert len(simulator.requests("GET", "/key")) == 1


@EACH
def test_an_account_that_does_not_tell_has_no_guard(kind: str) -> None:
    """Without GET /key nothing is stored, and a 404 is believed where the API is reached."""
    with Simulator(Quirks(current_key=False)) as simulator:
        made = Made(simulator)
        assert "organization_id" not in made.states[kind]
        simulator.organization.delete_workspace("team")
        run = Run.against(simulator)
        assert made.operation(run.lifecycles[kind], "read")() is None


def test_a_key_that_can_not_be_asked_after_drops_nothing(simulator: Simulator) -> None:
    """Where the API does not say whose key it is, the 404 is not believed."""
    made = Made(simulator)
    simulator.organization.delete_workspace("team")
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403, path="/key", times=None))
    run = Run.against(simulator)
    assert "403" in str(failure(made.operation(run.workspaces, "read")))


# Just made


@pytest.mark.parametrize("kind", ["workspace", "budget", "membership"])
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.reliability(
    "a 404 for what was made a moment ago, in refresh, up and destroy",
    "it is asked for again, for three seconds at most, and then found",
)
def test_what_was_just_made_is_asked_for_again(
    simulator: Simulator, kind: str, operation: str
) -> None:
    """An API that has not heard of it everywhere answers 404 at first; it is not gone by that."""
    made = Made(simulator)
    if kind == "membership" and operation == "update":
        made.states[kind]["members"] = []
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=404, path=f"/workspaces/{made.id}*"))
    if kind != "workspace":
        simulator.faults.clear()
        simulator.faults.add(
            Fault(kind=FaultKind.STATUS, status=404, path=f"/workspaces/{made.id}/*")
        )
    run = Run.against(simulator, patience=3)
    lifecycle = run.lifecycles[kind]
    state = made.states[kind]
    if operation == "read":
        found = lifecycle.read(made.id, state)
        assert found is not None
    elif operation == "delete":
        lifecycle.delete(made.id, state)
    elif kind == "workspace":
        lifecycle.update(made.id, state, {**lifecycle.arguments_of(state), "description": "new"})
        assert simulator.organization.workspace("team").description == "new"
    elif kind == "budget":
        lifecycle.update(made.id, state, {**lifecycle.arguments_of(state), "daily_limit_usd": 7})
        assert simulator.organization.budgets("team") == {"daily": 7}
    else:
        news = {**lifecycle.arguments_of(state), "emails": ["grace@example.com"]}
        lifecycle.update(made.id, state, news)
        grace = simulator.organization.person("grace@example.com").id
        assert grace in simulator.organization.members("team")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("guardrail", "/guardrails/*"),
        ("default guardrail", "/guardrails/*"),
        ("provider key", "/byok/*"),
    ],
)
@pytest.mark.parametrize("operation", ["read", "update"])
def test_what_has_an_id_of_its_own_is_asked_for_again(
    simulator: Simulator, kind: str, path: str, operation: str
) -> None:
    """A guardrail and a provider key are not gone by one 404 either."""
    made = Made(simulator)
    method = "GET" if operation == "read" else "PATCH"
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=404, method=method, path=path))
    run = Run.against(simulator, patience=3)
    assert made.operation(run.lifecycles[kind], operation)() is not None


def test_within_the_run_that_made_it_nothing_was_deleted_outside(simulator: Simulator) -> None:
    """However long the API does not know it, the error does not say that somebody deleted it."""
    made = Made(simulator, patience=0.1)
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, status=404, path=f"/workspaces/{made.id}*", times=None)
    )
    error = failure(made.operation(made.run.workspaces, "update"))
    assert isinstance(error, NotThereYetError)
    assert "Run `pulumi up` again." in str(error)


@EACH
def test_what_is_older_is_not_asked_for_again(simulator: Simulator, kind: str) -> None:
    """By the server's clock: a minute later the first 404 counts."""
    made = Made(simulator)
    simulator.organization.advance(120)
    simulator.organization.delete_workspace("team")
    simulator.log.clear()
    run = Run.against(simulator, patience=3)
    assert made.operation(run.lifecycles[kind], "read")() is None
    asked = [request.path for request in simulator.log if request.path != "/key"]
    assert len(asked) <= 2
