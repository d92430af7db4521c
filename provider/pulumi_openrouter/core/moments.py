"""Moments as the API writes them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

CLOCK_GRACE = timedelta(seconds=2)
"""How far the server's clock, as its Date headers tell it, may be from its timestamps."""
UTC_SECONDS = "%Y-%m-%dT%H:%M:%SZ"
FRACTION = re.compile(r"\.(\d+)")
OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")


def moment(text: str) -> datetime | None:
    """The moment that an ISO 8601 text tells; None where it tells none, or no time zone."""
    try:
        told = datetime.fromisoformat(_as_python_3_10_reads_it(text))
    except ValueError:
        return None
    return told if told.tzinfo else None


def _as_python_3_10_reads_it(text: str) -> str:
    """With six digits of a second, and an offset with a colon; newer ones also read all others."""
    text = FRACTION.sub(lambda found: f".{found[1][:6]:0<6}", text.replace("Z", "+00:00"))
    return OFFSET.sub(r"\1:\2", text)


def in_utc(told: datetime) -> str:
    """A moment in the one spelling that the API takes: in UTC, to the second.

    Raises:
        ValueError: it is too near to the first or the last year that there is.
    """
    try:
        return told.astimezone(timezone.utc).strftime(UTC_SECONDS)
    except OverflowError:
        raise ValueError("out of range") from None
