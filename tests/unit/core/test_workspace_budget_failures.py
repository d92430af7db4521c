"""What is left of budgets when an operation fails half way: all as before, or the error says so."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Budgets, Faults, answered, every_loss, failure, killed, refused

WRITES: dict[str, Any] = {"path": "*/budgets/*"}
LOSSES = every_loss(**WRITES)
ANY_LOSS = pytest.mark.parametrize("faults", LOSSES.values(), ids=LOSSES)
NO_FLAG = pytest.mark.parametrize("quirks", [Quirks(byok_in_answers=False)], ids=["no flag"])

BEFORE = {"daily": 10, "weekly": 40, "lifetime": 100}
AFTER = {"daily": 5, "monthly": 60, "lifetime": 200}
"""One removal, one raise with the flag, one fall and one new interval."""
WAY = [
    "DELETE weekly",
    "PUT lifetime 200 include_byok_in_budgets=True",
    "PUT daily 5",
    "PUT monthly 60",
]
AT_ANY = pytest.mark.parametrize("nth", range(1, len(WAY) + 1))


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Budgets:
    return Budgets.of_team(simulator, new_run)


def whole(team: Budgets) -> tuple[dict[str, float], bool]:
    return team.live, team.byok


def test_the_way_is_the_one_that_these_tests_fail_on(team: Budgets) -> None:
    """Without a fault, the update takes the four requests that the tests below spoil."""
    state = team.up(**BEFORE, byok=False)
    team.sent()
    team.up(state, **AFTER, byok=True)
    assert team.written() == WAY


@AT_ANY
def test_a_refused_update_puts_everything_back(team: Budgets, nth: int) -> None:
    """Whichever request is refused, limits and flag are as before, and nothing is unsettled."""
    state = team.up(**BEFORE, byok=False)
    team.sent()
    team.simulator.faults.add(*refused(**WRITES)(nth))
    error = failure(lambda: team.up(state, **AFTER, byok=True))
    assert not error.unsettled
    assert whole(team) == (BEFORE, False)
    assert team.written()[:nth] == WAY[:nth]
    team.up(state, **AFTER, byok=True)
    assert whole(team) == (AFTER, True)


@AT_ANY
@ANY_LOSS
def test_an_update_without_an_answer_puts_everything_back(
    team: Budgets, nth: int, faults: Faults
) -> None:
    """Whichever answer is lost, what was there is there again, but the error asks to refresh."""
    state = team.up(**BEFORE, byok=False)
    team.simulator.faults.add(*faults(nth))
    error = failure(lambda: team.up(state, **AFTER, byok=True))
    assert error.unsettled
    assert whole(team) == (BEFORE, False)
    team.up(state, **AFTER, byok=True)
    assert whole(team) == (AFTER, True)


@AT_ANY
def test_an_update_whose_answers_come_late_goes_on(team: Budgets, nth: int) -> None:
    """One lost answer is no failure: the request is sent again, and the end is the declared."""
    state = team.up(**BEFORE, byok=False)
    team.simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER, nth=nth, **WRITES))
    team.up(state, **AFTER, byok=True)
    assert whole(team) == (AFTER, True)


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_refused_create_leaves_nothing_of_its_own(team: Budgets, nth: int) -> None:
    """A create that fails removes its new intervals and restores a limit it had changed."""
    team.given(byok=True, monthly=50)
    declared = {"daily": 5, "weekly": 6, "monthly": 30, "byok": False}
    team.simulator.faults.add(*refused(**WRITES)(nth))
    assert not failure(lambda: team.up(**declared)).unsettled
    assert whole(team) == ({"monthly": 50}, True)
    team.up(**declared)
    assert whole(team) == ({"daily": 5, "weekly": 6, "monthly": 30}, False)


@pytest.mark.parametrize("nth", [1, 2, 3])
@ANY_LOSS
def test_a_create_without_an_answer_leaves_nothing(team: Budgets, nth: int, faults: Faults) -> None:
    """An interval that may have been made is removed again, and the flag it carried put back."""
    team.given(byok=True, lifetime=50)
    declared = {"daily": 5, "weekly": 6, "monthly": 30, "byok": False}
    team.simulator.faults.add(*faults(nth))
    assert failure(lambda: team.up(**declared)).unsettled
    assert whole(team) == ({"lifetime": 50}, True)


def test_a_refused_flag_leaves_the_limits(team: Budgets) -> None:
    """Where the one PUT that carries the flag fails, limits and flag are as before."""
    state = team.up(daily=1, byok=False)
    team.simulator.faults.add(*LOSSES["cut after"](1))
    assert failure(lambda: team.up(state, daily=1, byok=True)).unsettled
    assert whole(team) == ({"daily": 1}, False)


def test_the_restores_run_backwards(team: Budgets) -> None:
    """The last step is put back first, so that the API accepts each state on the way back."""
    state = team.up(**BEFORE, byok=False)
    team.sent()
    team.simulator.faults.add(*refused(**WRITES)(4))
    failure(lambda: team.up(state, **AFTER, byok=True))
    assert team.written()[4:] == [
        "PUT daily 10",
        "PUT lifetime 100 include_byok_in_budgets=False",
        "PUT weekly 40",
    ]


@pytest.mark.parametrize("nth", [2, 3, 4])
def test_what_can_not_be_put_back_is_said(team: Budgets, nth: int) -> None:
    """Where the restore is refused too, the error asks to refresh, and a refresh shows it."""
    state = team.up(**BEFORE, byok=False)
    team.simulator.faults.add(answered(400, nth=nth, times=None, **WRITES))
    assert failure(lambda: team.up(state, **AFTER, byok=True)).unsettled
    team.simulator.faults.clear()
    refreshed = team.refresh(state)
    assert refreshed is not None
    assert refreshed != state
    team.up(refreshed, **BEFORE, byok=False)
    assert whole(team) == (BEFORE, False)


def test_a_first_request_refused_for_good_changes_nothing(team: Budgets) -> None:
    """Where nothing was changed yet there is nothing to put back, and nothing is unsettled."""
    state = team.up(**BEFORE)
    team.sent()
    team.simulator.faults.add(answered(400, times=None, **WRITES))
    assert not failure(lambda: team.up(state, **AFTER)).unsettled
    assert team.written() == ["DELETE weekly"]


def test_putting_back_has_time_of_its_own(team: Budgets) -> None:
    """When the time of the operation is over, the restore still waits as the API asks."""
    state = team.up(daily=1, weekly=2)
    busy: dict[str, Any] = {"path": "*/weekly", "retry_after": 2.5}
    team.simulator.faults.add(answered(503, applied=True, **busy))
    run = team.start(2.0)
    error = failure(lambda: team.up_in(run, state, daily=3, weekly=4))
    assert error.unsettled
    assert team.live == {"daily": 1, "weekly": 2}


def test_an_api_that_stays_busy_ends_the_restore_too(team: Budgets) -> None:
    """Where the API asks to wait beyond the allowance, the restore gives up and it is said."""
    state = team.up(daily=1, weekly=2)
    team.simulator.faults.add(answered(429, path="*/daily", times=None, retry_after=3600))
    error = failure(lambda: team.up(state, daily=3, weekly=4))
    assert error.unsettled
    assert team.live == {"daily": 1, "weekly": 4}


@NO_FLAG
def test_a_flag_of_which_nobody_knows_what_it_was_is_said(team: Budgets) -> None:
    """Where answers carry no flag it can't be put back: limits are, and the error says refresh."""
    state = team.up(daily=1, weekly=2)
    team.simulator.faults.add(*refused(path="*/daily")(1))
    error = failure(lambda: team.up(state, daily=3, weekly=4, byok=True))
    assert error.unsettled
    assert team.live == {"daily": 1, "weekly": 2}


