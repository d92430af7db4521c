"""When to send again, and how long to wait before: shared by all threads of a client."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import tenacity

from pulumi_openrouter.api.errors import BadAnswerError, RequestError
from pulumi_openrouter.api.pace import Pace

FIRST_WAIT = 0.25
LONGEST_WAIT = 10.0
MOST_BAD_ANSWERS = 4
"""An answer may be garbled once; a wrong base URL stays one, and should be said soon."""


def is_transient(error: BaseException) -> bool:
    """Whether the same request may well succeed a moment later."""
    return isinstance(error, RequestError) and error.transient


def give_up(seconds: float) -> Callable[[tenacity.RetryCallState], bool]:
    """When to send a request no more: its time runs out, or the answers are not the API's."""
    out_of_time = tenacity.stop_before_delay(seconds)
    bad_answers = itertools.count(1)

    def stop(state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        is_foreign = isinstance(error, BadAnswerError) and next(bad_answers) >= MOST_BAD_ANSWERS
        return is_foreign or out_of_time(state)

    return stop


def retry_after(header: str | None) -> float:
    """The seconds that a Retry-After header asks to wait: 0 when there is none to be read."""
    if not header:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        moment = http_date(header)
        seconds = (moment - datetime.now(timezone.utc)).total_seconds() if moment else 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0


def http_date(header: str) -> datetime | None:
    """The moment that a header names, None when it is no date; without a zone it is UTC."""
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def backoff(pace: Pace) -> Callable[[tenacity.RetryCallState], float]:
    """The waits between attempts: exponential with jitter, and as long as the API asked for."""
    exponential = tenacity.wait_random_exponential(FIRST_WAIT, LONGEST_WAIT)
    return lambda state: max(exponential(state), pace.remaining())
