"""A key is made once: what a lost answer was about is found and deleted, and nothing else is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_openrouter.core.failures import StrayKeysError
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Keys, answered, failure, killed
from tools.miniature_engine import State

POST: dict[str, Any] = {"method": "POST", "path": "/keys"}
LOST = Fault(kind=FaultKind.CUT_AFTER, **POST)
FOR_GOOD = Fault(kind=FaultKind.CUT_AFTER, times=None, **POST)
HASTY = 0.5
"""The time-out in seconds of a run whose requests never succeed."""


@pytest.fixture
def keys(simulator: Simulator, new_run: NewRun) -> Keys:
    return Keys.of_team(simulator, new_run)


def test_a_key_whose_answer_was_lost_is_deleted_and_made_again(keys: Keys) -> None:
    """Only the answer has the secret; the person is told what was deleted."""
    keys.simulator.faults.add(LOST)
    run = keys.start()
    state = keys.up_in(run, limit=5)
    assert state.outputs["key"] == keys.only.secret
    assert [line.split(" ")[0] for line in keys.sent()] == [
        *("POST", "GET", "GET", "DELETE"),
        *("POST", "GET", "GET"),
    ]
    (said,) = run.said
    assert said.startswith("API key ci (sk-or-v1-")
    assert said.endswith("deleted, because the answer with its secret was lost")


def test_nothing_is_left_where_it_is_given_up(keys: Keys) -> None:
    """The error of the last attempt is reported, and what that one made is deleted as well."""
    keys.simulator.faults.add(FOR_GOOD)
    error = failure(lambda: keys.up_in(keys.start(HASTY)))
    assert not error.unsettled
    assert keys.live == []


def test_what_can_not_be_looked_for_is_told(keys: Keys) -> None:
    """Where the list can't be read either, the error names the key that may be there."""
    keys.simulator.faults.add(FOR_GOOD, answered(500, method="GET", path="/keys", times=None))
    error = failure(lambda: keys.up_in(keys.start(HASTY)))
    assert "An API key named 'ci' that was never used may be there now" in str(error)
    assert "`pulumi-openrouter check` names it" in str(error)
    assert keys.live == ["ci"]


@pytest.mark.parametrize(
    "other",
    [
        {"name": "other"},
        {"limit": 7},
        {"limit": 5, "limit_reset": "daily"},
        {"limit": 5, "expires_at": "2999-01-01T00:00:00Z"},
        {"limit": 5, "last_used_at": "2026-11-01T00:00:00Z"},
    ],
)
def test_keys_of_others_are_left_alone(keys: Keys, other: dict[str, Any]) -> None:
    """One with another name or other settings, and one that was used, can't be ours."""
    theirs = keys.made(**{"name": "ci", **other})
    keys.simulator.faults.add(LOST)
    keys.up(limit=5)
    assert theirs in {key.hash for key in keys.simulator.organization.keys}
    assert len(keys.live) == 2


def test_an_older_key_is_left_alone(keys: Keys) -> None:
    """What was there before the first attempt, by the server's clock, was not made by it."""
    theirs = keys.made("ci")
    keys.simulator.organization.advance(10)
    keys.simulator.faults.add(LOST)
    keys.up()
    assert keys.simulator.organization.keys[0].hash == theirs
    assert len(keys.live) == 2


def test_of_two_that_could_be_ours_none_is_deleted(keys: Keys) -> None:
    """A key that somebody makes with the same name and settings at that very moment."""
    theirs = keys.made("ci")
    keys.simulator.faults.add(LOST)
    error = failure(keys.up)
    assert isinstance(error, StrayKeysError)
    labels = [key.label for key in keys.simulator.organization.keys]
    assert len(labels) == 2
    assert all(label in str(error) for label in labels)
    assert theirs in {key.hash for key in keys.simulator.organization.keys}


def test_two_keys_of_one_name_are_made_at_once(keys: Keys) -> None:
    """A resource whose answer was lost never takes the key of the other one for its own."""
    keys.simulator.faults.add(LOST)
    run = keys.start()
    with ThreadPoolExecutor(2) as threads:
        states = list(threads.map(lambda _: keys.up_in(run), range(2)))
    assert {state.id for state in states} == {key.hash for key in keys.simulator.organization.keys}
    secrets = {key.secret for key in keys.simulator.organization.keys}
    assert {state.outputs["key"] for state in states} == secrets


def test_the_old_key_of_a_rotation_is_left_alone(keys: Keys) -> None:
    """It has the same name and settings, and may have been made a moment ago."""
    state = keys.up()
    run = keys.start()
    keys.simulator.faults.add(LOST)
    engine = keys.engine(run)
    step = engine.plan(keys.inputs(keepers={"a": "1"}), state)
    made = engine.carry_out(step, state)
    assert {state.id, made.id} == {key.hash for key in keys.simulator.organization.keys}


@pytest.mark.parametrize("applied", [False, True])
def test_a_killed_creation_leaves_one_key_at_the_most(keys: Keys, applied: bool) -> None:
    """No state knows it; it was never used, and the next up makes the declared one."""
    killed(lambda run: keys.up_in(run), keys.start(), 1, applied=applied)
    state: State = keys.up()
    assert len(keys.live) == 1 + applied
    assert keys.refresh(state) == state
