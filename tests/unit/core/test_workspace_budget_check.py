"""What WorkspaceBudget finds wrong, and what a preview of it shows."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.simulator import Simulator
from tests.support.runs import NewRun
from tests.support.workspaces import NOBODY
from tests.unit.core.scenes import Budgets

FOUR = {"daily": 10, "weekly": 20, "monthly": 30, "lifetime": 40}


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Budgets:
    return Budgets.of_team(simulator, new_run)


def test_at_least_one_limit_must_be_declared(team: Budgets) -> None:
    """With no limit at all, one problem asks for one."""
    (problem,) = team.check(byok=True)
    assert problem.property == "monthly_limit_usd"
    assert "at least one" in problem.reason


@pytest.mark.parametrize("interval", FOUR)
@pytest.mark.parametrize("limit", [0, -1, math.inf, -math.inf, math.nan, "10", True, [1]])
def test_a_limit_is_a_finite_number_above_0(team: Budgets, interval: str, limit: Any) -> None:
    """Each limit that is no finite number above 0 is one problem of its property, no more."""
    (problem,) = team.check(**{interval: limit})
    assert problem.property == f"{interval}_limit_usd"
    reason = problem.reason.partition("; got ")[0]
    assert reason == "must be a finite number greater than 0, in USD"


def test_all_problems_come_at_once(team: Budgets) -> None:
    """Every problem is reported together, each with its property."""
    problems = team.check(daily=-1, weekly=9, monthly=8, lifetime=7, byok="yes", exclusive=1)
    assert sorted(problem.property for problem in problems) == [
        "daily_limit_usd",
        "exclusive",
        "include_byok_in_budgets",
        "lifetime_limit_usd",
        "monthly_limit_usd",
    ]


@pytest.mark.parametrize(
    ("limits", "properties"),
    [
        ({"daily": 2, "weekly": 1}, ["weekly"]),
        ({"daily": 1, "weekly": 1}, ["weekly"]),
        ({"daily": 5, "lifetime": 4}, ["lifetime"]),
        ({"daily": 4, "weekly": 3, "monthly": 2, "lifetime": 1}, ["weekly", "monthly", "lifetime"]),
        ({"daily": 1, "weekly": 3, "monthly": 2, "lifetime": 4}, ["monthly"]),
        ({"daily": 0.1, "weekly": 0.2}, []),
        (FOUR, []),
    ],
)
def test_wider_limits_must_be_greater(
    team: Budgets, limits: dict[str, float], properties: list[str]
) -> None:
    """Each declared limit not greater than the next narrower one is a problem of the wider."""
    problems = team.check(**limits)
    assert [problem.property for problem in problems] == [
        f"{name}_limit_usd" for name in properties
    ]
    assert all(problem.reason.startswith("must be greater than ") for problem in problems)


@pytest.mark.parametrize(
    ("limits", "properties"),
    [
        ({"monthly": UNKNOWN}, []),
        ({"daily": 5, "weekly": UNKNOWN, "monthly": 6}, []),
        ({"daily": 5, "weekly": UNKNOWN, "monthly": 4}, ["monthly_limit_usd"]),
        ({"daily": UNKNOWN, "weekly": -1}, ["weekly_limit_usd"]),
        ({"daily": UNKNOWN, "byok": UNKNOWN, "exclusive": UNKNOWN}, []),
    ],
)
def test_an_unknown_limit_passes_and_the_others_are_checked(
    team: Budgets, limits: dict[str, Any], properties: list[str]
) -> None:
    """An unknown value is no problem, and does not switch off the checks of the others."""
    assert [problem.property for problem in team.check(**limits)] == properties


def test_check_and_diff_ask_nothing(team: Budgets) -> None:
    """A preview of a new and of a changed resource sends no request."""
    team.check(daily=1)
    team.changed(team.state(daily=1), daily=2)
    assert team.sent() == []


def test_another_workspace_replaces(team: Budgets) -> None:
    """Only a different workspace_id replaces, and one in another case is not different."""
    lifecycle, olds = team.of(team.start()), team.inputs(**FOUR, byok=True)
    news = team.inputs(daily=1, exclusive=True)
    assert lifecycle.diff(team.id, olds, news).replaces == ()
    assert lifecycle.diff(team.id, olds, {**news, "workspace_id": NOBODY}).replaces == (
        "workspace_id",
    )
    state = team.state(**FOUR, byok=True)
    assert team.changed(state, **FOUR, byok=True, workspace_id=team.id.upper()) == ()
