"""When the current operation of this thread must end.

An operation is one create, read, update or delete: all its requests share one total time.
"""

from __future__ import annotations

import contextlib
import contextvars
import time
from collections.abc import Iterator

NO_DEADLINE = 0.0

_ends_at: contextvars.ContextVar[float] = contextvars.ContextVar("ends_at", default=NO_DEADLINE)
"""By `time.monotonic()`."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give everything inside this block a total of `seconds`; a block inside has its own."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def is_set() -> bool:
    """Whether this thread is inside an operation."""
    return _ends_at.get() != NO_DEADLINE


def seconds_left() -> float:
    """The seconds until the operation must end, negative once it should have."""
    return _ends_at.get() - time.monotonic()


def postpone(seconds: float) -> None:
    """Give the operation `seconds` more."""
    _ends_at.set(_ends_at.get() + seconds)
