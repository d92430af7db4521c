"""A review as plain data, for programs: every key is always there."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

import attrs

from pulumi_openrouter.review.conditions import found
from pulumi_openrouter.review.model import Review


def document(reviews: Iterable[Review]) -> dict[str, Any]:
    """All reviews, and how often each condition of `--fail-on` holds."""
    listed = list(reviews)
    return {"conditions": found(listed), "stacks": [_stack(review) for review in listed]}


def _stack(review: Review) -> dict[str, Any]:
    plain = attrs.asdict(review, value_serializer=_plain)
    before, after = plain.pop("ceilings")
    limits = [
        {**row, "difference": limit.difference}
        for row, limit in zip(plain.pop("limits"), review.limits, strict=True)
    ]
    return {**plain, "limits": limits, "monthly_ceilings": {"before": before, "after": after}}


def _plain(owner: Any, attribute: Any, value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
