"""Moments as the API writes them."""

from __future__ import annotations

from datetime import datetime


def moment(text: str) -> datetime | None:
    """The moment that an ISO 8601 text tells; None where it tells none, or no time zone."""
    try:
        # Python 3.10 does not know the Z.
        told = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return told if told.tzinfo else None
