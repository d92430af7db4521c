"""A workspace of the simulator, and what the engine does to its budgets or members."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.core.budget_plan import INTERVALS
from pulumi_openrouter.core.lifecycle import Lifecycle, Problem, Values
from pulumi_openrouter.simulator import Fault, FaultKind, Request, Simulator
from tests.support.runs import NewRun, Run, engine_on
from tools.miniature_engine import MiniatureEngine, State

TEAM = {"name": "Team", "slug": "team"}

Faults = Callable[[int], list[Fault]]
"""The faults that spoil the n-th request."""


@attrs.define
class Scene(abc.ABC):
    """A workspace and one kind of child."""

    simulator: Simulator
    start: NewRun
    id: str
    _seen: int = 0

    @abc.abstractmethod
    def of(self, run: Run) -> Lifecycle:
        """The lifecycle of this kind of child."""

    @abc.abstractmethod
    def spelled(self, request: Request) -> str:
        """A request in a few words, complete."""

    # What the engine does

    def engine(self, run: Run | None = None) -> MiniatureEngine:
        """The engine on one such child, in this run or in a new one."""
        return engine_on(self.of(run or self.start()))

    def check(self, **properties: Any) -> list[Problem]:
        """What is wrong with these inputs, completed like those of every child."""
        return self.engine().check(self.inputs(**properties))[1]

    def inputs(self, **properties: Any) -> Values:
        """The inputs as a program's constructor completes them."""
        return {"workspace_id": self.id, "exclusive": False, **properties}

    def outputs(self, **properties: Any) -> Values:
        """The outputs of a resource that was made of these inputs."""
        return {
            **self.inputs(**properties),
            "organization_id": self.simulator.organization.id,
        }

    def state(self, **properties: Any) -> State:
        """The state of a child with these inputs, whether or not it exists."""
        inputs = self.inputs(**properties)
        return State(self.id, inputs, inputs)

    def up(self, state: State | None = None, /, **properties: Any) -> State:
        """`pulumi up` of these inputs in a new process; returns the new state."""
        return self.up_in(self.start(), state, **properties)

    def up_in(self, run: Run, state: State | None = None, /, **properties: Any) -> State:
        """The same in this run; it must not replace anything."""
        engine = self.engine(run)
        step = engine.plan(self.inputs(**properties), state)
        assert step.creates is (state is None)
        found = engine.carry_out(step, state)
        assert found.id == self.id
        return found

    def changed(self, state: State, /, **properties: Any) -> tuple[str, ...]:
        """The properties that a preview of these inputs shows as changed."""
        return self.engine().plan(self.inputs(**properties), state).changed

    def refresh(self, state: State) -> State | None:
        """`pulumi refresh` in a new process; returns the new state, None if the child is gone."""
        return self.engine().refresh(state)

    def get(self, object_id: str | None = None) -> State:
        """The first read of a child that the program only looks up."""
        found = self.engine().get(object_id or self.id)
        assert found is not None
        return found

    def destroy(self, state: State) -> None:
        """`pulumi destroy` in a new process."""
        self.engine().destroy(state)

    # What the API sees

    def sent(self) -> list[str]:
        """What was asked since the last time this was called, whose key it is aside."""
        requests, self._seen = self.simulator.log[self._seen :], len(self.simulator.log)
        return [self.spelled(request) for request in requests if request.path != "/key"]

    def written(self) -> list[str]:
        """The same without reads."""
        return [line for line in self.sent() if not line.startswith("GET")]

    def path(self, request: Request) -> str:
        """The part of the workspace that a request is about."""
        return request.path.removeprefix(f"/workspaces/{self.id}").strip("/") or "workspace"


def answered(status: int, **where: Any) -> Fault:
    """The API answers with an error instead."""
    return Fault(kind=FaultKind.STATUS, status=status, **where)


def refused(**where: Any) -> Faults:
    """Refuse the n-th of these requests."""
    return lambda nth: [answered(400, nth=nth, **where)]


def lost(fault: Fault) -> Faults:
    """Lose the answer to the n-th request, and refuse it when it is sent again.

    Nobody can tell whether it was carried out, and no test waits for a time-out.
    """

    def faults(nth: int) -> list[Fault]:
        again = answered(400, method=fault.method, path=fault.path, nth=nth + 1)
        return [attrs.evolve(fault, nth=nth), again]

    return faults


