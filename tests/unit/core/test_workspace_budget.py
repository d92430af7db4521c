"""What WorkspaceBudget sends to create and to change budgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pulumi_openrouter.api.errors import ForbiddenError
from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Budgets, answered, failure

FOUR = {"daily": 10, "weekly": 20, "monthly": 30, "lifetime": 40}
QUIET = pytest.mark.parametrize(
    "quirks", [Quirks(byok_in_answers=False, empty_budgets_404=False)], ids=["no flag in answers"]
)
EITHER_LIST = pytest.mark.parametrize(
    "quirks",
    [Quirks(empty_budgets_404=True), Quirks(empty_budgets_404=False)],
    ids=["empty list is 404", "empty list is 200"],
)


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Budgets:
    return Budgets.of_team(simulator, new_run)


# create


@EITHER_LIST
def test_four_budgets_are_one_look_and_four_requests(team: Budgets) -> None:
    """The whole ladder takes one list and a PUT for each interval, the narrowest first."""
    state = team.up(**FOUR)
    assert team.sent() == [
        "GET budgets",
        "PUT daily 10",
        "PUT weekly 20",
        "PUT monthly 30",
        "PUT lifetime 40",
    ]
    assert team.live == FOUR
    assert state.outputs == team.outputs(**FOUR)


@EITHER_LIST
def test_an_empty_list_is_not_a_workspace_that_is_gone(team: Budgets) -> None:
    """The workspace is not asked for: the PUT tells whether it is there."""
    team.up(daily=1)
    assert team.sent() == ["GET budgets", "PUT daily 1"]


def test_what_is_there_already_is_taken_over_unwritten(team: Budgets) -> None:
    """A create that finds the declared budgets writes nothing, and owns them."""
    team.given(byok=True, monthly=30, daily=10)
    state = team.up(daily=10.0, monthly=30, byok=True)
    assert state.outputs == team.outputs(daily=10, monthly=30, byok=True)
    assert team.sent() == ["GET budgets"]


def test_only_what_differs_is_written(team: Budgets) -> None:
    """A create beside equal and different budgets writes the different ones alone."""
    team.given(lifetime=40, weekly=19, daily=10)
    team.up(**FOUR)
    assert team.sent() == ["GET budgets", "PUT weekly 20", "PUT monthly 30"]


def test_undeclared_intervals_stay(team: Budgets) -> None:
    """Intervals that nobody declares here are somebody else's, also when others change."""
    team.given(lifetime=40, monthly=30)
    state = team.up(daily=1)
    state = team.up(state, daily=2, weekly=3)
    state = team.up(state, weekly=3)
    assert team.live == {"lifetime": 40, "monthly": 30, "weekly": 3}
    assert state.outputs == team.outputs(weekly=3)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"monthly": 600}, ["weekly $700", "daily $600", "monthly must be greater than weekly"]),
        ({"lifetime": 650, "monthly": 640}, ["weekly $700", "monthly must be greater than weekly"]),
    ],
)
def test_undeclared_intervals_that_do_not_fit_are_named(
    team: Budgets, declared: dict[str, float], words: list[str]
) -> None:
    """Where they make the declared set impossible, they are named before anything is sent."""
    team.given(weekly=700, daily=600)
    error = failure(lambda: team.up(**declared))
    for word in [*words, "exclusive=True"]:
        assert word in str(error)
    assert not error.unsettled
    assert team.sent() == ["GET budgets"]


def test_a_workspace_that_is_not_there_is_said(team: Budgets) -> None:
    """Creating budgets of a workspace that is gone is an error that says what to run."""
    team.simulator.organization.delete_workspace(team.id)
    error = failure(lambda: team.up(daily=1))
    assert "deleted outside" in str(error)
    assert "pulumi refresh" in str(error)
    assert team.sent() == ["GET budgets", "PUT daily 1", "GET workspace"]


