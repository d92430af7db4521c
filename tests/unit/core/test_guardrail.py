"""What Guardrail sends to create, to change and to read a guardrail, assignments aside."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Guardrails, at_once, failure

LIMIT = {"limit_usd": 50, "reset_interval": "monthly"}


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Guardrails:
    return Guardrails.of_team(simulator, new_run)


# create


def test_a_guardrail_is_one_look_and_one_request(team: Guardrails) -> None:
    """The look is for another one of that name; the POST has what is declared, and no more."""
    state = team.up(**LIMIT, enforce_zdr_other=True)
    assert team.sent() == [
        "GET /guardrails",
        "POST /guardrails name=safe limit_usd=50 reset_interval=monthly enforce_zdr_other=True",
    ]
    assert state.outputs == team.outputs(
        **LIMIT, enforce_zdr_other=True, members=[], created_at=state.outputs["created_at"]
    )


def test_a_name_that_is_taken_is_refused(team: Guardrails) -> None:
    """The API would make a second one: the error names the first, and the way to take it over."""
    there = team.given("safe")
    error = failure(lambda: team.up())
    assert there in str(error)
    assert "existing_id" in str(error)
    assert "alias" in str(error)
    assert team.written() == []


def test_a_name_that_this_stack_gave_away_is_refused_otherwise(team: Guardrails) -> None:
    """To take over what another resource made is no advice."""
    run = team.start()
    team.up_in(run)
    error = failure(lambda: team.up_in(run))
    assert "another resource of this stack" in str(error)
    assert "existing_id" not in str(error)


def test_a_workspace_that_is_gone_is_said(team: Guardrails) -> None:
    """The API's 400 for it becomes the words that say what to run."""
    team.simulator.organization.delete_workspace(team.id)
    assert "deleted outside this stack" in str(failure(lambda: team.up()))
    assert team.written() == []


# update


def test_no_change_is_no_update(team: Guardrails) -> None:
    """The same program again differs in nothing, whatever the order in its lists."""
    lists = {"allowed_models": ["acme/swift", "globex/atlas"], "allowed_providers": ["a", "b"]}
    state = team.up(**LIMIT, **lists)
    again = {name: value[::-1] for name, value in lists.items()}
    assert team.changed(state, **LIMIT, **again) == ()


def test_only_what_differs_is_sent(team: Guardrails) -> None:
    """One PATCH, with null for what is no longer declared."""
    state = team.up(description="d", allowed_providers=["openai"], enforce_zdr_xai=True)
    team.sent()
    state = team.up(state, name="safer", enforce_zdr_xai=True, ignored_providers=["azure"])
    assert team.sent() == [
        "PATCH /guardrails/safer name=safer description=None allowed_providers=None "
        "ignored_providers=['azure']"
    ]
    assert state.outputs["ignored_providers"] == ["azure"]
    assert "description" not in state.outputs


@pytest.mark.parametrize(
    ("after", "sent"),
    [
        ({"limit_usd": 60, "reset_interval": "monthly"}, "limit_usd=60 reset_interval=monthly"),
        ({"limit_usd": 50, "reset_interval": "daily"}, "limit_usd=50 reset_interval=daily"),
        ({}, "limit_usd=None reset_interval=None"),
    ],
)
def test_a_limit_and_its_interval_are_sent_together(
    team: Guardrails, after: dict[str, Any], sent: str
) -> None:
    """The API refuses one without the other, also where only one of them changes."""
    state = team.up(**LIMIT)
    team.sent()
    team.up(state, **after)
    assert team.sent() == [f"PATCH /guardrails/safe {sent}"]


def test_the_flag_stays_when_it_is_dropped(team: Guardrails) -> None:
    """include_byok_in_budgets can't be null: it keeps its value, and nothing is sent."""
    state = team.up(include_byok_in_budgets=True)
    team.sent()
    state = team.up(state)
    assert team.sent() == []
    assert "include_byok_in_budgets" not in state.outputs


def test_another_workspace_is_another_guardrail(team: Guardrails) -> None:
    """Only workspace_id replaces: the API can't move a guardrail."""
    other = team.simulator.organization.create_workspace(name="Other", slug="other")
    state = team.up()
    engine = team.engine()
    difference = engine.calls.diff(state, team.inputs(workspace_id=other.id, description="d"))
    assert difference.replaces == ("workspace_id",)


def test_a_replacement_may_have_the_same_name(team: Guardrails) -> None:
    """The one that it replaces is there until the end, and not in its way."""
    run, state = team.start(), team.up()
    inputs = team.inputs()
    lifecycle = run.guardrails
    lifecycle.check(state.inputs, inputs)
    lifecycle.diff(state.id, state.outputs, inputs)
    lifecycle.check({}, inputs)
    found = lifecycle.create(inputs)
    lifecycle.delete(state.id, state.outputs)
    assert list(team.live) == ["safe"]
    assert found.id != state.id


# read


