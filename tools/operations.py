"""Operations of the provider, with a fault at one of their requests."""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import attrs
import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.lifecycle import Difference, Problem
from pulumi_openrouter.host import LIFECYCLES, REFRESH_FIRST, Provider, provider
from pulumi_openrouter.simulator import Fault, FaultKind, Organization, Simulator
from pulumi_openrouter.simulator.entities import Entity
from tools.miniature_engine import MiniatureEngine, State

T = TypeVar("T")

Declaration = dict[str, Any]
PATIENT, HASTY = 4.0, 0.3
"""Time-outs in seconds for an operation that should succeed, and for one that can't."""
CHANGING = {
    *("id", "created_at", "created_by", "updated_at", "default_guardrail_id"),
    *("hash", "key", "label"),
}
"""Properties that differ when the same object is made again."""
INPUTS: dict[str, Declaration] = {
    "budget": {"exclusive": False},
    "membership": {"exclusive": False},
    "API key": {"name": "ci", "keepers": {}},
    "guardrail": {"exclusive": False, "name": "safe"},
    "provider key": {"provider": "openai", "key": "sk-provider-1234567890", "name": "own"},
}
"""What a program's constructor completes, by kind of resource."""
PAUSE = 0.01
CLIENT_LOG = logging.getLogger("pulumi_openrouter.api")
REPORTED = rf"^(creating|reading|updating|deleting) ({'|'.join(LIFECYCLES)}) "

UNHEARD = {FaultKind.REFUSED}
"""Faults that keep retries from arriving; all others let them arrive, if after the time-out."""

FAULTS: dict[str, Fault] = {
    "429 with Retry-After": Fault(kind=FaultKind.STATUS, status=429, retry_after=0.05),
    "500, not applied": Fault(kind=FaultKind.STATUS, status=500),
    "500, applied": Fault(kind=FaultKind.STATUS, status=500, applied=True),
    "502 with an HTML page": Fault(kind=FaultKind.HTML, status=502),
    "503": Fault(kind=FaultKind.STATUS, status=503),
    "connection refused": Fault(kind=FaultKind.REFUSED, seconds=0.1),
    "cut before it was applied": Fault(kind=FaultKind.CUT_BEFORE),
    "cut after it was applied": Fault(kind=FaultKind.CUT_AFTER),
    "time-out, not applied": Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=60),
    "time-out, applied": Fault(kind=FaultKind.TIMEOUT_AFTER, seconds=60),
    "an answer cut short": Fault(kind=FaultKind.TRUNCATED),
    "JSON of another shape": Fault(kind=FaultKind.WRONG_SHAPE),
}


@attrs.frozen(kw_only=True)
class Operation:
    """One operation on one resource: from what was declared to what is declared now."""

    noun: str
    """The kind of resource."""
    only_warns: int = 0
    """How many of its last requests serve a warning: where they fail, nothing does."""
    seed: Callable[[Organization], None] = lambda organization: None
    """Prepares the organization."""
    before: Declaration | None = None
    """What was declared; None for nothing."""
    meanwhile: Callable[[Organization], None] = lambda organization: None
    """What others do afterwards."""
    after: Declaration | None = None
    """What is declared now; None for nothing."""
    is_refresh: bool = False
    """Whether it is a refresh."""
    people: int = 5
    """The number of people in the organization."""


