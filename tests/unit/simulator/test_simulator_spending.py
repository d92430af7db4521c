"""What keys spend, as the API tells it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from pulumi_openrouter.simulator import Organization, Simulator
from pulumi_openrouter.simulator.entities import ApiKey
from pulumi_openrouter.simulator.spending import Spent, usage
from tests.unit.simulator.api import Api, Simulate

WEDNESDAY = datetime(2026, 11, 4, 12, tzinfo=timezone.utc)


@pytest.fixture
def organization(simulator: Simulator) -> Organization:
    return simulator.organization


def key(**fields: Any) -> ApiKey:
    values: dict[str, Any] = {
        "hash": "a",
        "secret": "s",
        "name": "n",
        "label": "l",
        "workspace_id": "w",
        "created_at": "2026-01-01T00:00:00Z",
    }
    return ApiKey(**{**values, **fields})


def spent(days_ago: int, usd: float, is_byok: bool = False) -> Spent:
    at = WEDNESDAY - timedelta(days_ago)
    return Spent(key_hash="a", workspace_id="w", at=at, usd=usd, is_byok=is_byok)


def test_usage_is_told_for_the_running_intervals() -> None:
    """Days and months begin at midnight UTC, weeks on Monday."""
    amounts = [spent(0, 1), spent(2, 2), spent(3, 4), spent(4, 8), spent(0, 16, is_byok=True)]
    assert usage(key(), amounts, WEDNESDAY) == {
        "usage": 15,
        "usage_daily": 1,
        "usage_weekly": 3,
        "usage_monthly": 7,
        "byok_usage": 16,
        "byok_usage_daily": 16,
        "byok_usage_weekly": 16,
        "byok_usage_monthly": 16,
        "limit_remaining": None,
    }


@pytest.mark.parametrize(
    ("fields", "remaining"),
    [
        ({"limit": 10, "limit_reset": "daily"}, 9),
        ({"limit": 10, "limit_reset": "daily", "include_byok_in_limit": True}, 7),
        ({"limit": 10}, 5),
        ({"limit": 4}, 0),
    ],
)
def test_what_remains_is_of_the_interval_of_the_limit(
    fields: dict[str, Any], remaining: float
) -> None:
    """Own provider keys count where the flag says so; nothing is ever owed."""
    amounts = [spent(0, 1), spent(9, 4), spent(0, 2, is_byok=True)]
    assert usage(key(**fields), amounts, WEDNESDAY)["limit_remaining"] == remaining


def test_a_key_that_spent_was_used(api: Api, organization: Organization) -> None:
    """Its answers say how much, and when last."""
    made = organization.create_key("robot")
    organization.spend(made.hash, 2.5)
    answered = api.ok("GET", f"/keys/{made.hash}")["data"]
    assert (answered["usage"], answered["usage_daily"]) == (2.5, 2.5)
    assert answered["last_used_at"] is not None


def test_activity_tells_completed_days_by_workspace(api: Api, organization: Organization) -> None:
    """Not today, nothing older than thirty days, and a deleted key's spending, too."""
    organization.create_workspace(name="Lab", slug="lab")
    lab = organization.workspace("lab").id
    made = organization.create_key("robot", "lab")
    for days_ago in (0, 1, 30, 31):
        organization.spend(made.hash, 1 + days_ago, days_ago=days_ago)
    organization.spend(made.hash, 5, byok=True, days_ago=1)
    organization.delete_key(made.hash)
    rows = api.ok("GET", "/activity", group_by="workspace")["data"]
    assert [(row["usage"], row["byok_usage_inference"], row["workspace_id"]) for row in rows] == [
        (2, 5, lab),
        (31, 0, lab),
    ]
    plain = api.ok("GET", "/activity", workspace_id=lab)["data"]
    assert [row["usage"] for row in plain] == [2, 31]
    assert "workspace_id" not in plain[0]
    assert api.ok("GET", "/activity", workspace_id="other")["data"] == []


def test_activity_may_be_refused(simulate: Simulate) -> None:
    """An account that may not read it gets 403."""
    _, api = simulate(activity=False)
    assert api.error("GET", "/activity")[0] == 403
