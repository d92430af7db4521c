"""How fast all threads of a client may send together: as they like, until the API objects."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

MARGIN = 1.05
"""How much slower than what the API was seen to take: requests don't arrive on the dot."""
SLOWER = 1.2
BRISK = 0.01
"""Seconds between requests after a single refusal: those who waited don't come all at once."""
CALM_SECONDS = 30.0
"""Seconds without a refusal until twice the pace is tried."""
LEAST_SPAN = 1.0
LONGEST_NAP = 1.0
"""Seconds until somebody in the line looks again: the pace, or those in front, may change."""
REMEMBERED = 1000


class Pace:
    """Holds every thread back for as long as the API asks, and spaces requests if that won't do.

    Those who waited are briskly let go one by one. If they are refused soon again, what the API
    took before tells how far apart the requests after it are sent. Who waits longest goes first.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: deque[float] = deque(maxlen=REMEMBERED)
        self._line: dict[object, None] = {}
        self._opens_at = 0.0
        self._next_at = 0.0
        self._spacing = 0.0
        self._proven = 0.0
        self._refused_at: float | None = None
        self._is_trying = False
        self._calm = CALM_SECONDS
        self._calm_at = 0.0

    def held_back(self) -> float:
        """The seconds that the API still wants nothing."""
        return max(0.0, self._opens_at - self._clock())

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

    def last_taken(self) -> float | None:
        """When the API took a request, None before it took one."""
        with self._lock:
            return self._taken[-1] if self._taken else None

    def line_up(self) -> object:
        """A place at the end of the line, for `turn` and `leave`."""
        place = object()
        with self._lock:
            self._line[place] = None
        return place

    def leave(self, place: object) -> None:
        """Give up a place in the line, unless its turn was granted."""
        with self._lock:
            self._line.pop(place, None)

    def turn(self, place: object) -> float:
        """Take a turn to send: the seconds to wait before asking again, 0 when it is granted."""
        with self._lock:
            now = self._clock()
            if now >= self._opens_at:
                self._adapt(now)
            in_front = list(self._line).index(place)
            free_at = max(self._opens_at, self._next_at, now)
            if wait := free_at - now + min(in_front * self._spacing, LONGEST_NAP):
                return wait
            del self._line[place]
            self._next_at = now + self._spacing
            return 0.0

    def _adapt(self, now: float) -> None:
        is_calm = now >= self._calm_at
        if self._refused_at is not None:
            self._slow_down(self._refused_at, is_calm)
            self._refused_at = None
        elif self._spacing and is_calm:
            self._try_faster()
        else:
            return
        self._calm_at = now + self._calm

    def _try_faster(self) -> None:
        self._is_trying = True
        self._proven = self._spacing
        self._spacing = self._spacing / 2 if self._spacing > BRISK else 0.0

    def _slow_down(self, refused_at: float, is_calm: bool) -> None:
        if is_calm and not self._spacing:
            self._spacing = BRISK
        elif self._is_trying:
            self._spacing = self._proven
            self._calm *= 2
        elif self._spacing > BRISK:
            self._spacing *= SLOWER
        else:
            span = max(self._opens_at - refused_at, LEAST_SPAN)
            recent = sum(at > refused_at - span for at in self._taken)
            self._spacing = max(MARGIN * span / max(recent, 1), BRISK * SLOWER)
        self._is_trying = False