@attrs.frozen
class ProviderCalls:
    """Calls a provider as Pulumi's host does, and so raises the errors that users see."""

    provider: Provider

    def check(self, olds: Declaration, news: Declaration) -> tuple[Declaration, list[Problem]]:
        """The new inputs in their canonical spelling, and what is wrong with them."""
        answer = self.provider.check(olds, news)
        problems = [Problem(found.property, found.reason) for found in answer.failures]
        return answer.inputs, problems

    def diff(self, state: State, inputs: Declaration) -> Difference:
        """Whether anything differs; the host does not say what."""
        answer = self.provider.diff(state.id, state.outputs, inputs)
        changed = ("something",) if answer.changes else ()
        return Difference(changed, tuple(answer.replaces or ()))

    def create(self, inputs: Declaration) -> State:
        """Create what is declared."""
        answer = self.provider.create(inputs)
        return State(str(answer.id), inputs, dict(answer.outs or {}))

    def read(self, state: State) -> State | None:
        """What is there now; None: gone."""
        answer = self.provider.read(state.id, state.outputs)
        if not answer.id:
            return None
        inputs = state.inputs if answer.inputs is None else dict(answer.inputs)
        return State(answer.id, inputs, dict(answer.outs or {}))

    def update(self, state: State, inputs: Declaration) -> State:
        """Change what differs."""
        answer = self.provider.update(state.id, state.outputs, inputs)
        return State(state.id, inputs, dict(answer.outs or {}))

    def delete(self, state: State) -> None:
        """Delete what is in the state."""
        self.provider.delete(state.id, state.outputs)


@attrs.define
class World:
    """An organization, and a stack with one resource in it."""

    operation: Operation
    simulator: Simulator
    resource: State | None = None
    """What the state holds; None for nothing."""

    @classmethod
    @contextlib.contextmanager
    def ready(cls, operation: Operation) -> Iterator[World]:
        """A world just before the operation."""
        with _building:
            simulator = Simulator(members=operation.people)
        with simulator:
            world = cls(operation, simulator)
            operation.seed(simulator.organization)
            world.up(operation.before)
            operation.meanwhile(simulator.organization)
            simulator.log.clear()
            yield world

    def act(self, timeout: float = PATIENT) -> None:
        """Run the operation."""
        if self.operation.is_refresh:
            self.refresh(timeout)
        else:
            self.up(self.operation.after, timeout)

    def up(self, declared: Declaration | None, timeout: float = PATIENT) -> None:
        """`pulumi up` in a new process; if it fails, the state stays as it was."""
        engine = self._engine(timeout)
        if declared is not None:
            self.resource = engine.up(self._inputs(declared), self.resource)
        elif self.resource:
            engine.destroy(self.resource)
            self.resource = None

    def refresh(self, timeout: float = PATIENT) -> None:
        """`pulumi refresh` in a new process."""
        if self.resource:
            self.resource = self._engine(timeout).refresh(self.resource)

    def calm(self, sent: int = 0) -> None:
        """Wait for all requests to end, and clear the faults."""
        while len(self.simulator.log) < sent or not all(it.is_over for it in self.simulator.log):
            time.sleep(PAUSE)
        self.simulator.faults.clear()
        self.simulator.resume()

    @property
    def state(self) -> Declaration:
        """The outputs in the state, except those that differ when the resource is made again."""
        outputs = self.resource.outputs if self.resource else {}
        return {name: value for name, value in outputs.items() if name not in CHANGING}

    def _engine(self, timeout: float) -> MiniatureEngine:
        client = Client(
            self.simulator.key, self.simulator.base_url, timeout=timeout, allowance=timeout
        )
        found = provider(self.operation.noun)
        found.lifecycle = found.lifecycle_class(Context(lambda: client, _ignored, patience=0))
        return MiniatureEngine(ProviderCalls(found))

    def _inputs(self, declared: Declaration) -> Declaration:
        """Complete the inputs as a program's constructor does."""
        if self.operation.noun == "workspace":
            return {"adopt_existing": False, "force_destroy": False, **declared}
        team = self.simulator.organization.workspace("team")
        return {"workspace_id": team.id, **INPUTS.get(self.operation.noun, {}), **declared}


_building = threading.Lock()
"""Held while a simulator compiles its routes: in threads, that can crash Python 3.11."""


def _ignored(message: str) -> None:
    """Drop what users are told beside errors."""


