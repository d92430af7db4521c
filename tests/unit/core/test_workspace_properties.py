"""What holds of every declaration of a workspace, whatever its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.core.lifecycle import Lifecycle
from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support.runs import Run, engine_on

MARK = "\u00a7hunter2\u00a7"


OFFLINE = Run.offline()
EACH = pytest.mark.parametrize(
    "lifecycle", OFFLINE.lifecycles.values(), ids=OFFLINE.lifecycles.keys()
)

# Whatever a program may hand over by mistake, each text of it marked.

TEXTS = st.text(max_size=60).map(lambda rest: MARK + rest)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.just("") | st.just(UNKNOWN)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)

# What the API takes.

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=100).filter(str.strip)
MODELS = st.text("abc/-.1", min_size=1, max_size=20)
SLUGS = st.lists(st.text("ab1", min_size=1, max_size=8), min_size=1, max_size=5).map("-".join)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "description": st.text(st.characters(codec="utf-8"), max_size=500),
    "default_text_model": MODELS,
    "default_image_model": MODELS,
    "default_provider_sort": st.sampled_from(["price", "throughput", "latency", "exacto"]),
    "io_logging_api_key_ids": st.lists(st.integers(-(2**53) + 1, 2**53 - 1), max_size=5),
    "io_logging_sampling_rate": st.floats(0.0001, 1),
    "is_data_discount_logging_enabled": st.booleans(),
    "is_observability_broadcast_enabled": st.booleans(),
    "is_observability_io_logging_enabled": st.booleans(),
    "disabled_server_tools": st.lists(MODELS.map(lambda name: f"openrouter:{name}"), max_size=5),
}
DECLARATIONS = st.fixed_dictionaries(
    {"name": NAMES, "slug": SLUGS, "adopt_existing": st.booleans(), "force_destroy": st.booleans()},
    optional=FIELDS,
)


def properties_of(lifecycle: Lifecycle) -> st.SearchStrategy[dict[str, Any]]:
    """Anything at all for each property, those included that nobody can declare."""
    names = [*lifecycle.fields, "unheard_of"]
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, ANYTHING))


@EACH
@settings(max_examples=60, database=None)
@given(data=st.data())
def test_check_answers_whatever_it_is_given(lifecycle: Lifecycle, data: st.DataObject) -> None:
    """check raises for no value, names only properties that exist, and repeats no value."""
    olds = data.draw(properties_of(lifecycle))
    news = data.draw(properties_of(lifecycle))
    _, problems = lifecycle.check(olds, news)
    for problem in problems:
        assert problem.property.partition("[")[0] in lifecycle.arguments
        assert "hunter2" not in problem.reason


@EACH
@settings(max_examples=60, database=None)
@given(data=st.data())
def test_check_of_its_own_inputs_changes_nothing(lifecycle: Lifecycle, data: st.DataObject) -> None:
    """A second check of the inputs brings the same inputs and the same problems."""
    once, problems = lifecycle.check({}, data.draw(properties_of(lifecycle)))
    assert lifecycle.check({}, once) == (once, problems)


@settings(max_examples=60, database=None)
@given(declaration=DECLARATIONS)
def test_what_the_api_takes_is_accepted_and_equals_itself(declaration: dict[str, Any]) -> None:
    """A right declaration has no problem, and no difference to its own canonical inputs."""
    workspaces = OFFLINE.workspaces
    inputs, problems = workspaces.check({"slug": "existing"}, declaration)
    assert problems == []
    assert workspaces.diff("id", declaration, inputs).changed == ()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """An API that keeps texts as they are: trimming is a difference that only refresh shows."""
    with Simulator(Quirks(trim_text=False)) as running:
        yield running


@pytest.fixture(scope="module")
def run(simulator: Simulator) -> Run:
    return Run.against(simulator)


@settings(max_examples=25, database=None)
@given(before=DECLARATIONS, after=DECLARATIONS)
def test_any_declaration_becomes_any_other(
    simulator: Simulator, run: Run, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """After an update to any other declaration the server has it, and nothing is left to do."""
    engine, arguments_of = engine_on(run.workspaces), run.workspaces.arguments_of
    first = engine.up(before)
    try:
        second = engine.up(after, first)
        assert arguments_of(second.outputs) == second.inputs
        assert engine.plan(after, second).changed == ()

        live = engine.refresh(second)
        assert live is not None
        assert arguments_of(live.outputs) == second.inputs
        assert engine.plan(after, live).changed == ()
    finally:
        simulator.organization.delete_workspace(first.id)
