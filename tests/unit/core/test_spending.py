"""What was spent, as far as the API tells it, and the warning about a limit that is spent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pulumi_openrouter.api.activity import ActivityInfo
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.keys import ApiKeyInfo
from pulumi_openrouter.api.models import BudgetInfo, BudgetsInfo, WorkspaceInfo
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.organization import Organization, Snapshot
from pulumi_openrouter.core.spending import Spend, WorkspaceSpend, spend_of
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Budgets, Keys

WEDNESDAY = date(2026, 11, 4)
SUNDAY, MONDAY, TUESDAY = "2026-11-01", "2026-11-02", "2026-11-03"


def key(**fields: Any) -> ApiKeyInfo:
    return ApiKeyInfo(**{"hash": "a", "name": "ci", "label": "sk-...", **fields})


def day(date: str, usage: float, byok: float = 0) -> ActivityInfo:
    return ActivityInfo(date=date, model="m", usage=usage, byok_usage_inference=byok)


def spend(
    *keys: ApiKeyInfo,
    activity: list[ActivityInfo] | None = None,
    byok: bool | None = None,
    **limits: float,
) -> WorkspaceSpend:
    """What is told of a workspace with these keys and limits."""
    budgets = BudgetsInfo(
        data=[
            BudgetInfo(limit_usd=limit, reset_interval=None if name == "lifetime" else name)
            for name, limit in limits.items()
        ],
        include_byok_in_budgets=byok,
    )
    workspace = WorkspaceInfo(id="u", name="Lab", slug="lab", created_at="2026-01-01T00:00:00Z")
    snapshot = Snapshot(workspace=workspace, budgets=budgets, members=[], keys=[*keys])
    return spend_of(snapshot, activity, WEDNESDAY)


def figures(found: WorkspaceSpend) -> dict[str, float]:
    return {each.interval: each.spent_usd for each in found.intervals}


USED = {"usage": 40.0, "usage_daily": 1.0, "usage_weekly": 5.0, "usage_monthly": 20.0}


def test_a_workspace_spends_what_its_keys_spend() -> None:
    """In each interval, whether that has a limit or not."""
    found = spend(key(**USED), key(**USED), monthly=100)
    assert figures(found) == {"daily": 2, "weekly": 10, "monthly": 40, "lifetime": 80}
    assert [each.limit_usd for each in found.intervals] == [None, None, 100, None]


@pytest.mark.parametrize(("byok", "spent"), [(True, 7), (False, 5), (None, 5)])
def test_own_provider_keys_count_where_the_flag_says_so(byok: bool | None, spent: float) -> None:
    """In the limits of a workspace; in a key's, by its own flag."""
    own = {"byok_usage_weekly": 2.0, "byok_usage": 9.0}
    found = spend(key(**USED, **own), byok=byok)
    assert figures(found)["weekly"] == spent
    assert [each.spend.spent_usd for each in found.keys] == [40]
    counted = spend(key(**USED, **own, include_byok_in_limit=True), byok=byok)
    assert [each.spend.spent_usd for each in counted.keys] == [49]


def test_the_activity_has_what_deleted_keys_spent() -> None:
    """On completed days of the running week and month; today's comes from the keys."""
    days = [day("2026-10-31", 100), day(SUNDAY, 50), day(MONDAY, 20), day(TUESDAY, 10, byok=4)]
    found = spend(key(**USED), activity=days)
    assert figures(found) == {"daily": 1, "weekly": 31, "monthly": 81, "lifetime": 40}
    assert found.includes_deleted_keys
    assert figures(spend(key(**USED), activity=days, byok=True))["weekly"] == 35


def test_an_activity_that_lags_behind_hides_nothing() -> None:
    """Where the keys tell more, they are believed."""
    assert figures(spend(key(**USED), activity=[day(MONDAY, 1)]))["weekly"] == 5


@pytest.mark.parametrize(
    ("limit", "spent", "left", "share"),
    [(None, 5.0, None, None), (20.0, 5.0, 15.0, 0.25), (4.0, 5.0, 0.0, 1.25), (0.0, 0.0, 0.0, 1.0)],
)
def test_what_is_left_of_a_limit(
    limit: float | None, spent: float, left: float | None, share: float | None
) -> None:
    """Nothing is owed, and a key with a limit of 0 has spent it."""
    found = Spend(interval="daily", limit_usd=limit, spent_usd=spent)
    assert (found.left_usd, found.share) == (left, share)