@NO_FLAG
def test_the_limit_of_a_flag_that_is_not_known_is_put_back(team: Budgets) -> None:
    """A new interval goes again also where the flag that it carried can't be put back."""
    team.simulator.faults.add(*refused(path="*/weekly")(1))
    assert failure(lambda: team.up(daily=3, weekly=4, byok=True)).unsettled
    assert team.live == {}


# delete


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_refused_delete_puts_everything_back(team: Budgets, nth: int) -> None:
    """A destroy that fails leaves the state, so it leaves the budgets too."""
    state = team.up(**BEFORE, byok=True)
    team.simulator.faults.add(*refused(method="DELETE")(nth))
    assert not failure(lambda: team.destroy(state)).unsettled
    assert whole(team) == (BEFORE, True)
    team.destroy(state)
    assert team.live == {}


@pytest.mark.parametrize("nth", [1, 2, 3])
@ANY_LOSS
def test_a_delete_without_an_answer_puts_everything_back(
    team: Budgets, nth: int, faults: Faults
) -> None:
    """A destroy whose answer is lost puts back what the state has, and asks to refresh."""
    state = team.up(**BEFORE)
    team.simulator.faults.add(*faults(nth))
    assert failure(lambda: team.destroy(state)).unsettled
    assert team.live == BEFORE


def test_a_delete_that_can_not_be_put_back_is_said(team: Budgets) -> None:
    """Where a destroy fails and its restore too, the error asks to refresh."""
    state = team.up(**BEFORE)
    team.simulator.faults.add(answered(400, nth=2, times=None, **WRITES))
    assert failure(lambda: team.destroy(state)).unsettled
    assert team.live == {"weekly": 40, "lifetime": 100}


def test_a_workspace_that_goes_during_the_delete_is_success(team: Budgets) -> None:
    """A 404 of the workspace half way through a destroy is no error."""
    state = team.up(**BEFORE)
    team.simulator.faults.add(
        answered(404, nth=2, times=None, **WRITES), answered(404, times=None, method="GET")
    )
    team.destroy(state)


def test_another_404_during_the_delete_is_an_error(team: Budgets) -> None:
    """Where the workspace is there, a 404 drops nothing from the state, and all is put back."""
    state = team.up(**BEFORE)
    before = team.live
    team.simulator.faults.add(answered(404, nth=2, **WRITES))
    error = failure(lambda: team.destroy(state))
    assert "404, though the workspace is there" in str(error)
    assert team.live == before


@AT_ANY
@pytest.mark.parametrize("applied", [False, True])
def test_an_update_that_was_killed_is_finished_by_the_next(
    team: Budgets, nth: int, applied: bool
) -> None:
    """Wherever the process ends, the same program run again ends in what is declared."""
    state = team.up(**BEFORE, byok=False)
    killed(
        lambda run: team.up_in(run, state, **AFTER, byok=True), team.start(), nth, applied=applied
    )
    after = team.up(state, **AFTER, byok=True)
    assert whole(team) == (AFTER, True)
    assert team.refresh(after) == after


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("applied", [False, True])
def test_a_create_that_was_killed_is_finished_by_the_next(
    team: Budgets, nth: int, applied: bool
) -> None:
    """A create of which no state knows is taken over as far as it came, and finished."""
    team.given(lifetime=100)
    killed(lambda run: team.up_in(run, **AFTER, byok=True), team.start(), nth, applied=applied)
    team.up(**AFTER, byok=True)
    assert whole(team) == (AFTER, True)
