"""Each field of what a guardrail allows: declared, changed by others, and no longer declared."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from pulumi_openrouter.core.guardrail_content import CONTENT
from pulumi_openrouter.simulator import Simulator
from tests.support.arguments import CONTENT as VALUES
from tests.support.runs import NewRun
from tests.unit.core.scenes import DefaultGuardrail, Guardrails

OTHERS: dict[str, Any] = {
    "description": "e",
    "limit_usd": 7,
    "reset_interval": "daily",
    "include_byok_in_budgets": False,
    "allowed_data_regions": ["global"],
    "content_filters": [{"pattern": "y", "action": "block"}],
    "content_filter_builtins": [{"slug": "ssn", "action": "block"}],
    **{name: ["x/other"] for name in ("allowed_models", "ignored_models")},
    **{name: ["other"] for name in ("allowed_providers", "ignored_providers")},
}
"""What somebody else sets instead; False for a switch."""
PAIR = ("limit_usd", "reset_interval")
EACH = pytest.mark.parametrize("name", CONTENT)


@pytest.fixture(params=[Guardrails, DefaultGuardrail])
def team(simulator: Simulator, new_run: NewRun, request: pytest.FixtureRequest) -> Guardrails:
    scene: type[Guardrails] = request.param
    return scene.of_team(simulator, new_run)


def values(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The field with this name, and the one that it can't be without."""
    return {each: given.get(each, False) for each in (PAIR if name in PAIR else (name,))}


def live(team: Guardrails, guardrail_id: str) -> dict[str, Any]:
    guardrail = team.simulator.organization.guardrails.get(guardrail_id)
    return {name: getattr(guardrail, name) for name in CONTENT}


def plain(value: Any) -> Any:
    """What was declared, of a value that the API may have added to."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [
            {k: v for k, v in each.items() if k != "label" or "slug" not in each} for each in value
        ]
    return value


@EACH
def test_a_field_is_sent_as_it_is_declared(team: Guardrails, name: str) -> None:
    """And no other one: what is never declared is never sent."""
    state = team.up(**values(name, VALUES))
    found = live(team, state.id)
    assert {each: plain(found[each]) for each in values(name, VALUES)} == values(name, VALUES)
    bodies = [request.body for request in team.simulator.writes()]
    assert len(bodies) == 1
    assert set(bodies[0]) - {"name", "workspace_id"} == set(values(name, VALUES))


@EACH
def test_what_others_change_is_found_and_repaired(team: Guardrails, name: str) -> None:
    """A refresh shows it, and the next up sends what is declared once more."""
    declared, others = values(name, VALUES), values(name, OTHERS)
    state = team.up(**declared)
    team.simulator.organization.guardrails.update(state.id, **others)
    found = team.refresh(state)
    assert found is not None
    assert set(team.changed(found, **declared)) == set(declared)
    team.up(found, **declared)
    assert {each: plain(live(team, state.id)[each]) for each in declared} == declared
    refreshed = team.refresh(state)
    assert refreshed is not None
    assert refreshed.outputs == state.outputs


@EACH
def test_what_is_dropped_is_cleared(team: Guardrails, name: str) -> None:
    """With null, or it stays where the API knows no null."""
    state = team.up(**values(name, VALUES))
    state = team.up(state)
    field = team.of(team.start()).fields[name]
    assert name not in state.outputs
    assert live(team, state.id)[name] == (None if field.nullable else VALUES[name])


@EACH
def test_what_is_not_declared_is_left_to_others(team: Guardrails, name: str) -> None:
    """It is in no state, no difference and no request, whatever others do."""
    declared = {"enforce_zdr_xai": True} if name != "enforce_zdr_xai" else {"description": "d"}
    state = team.up(**declared)
    team.simulator.organization.guardrails.update(state.id, **values(name, OTHERS))
    before = live(team, state.id)
    found = team.refresh(state)
    assert found is not None
    assert found.outputs == state.outputs
    changed = {"enforce_zdr_xai": False} if name != "enforce_zdr_xai" else {"description": "e"}
    team.up(found, **changed)
    assert live(team, state.id) == {**before, **changed}


def test_the_fields_are_those_that_the_api_answers(team: Guardrails) -> None:
    """None was forgotten: the simulator has them from the API's schema."""
    state = team.up(description="d")
    guardrail = team.simulator.organization.guardrails.get(state.id)
    others = {"id", "name", "workspace_id", "created_at", "updated_at"}
    assert set(attrs.asdict(guardrail)) - others == set(CONTENT)