def organization_of(world: World) -> list[Declaration]:
    """The contents of an organization, without ids and times."""
    organization = world.simulator.organization
    return sorted(
        (
            {
                **_lasting(workspace),
                "budgets": organization.budgets(workspace.id),
                "members": sorted(organization.members(workspace.id)),
                "keys": sorted(
                    key.name for key in organization.keys if key.workspace_id == workspace.id
                ),
                "guardrails": [
                    {
                        **_lasting(guardrail),
                        "keys": sorted(organization.guardrails.keys(guardrail.id)),
                        "members": sorted(organization.guardrails.members(guardrail.id)),
                    }
                    for guardrail in organization.guardrails.of(workspace.id)
                ],
                "provider keys": [
                    {**_lasting(key), "key": key.key}
                    for key in organization.provider_keys.of(workspace.id)
                ],
            }
            for workspace in organization.workspaces
        ),
        key=lambda workspace: str(workspace["slug"]),
    )


def _lasting(entity: Entity) -> Declaration:
    """What an object has, without what differs when it is made again."""
    return {name: value for name, value in entity.as_json().items() if name not in CHANGING}


@attrs.frozen
class Expected:
    """What an operation does when nothing goes wrong."""

    requests: int
    before: list[Declaration]
    after: list[Declaration]
    state: Declaration


@functools.cache
def expected(name: str) -> Expected:
    """Run one of the operations without faults."""
    with World.ready(OPERATIONS[name]) as world:
        before = organization_of(world)
        world.act()
        return Expected(len(world.simulator.log), before, organization_of(world), world.state)


def at_every_request(name: str, case: Callable[[int], T]) -> list[T]:
    """Run a case for each request that an operation needs, all cases at once."""
    count = expected(name).requests - OPERATIONS[name].only_warns
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(case, range(1, count + 1)))


def failure(world: World) -> tuple[str, int]:
    """The error that the operation must raise, and the number of attempts to send a request."""
    with Attempts() as attempts, pytest.raises(Exception, match=REPORTED) as caught:
        world.act(HASTY)
    return str(caught.value), attempts.count


class Attempts(logging.Handler):
    """Counts this thread's attempts to send a request."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.count = 0
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Count one attempt."""
        self.count += record.thread == self._thread

    def __enter__(self) -> Attempts:
        CLIENT_LOG.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        CLIENT_LOG.removeHandler(self)


def asks_for_refresh(error: str) -> bool:
    """Whether the error tells the user to refresh first."""
    return error.endswith(REFRESH_FIRST)


# the operations


def _team(organization: Organization, **fields: Any) -> None:
    organization.create_workspace(name="Team", slug="team", **fields)


def _team_with_keys(organization: Organization) -> None:
    for name in ("robot", "cron"):
        organization.create_key(name, organization.workspace("team").id)


def _others_budget(organization: Organization) -> None:
    _team(organization)
    organization.set_budget("team", "lifetime", 1000)


def _others(organization: Organization, first: int, last: int) -> None:
    organization.add_members("team", _ids(organization, first, last))


def _team_with_everybody(organization: Organization) -> None:
    _team(organization)
    _team_with_keys(organization)
    organization.add_members("team", _ids(organization, 0, 5))


@functools.cache
def _keys_of_team() -> tuple[str, ...]:
    """The hashes of the keys that an organization with `_team_with_everybody` has."""
    organization = Organization(members=5)
    _team_with_everybody(organization)
    return tuple(key.hash for key in organization.keys)


def _default_guardrail(organization: Organization, **fields: Any) -> None:
    default = organization.workspace("team").default_guardrail_id
    organization.guardrails.update(default, **fields)


def _ids(organization: Organization, first: int, last: int) -> list[str]:
    return sorted(person.id for person in organization.people)[first:last]


@functools.cache
def _crowd(first: int, last: int) -> tuple[str, ...]:
    return tuple(_ids(Organization(members=CROWD), first, last))


def _people(first: int, last: int) -> list[str]:
    return list(_crowd(first, last))


def _emails(*names: str) -> list[str]:
    return [f"{name}@example.com" for name in names]


def _limits(*limits: float, **more: Any) -> Declaration:
    names = ("daily", "weekly", "monthly", "lifetime")
    declared = {
        f"{name}_limit_usd": limit for name, limit in zip(names, limits, strict=False) if limit
    }
    return {**declared, **more}


