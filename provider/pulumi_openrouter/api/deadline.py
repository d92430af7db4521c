"""The operation that this thread is in, and when it must end.

An operation is one create, read, update or delete: all its requests share one total time.
"""

from __future__ import annotations

import contextlib
import contextvars
import time
from collections.abc import Iterator

import attrs


@attrs.define(eq=False)
class Operation:
    """What shares one total time.

    Attributes:
        ends_at: when it must end, by `time.monotonic()`.
        is_announced: whether somebody was told that its requests are being tried again.
    """

    ends_at: float
    is_announced: bool = False


_current: contextvars.ContextVar[Operation | None] = contextvars.ContextVar(
    "operation", default=None
)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give everything inside this block a total of `seconds`; a block inside has its own."""
    token = _current.set(Operation(time.monotonic() + seconds))
    try:
        yield
    finally:
        _current.reset(token)


def is_set() -> bool:
    """Whether this thread is inside an operation."""
    return _current.get() is not None


def current() -> Operation:
    """The operation that this thread is inside.

    Raises:
        RuntimeError: it is inside none.
    """
    operation = _current.get()
    if operation is None:
        raise RuntimeError("outside any operation")
    return operation


def seconds_left() -> float:
    """The seconds until the operation must end, negative once it should have."""
    return current().ends_at - time.monotonic()


def postpone(seconds: float) -> None:
    """Give the operation `seconds` more."""
    current().ends_at += seconds