@pytest.mark.parametrize("quirks", [Quirks(enterprise=False)], ids=["no Enterprise plan"])
def test_other_plans_are_told_what_is_missing(team: Budgets) -> None:
    """A 403 of whatever must set budgets, or get them, says that they need the Enterprise plan."""
    state = team.state(daily=1)
    operations: list[Callable[[], object]] = [
        lambda: team.up(daily=1),
        lambda: team.up(state, daily=2),
        lambda: team.get(),
    ]
    for operation in operations:
        error = failure(operation)
        assert isinstance(error, ForbiddenError)
        assert "Budgets need OpenRouter's Enterprise plan." in str(error).splitlines()


@pytest.mark.reliability(
    "the Enterprise plan ends: every budget operation is refused with 403",
    "refresh keeps the state, the budgets can be dropped, and both warn that limits may not hold",
)
@pytest.mark.parametrize("quirks", [Quirks(enterprise=False)], ids=["no Enterprise plan"])
def test_budgets_can_be_dropped_once_the_plan_has_ended(team: Budgets) -> None:
    """The remedy that the error names works, and a refresh of the stack does not fail."""
    state, run = team.inputs(daily=1), team.start()
    found = run.budgets.read(team.id, state)
    assert found is not None
    assert found.outputs == state
    run.budgets.delete(team.id, state)
    kept, forgotten = run.said
    assert kept.startswith(
        f"warning: budget of workspace {team.id}: OpenRouter refuses budgets (403"
    )
    assert kept.endswith("so they can't be read. Limits may no longer hold.")
    assert forgotten.endswith("so they are only forgotten. Limits may no longer hold.")


@pytest.mark.parametrize("operation", ["read", "delete"])
def test_a_key_that_may_do_nothing_drops_no_budget(team: Budgets, operation: str) -> None:
    """Where the workspace is refused as well, it is the key, and an error."""
    state, run = team.up(daily=1).outputs, team.start()
    team.simulator.faults.add(answered(403, times=None))
    error = failure(lambda: getattr(run.budgets, operation)(team.id, state))
    assert isinstance(error, ForbiddenError)
    assert run.said == []


# update


def test_no_change_is_no_update(team: Budgets) -> None:
    """The same program again differs in nothing and sends nothing, floats for integers too."""
    state = team.up(**FOUR, byok=True)
    team.sent()
    assert (
        team.up(state, **{name: float(limit) for name, limit in FOUR.items()}, byok=True) == state
    )
    assert team.sent() == []


def test_all_are_raised_from_the_widest(team: Budgets) -> None:
    """Raised all at once beyond each other, the widest goes first."""
    state = team.up(**FOUR)
    team.sent()
    team.up(state, daily=110, weekly=120, monthly=130, lifetime=140)
    assert team.sent() == [
        "GET budgets",
        "PUT lifetime 140",
        "PUT monthly 130",
        "PUT weekly 120",
        "PUT daily 110",
    ]


def test_all_are_lowered_from_the_narrowest(team: Budgets) -> None:
    """Lowered all at once below each other, the narrowest first; then comes what was spent."""
    state = team.up(**FOUR)
    team.sent()
    team.up(state, daily=1, weekly=2, monthly=3, lifetime=4)
    assert team.sent() == [
        "GET budgets",
        "PUT daily 1",
        "PUT weekly 2",
        "PUT monthly 3",
        "PUT lifetime 4",
        "GET keys",
    ]


def test_monthly_is_swapped_for_weekly(team: Budgets) -> None:
    """The interval declared no longer is removed first, so the new one may be as high."""
    state = team.up(daily=10, monthly=30)
    team.sent()
    run = team.start()
    state = team.up_in(run, state, daily=10, weekly=30)
    assert team.sent() == ["GET budgets", "DELETE monthly", "PUT weekly 30"]
    assert team.live == {"weekly": 30, "daily": 10}
    assert run.said == []
    assert state.outputs == team.outputs(daily=10, weekly=30)


def test_the_plan_is_made_from_the_live_budgets(team: Budgets) -> None:
    """An update starts from what the server has, not from what the state believes."""
    state = team.up(daily=10, monthly=30)
    team.given(daily=None, monthly=20)
    team.sent()
    team.up(state, daily=25, monthly=40)
    assert team.sent() == ["GET budgets", "PUT monthly 40", "PUT daily 25"]


