"""What keys have spent, and how the API tells it: by key for the running intervals, or by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from .entities import ApiKey, Number

ACTIVITY_DAYS = 30
"""How many completed days the API tells of."""
MODEL = "openai/gpt-4o-mini"


@attrs.frozen(kw_only=True)
class Spent:
    """One amount that a key has spent; it stays when the key is deleted."""

    key_hash: str
    workspace_id: str | None
    at: datetime
    usd: Number
    is_byok: bool = False
    """Whether it was spent with the organization's own provider key."""


def usage(key: ApiKey, spent: Iterable[Spent], now: datetime) -> dict[str, Number | None]:
    """The fields of a key that tell what it has spent, and what is left of its limit."""
    own = [each for each in spent if each.key_hash == key.hash]
    found: dict[str, Number] = {}
    for prefix, is_byok in (("usage", False), ("byok_usage", True)):
        amounts = [each for each in own if each.is_byok is is_byok]
        found[prefix] = sum(each.usd for each in amounts)
        for interval, first in _first_days(now).items():
            in_it = (each.usd for each in amounts if each.at.date() >= first)
            found[f"{prefix}_{interval}"] = sum(in_it)
    return {**found, "limit_remaining": _remaining(key, found)}


def activity(
    spent: Iterable[Spent], now: datetime, *, by_workspace: bool, workspace_id: str | None
) -> Iterator[dict[str, Any]]:
    """A row for each completed day, or for each such day of each workspace, the newest first."""
    today = now.date()
    rows: dict[tuple[date, str | None], list[Spent]] = {}
    for each in spent:
        is_asked_for = workspace_id in (None, each.workspace_id)
        if is_asked_for and today - timedelta(ACTIVITY_DAYS) <= each.at.date() < today:
            group = each.workspace_id if by_workspace else None
            rows.setdefault((each.at.date(), group), []).append(each)
    for (day, group), amounts in sorted(rows.items(), key=lambda row: str(row[0]), reverse=True):
        yield _row(day, amounts, {"workspace_id": group} if by_workspace else {})


def _row(day: date, amounts: list[Spent], more: dict[str, Any]) -> dict[str, Any]:
    return {
        "date": day.isoformat(),
        "model": MODEL,
        "model_permaslug": MODEL,
        "endpoint_id": "simulated",
        "provider_name": "OpenAI",
        "usage": sum(each.usd for each in amounts if not each.is_byok),
        "byok_usage_inference": sum(each.usd for each in amounts if each.is_byok),
        "requests": len(amounts),
        "prompt_tokens": 0,
        "cached_tokens": 0,
        "completion_tokens": 0,
        "reasoning_tokens": 0,
        **more,
    }


def _first_days(now: datetime) -> dict[str, date]:
    """The first day of each running interval, in UTC; weeks begin on Monday."""
    today = now.date()
    return {
        "daily": today,
        "weekly": today - timedelta(today.weekday()),
        "monthly": today.replace(day=1),
    }


def _remaining(key: ApiKey, used: dict[str, Number]) -> Number | None:
    if key.limit is None:
        return None
    suffix = f"_{key.limit_reset}" if key.limit_reset else ""
    byok = used[f"byok_usage{suffix}"] if key.include_byok_in_limit else 0
    return max(0, key.limit - used[f"usage{suffix}"] - byok)