@functools.cache
def _elsewhere() -> str:
    """The id of the other workspace that `_team_and_other` makes."""
    organization = Organization(members=5)
    _team_and_other(organization)
    return organization.workspace("other").id


def _team_and_other(organization: Organization) -> None:
    _team(organization)
    organization.create_workspace(name="Other", slug="other")


def _others_key(organization: Organization, name: str = "theirs") -> None:
    _team(organization)
    organization.create_key(name, organization.workspace("team").id, key_hash=THEIRS)


def _ci(organization: Organization) -> str:
    return next(key.hash for key in organization.keys if key.name == "ci")


CROWD = 260
THEIRS = 64 * "a"
"""The hash of a key that somebody else made."""
TEAM = {"name": "Team", "slug": "team", "description": "d"}
WORKSPACE: Any = functools.partial(Operation, noun="workspace")
BUDGET: Any = functools.partial(Operation, noun="budget", seed=_team)
MEMBERSHIP: Any = functools.partial(Operation, noun="membership", seed=_team)
API_KEY: Any = functools.partial(Operation, noun="API key", seed=_team)
GUARDRAIL: Any = functools.partial(Operation, noun="guardrail", seed=_team_with_everybody)
DEFAULT_GUARDRAIL: Any = functools.partial(Operation, noun="default guardrail", seed=_team)
PROVIDER_KEY: Any = functools.partial(Operation, noun="provider key", seed=_team)

