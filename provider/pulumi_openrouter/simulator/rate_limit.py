"""The limit on requests per second."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from . import errors


class RateLimit:
    """A fixed window: so many requests are let through in a second, and those after them refused.

    The second begins with the first request after the one before it was over. So twice as many may
    get through in a short time, the last of one second and the first of the next, as with most
    APIs. Whoever waits for the second that Retry-After asks for begins a new one, or finds one that
    others have begun.
    """

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
