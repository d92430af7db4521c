from __future__ import annotations

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import Call, OpenRouterError, RequestError, ServerError
from pulumi_openrouter.core.undo import Undo
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator

CALL = Call("PUT", "/workspaces/w/budgets/daily")
LOST = Call("PUT", "/workspaces/w/budgets/daily", may_be_applied=True)


class Operation:
    """Steps that note when they are put back."""

    def __init__(self, client: Client) -> None:
        self.undo = Undo(client)
        self.restored: list[str] = []

    def run(self, *names: str, then: BaseException | None = None) -> None:
        """Take these steps, and then fail."""
        with self.undo:
            for name in names:
                self.step(name)
            if then is not None:
                raise then

    def run_failing(self, first: str, second: str, error: BaseException) -> None:
        """Take the first step, and fail in the second."""
        with self.undo:
            self.step(first)
            self.step(second, error)

    def step(self, name: str, error: BaseException | None = None) -> None:
        """Take a step, which may fail."""
        with self.undo.step(lambda: self.restored.append(name)):
            if error is not None:
                raise error

    def run_forgetting(self, first: str, second: str, error: BaseException) -> None:
        """Take the first step, let it be, and fail in the second."""
        with self.undo:
            self.step(first)
            self.undo.forget()
            self.step(second, error)

    def run_unrestorable(self, first: str, then: BaseException) -> None:
        """Take the first step and one that can't be put back, and then fail."""

        def cannot() -> None:
            raise RequestError("503", CALL)

        with self.undo:
            self.step(first)
            with self.undo.step(cannot):
                pass
            raise then


@pytest.fixture
def operation(client: Client) -> Operation:
    """An operation that has not begun."""
    return Operation(client)


def test_success_puts_nothing_back(operation: Operation) -> None:
    """Where nothing fails, everything stays done."""
    operation.run("one", "two")
    assert operation.restored == []


def test_an_error_puts_back_what_was_done(operation: Operation) -> None:
    """The steps before an error are put back, the last one first."""
    error = OpenRouterError("no")
    with pytest.raises(OpenRouterError) as caught:
        operation.run("one", "two", "three", then=error)
    assert operation.restored == ["three", "two", "one"]
    assert caught.value is error
    assert not error.unsettled


@pytest.mark.parametrize(
    "error", [OpenRouterError("gone"), RequestError("400 no", CALL)], ids=["settled", "refused"]
)
def test_a_step_that_was_refused_is_not_put_back(
    operation: Operation, error: OpenRouterError
) -> None:
    """A step that certainly changed nothing needs no restore of its own."""
    with pytest.raises(OpenRouterError):
        operation.run_failing("one", "two", error)
    assert operation.restored == ["one"]
    assert not error.unsettled


def test_a_step_whose_answer_was_lost_is_put_back(operation: Operation) -> None:
    """A step that may have been made is put back, and still is unsettled."""
    error = RequestError("no answer", LOST)
    with pytest.raises(RequestError):
        operation.run_failing("one", "two", error)
    assert operation.restored == ["two", "one"]
    assert error.unsettled


def test_what_is_forgotten_stays_done(operation: Operation) -> None:
    """After forget() only later steps are put back."""
    with pytest.raises(OpenRouterError):
        operation.run_forgetting("one", "two", RequestError("no answer", LOST))
    assert operation.restored == ["two"]


def test_a_restore_that_fails_leaves_it_unsettled(operation: Operation) -> None:
    """Where something can't be put back the error says so, and the rest is put back."""
    error = OpenRouterError("no")
    with pytest.raises(OpenRouterError) as caught:
        operation.run_unrestorable("one", error)
    assert caught.value is error
    assert error.unsettled
    assert operation.restored == ["one"]


@pytest.mark.parametrize("error", [ValueError("defect"), KeyboardInterrupt()])
def test_a_defect_puts_nothing_back(operation: Operation, error: BaseException) -> None:
    """After an error that is none of ours nothing more is sent."""
    with pytest.raises(type(error)):
        operation.run("one", then=error)
    assert operation.restored == []


def test_putting_back_has_time_of_its_own(simulator: Simulator, client: Client) -> None:
    """An operation whose time is over still puts back, with repeats where they are needed."""
    simulator.organization.create_workspace(name="Team", slug="team")
    simulator.organization.set_budget("team", "daily", 5)
    simulator.faults.add(Fault(kind=FaultKind.STATUS, method="PUT", nth=2, times=2))

    def change() -> None:
        with client.operation(1e-9), Undo(client) as undo:
            with undo.step(lambda: client.set_budget("team", "daily", 5)):
                client.set_budget("team", "daily", 7)
            client.set_budget("team", "weekly", 9)

    with pytest.raises(ServerError):
        change()
    assert simulator.organization.budgets("team") == {"daily": 5}
    assert [request.status for request in simulator.requests("PUT")] == [200, 503, 503, 200]
