"""Two stacks that own parts of one workspace, in every order in which their requests can come."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import attrs
import pytest

from pulumi_openrouter.simulator import Fault, Simulator
from tests.support.runs import NewRun, Run
from tests.unit.core.scenes import Budgets, Members, Scene, answered, emails, failure
from tools.miniature_engine import State

PATIENCE = 10.0

Record = Callable[[str, object], None]
Operation = Callable[[Run], Any]
Properties = dict[str, Any]
SceneT = TypeVar("SceneT", bound=Scene)


@attrs.frozen
class Change:
    """What one stack does in one command: what it declared before, and declares then."""

    before: Properties | None
    after: Properties | None
    """None: nothing, so it creates or destroys."""
    requests: int
    fault: Fault | None = None
    """Refuses it half way, so it puts back what was declared before."""

    @property
    def kept(self) -> Properties:
        """What must be there in the end."""
        return (self.before if self.fault else self.after) or {}


class Turns:
    """Lets the requests of two processes through one by one, in a given order."""

    def __init__(self, order: tuple[int, ...]) -> None:
        self.left = list(order)
        self._condition = threading.Condition()

    @contextlib.contextmanager
    def turn(self, who: int) -> Iterator[None]:
        """Wait for a turn, and end it."""
        with self._condition:
            assert self._condition.wait_for(lambda: self.left[:1] == [who], PATIENCE)
            try:
                yield
            finally:
                del self.left[0]
                self._condition.notify_all()


def orders(first: int, second: int) -> Iterator[tuple[int, ...]]:
    """Every order of so many requests of the first process (0) and of the second (1)."""
    for places in itertools.combinations(range(first + second), first):
        yield tuple(0 if place in places else 1 for place in range(first + second))


def together(start: NewRun, operations: list[Operation], order: tuple[int, ...]) -> list[Any]:
    """Run two operations, each in a process of its own, with their requests in this order."""
    turns = Turns(order)

    def alone(who: int) -> Any:
        run = start()
        send = run.context.client.request

        def request(method: str, path: str, *arguments: Any, **options: Any) -> Any:
            # Whose key it is says nothing of the workspace.
            with turns.turn(who) if path != "/key" else contextlib.nullcontext():
                return send(method, path, *arguments, **options)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(run.context.client, "request", request)
            return operations[who](run)

    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(alone, (0, 1)))
    assert turns.left == []
    return results


def outcomes(
    of_team: Callable[[Simulator, NewRun], SceneT],
    simulator: Simulator,
    start: NewRun,
    changes: tuple[Change, Change],
) -> Iterator[SceneT]:
    """A scene after each order of the requests of two stacks, which ask for nothing more then."""
    for order in orders(*(change.requests for change in changes)):
        scene = of_team(simulator, start)
        states = [scene.up(**change.before) if change.before else None for change in changes]
        operations = [
            operation(scene, change, state) for change, state in zip(changes, states, strict=True)
        ]
        simulator.faults.add(*[change.fault for change in changes if change.fault])
        for change, state in zip(changes, together(start, operations, order), strict=True):
            if change.kept:
                assert scene.refresh(state) == state
                assert scene.changed(state, **change.kept) == ()
        yield scene
        simulator.organization.delete_workspace(scene.id)


def operation(scene: Scene, change: Change, state: State | None) -> Operation:
    """What a process does; its result is what the state holds then."""
    if change.after is None:
        assert state is not None
        return lambda run: scene.engine(run).destroy(state)
    after = change.after

    def up(run: Run) -> State | None:
        if not change.fault:
            return scene.up_in(run, state, **after)
        assert not failure(lambda: scene.up_in(run, state, **after)).unsettled
        return state

    return up


OURS, THEIRS = {"daily": 1, "monthly": 20}, {"weekly": 5, "lifetime": 100}
OUR_UPDATE = {"daily": 2, "monthly": 30}
THEIR_UPDATE = Change(THEIRS, {"weekly": 6, "lifetime": 200}, 3)
# The last of our requests, so the monthly limit is raised already, and put back.
REFUSAL = answered(400, method="PUT", path="*/budgets/daily")
BUDGETS = {
    "both create": (Change(None, {**OURS, "byok": True}, 3), Change(None, THEIRS, 3)),
    "both update": (Change(OURS, OUR_UPDATE, 3), THEIR_UPDATE),
    "one drops": (Change(OURS, {"daily": 1}, 2), THEIR_UPDATE),
    "one destroys, one creates": (Change(OURS, None, 2), Change(None, THEIRS, 3)),
    "one destroys, one updates": (Change(OURS, None, 2), THEIR_UPDATE),
    "both destroy": (Change(OURS, None, 2), Change(THEIRS, None, 2)),
    "one fails": (Change(OURS, OUR_UPDATE, 4, REFUSAL), THEIR_UPDATE),
}


@pytest.mark.reliability(
    "two stacks create, change, drop and destroy budgets of different intervals of one workspace, "
    "or one fails half way: their requests in every order that there is",
    "no lost update: each has what it declares, and its next up changes nothing",
)
@pytest.mark.parametrize("changes", BUDGETS.values(), ids=BUDGETS)
def test_budgets_of_two_stacks(
    simulator: Simulator, new_run: NewRun, record_property: Record, changes: tuple[Change, Change]
) -> None:
    """Whatever the order of their requests, two stacks keep the intervals that they declare."""
    cases = 0
    for budgets in outcomes(Budgets.of_team, simulator, new_run, changes):
        kept = {**changes[0].kept, **changes[1].kept}
        assert budgets.byok is kept.pop("byok", False)
        assert budgets.live == kept
        cases += 1
    record_property("cases", cases)


def members(*names: str) -> Properties:
    """The inputs that declare people."""
    return {"emails": emails(*names)}


OUR_CREATION, THEIR_CREATION = members("ada", "grace"), members("alan")
OUR_MOVE = Change(OUR_CREATION, members("ada", "katherine"), 4)
# Grace was removed before, and is put back.
OUR_FAILURE = attrs.evolve(OUR_MOVE, requests=5, fault=answered(400, path="*/members/add"))
THEIR_MOVE = Change(THEIR_CREATION, members("edsger"), 4)
MEMBERS = {
    "both create": (Change(None, OUR_CREATION, 3), Change(None, THEIR_CREATION, 3)),
    "both update": (OUR_MOVE, THEIR_MOVE),
    "one destroys, one creates": (Change(OUR_CREATION, None, 2), Change(None, THEIR_CREATION, 3)),
    "one destroys, one updates": (Change(OUR_CREATION, None, 2), THEIR_MOVE),
    "both destroy": (Change(OUR_CREATION, None, 2), Change(THEIR_CREATION, None, 2)),
    "one fails, one destroys": (OUR_FAILURE, Change(THEIR_CREATION, None, 2)),
}


@pytest.mark.reliability(
    "two stacks add, exchange and remove different members of one workspace, or one fails half "
    "way: their requests in every order that there is",
    "no lost update: each has the members it declares, and its next up changes nothing",
)
@pytest.mark.parametrize("changes", MEMBERS.values(), ids=MEMBERS)
def test_members_of_two_stacks(
    simulator: Simulator, new_run: NewRun, record_property: Record, changes: tuple[Change, Change]
) -> None:
    """Whatever the order of their requests, two stacks keep the members that they declare."""
    kept = [email for change in changes for email in change.kept.get("emails", [])]
    cases = 0
    for found in outcomes(Members.of_team, simulator, new_run, changes):
        assert emails(*found.live) == sorted(kept)
        cases += 1
    record_property("cases", cases)