def organization_of(client: Client) -> Organization:
    return Organization(Context(lambda: client))


def test_all_workspaces_take_one_request_of_activity(simulator: Simulator, client: Client) -> None:
    """And each one its budgets, members and keys."""
    organization = simulator.organization
    for slug in ("a", "b"):
        organization.create_workspace(name=slug, slug=slug)
        organization.spend(organization.create_key(slug, slug).hash, 3)
    found = organization_of(client).spending(["?"])
    assert [(each.slug, figures(each)["daily"]) for each in found] == [("a", 3), ("b", 3)]
    assert len(simulator.requests("GET", "/activity")) == 1


@pytest.mark.parametrize("quirks", [Quirks(activity=False)])
def test_an_account_that_does_not_tell_its_activity_is_no_error(
    simulator: Simulator, client: Client
) -> None:
    """The keys tell what they know, and the answer says that deleted ones are missing."""
    found = organization_of(client).spend("default")
    assert not found.includes_deleted_keys


# the warning


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Budgets:
    """A workspace whose only key spent 8 USD today, 3 of them with an own provider key."""
    found = Budgets.of_team(simulator, new_run)
    made = simulator.organization.create_key("ci", found.id)
    simulator.organization.spend(made.hash, 5)
    simulator.organization.spend(made.hash, 3, byok=True)
    return found


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"daily": 20}, {"daily": 4}, "daily limit is $4 now, and at least $5 was spent today"),
        ({"daily": 20}, {"daily": 6}, ""),
        ({"daily": 20, "byok": True}, {"daily": 6, "byok": True}, "at least $8 was spent today"),
        ({"daily": 20}, {"daily": 6, "byok": True}, "at least $8 was spent today"),
        (
            {"lifetime": 20},
            {"lifetime": 2},
            "at least $5 was spent in all: requests stop at once",
        ),
        ({"weekly": 20}, {"weekly": 2}, "spent this week: requests stop at once until it starts"),
    ],
)
def test_a_limit_lowered_below_what_is_spent_is_a_warning(
    team: Budgets, before: dict[str, Any], after: dict[str, Any], said: str
) -> None:
    """It names both figures; a limit that still has room is none."""
    state, run = team.up(**before), team.start()
    team.up_in(run, state, **after)
    told = "".join(run.said)
    assert said in told
    assert bool(told) == bool(said)


@pytest.mark.parametrize("after", [{"daily": 30}, {"daily": 20, "monthly": 25}])
def test_only_a_lowered_limit_is_worth_a_request(team: Budgets, after: dict[str, Any]) -> None:
    """A raise, and a limit where there was none, ask for no keys."""
    state = team.up(daily=20)
    team.up(state, **after)
    assert team.simulator.requests("GET", "/keys*") == []


def test_a_warning_that_can_not_be_had_fails_nothing(team: Budgets) -> None:
    """The limit is set, and that is what the update was about."""
    state, run = team.up(daily=20), team.start()
    team.simulator.faults.add(Fault(kind=FaultKind.STATUS, path="/keys*", status=403))
    team.up_in(run, state, daily=4)
    assert team.live == {"daily": 4}
    assert run.said == []


def test_a_keys_limit_lowered_below_what_it_spent_is_a_warning(
    simulator: Simulator, new_run: NewRun
) -> None:
    """The answer to the change tells what was spent, so nothing more is asked."""
    keys = Keys.of_team(simulator, new_run)
    state = keys.up(limit=20, limit_reset="daily")
    simulator.organization.spend(keys.only.hash, 5)
    keys.sent()
    run = keys.start()
    state = keys.up_in(run, state, limit=6, limit_reset="daily")
    assert run.said == []
    keys.up_in(run, state, limit=5, limit_reset="daily")
    (warning,) = run.said
    assert "the daily limit is $5 now, and at least $5 was spent today" in warning
    assert simulator.requests("GET", "/keys*") == []