OPERATIONS: dict[str, Operation] = {
    "Workspace: create": WORKSPACE(after=TEAM),
    "Workspace: adopt and change": WORKSPACE(seed=_team, after={**TEAM, "adopt_existing": True}),
    "Workspace: adopt what is as declared": WORKSPACE(
        seed=functools.partial(_team, description="d"), after={**TEAM, "adopt_existing": True}
    ),
    "Workspace: read": WORKSPACE(
        before=TEAM,
        meanwhile=lambda organization: organization.update_workspace("team", description="e"),
        is_refresh=True,
    ),
    "Workspace: update": WORKSPACE(
        before=TEAM, after={"name": "Crew", "slug": "crew", "default_provider_sort": "price"}
    ),
    "Workspace: delete": WORKSPACE(before=TEAM),
    "Workspace: delete with force_destroy": WORKSPACE(
        before={**TEAM, "force_destroy": True}, meanwhile=_team_with_keys
    ),
    "WorkspaceBudget: create four": BUDGET(after=_limits(1, 2, 3, 4, include_byok_in_budgets=True)),
    "WorkspaceBudget: create beside others'": BUDGET(seed=_others_budget, after=_limits(1, 2)),
    "WorkspaceBudget: read": BUDGET(before=_limits(1, 2), is_refresh=True),
    "WorkspaceBudget: read when all are gone": BUDGET(
        before=_limits(1),
        meanwhile=lambda organization: organization.delete_budget("team", "daily"),
        is_refresh=True,
    ),
    "WorkspaceBudget: update a ladder": BUDGET(
        before=_limits(5, 10, 20), after=_limits(2, 30, 0, 40), only_warns=1
    ),
    "WorkspaceBudget: update the flag alone": BUDGET(
        before=_limits(1, include_byok_in_budgets=False),
        after=_limits(1, include_byok_in_budgets=True),
    ),
    "WorkspaceBudget: make exclusive": BUDGET(
        seed=_others_budget, before=_limits(1, 2), after=_limits(1, 3, exclusive=True)
    ),
    "WorkspaceBudget: delete": BUDGET(before=_limits(1, 2, 3, 4)),
    "WorkspaceMembership: create by email, 150": MEMBERSHIP(
        people=CROWD, after={"emails": [f"member{n}@example.com" for n in range(7, 157)]}
    ),
    "WorkspaceMembership: create beside others": MEMBERSHIP(
        people=CROWD,
        meanwhile=functools.partial(_others, first=0, last=5),
        after={"user_ids": _people(0, 110)},
    ),
    "WorkspaceMembership: read": MEMBERSHIP(
        before={"emails": _emails("ada", "grace")}, is_refresh=True
    ),
    "WorkspaceMembership: update one": MEMBERSHIP(
        before={"emails": _emails("ada", "grace")}, after={"emails": _emails("ada", "alan")}
    ),
    "WorkspaceMembership: update in batches": MEMBERSHIP(
        people=CROWD,
        before={"user_ids": _people(0, 150)},
        meanwhile=functools.partial(_others, first=258, last=260),
        after={"user_ids": _people(110, 260)},
    ),
    "WorkspaceMembership: make exclusive": MEMBERSHIP(
        before={"emails": _emails("ada")},
        meanwhile=functools.partial(_others, first=0, last=5),
        after={"emails": _emails("ada", "grace"), "exclusive": True},
    ),
    "WorkspaceMembership: delete in batches": MEMBERSHIP(
        people=CROWD, before={"user_ids": _people(0, 150)}
    ),
    "ApiKey: create": API_KEY(after={"limit": 5, "limit_reset": "monthly"}),
    "ApiKey: create a disabled one": API_KEY(after={"disabled": True}),
    "ApiKey: create beside one of the same name": API_KEY(
        seed=functools.partial(_others_key, name="ci"), after={"limit": 5}
    ),
    "ApiKey: take over": API_KEY(
        seed=_others_key, after={"name": "theirs", "existing_hash": THEIRS, "limit": 5}
    ),
    "ApiKey: read": API_KEY(
        before={"limit": 5},
        meanwhile=lambda organization: organization.update_key(_ci(organization), limit=7),
        is_refresh=True,
    ),
    "ApiKey: read when it is gone": API_KEY(
        before={},
        meanwhile=lambda organization: organization.delete_key(_ci(organization)),
        is_refresh=True,
    ),
    "ApiKey: update": API_KEY(
        before={"limit": 5, "limit_reset": "daily"}, after={"limit": 7, "disabled": True}
    ),
    "ApiKey: move": API_KEY(seed=_team_and_other, before={}, after={"workspace_id": _elsewhere()}),
    "ApiKey: delete": API_KEY(before={}),
    "Guardrail: create with keys and members": GUARDRAIL(
        after={
            "limit_usd": 5,
            "reset_interval": "daily",
            "keys": list(_keys_of_team()),
            "emails": _emails("ada", "grace"),
        }
    ),
    "Guardrail: read": GUARDRAIL(
        before={"keys": list(_keys_of_team()), "emails": _emails("ada")}, is_refresh=True
    ),
    "Guardrail: update content, keys and members": GUARDRAIL(
        before={"description": "d", "keys": [_keys_of_team()[0]], "emails": _emails("ada")},
        after={"keys": [_keys_of_team()[1]], "emails": _emails("alan"), "enforce_zdr_xai": True},
    ),
    "Guardrail: delete": GUARDRAIL(before={"keys": list(_keys_of_team())}),
    "WorkspaceDefaultGuardrail: create": DEFAULT_GUARDRAIL(after={"enforce_zdr_other": True}),
    "WorkspaceDefaultGuardrail: read": DEFAULT_GUARDRAIL(
        before={"description": "d"},
        meanwhile=functools.partial(_default_guardrail, description="e"),
        is_refresh=True,
    ),
    "WorkspaceDefaultGuardrail: update": DEFAULT_GUARDRAIL(
        before={"description": "d"}, after={"enforce_zdr_other": True}
    ),
    "WorkspaceDefaultGuardrail: delete": DEFAULT_GUARDRAIL(before={"description": "d"}),
    "ByokKey: create": PROVIDER_KEY(after={"is_required": True}),
    "ByokKey: read": PROVIDER_KEY(before={"is_required": True}, is_refresh=True),
    "ByokKey: rotate": PROVIDER_KEY(before={}, after={"key": "sk-another-0987654321"}),
    "ByokKey: delete": PROVIDER_KEY(before={}),
}
