"""How long to wait before sending a request again."""

from __future__ import annotations

import random

FIRST_WAIT_SECONDS = 0.25
MAX_WAIT_SECONDS = 10.0
MAX_DOUBLINGS = 32
"""Far beyond `MAX_WAIT_SECONDS`, and far below the largest float."""


def wait_seconds(attempt: int, asked: float = 0.0) -> float:
    """The seconds to wait after a failed attempt.

    The limit doubles with every attempt. The wait is random below it, so that clients that
    failed together don't return together.

    Args:
        attempt: the number of the attempt that failed, from 1.
        asked: the seconds that the API asked to wait, which are never undercut.
    """
    limit = min(FIRST_WAIT_SECONDS * 2 ** min(attempt - 1, MAX_DOUBLINGS), MAX_WAIT_SECONDS)
    return max(random.uniform(0, limit), asked)
