"""Models by any of their slugs: the API answers with one of them, which must be no difference."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Guardrails

NO_CATALOGUE = Fault(kind=FaultKind.STATUS, status=404, path="/models", times=None)


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Guardrails:
    return Guardrails.of_team(simulator, new_run)


@pytest.mark.parametrize("field", ["allowed_models", "ignored_models"])
@pytest.mark.parametrize(
    "declared",
    [
        ["acme/swift"],
        ["acme/swift-2026-03-01"],
        ["acme/swift:free"],
        ["acme/swift", "acme/swift-2026-03-01"],
        ["acme/swift", "acme/swift:free", "globex/atlas", "unknown/model"],
    ],
)
def test_any_spelling_stays_as_it_was_declared(
    team: Guardrails, field: str, declared: list[str]
) -> None:
    """After an up and after a refresh, the same program differs in nothing."""
    state = team.up(**{field: declared})
    found = team.refresh(state)
    assert found is not None
    assert found.outputs[field] == sorted(declared)
    assert team.changed(found, **{field: declared}) == ()


def test_models_that_others_changed_are_drift(team: Guardrails) -> None:
    """Those that stay keep their spelling; those that came have the API's."""
    state = team.up(allowed_models=["acme/swift", "acme/sage"])
    team.simulator.organization.guardrails.update(
        state.id, allowed_models=["acme/swift", "globex/atlas-mini"]
    )
    found = team.refresh(state)
    assert found is not None
    assert found.outputs["allowed_models"] == ["acme/swift", "globex/atlas-mini-1.2"]


def test_the_catalogue_is_asked_for_once_a_process(team: Guardrails) -> None:
    """And only where a list differs as text."""
    states = [
        team.up(name=name, allowed_models=models)
        for name, models in (
            ("canonical", ["globex/atlas"]),
            ("A", ["acme/swift"]),
            ("B", ["acme/sage"]),
        )
    ]
    team.sent()
    engine = team.engine(team.start())
    engine.refresh(states[0])
    assert "GET /models" not in team.sent()
    for state in states:
        engine.refresh(state)
    assert team.sent().count("GET /models") == 1


def test_without_the_catalogue_texts_are_compared(team: Guardrails) -> None:
    """Canonical slugs differ in nothing; others may, and no refresh fails for it."""
    canonical = team.up(name="A", allowed_models=["acme/swift-2026-03-01"])
    other = team.up(name="B", allowed_models=["acme/swift"])
    team.simulator.faults.add(NO_CATALOGUE)
    found = team.refresh(canonical)
    assert found is not None
    assert found.outputs == canonical.outputs
    found = team.refresh(other)
    assert found is not None
    assert found.outputs["allowed_models"] == ["acme/swift-2026-03-01"]
    team.up(found, name="B", allowed_models=["acme/swift"])
