"""The limit on requests per second."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from . import errors


class RateLimit:
    """How many requests are let through in each second."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = Lock()
        self._second = clock()
        self._count = 0

    def check(self) -> None:
        """Count a request, or refuse it."""
        with self._lock:
            if self._clock() >= self._second + 1:
                self._second, self._count = self._clock(), 0
            self._count += 1
            if self._count > self._limit:
                raise errors.rate_limited(retry_after=1)
