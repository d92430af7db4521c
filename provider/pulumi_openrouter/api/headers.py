"""What the headers of an answer say about time."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime


def retry_after(header: str | None, date: str | None = None) -> float:
    """The seconds that a Retry-After header asks to wait, 0 if it is missing or senseless.

    Args:
        header: the Retry-After of an answer.
        date: the Date of the same answer. This machine's clock may be hours off, and is asked
            only where the server does not tell the time.
    """
    if not header:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        moment = http_date(header)
        now = http_date(date or "") or datetime.now(timezone.utc)
        seconds = (moment - now).total_seconds() if moment else 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0


def http_date(header: str) -> datetime | None:
    """The moment that a header names, in UTC if it has no zone; None if it is not a date."""
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