def every_loss(**where: Any) -> dict[str, Faults]:
    """All ways to lose an answer, by name."""
    return {
        "500, not applied": lost(answered(500, **where)),
        "500, applied": lost(answered(500, applied=True, **where)),
        "cut before": lost(Fault(kind=FaultKind.CUT_BEFORE, **where)),
        "cut after": lost(Fault(kind=FaultKind.CUT_AFTER, **where)),
    }


def at_once(count: int, attempt: Callable[[], object]) -> list[OpenRouterError]:
    """Why attempts failed that were all made at the same moment."""
    with ThreadPoolExecutor(count) as threads:
        attempts = [threads.submit(attempt) for _ in range(count)]
    errors = [each.exception() for each in attempts]
    return [error for error in errors if isinstance(error, OpenRouterError)]


def failure(operation: Callable[[], object]) -> OpenRouterError:
    """The error that the operation must raise."""
    with pytest.raises(OpenRouterError) as caught:
        operation()
    return caught.value


class KilledError(BaseException):
    """The end of a process, which the provider can't handle."""


def killed(operation: Callable[[Run], object], run: Run, nth: int, *, applied: bool) -> None:
    """Run an operation, and kill its process before or after it sends its n-th write."""
    client, count = run.context.client, itertools.count(1)
    send = client.request

    def request(method: str, *arguments: Any, **options: Any) -> Any:
        is_last = method != "GET" and next(count) == nth
        answer = send(method, *arguments, **options) if applied or not is_last else None
        if is_last:
            raise KilledError
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "request", request)
        with pytest.raises(KilledError):
            operation(run)


class Budgets(Scene):
    """The budgets of a workspace; inputs have short names such as `daily`."""

    @classmethod
    def of_team(cls, simulator: Simulator, start: NewRun) -> Budgets:
        """Start with a new workspace."""
        return cls(simulator, start, simulator.organization.create_workspace(**TEAM).id)

    def of(self, run: Run) -> Lifecycle:
        return run.budgets

    def spelled(self, request: Request) -> str:
        method, path = request.method, self.path(request).removeprefix("budgets/")
        if method != "PUT":
            assert request.body is None
            return f"{method} {path}"
        body = dict(request.body)
        line = f"PUT {path} {body.pop('limit_usd'):g}"
        return " ".join([line, *(f"{name}={value}" for name, value in body.items())])

    def inputs(self, **properties: Any) -> Values:
        """The inputs under their real names."""
        return super().inputs(**{long_name(name): value for name, value in properties.items()})

    def given(self, byok: bool | None = None, **limits: float | None) -> None:
        """Somebody else sets these limits one after the other; None removes one."""
        for interval, limit in limits.items():
            if limit is None:
                self.simulator.organization.delete_budget(self.id, interval)
            else:
                self.simulator.organization.set_budget(self.id, interval, limit, byok)

    @property
    def live(self) -> dict[str, float]:
        """The limits that the workspace has."""
        return self.simulator.organization.budgets(self.id)

    @property
    def byok(self) -> bool:
        """Whether spending with one's own provider keys counts."""
        return self.simulator.organization.workspace(self.id).include_byok_in_budgets


def long_name(name: str) -> str:
    """The input that a short name stands for."""
    if name == "byok":
        return "include_byok_in_budgets"
    return f"{name}_limit_usd" if name in INTERVALS else name


