"""How fast all threads of a client may send together: as they like, until the API objects."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

MARGIN = 1.05
"""How much slower than what the API was seen to take: requests don't arrive on the dot."""
SLOWER = 1.2
CALM_SECONDS = 30.0
"""Seconds without a refusal until twice the pace is tried."""
LEAST_SPAN = 1.0
REMEMBERED = 1000


class Pace:
    """Holds every thread back for as long as the API asks, and spaces requests if that won't do.

    When a wait is over all threads send at once, and most of them may be refused again. Then
    what the API took before it refused tells how far apart the requests after it are sent.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: deque[float] = deque(maxlen=REMEMBERED)
        self._opens_at = 0.0
        self._next_at = 0.0
        self._spacing = 0.0
        self._refused_at: float | None = None
        self._is_trying = False
        self._calm = CALM_SECONDS
        self._calm_at = 0.0

    def remaining(self) -> float:
        """The seconds until somebody may send, 0 when that is now."""
        return max(0.0, max(self._opens_at, self._next_at) - self._clock())

    def hold_back(self, seconds: float) -> None:
        """Let nobody send for the next `seconds`."""
        with self._lock:
            self._opens_at = max(self._opens_at, self._clock() + seconds)

    def refused(self, seconds: float) -> None:
        """The API answered 429, and asked to wait `seconds`."""
        with self._lock:
            now = self._clock()
            # Of those that were on their way together only the first tells something.
            if self._refused_at is None and now >= self._opens_at:
                self._refused_at = now
            self._opens_at = max(self._opens_at, now + seconds)

    def taken(self) -> None:
        """The API took a request."""
        with self._lock:
            self._taken.append(self._clock())

    def turn(self) -> float:
        """Take a turn to send: the seconds to wait before asking again, 0 when it is granted."""
        with self._lock:
            now = self._clock()
            if now >= self._opens_at:
                self._adapt(now)
            if wait := self.remaining():
                return wait
            self._next_at = now + self._spacing
            return 0.0

    def _adapt(self, now: float) -> None:
        is_calm = now >= self._calm_at
        if self._refused_at is not None:
            self._slow_down(self._refused_at, is_calm)
            self._refused_at = None
        elif self._spacing and is_calm:
            self._spacing /= 2
            self._is_trying = True
        else:
            return
        self._calm_at = now + self._calm

    def _slow_down(self, refused_at: float, is_calm: bool) -> None:
        if is_calm and not self._spacing:
            return  # A single refusal is waited out, and no more.
        if self._is_trying:
            self._spacing *= 2
            self._calm *= 2
        elif self._spacing:
            self._spacing *= SLOWER
        else:
            span = max(self._opens_at - refused_at, LEAST_SPAN)
            recent = sum(at > refused_at - span for at in self._taken)
            self._spacing = MARGIN * span / max(recent, 1)
        self._is_trying = False