@pytest.mark.reliability(
    "a limit raised by hand, and then an up that changes another limit",
    "the up does what its preview showed: the raised limit stays until a refresh shows it",
)
def test_an_unrelated_change_leaves_a_limit_alone(team: Budgets) -> None:
    """What somebody changed meanwhile, and the program did not, is repaired after a refresh."""
    state = team.up(daily=5, monthly=100)
    team.given(monthly=700)
    team.sent()
    state = team.up(state, daily=7, monthly=100)
    assert team.sent() == ["GET budgets", "PUT daily 7"]
    assert team.live == {"daily": 7, "monthly": 700}
    refreshed = team.refresh(state)
    assert refreshed is not None
    assert team.changed(refreshed, daily=7, monthly=100) == ("monthly_limit_usd",)
    team.up(refreshed, daily=7, monthly=100)
    assert team.live == {"daily": 7, "monthly": 100}


def test_an_interval_removed_meanwhile_stays_removed(team: Budgets) -> None:
    """Until a refresh brings it into view, an unrelated change does not bring it back."""
    state = team.up(daily=5, monthly=100)
    team.given(monthly=None)
    team.sent()
    team.up(state, daily=7, monthly=100)
    assert team.sent() == ["GET budgets", "PUT daily 7"]


def test_a_limit_moved_meanwhile_that_is_in_the_way_is_named(team: Budgets) -> None:
    """Where it makes the update impossible, the error has the live limit and asks for a refresh."""
    state = team.up(daily=5, monthly=100)
    team.given(monthly=6)
    team.sent()
    error = failure(lambda: team.up(state, daily=7, monthly=100))
    assert str(error).splitlines() == [
        "monthly must be greater than daily, and somebody changed the budgets of the workspace: "
        "monthly $6",
        "Run `pulumi refresh` to see them in the next preview.",
    ]
    assert team.sent() == ["GET budgets"]
    team.up(team.refresh(state), daily=7, monthly=100)
    assert team.live == {"daily": 7, "monthly": 100}


def test_the_flag_alone_repeats_a_limit_as_it_is(team: Budgets) -> None:
    """The PUT that carries the flag changes no limit, not even one that somebody moved."""
    state = team.up(daily=5, byok=False)
    team.given(daily=9)
    team.sent()
    team.up(state, daily=5, byok=True)
    assert team.sent() == ["GET budgets", "PUT daily 9 include_byok_in_budgets=True"]


def test_a_flag_changed_meanwhile_stays(team: Budgets) -> None:
    """A change of a limit does not send the flag that the program left alone."""
    state = team.up(daily=5, byok=False)
    team.given(daily=5, byok=True)
    team.sent()
    team.up(state, daily=7, byok=False)
    assert team.sent() == ["GET budgets", "PUT daily 7"]


def test_a_removed_interval_that_is_gone_already_is_not_removed_again(team: Budgets) -> None:
    """What is declared no longer and not there any more needs no request."""
    state = team.up(daily=10, monthly=30)
    team.given(daily=None)
    team.sent()
    team.up(state, monthly=30)
    assert team.sent() == ["GET budgets"]


@pytest.mark.parametrize("news", [{"daily": 2}, {"weekly": 2}, {"daily": 1, "byok": True}])
def test_a_workspace_deleted_outside_asks_for_a_refresh(
    team: Budgets, news: dict[str, Any]
) -> None:
    """An update of a workspace that is gone says that, and to run `pulumi refresh`."""
    state = team.up(daily=1)
    team.simulator.organization.delete_workspace(team.id)
    error = failure(lambda: team.up(state, **news))
    assert "deleted outside this stack" in str(error)
    assert "Run `pulumi refresh`" in str(error)


# exclusive


def test_exclusive_removes_the_undeclared(team: Budgets) -> None:
    """A create with exclusive removes other intervals first, whatever stands in the way."""
    team.given(weekly=700, daily=600)
    team.up(monthly=600, exclusive=True)
    assert team.sent() == ["GET budgets", "DELETE weekly", "DELETE daily", "PUT monthly 600"]
    assert team.live == {"monthly": 600}


