"""What WorkspaceDefaultGuardrail sends: a guardrail that is there before it can be read."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import DefaultGuardrail, failure

LIMIT = {"limit_usd": 50, "reset_interval": "monthly"}


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> DefaultGuardrail:
    found = DefaultGuardrail.of_team(simulator, new_run)
    assert isinstance(found, DefaultGuardrail)
    return found


def test_the_first_change_makes_it(team: DefaultGuardrail) -> None:
    """The 404 before that says that nothing is configured yet, and is no error."""
    state = team.up(allowed_providers=["openai"], enforce_zdr_other=True)
    assert team.sent() == [
        "GET /workspaces",
        "GET /guardrails/default",
        "PATCH /guardrails/default allowed_providers=['openai'] enforce_zdr_other=True",
    ]
    assert state.id == team.guardrail_id
    assert state.outputs == team.outputs(allowed_providers=["openai"], enforce_zdr_other=True)


def test_its_id_is_known_where_the_workspace_was_made_in_the_same_run(
    team: DefaultGuardrail,
) -> None:
    """What an answer already said is not asked for."""
    run = team.start()
    workspace = {"name": "New", "slug": "new", "adopt_existing": False, "force_destroy": False}
    made = run.workspaces.create(workspace)
    team.sent()
    run.default_guardrails.create({"workspace_id": made.id, "description": "d"})
    assert [line.partition(" ")[0] for line in team.sent()] == ["GET", "PATCH"]


def test_what_is_there_already_is_taken_over_unwritten(team: DefaultGuardrail) -> None:
    """Only what differs is sent, whatever the spelling of models; the rest is others'."""
    team.changed_by_hand(description="d", allowed_models=["acme/swift"], ignored_providers=["x"])
    state = team.up(description="d", allowed_models=["acme/swift"])
    assert team.written() == []
    assert "ignored_providers" not in state.outputs


def test_a_workspace_that_is_gone_is_said(team: DefaultGuardrail) -> None:
    """With the words that say what to run, in create and update alike."""
    state = team.up(description="d")
    team.simulator.organization.delete_workspace(team.id)
    for operation in (lambda: team.up(description="d"), lambda: team.up(state, description="e")):
        assert "the workspace no longer exists" in str(failure(operation))
    assert team.refresh(state) is None
    team.destroy(state)


def test_a_refresh_before_the_first_change_finds_nothing_configured(
    team: DefaultGuardrail,
) -> None:
    """A 404 while the workspace is there is never gone: what is declared is missing."""
    state = team.state(description="d")
    found = team.refresh(state)
    assert found is not None
    assert found.outputs == {"workspace_id": team.id}
    assert team.sent() == ["GET /guardrails/default", "GET /workspaces/team"]
    assert team.changed(found, description="d") == ("description",)


def test_a_change_is_one_request(team: DefaultGuardrail) -> None:
    """PATCH of what differs, a limit with its interval, null for what is dropped."""
    state = team.up(**LIMIT, description="d", include_byok_in_budgets=True)
    team.sent()
    state = team.up(state, limit_usd=60, reset_interval="monthly")
    assert team.sent() == [
        "PATCH /guardrails/default description=None limit_usd=60 reset_interval=monthly"
    ]
    assert team.changed(state, limit_usd=60.0, reset_interval="monthly") == ()


def test_destroying_clears_what_was_declared(team: DefaultGuardrail) -> None:
    """And says so; the flag can't be cleared, and what others set stays."""
    state = team.up(**LIMIT, description="d", include_byok_in_budgets=True)
    team.changed_by_hand(ignored_providers=["azure"])
    run = team.start()
    team.of(run).delete(state.id, state.outputs)
    assert team.written()[-1] == (
        "PATCH /guardrails/default description=None limit_usd=None reset_interval=None"
    )
    (said,) = run.said
    assert "cleared: description, limit_usd, reset_interval" in said
    assert team.has("ignored_providers") == ["azure"]


def test_destroying_what_was_never_configured_sends_nothing(team: DefaultGuardrail) -> None:
    """A change would make it."""
    team.destroy(team.state(description="d"))
    assert team.written() == []


def test_what_another_resource_of_this_run_declares_is_not_cleared(
    team: DefaultGuardrail,
) -> None:
    """A resource that was renamed without an alias is made first, and deleted last."""
    state = team.up(description="d", enforce_zdr_xai=True)
    run = team.start()
    team.up_in(run, description="d")
    team.of(run).delete(state.id, state.outputs)
    assert (team.has("description"), team.has("enforce_zdr_xai")) == ("d", None)
    assert "description left alone" in run.said[0]


def test_get_reads_all_that_is_configured(team: DefaultGuardrail) -> None:
    """Nothing, before the first change; an id that is no default guardrail's is an error."""
    assert team.get(team.guardrail_id).outputs == {}
    team.changed_by_hand(description="d")
    assert team.get(team.guardrail_id).outputs == {
        "description": "d",
        "include_byok_in_budgets": False,
    }
    assert "no guardrail" in str(failure(lambda: team.get(team.id)))


def test_a_limit_needs_its_interval(team: DefaultGuardrail) -> None:
    """As with every guardrail."""
    (problem,) = team.check(limit_usd=5)
    assert (problem.property, problem.reason) == (
        "reset_interval",
        "is missing: limit_usd needs it",
    )