class Members(Scene):
    """The members of a workspace; people are named by the first part of their email."""

    @classmethod
    def of_team(cls, simulator: Simulator, start: NewRun) -> Members:
        """Start with a new workspace."""
        return cls(simulator, start, simulator.organization.create_workspace(**TEAM).id)

    def of(self, run: Run) -> Lifecycle:
        return run.memberships

    def spelled(self, request: Request) -> str:
        path = self.path(request)
        if request.method == "GET":
            return f"GET {path}"
        assert request.body.keys() == {"user_ids"}
        return " ".join([path.removeprefix("members/"), *self.names(request.body["user_ids"])])

    def id_of(self, name: str) -> str:
        """The user id of a person."""
        return self.simulator.organization.person(f"{name}@example.com").id

    def ids(self, *names: str) -> list[str]:
        """The user ids of people, in this order."""
        return [self.id_of(name) for name in names]

    def names(self, user_ids: Iterable[str]) -> list[str]:
        """The names of these people, sorted."""
        people = {person.id: person.email for person in self.simulator.organization.people}
        return sorted(people.get(id, id).removesuffix("@example.com") for id in user_ids)

    def given(self, *names: str) -> None:
        """Somebody else adds these people."""
        self.simulator.organization.add_members(self.id, self.ids(*names))

    def taken(self, *names: str) -> None:
        """Somebody else removes these people."""
        self.simulator.organization.remove_members(self.id, self.ids(*names))

    def crowd(self, first: int, last: int) -> list[str]:
        """The user ids of the first to the last person, in the order of batches."""
        return sorted(person.id for person in self.simulator.organization.people)[first:last]

    @property
    def live(self) -> list[str]:
        """The names of the members."""
        return self.names(self.simulator.organization.members(self.id))


def emails(*names: str) -> list[str]:
    """The addresses of people."""
    return [f"{name}@example.com" for name in names]


def entries(state: State | None) -> list[tuple[str | None, str]]:
    """Email and role of each member in a state, sorted by email."""
    assert state is not None
    members = state.outputs["members"]
    assert [member["user_id"] for member in members] == sorted(
        {member["user_id"] for member in members}
    )
    found = [(member.get("email"), member["role"]) for member in members]
    return sorted(found, key=lambda entry: entry[0] or "")


class Keys(Scene):
    """One API key of a workspace."""

    @classmethod
    def of_team(cls, simulator: Simulator, start: NewRun) -> Keys:
        """Start with a new workspace."""
        return cls(simulator, start, simulator.organization.create_workspace(**TEAM).id)

    def of(self, run: Run) -> Lifecycle:
        return run.keys

    def spelled(self, request: Request) -> str:
        path = request.path.replace(self.id, "team")
        for key in self.simulator.organization.keys:
            path = path.replace(key.hash, key.name)
        body = {**(request.body or {})}
        if body.get("workspace_id") == self.id:
            body["workspace_id"] = "team"
        return " ".join([request.method, path, *(f"{k}={v}" for k, v in sorted(body.items()))])

    def inputs(self, **properties: Any) -> Values:
        """The inputs as the constructor completes them; None leaves one out."""
        given = {"workspace_id": self.id, "name": "ci", "keepers": {}, **properties}
        return {name: value for name, value in given.items() if value is not None}

    def up_in(self, run: Run, state: State | None = None, /, **properties: Any) -> State:
        """`pulumi up` in this run, a replacement included."""
        return self.engine(run).up(self.inputs(**properties), state)

    def made(self, name: str = "theirs", **fields: Any) -> str:
        """Somebody else makes a key; its hash."""
        return self.simulator.organization.create_key(name, workspace=self.id, **fields).hash

    @property
    def live(self) -> list[str]:
        """The names of the keys, the oldest first."""
        return [key.name for key in self.simulator.organization.keys]

    @property
    def only(self) -> Any:
        """The only key there is."""
        (key,) = self.simulator.organization.keys
        return key