def test_exclusive_turned_on_removes_and_no_more(team: Budgets) -> None:
    """Turning exclusive on alone is one look and a DELETE for each undeclared interval."""
    team.given(lifetime=40, daily=10)
    state = team.up(monthly=30)
    team.sent()
    state = team.up(state, monthly=30, exclusive=True)
    assert team.sent() == ["GET budgets", "DELETE lifetime", "DELETE daily"]
    assert state.outputs == team.outputs(monthly=30, exclusive=True)


def test_exclusive_turned_off_sends_nothing(team: Budgets) -> None:
    """Turning exclusive off alone is an update that sends nothing."""
    state = team.up(monthly=30, exclusive=True)
    team.sent()
    assert team.changed(state, monthly=30) == ("exclusive",)
    assert team.up(state, monthly=30).outputs == team.outputs(monthly=30)
    assert team.sent() == []


# include_byok_in_budgets


def test_the_flag_rides_on_the_first_put(team: Budgets) -> None:
    """The flag goes with one PUT that is needed anyway, and with no other."""
    state = team.up(daily=1, monthly=3, byok=True)
    assert team.sent() == [
        "GET budgets",
        "PUT daily 1 include_byok_in_budgets=True",
        "PUT monthly 3",
    ]
    assert team.byok
    assert state.outputs == team.outputs(daily=1, monthly=3, byok=True)


def test_the_flag_alone_is_one_put_of_an_unchanged_limit(team: Budgets) -> None:
    """Where no limit differs, one extra PUT of a limit as it is carries the flag."""
    state = team.up(daily=1, monthly=3, byok=True)
    team.sent()
    state = team.up(state, daily=1, monthly=3, byok=False)
    assert team.sent() == ["GET budgets", "PUT daily 1 include_byok_in_budgets=False"]
    assert not team.byok
    assert state.outputs == team.outputs(daily=1, monthly=3, byok=False)


def test_the_flag_needs_a_put_beside_removals(team: Budgets) -> None:
    """Where all that is needed are removals, the extra PUT follows them."""
    state = team.up(daily=1, monthly=3)
    team.sent()
    team.up(state, monthly=3, byok=True)
    assert team.sent() == [
        "GET budgets",
        "DELETE daily",
        "PUT monthly 3 include_byok_in_budgets=True",
    ]


def test_a_flag_that_is_right_already_is_not_sent(team: Budgets) -> None:
    """What the list answers already decides whether the flag is sent."""
    team.given(byok=True, daily=1)
    team.up(daily=2, byok=True)
    assert team.sent() == ["GET budgets", "PUT daily 2"]


def test_a_flag_declared_no_longer_stays_as_it_is(team: Budgets) -> None:
    """The flag can't be null: dropping its declaration sends nothing and keeps its value."""
    state = team.up(daily=1, byok=True)
    team.sent()
    assert team.changed(state, daily=1) == ("include_byok_in_budgets",)
    assert team.up(state, daily=1).outputs == team.outputs(daily=1)
    assert team.sent() == []
    assert team.byok


def test_a_flag_never_declared_is_never_sent(team: Budgets) -> None:
    """The flag that somebody else set stays when limits change."""
    team.given(byok=True, daily=1)
    team.up(team.up(daily=2), daily=3)
    assert team.byok
    assert not any("byok" in line for line in team.sent())


@QUIET
def test_a_flag_that_no_answer_tells_is_known_from_the_state(team: Budgets) -> None:
    """Where answers carry no flag, it is sent at the create and when the declaration changes."""
    state = team.up(daily=1, byok=True)
    assert team.sent() == ["GET budgets", "PUT daily 1 include_byok_in_budgets=True"]
    state = team.up(state, daily=2, byok=True)
    assert team.sent() == ["GET budgets", "PUT daily 2"]
    state = team.up(state, daily=2, byok=False)
    assert team.sent() == ["GET budgets", "PUT daily 2 include_byok_in_budgets=False"]
    assert not team.byok
