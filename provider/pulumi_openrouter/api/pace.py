"""How fast all threads of a client may send together: freely, until the API objects."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pulumi_openrouter.api.spacing import Spacing

MAX_NAP_SECONDS = 1.0
"""How long to wait in line before looking again: the spacing, or those in front, may change."""


class Line:
    """Who waits to send, in order of arrival. Not safe between threads: `Pace` locks."""

    def __init__(self) -> None:
        self._places: dict[object, None] = {}

    def join(self) -> object:
        """A new place at the end."""
        place = object()
        self._places[place] = None
        return place

    def leave(self, place: object) -> None:
        """Give up a place, if it is still there."""
        self._places.pop(place, None)

    def ahead_of(self, place: object) -> int:
        """How many places are in front of this one."""
        return list(self._places).index(place)


class Pace:
    """Holds every thread back for as long as the API asks, and spaces what is sent afterwards.

    Whoever has waited longest goes first. Safe to share between threads.

    Args:
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._line = Line()
        self._spacing = Spacing()
        self._opens_at = 0.0
        self._next_at = 0.0

    def held_back(self) -> float:
        """The seconds for which the API still wants no requests."""
        return max(0.0, self._opens_at - self._clock())

    def hold_back(self, seconds: float) -> None:
        """Let nobody send for the next `seconds`."""
        with self._lock:
            self._opens_at = max(self._opens_at, self._clock() + seconds)

    def refused(self, seconds: float) -> None:
        """The API answered 429, and asked to wait `seconds`."""
        with self._lock:
            now = self._clock()
            # While the API is closed, a refusal only tells that its request was sent before.
            if now >= self._opens_at:
                self._spacing.refused(now)
            self._opens_at = max(self._opens_at, now + seconds)

    def taken(self) -> None:
        """The API took a request."""
        with self._lock:
            self._spacing.taken(self._clock())

    def last_taken(self) -> float | None:
        """When the API last took a request, by the clock; None before the first."""
        with self._lock:
            return self._spacing.last_taken

    def line_up(self) -> object:
        """A place at the end of the line, for `turn` and `leave`."""
        with self._lock:
            return self._line.join()

    def leave(self, place: object) -> None:
        """Give up a place in the line, unless its turn has come already."""
        with self._lock:
            self._line.leave(place)

    def turn(self, place: object) -> float:
        """Take a turn to send: 0 if granted, else the seconds to wait before asking again."""
        with self._lock:
            now = self._clock()
            if now >= self._opens_at:
                self._spacing.adapt(now, self._opens_at)
            queued = self._line.ahead_of(place) * self._spacing.seconds
            free_at = max(self._opens_at, self._next_at, now)
            if wait := free_at - now + min(queued, MAX_NAP_SECONDS):
                return wait
            self._line.leave(place)
            self._next_at = now + self._spacing.seconds
            return 0.0