class Guardrails(Scene):
    """The guardrails of a workspace; keys and people are named by their names."""

    @classmethod
    def of_team(cls, simulator: Simulator, start: NewRun) -> Guardrails:
        """Start with a new workspace in which everybody is."""
        organization = simulator.organization
        team = organization.create_workspace(**TEAM)
        organization.add_members(team.id, [person.id for person in organization.people])
        return cls(simulator, start, team.id)

    def of(self, run: Run) -> Lifecycle:
        return run.guardrails

    def spelled(self, request: Request) -> str:
        line = f"{request.method} {self.named(request.path)}"
        body = {**(request.body or {})}
        refs = body.pop("key_hashes", None) or body.pop("member_user_ids", None) or []
        body.pop("workspace_id", None)
        fields = (f"{name}={as_typed(value)}" for name, value in body.items())
        return " ".join([line, *sorted(map(self.named, refs)), *fields])

    def named(self, text: str) -> str:
        """A path or an id with names instead of ids."""
        organization = self.simulator.organization
        names = {guardrail.id: guardrail.name for guardrail in organization.guardrails.all}
        names |= {key.hash: key.name for key in organization.keys}
        names |= {each.id: each.email.removesuffix("@example.com") for each in organization.people}
        for ref, name in names.items():
            text = text.replace(ref, name)
        return text

    def inputs(self, **properties: Any) -> Values:
        """The inputs as the constructor completes them; None leaves one out."""
        given = super().inputs(**{"name": "safe", **properties})
        return {name: value for name, value in given.items() if value is not None}

    def up_in(self, run: Run, state: State | None = None, /, **properties: Any) -> State:
        """`pulumi up` in this run, a replacement included."""
        return self.engine(run).up(self.inputs(**properties), state)

    def key(self, name: str, workspace: str = "team") -> str:
        """Somebody makes a key; its hash."""
        return self.simulator.organization.create_key(name, workspace=workspace).hash

    def id_of(self, name: str) -> str:
        """The user id of a person."""
        return self.simulator.organization.person(f"{name}@example.com").id

    def given(self, name: str, **fields: Any) -> str:
        """Somebody else makes a guardrail; its id."""
        guardrails = self.simulator.organization.guardrails
        return guardrails.create(name=name, workspace_id=self.id, **fields).id

    @property
    def live(self) -> dict[str, list[str]]:
        """The names of the guardrails, and of whom each governs."""
        guardrails = self.simulator.organization.guardrails
        return {
            each.name: sorted(map(self.named, guardrails.keys(each.id)))
            + sorted(map(self.named, guardrails.members(each.id)))
            for each in guardrails.all
        }


def as_typed(value: Any) -> Any:
    """A value of a request as a program has it, before the engine made a float of it."""
    return f"{value:g}" if isinstance(value, float) else value


class DefaultGuardrail(Guardrails):
    """The default guardrail of a workspace."""

    def of(self, run: Run) -> Lifecycle:
        return run.default_guardrails

    def spelled(self, request: Request) -> str:
        path = request.path.replace(self.guardrail_id, "default")
        path = path.replace(self.id, "team")
        return " ".join(
            [request.method, path, *(f"{k}={as_typed(v)}" for k, v in (request.body or {}).items())]
        )

    def inputs(self, **properties: Any) -> Values:
        """The inputs as the constructor completes them."""
        return {"workspace_id": self.id, **properties}

    def state(self, **properties: Any) -> State:
        """The state of a default guardrail with these inputs."""
        inputs = self.inputs(**properties)
        return State(self.guardrail_id, inputs, inputs)

    @property
    def guardrail_id(self) -> str:
        """The id of the default guardrail."""
        return self.simulator.organization.workspace(self.id).default_guardrail_id

    def changed_by_hand(self, **fields: Any) -> None:
        """Somebody changes the default guardrail."""
        self.simulator.organization.guardrails.update(self.guardrail_id, **fields)

    def has(self, name: str) -> Any:
        """A field of the default guardrail as the API has it."""
        return getattr(self.simulator.organization.guardrails.get(self.guardrail_id), name)


class ProviderKeys(Scene):
    """A key of a workspace at a provider."""

    KEY = "sk-provider-1234567890"

    @classmethod
    def of_team(cls, simulator: Simulator, start: NewRun) -> ProviderKeys:
        """Start with a new workspace."""
        return cls(simulator, start, simulator.organization.create_workspace(**TEAM).id)

    def of(self, run: Run) -> Lifecycle:
        return run.provider_keys

    def spelled(self, request: Request) -> str:
        path = request.path
        for found in self.simulator.organization.provider_keys.all:
            path = path.replace(found.id, found.name or found.label)
        body = {**(request.body or {})}
        body.pop("workspace_id", None)
        return " ".join([request.method, path, *(f"{k}={v}" for k, v in sorted(body.items()))])

    def inputs(self, **properties: Any) -> Values:
        """The inputs as the constructor completes them."""
        given = {"workspace_id": self.id, "provider": "openai", "key": self.KEY, "name": "ours"}
        return {**given, **properties}

    def up_in(self, run: Run, state: State | None = None, /, **properties: Any) -> State:
        """`pulumi up` in this run, a replacement included."""
        return self.engine(run).up(self.inputs(**properties), state)

    @property
    def only(self) -> Any:
        """The only provider key there is."""
        (found,) = self.simulator.organization.provider_keys.all
        return found
