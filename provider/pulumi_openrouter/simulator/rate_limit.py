"""The limit on requests per second."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from . import errors


class RateLimit:
    """A fixed window: lets so many requests through in a second, and refuses the rest.

    A window begins with the first request after the last one ended. As with most APIs, twice as
    many may get through in a short time: the last of one window and the first of the next. A client
    that waits the second that Retry-After asks for begins a new window, or finds one that others
    have begun.
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
