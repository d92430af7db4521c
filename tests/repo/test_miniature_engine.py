"""The engine in miniature makes the calls that the real one makes, in its order."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from pulumi_openrouter.core.lifecycle import Difference, Problem, Values
from tools.miniature_engine import MiniatureEngine, State

OLD = State("1", {"size": 1.0}, {"size": 1.0, "made": 5.0})


@attrs.define
class Provider:
    """Notes how it is called; what it makes has one output more than inputs."""

    difference: Difference = attrs.Factory(Difference)
    is_there: bool = True
    problems: list[Problem] = attrs.Factory(list)
    calls: list[tuple[Any, ...]] = attrs.Factory(list)

    def check(self, olds: Values, news: Values) -> tuple[Values, list[Problem]]:
        self.calls.append(("check", olds, news))
        return news, self.problems

    def diff(self, state: State, inputs: Values) -> Difference:
        self.calls.append(("diff", state.outputs, inputs))
        return self.difference

    def create(self, inputs: Values) -> State:
        self.calls.append(("create", inputs))
        return State("2", inputs, {**inputs, "made": 7})

    def read(self, state: State) -> State | None:
        self.calls.append(("read", state.outputs))
        return State(state.id, {"size": 3}, {"size": 3, "made": 5}) if self.is_there else None

    def update(self, state: State, inputs: Values) -> State:
        self.calls.append(("update", state.outputs, inputs))
        return State(state.id, inputs, {**inputs, "made": 5})

    def delete(self, state: State) -> None:
        self.calls.append(("delete", state.id))


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def engine(provider: Provider) -> MiniatureEngine:
    return MiniatureEngine(provider)


def test_something_new_is_checked_and_created(provider: Provider, engine: MiniatureEngine) -> None:
    """There are no old inputs, and all numbers arrive as floats."""
    made = engine.up({"size": 1, "flag": True, "list": [2, {"deep": 3}]})
    inputs = {"size": 1.0, "flag": True, "list": [2.0, {"deep": 3.0}]}
    assert provider.calls == [("check", {}, inputs), ("create", inputs)]
    assert made == State("2", inputs, {**inputs, "made": 7.0})
    numbers = [made.inputs["size"], made.outputs["made"], *made.outputs["list"][:1]]
    assert [type(number) for number in numbers] == [float, float, float]
    assert made.inputs["flag"] is True


def test_a_change_is_checked_against_the_old_inputs(
    provider: Provider, engine: MiniatureEngine
) -> None:
    """It is compared with the old outputs, and updates them."""
    provider.difference = Difference(("size",))
    changed = engine.up({"size": 2}, OLD)
    assert provider.calls == [
        ("check", OLD.inputs, {"size": 2.0}),
        ("diff", OLD.outputs, {"size": 2.0}),
        ("update", OLD.outputs, {"size": 2.0}),
    ]
    assert changed == State("1", {"size": 2.0}, {"size": 2.0, "made": 5.0})


def test_no_difference_is_no_update(provider: Provider, engine: MiniatureEngine) -> None:
    """The state keeps its outputs, and has the new inputs."""
    assert engine.up({"size": 2}, OLD) == attrs.evolve(OLD, inputs={"size": 2.0})
    assert [call[0] for call in provider.calls] == ["check", "diff"]


def test_a_replacement_is_checked_again_like_something_new(
    provider: Provider, engine: MiniatureEngine
) -> None:
    """The new one is created before the old one is deleted."""
    provider.difference = Difference(("size",), ("size",))
    assert engine.up({"size": 2}, OLD).id == "2"
    assert provider.calls == [
        ("check", OLD.inputs, {"size": 2.0}),
        ("diff", OLD.outputs, {"size": 2.0}),
        ("check", {}, {"size": 2.0}),
        ("create", {"size": 2.0}),
        ("delete", "1"),
    ]


def test_a_preview_changes_nothing(provider: Provider, engine: MiniatureEngine) -> None:
    """It says whether an up would do anything, and to which properties."""
    assert engine.plan({"size": 2}).is_needed
    assert not engine.plan({"size": 2}, OLD).is_needed
    provider.difference = Difference(("size",))
    step = engine.plan({"size": 2}, OLD)
    assert (step.is_needed, step.creates, step.changed) == (True, False, ("size",))
    assert {call[0] for call in provider.calls} == {"check", "diff"}


def test_a_problem_stops_an_up(provider: Provider, engine: MiniatureEngine) -> None:
    """Nothing is compared or made where a check finds something wrong."""
    provider.problems = [Problem("size", "must be more")]
    assert engine.check({"size": 0}) == ({"size": 0.0}, provider.problems)
    with pytest.raises(AssertionError):
        engine.up({"size": 0}, OLD)
    assert {call[0] for call in provider.calls} == {"check"}


def test_a_refresh_compares_what_it_read(provider: Provider, engine: MiniatureEngine) -> None:
    """It compares with the inputs that the state had, and then keeps those that it read."""
    live = {"size": 3.0, "made": 5.0}
    assert engine.refresh(OLD) == State("1", {"size": 3.0}, live)
    assert provider.calls == [("read", OLD.outputs), ("diff", live, OLD.inputs)]


def test_a_refresh_drops_what_is_gone(provider: Provider, engine: MiniatureEngine) -> None:
    """There is nothing to compare then."""
    provider.is_there = False
    assert engine.refresh(OLD) is None
    assert provider.calls == [("read", OLD.outputs)]


def test_a_get_reads_with_nothing_in_the_state(provider: Provider, engine: MiniatureEngine) -> None:
    """All that is known is the id."""
    assert engine.get("9") == State("9", {"size": 3.0}, {"size": 3.0, "made": 5.0})
    assert provider.calls == [("read", {})]


def test_a_destroy_checks_nothing(provider: Provider, engine: MiniatureEngine) -> None:
    """It is one call."""
    engine.destroy(OLD)
    assert provider.calls == [("delete", "1")]