def test_a_refresh_reads_what_is_declared(team: Guardrails) -> None:
    """What others set is their business; what they changed of ours is drift."""
    state = team.up(description="d", enforce_zdr_google=True)
    team.simulator.organization.guardrails.update(
        state.id, description="e", enforce_zdr_google=None, ignored_providers=["azure"]
    )
    team.sent()
    found = team.refresh(state)
    assert team.sent() == ["GET /guardrails/safe"]
    assert found is not None
    assert found.outputs["description"] == "e"
    assert "enforce_zdr_google" not in found.outputs
    assert "ignored_providers" not in found.outputs
    assert team.changed(found, description="d", enforce_zdr_google=True) == (
        "description",
        "enforce_zdr_google",
    )


def test_a_guardrail_that_is_gone_is_gone(team: Guardrails) -> None:
    """A 404 of that very guardrail, with the key of its organization."""
    state = team.up()
    team.simulator.organization.guardrails.delete(state.id)
    assert team.refresh(state) is None
    assert "the guardrail no longer exists" in str(failure(lambda: team.up(state, description="d")))
    team.destroy(state)


def test_get_reads_everything(team: Guardrails) -> None:
    """All content, and all whom it governs, by hash, by user id and by email."""
    ci = team.key("ci")
    state = team.up(**LIMIT, allowed_models=["acme/sage"], keys=[ci], user_ids=[team.id_of("ada")])
    outputs = team.get(state.id).outputs
    assert outputs["limit_usd"] == 50
    assert outputs["allowed_models"] == ["acme/sage-2026-07-15"]
    assert outputs["keys"] == [ci]
    assert outputs["emails"] == ["ada@example.com"]
    assert outputs["workspace_id"] == team.id
    assert "no guardrail" in str(failure(lambda: team.get(team.id)))


# delete


def test_a_guardrail_is_deleted_with_its_assignments(team: Guardrails) -> None:
    """One DELETE; nobody has to be taken out first."""
    state = team.up(keys=[team.key("ci")])
    team.sent()
    team.destroy(state)
    assert [line.partition(" ")[0] for line in team.sent()] == ["DELETE"]
    assert team.live == {}


# existing_id


def test_an_existing_guardrail_is_taken_over(team: Guardrails) -> None:
    """It is changed to what is declared; nothing is sent where nothing differs."""
    there = team.given("safe", description="d")
    run = team.start()
    state = team.up_in(run, existing_id=there, description="d")
    assert state.id == there
    assert team.written() == []
    assert run.said == ["guardrail 'safe': taken over as it is"]
    run = team.start()
    team.up_in(run, existing_id=team.given("other"), name="mine")
    assert run.said == ["guardrail 'other': taken over and changed: name"]
    assert list(team.live) == ["safe", "mine"]


def test_a_guardrail_is_taken_over_once(team: Guardrails) -> None:
    """The second resource of a run fails, also where both come at the same moment."""
    there, run = team.given("safe"), team.start()
    team.simulator.faults.add(Fault(kind=FaultKind.LATENCY, method="GET", times=None, seconds=0.1))
    names = iter(["one", "two"])
    failed = at_once(2, lambda: team.up_in(run, existing_id=there, name=next(names)))
    assert [str(error) for error in failed] == [
        "another resource of this stack declares the guardrail already\n"
        "Remove one of the two, or give it another existing_id."
    ]


def test_existing_id_may_go_once_it_has_done_its_work(team: Guardrails) -> None:
    """Dropping it sends nothing; another one is told at preview."""
    there = team.given("safe")
    state = team.up(existing_id=there)
    team.sent()
    assert team.up(state).id == there
    assert team.sent() == []
    other = team.given("other")
    problems = team.engine().check(team.inputs(existing_id=other), state)[1]
    assert [problem.property for problem in problems] == ["existing_id"]
    assert "another guardrail" in str(failure(lambda: team.up(team.up(state), existing_id=other)))


def test_what_can_not_be_taken_over_is_said(team: Guardrails) -> None:
    """Nothing there, another workspace's, the default one: each with what to do instead."""
    organization = team.simulator.organization
    elsewhere = organization.guardrails.create(name="x").id
    default = organization.workspace(team.id).default_guardrail_id
    organization.guardrails.update(default, description="d")
    assert "no guardrail" in str(failure(lambda: team.up(existing_id=team.id)))
    assert "is in workspace" in str(failure(lambda: team.up(existing_id=elsewhere)))
    assert "WorkspaceDefaultGuardrail" in str(failure(lambda: team.up(existing_id=default)))
    assert team.written() == []


def test_a_resource_renamed_over_existing_id_keeps_its_guardrail(team: Guardrails) -> None:
    """What this run took over, this run does not delete."""
    old = team.up()
    run = team.start()
    new = team.up_in(run, existing_id=old.id)
    team.of(run).delete(old.id, old.outputs)
    assert new.id == old.id
    assert "left alone" in run.said[-1]
    assert list(team.live) == ["safe"]
