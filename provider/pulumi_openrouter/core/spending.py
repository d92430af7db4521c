"""What was spent in the running intervals, as far as the API tells it, beside the limits.

Keys tell what they spent today, this week, this month and ever; a deleted key tells nothing any
more. The activity of completed days has its spending, but neither today's nor that of long ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import attrs

from pulumi_openrouter.core.budget_plan import INTERVALS

if TYPE_CHECKING:
    from pulumi_openrouter.api.activity import ActivityInfo
    from pulumi_openrouter.api.keys import ApiKeyInfo
    from pulumi_openrouter.core.organization import Snapshot

NEAR = 0.8
"""From this share of a limit on, it is near."""
LIFETIME = "lifetime"
DAILY = "daily"
WORDS = {DAILY: "today", "weekly": "this week", "monthly": "this month", LIFETIME: "in all"}


@attrs.frozen(kw_only=True)
class Spend:
    """What was spent in a running interval, in USD."""

    interval: str
    """daily, weekly (from Monday), monthly or lifetime; days begin at midnight UTC."""
    limit_usd: float | None
    """None where there is no limit."""
    spent_usd: float

    @property
    def left_usd(self) -> float | None:
        """What is left of the limit, 0 where it is spent; None without a limit."""
        return None if self.limit_usd is None else max(0.0, self.limit_usd - self.spent_usd)

    @property
    def share(self) -> float | None:
        """How much of the limit is spent, 1 for all of it; None without a limit."""
        if self.limit_usd is None:
            return None
        return self.spent_usd / self.limit_usd if self.limit_usd else 1.0


@attrs.frozen(kw_only=True)
class KeySpend:
    """What one API key has spent."""

    hash: str
    name: str
    label: str
    disabled: bool
    includes_byok: bool
    """Whether spending with the organization's own provider keys counts in its limit."""
    spend: Spend
    """In the interval of its limit; ever, where it has none, or one that never starts anew."""


@attrs.frozen(kw_only=True)
class WorkspaceSpend:
    """What was spent in one workspace."""

    id: str
    slug: str
    name: str
    includes_byok: bool
    """Whether spending with the organization's own provider keys counts in its limits."""
    includes_deleted_keys: bool
    """Whether what deleted keys spent this week and month, until yesterday, is in it."""
    intervals: list[Spend]
    """From narrow to wide, those without a limit too."""
    keys: list[KeySpend]
    """By name, disabled and expired ones too."""

    @property
    def share(self) -> float:
        """How much is spent of the limit that is nearest to its end; 0 without limits."""
        return max((spend.share or 0.0 for spend in self.intervals), default=0.0)


def spend_of(
    snapshot: Snapshot, activity: Sequence[ActivityInfo] | None, today: date
) -> WorkspaceSpend:
    """What was spent in a workspace.

    Args:
        snapshot: the workspace with its budgets and keys.
        activity: that of its completed days; None where the API does not tell.
        today: the day in UTC.
    """
    workspace, byok = snapshot.workspace, bool(snapshot.byok)
    return WorkspaceSpend(
        id=workspace.id,
        slug=workspace.slug,
        name=workspace.name,
        includes_byok=byok,
        includes_deleted_keys=activity is not None,
        intervals=[
            Spend(
                interval=interval,
                limit_usd=snapshot.limits.get(interval),
                spent_usd=_spent(snapshot.keys, activity or (), interval, byok, today),
            )
            for interval in INTERVALS
        ],
        keys=[_of_key(key) for key in snapshot.keys],
    )


def spent_by(keys: Iterable[ApiKeyInfo], interval: str, byok: bool) -> float:
    """What these keys have spent in a running interval, in USD."""
    suffix = "" if interval == LIFETIME else f"_{interval}"
    fields = [f"usage{suffix}", *([f"byok_usage{suffix}"] if byok else [])]
    return float(sum(getattr(key, field, None) or 0.0 for key in keys for field in fields))


def first_day(interval: str, today: date) -> date | None:
    """The first day of the running week or month; None for the other intervals."""
    first = {"weekly": today - timedelta(today.weekday()), "monthly": today.replace(day=1)}
    return first.get(interval)


def all_spent(interval: str, limit: float, spent: float) -> str:
    """What to say of a limit that was lowered below what is spent."""
    until = "" if interval == LIFETIME else " until it starts anew"
    return (
        f"the {interval} limit is {usd(limit)} now, and at least {usd(spent)} was spent "
        f"{WORDS[interval]}: requests stop at once{until}"
    )


def usd(figure: float) -> str:
    """A figure in USD, with cents where there are any."""
    return f"${figure:,.2f}".removesuffix(".00")


def _spent(
    keys: Sequence[ApiKeyInfo],
    activity: Iterable[ActivityInfo],
    interval: str,
    byok: bool,
    today: date,
) -> float:
    by_keys = spent_by(keys, interval, byok)
    first = first_day(interval, today)
    if first is None:
        return by_keys
    days = sum(_cost(row, byok) for row in activity if first.isoformat() <= row.date[:10])
    # Which of the two misses more: deleted keys, or days that the activity does not have yet?
    return max(by_keys, days + spent_by(keys, DAILY, byok))


def _cost(row: ActivityInfo, byok: bool) -> float:
    return row.usage + ((row.byok_usage_inference or 0.0) if byok else 0.0)


def _of_key(key: ApiKeyInfo) -> KeySpend:
    interval, byok = key.limit_reset or LIFETIME, bool(key.include_byok_in_limit)
    spent = spent_by([key], interval, byok)
    return KeySpend(
        hash=key.hash,
        name=key.name,
        label=key.label,
        disabled=key.disabled,
        includes_byok=byok,
        spend=Spend(interval=interval, limit_usd=key.limit, spent_usd=spent),
    )
