"""Waiting for what other threads and processes do, without a guess at how long they take."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0
PAUSE = 0.02


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once it holds; fail if it never does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(PAUSE)
