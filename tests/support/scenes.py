"""One workspace of the simulator, and runs over its budgets or members as the engine makes them."""

from __future__ import annotations

import abc
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import attrs
import pytest

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.core.budget_plan import INTERVALS
from pulumi_openrouter.core.lifecycle import Lifecycle, Problem, Values
from pulumi_openrouter.simulator import Fault, FaultKind, Request, Simulator
from tests.support.runs import Run

NOWHERE = "00000000-0000-4000-8000-000000000000"
"""The UUID of no workspace."""

TEAM = {"name": "Team", "slug": "team"}

Faults = Callable[[int], list[Fault]]
"""What goes wrong at the n-th request."""


@attrs.define
class Scene(abc.ABC):
    """A workspace, and one kind of child of it."""

    simulator: Simulator
    start: Callable[..., Run]
    """Starts another run, with the seconds that a request may take."""
    id: str
    _seen: int = 0

    @abc.abstractmethod
    def of(self, run: Run) -> Lifecycle:
        """The lifecycle of this kind of child."""

    @abc.abstractmethod
    def spelled(self, request: Request) -> str:
        """A request in a few words that leave nothing out."""

    # as the engine

    def check(self, **properties: Any) -> list[Problem]:
        """The problems of these inputs, beside those that every child has."""
        return self.of(self.start()).check({}, self.inputs(**properties))[1]

    def inputs(self, **properties: Any) -> Values:
        """The inputs as a program's constructor completes them."""
        return {"workspace_id": self.id, "exclusive": False, **properties}

    def up(self, olds: Values | None = None, /, **properties: Any) -> Values:
        """One `pulumi up` of these inputs, in a process of its own; what the state holds then."""
        return self.up_in(self.start(), olds, **properties)

    def up_in(self, run: Run, olds: Values | None = None, /, **properties: Any) -> Values:
        """The same in a given process: check, diff, and create or update where they ask for it."""
        lifecycle = self.of(run)
        inputs, problems = lifecycle.check(olds or {}, self.inputs(**properties))
        assert problems == []
        if olds is None:
            found = lifecycle.create(inputs)
            assert found.id == self.id
            return found.outputs
        difference = lifecycle.diff(self.id, olds, inputs)
        assert difference.replaces == ()
        return lifecycle.update(self.id, olds, inputs) if difference.changed else olds

    def changed(self, olds: Values, /, **properties: Any) -> tuple[str, ...]:
        """The properties that a preview of these inputs shows as changed."""
        lifecycle = self.of(self.start())
        inputs, problems = lifecycle.check(olds, self.inputs(**properties))
        assert problems == []
        return lifecycle.diff(self.id, olds, inputs).changed

    def refresh(self, olds: Values) -> Values | None:
        """One `pulumi refresh`: what the state holds then, None when it is gone."""
        found = self.of(self.start()).read(self.id, olds)
        assert found is None or found.id == self.id
        return found.outputs if found else None

    def get(self, id: str | None = None) -> Values:
        """The first read of a resource from `get`."""
        found = self.of(self.start()).read(id or self.id, {})
        assert found is not None
        return found.outputs

    def destroy(self, olds: Values) -> None:
        """One `pulumi destroy`: nothing is checked before."""
        self.of(self.start()).delete(self.id, olds)

    # at the API

    def sent(self) -> list[str]:
        """What was asked since the last time this was called."""
        requests, self._seen = self.simulator.log[self._seen :], len(self.simulator.log)
        return [self.spelled(request) for request in requests]

    def written(self) -> list[str]:
        """The same without what was only read."""
        return [line for line in self.sent() if not line.startswith("GET")]

    def path(self, request: Request) -> str:
        """What of the workspace a request is about."""
        return request.path.removeprefix(f"/workspaces/{self.id}").strip("/") or "workspace"


def answered(status: int, **where: Any) -> Fault:
    """An error of the API instead of what was asked."""
    return Fault(kind=FaultKind.STATUS, status=status, **where)


def refused(**where: Any) -> Faults:
    """The n-th of the requests is refused."""
    return lambda nth: [answered(400, nth=nth, **where)]


def lost(fault: Fault) -> Faults:
    """The n-th of the requests gets no answer, and when it is sent again a refusal.

    So nobody can tell whether it was carried out, and no test waits until time runs out.
    """

    def faults(nth: int) -> list[Fault]:
        again = answered(400, method=fault.method, path=fault.path, nth=nth + 1)
        return [attrs.evolve(fault, nth=nth), again]

    return faults


def every_loss(**where: Any) -> dict[str, Faults]:
    """The ways in which an answer is lost, by name."""
    return {
        "500, not applied": lost(answered(500, **where)),
        "500, applied": lost(answered(500, applied=True, **where)),
        "cut before": lost(Fault(kind=FaultKind.CUT_BEFORE, **where)),
        "cut after": lost(Fault(kind=FaultKind.CUT_AFTER, **where)),
    }


def failure(operation: Callable[[], object]) -> OpenRouterError:
    """The error that an operation must end with."""
    with pytest.raises(OpenRouterError) as caught:
        operation()
    return caught.value


class KilledError(BaseException):
    """The end of a process: nothing that the provider could handle."""


def killed(operation: Callable[[Run], object], run: Run, nth: int, *, applied: bool) -> None:
    """Run an operation whose process is killed at its n-th write, before it is sent or after."""
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
    """The budgets of a workspace; `daily` and so on are short for the names of the inputs."""

    @classmethod
    def of_team(cls, simulator: Simulator, start: Callable[..., Run]) -> Budgets:
        """Those of a new workspace, which has none."""
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
        """The inputs, by their short names."""
        return super().inputs(**{long_name(name): value for name, value in properties.items()})

    def given(self, byok: bool | None = None, **limits: float | None) -> None:
        """Somebody else sets these limits, or removes what is None, one after the other."""
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
        """Whether spending with own provider keys counts."""
        return self.simulator.organization.workspace(self.id).include_byok_in_budgets


def long_name(name: str) -> str:
    """The input that a short name of this module stands for."""
    if name == "byok":
        return "include_byok_in_budgets"
    return f"{name}_limit_usd" if name in INTERVALS else name


class Members(Scene):
    """The members of a workspace; a person's name is what their email begins with."""

    @classmethod
    def of_team(cls, simulator: Simulator, start: Callable[..., Run]) -> Members:
        """Those of a new workspace, which has none."""
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
        """Who these are, in order of name."""
        people = {person.id: person.email for person in self.simulator.organization.people}
        return sorted(people.get(id, id).removesuffix("@example.com") for id in user_ids)

    def given(self, *names: str) -> None:
        """Somebody else adds these people."""
        self.simulator.organization.add_members(self.id, self.ids(*names))

    def taken(self, *names: str) -> None:
        """Somebody else removes these people."""
        self.simulator.organization.remove_members(self.id, self.ids(*names))

    @property
    def live(self) -> list[str]:
        """The names of who is in the workspace."""
        return self.names(self.simulator.organization.members(self.id))


def emails(*names: str) -> list[str]:
    """The addresses of people."""
    return [f"{name}@example.com" for name in names]


def entries(outputs: Values | None) -> list[tuple[str | None, str]]:
    """Email and role of the members in a state, in order of email."""
    assert outputs is not None
    members = outputs["members"]
    assert [member["user_id"] for member in members] == sorted(
        {member["user_id"] for member in members}
    )
    found = [(member.get("email"), member["role"]) for member in members]
    return sorted(found, key=lambda entry: entry[0] or "")
