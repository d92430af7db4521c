"""The engine in miniature: what Pulumi's engine does to one resource, without Pulumi.

It drives anything that has the calls of a provider: a lifecycle directly, or the provider that
stands above it in Pulumi's host.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import attrs

from pulumi_openrouter.core.lifecycle import Difference, Lifecycle, Problem, Properties, Values


@attrs.frozen
class State:
    """What the state holds of a resource."""

    id: str
    inputs: Values
    outputs: Values


@attrs.frozen
class Step:
    """What an up is about to do to a resource; a preview stops here."""

    inputs: Values
    creates: bool
    changed: tuple[str, ...] = ()
    """The properties that differ from those in the state."""

    @property
    def is_needed(self) -> bool:
        """Whether anything is done at all."""
        return self.creates or bool(self.changed)


class Calls(Protocol):
    """What the engine calls."""

    def check(self, olds: Values, news: Values) -> tuple[Values, list[Problem]]:
        """The new inputs in their canonical spelling, and what is wrong with them."""

    def diff(self, state: State, inputs: Values) -> Difference:
        """What an update would change."""

    def create(self, inputs: Values) -> State:
        """Create what is declared."""

    def read(self, state: State) -> State | None:
        """What is there now; None: gone."""

    def update(self, state: State, inputs: Values) -> State:
        """Change what differs."""

    def delete(self, state: State) -> None:
        """Delete what is in the state."""


@attrs.frozen
class DirectCalls:
    """Calls a lifecycle as Pulumi's host does, and raises the lifecycle's own errors."""

    lifecycle: Lifecycle

    def check(self, olds: Values, news: Values) -> tuple[Values, list[Problem]]:
        """The new inputs in their canonical spelling, and what is wrong with them."""
        return self.lifecycle.check(olds, news)

    def diff(self, state: State, inputs: Values) -> Difference:
        """What an update would change."""
        return self.lifecycle.diff(state.id, state.outputs, inputs)

    def create(self, inputs: Values) -> State:
        """Create what is declared."""
        with self._operation("", inputs):
            found = self.lifecycle.create(inputs)
        return State(found.id, inputs, found.outputs)

    def read(self, state: State) -> State | None:
        """What is there now; None: gone."""
        with self._operation(state.id, state.outputs):
            found = self.lifecycle.read(state.id, state.outputs)
        if found is None:
            return None
        is_managed = self.lifecycle.is_managed(state.outputs)
        inputs = self.lifecycle.arguments_of(found.outputs) if is_managed else state.inputs
        return State(found.id, inputs, found.outputs)

    def update(self, state: State, inputs: Values) -> State:
        """Change what differs."""
        with self._operation(state.id, state.outputs):
            outputs = self.lifecycle.update(state.id, state.outputs, inputs)
        return State(state.id, inputs, outputs)

    def delete(self, state: State) -> None:
        """Delete what is in the state."""
        with self._operation(state.id, state.outputs):
            self.lifecycle.delete(state.id, state.outputs)

    @contextlib.contextmanager
    def _operation(self, object_id: str, properties: Properties) -> Iterator[None]:
        """One at a time where resources share an object, and one time limit for all requests."""
        with self.lifecycle.turn(object_id, properties), self.lifecycle.client.operation():
            yield


@attrs.frozen
class MiniatureEngine:
    """Pulumi's commands on one resource; each returns what the state holds afterwards."""

    calls: Calls

    def check(self, news: Values, state: State | None = None) -> tuple[Values, list[Problem]]:
        """Check the inputs of a program against those in the state."""
        olds = state.inputs if state else {}
        inputs, problems = self.calls.check(olds, as_engine(news))
        return as_engine(inputs), problems

    def plan(self, news: Values, state: State | None = None) -> Step:
        """`pulumi preview` of inputs that have no problem."""
        inputs = self._checked(news, state)
        if state is None:
            return Step(inputs, creates=True)
        difference = self.calls.diff(state, inputs)
        if difference.replaces:
            # The engine checks a replacement again, like something new.
            return Step(self._checked(news), creates=True, changed=difference.changed)
        return Step(inputs, creates=False, changed=difference.changed)

    def carry_out(self, step: Step, state: State | None = None) -> State:
        """Do what was planned; what a replacement leaves behind is for the caller to delete."""
        if step.creates or state is None:
            return _as_engine(self.calls.create(step.inputs))
        if step.changed:
            return _as_engine(self.calls.update(state, step.inputs))
        return attrs.evolve(state, inputs=step.inputs)

    def up(self, news: Values, state: State | None = None) -> State:
        """`pulumi up`."""
        step = self.plan(news, state)
        made = self.carry_out(step, state)
        if state and step.creates:
            self.destroy(state)
        return made

    def refresh(self, state: State) -> State | None:
        """`pulumi refresh`, which compares what it read with the program's last inputs."""
        found = self.calls.read(state)
        if found is None:
            return None
        assert found.id == state.id
        found = _as_engine(found)
        self.calls.diff(found, state.inputs)
        return found

    def get(self, object_id: str) -> State | None:
        """The first read of a resource that a program only looks up."""
        found = self.calls.read(State(object_id, {}, {}))
        return _as_engine(found) if found else None

    def destroy(self, state: State) -> None:
        """`pulumi destroy`, which checks nothing first."""
        self.calls.delete(state)

    def _checked(self, news: Values, state: State | None = None) -> Values:
        inputs, problems = self.check(news, state)
        assert problems == []
        return inputs


def as_engine(value: Any) -> Any:
    """A value after its way through the engine: all numbers are floats."""
    if isinstance(value, Mapping):
        return {key: as_engine(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_engine(inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_engine(state: State) -> State:
    return State(state.id, as_engine(state.inputs), as_engine(state.outputs))
