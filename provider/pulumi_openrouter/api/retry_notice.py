"""Tells a person that requests are being tried again, before the silence gets long."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import attrs

from pulumi_openrouter.api.deadline import Operation

QUIET_SECONDS = 5.0
"""How long a request may fail before anybody is told: most succeed again sooner."""
SPACING_SECONDS = 30.0
"""At least so much time is between two notices, however many threads are in trouble."""


class Alarm(Protocol):
    """What calls back after some time, unless it is cancelled."""

    def start(self) -> None:
        """Let the time begin."""

    def cancel(self) -> None:
        """Do not call back, unless it has begun already."""


NewAlarm = Callable[[float, Callable[[], None]], Alarm]


def daemon_timer(seconds: float, ring: Callable[[], None]) -> Alarm:
    """A timer in a thread that holds no process up."""
    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    return timer


@attrs.define(eq=False)
class Trouble:
    """A request that is being tried again.

    Attributes:
        what: its method and path.
        operation: what it is part of, which is announced once.
        since: when its first attempt failed.
        why: the reason of the last failure, "" if there was none.
    """

    what: str
    operation: Operation
    since: float = 0.0
    why: str = ""


class RetryNotices:
    """Watches the requests of a client, and tells of one that fails for longer.

    The telling has a thread of its own: who is in trouble may be waiting for an answer.

    Args:
        host: who is being asked.
        notify: tells a person one line; None tells nobody.
        clock: a monotonic clock, in seconds.
        alarm: makes an alarm that rings after some seconds.
    """

    def __init__(
        self,
        host: str,
        notify: Callable[[str], None] | None,
        clock: Callable[[], float] = time.monotonic,
        alarm: NewAlarm = daemon_timer,
    ) -> None:
        self._host = host
        self._notify = notify
        self._clock = clock
        self._new_alarm = alarm
        self._lock = threading.Lock()
        self._troubles: dict[Trouble, None] = {}
        self._opens_at = 0.0
        self._alarm: Alarm | None = None

    @contextlib.contextmanager
    def watching(self, what: str, operation: Operation) -> Iterator[Trouble]:
        """Watch one request, whose failures are reported to `failed`."""
        trouble = Trouble(what, operation)
        try:
            yield trouble
        finally:
            if trouble.why:
                self._over(trouble)

    def failed(self, trouble: Trouble, why: str) -> None:
        """An attempt failed, and there will be another."""
        if self._notify is None:
            return
        with self._lock:
            if not trouble.why:
                trouble.since = self._clock()
                self._troubles[trouble] = None
            trouble.why = why
            self._set_alarm()

    def _over(self, trouble: Trouble) -> None:
        with self._lock:
            del self._troubles[trouble]
            if not self._troubles and self._alarm:
                self._alarm.cancel()
                self._alarm = None

    def _set_alarm(self) -> None:
        """Be woken when the next notice is due, if any is."""
        oldest = self._oldest()
        if oldest and not self._alarm:
            due = max(oldest.since + QUIET_SECONDS, self._opens_at)
            self._alarm = self._new_alarm(max(due - self._clock(), 0.0), self._ring)
            self._alarm.start()

    def _oldest(self) -> Trouble | None:
        unannounced = (each for each in self._troubles if not each.operation.is_announced)
        return min(unannounced, key=lambda each: each.since, default=None)

    def _ring(self) -> None:
        with self._lock:
            self._alarm = None
            notice = self._due_notice()
            self._set_alarm()
        if notice and self._notify:
            self._notify(notice)

    def _due_notice(self) -> str | None:
        oldest, now = self._oldest(), self._clock()
        # Whoever the alarm was set for may have succeeded meanwhile.
        if oldest is None or now < max(oldest.since + QUIET_SECONDS, self._opens_at):
            return None
        oldest.operation.is_announced = True
        self._opens_at = now + SPACING_SECONDS
        return self._worded(oldest, now)

    def _worded(self, trouble: Trouble, now: float) -> str:
        seconds = math.ceil(max(trouble.operation.ends_at - now, 1))
        host = "" if self._host in trouble.why else f" ({self._host})"
        return f"retrying {trouble.what} for up to {seconds} more seconds: {trouble.why}{host}"
