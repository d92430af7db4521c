"""The server's clock, as far as the Date headers of its answers tell it."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from pulumi_openrouter.api.headers import http_date


class ServerClock:
    """Turns moments of this machine's monotonic clock into the server's time."""

    def __init__(self) -> None:
        self._latest: tuple[float, datetime] | None = None

    def hear(self, date: str | None) -> None:
        """Take the Date header of an answer that has just come."""
        if moment := http_date(date or ""):
            self._latest = (time.monotonic(), moment)

    def at(self, moment: float) -> datetime | None:
        """The server's time, to the second, at a moment by `time.monotonic()`.

        None if the server has not told the time yet.
        """
        if self._latest is None:
            return None
        heard, date = self._latest
        return date - timedelta(seconds=heard - moment)

    def now(self) -> datetime:
        """The server's time, or this machine's if the server has not told the time yet."""
        return self.at(time.monotonic()) or datetime.now(timezone.utc)
