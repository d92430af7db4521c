"""Moments as the API writes them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

CLOCK_GRACE = timedelta(seconds=2)
"""How far the server's clock, as its Date headers tell it, may be from its timestamps."""
UTC_SECONDS = "%Y-%m-%dT%H:%M:%SZ"


def moment(text: str) -> datetime | None:
    """The moment that an ISO 8601 text tells; None where it tells none, or no time zone."""
    try:
        # Python 3.10 does not know the Z.
        told = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return told if told.tzinfo else None


def in_utc(told: datetime) -> str:
    """A moment in the one spelling that the API takes: in UTC, to the second.

    Raises:
        ValueError: it is too near to the first or the last year that there is.
    """
    try:
        return told.astimezone(timezone.utc).strftime(UTC_SECONDS)
    except OverflowError:
        raise ValueError("out of range") from None
