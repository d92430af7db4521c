"""The order in which budgets can change, so that the API accepts every step.

The API checks each PUT against the budgets that exist at that moment: lifetime > monthly
> weekly > daily, strictly. Removals can only help, so they come first. Then raises, the
widest first: whatever is wider has its final limit already, or is still to fall and thus
above its own. Then falls and new intervals together, the narrowest first, likewise. Each
interval is touched once, so no plan is shorter.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

import attrs

INTERVALS = ("daily", "weekly", "monthly", "lifetime")
"""From narrow to wide: a wider interval's limit must be greater."""


@attrs.frozen
class Step:
    """One request: the limit in USD that an interval gets, None for its removal."""

    interval: str
    limit_usd: float | None


def disorder(limits: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """The neighbouring intervals (narrow, wide) whose limits are not strictly increasing."""
    present = [interval for interval in INTERVALS if interval in limits]
    for narrow, wide in itertools.pairwise(present):
        if not limits[narrow] < limits[wide]:
            yield narrow, wide


def plan(
    live: Mapping[str, float], wanted: Mapping[str, float], removed: Iterable[str]
) -> list[Step]:
    """The requests from the live limits to the wanted ones, in an order that is accepted.

    Args:
        live: the limits that the server has, by interval.
        wanted: the limits to reach; live intervals in neither argument stay as they are.
        removed: the intervals to remove, where they are live.
    """
    removals = [Step(interval, None) for interval in removed if interval in live]
    raises = [name for name in reversed(INTERVALS) if wanted.get(name, 0) > live.get(name, 0)]
    raises = [name for name in raises if name in live]
    others = [
        name
        for name in INTERVALS
        if name in wanted and (name not in live or wanted[name] < live[name])
    ]
    return removals + [Step(name, wanted[name]) for name in raises + others]
