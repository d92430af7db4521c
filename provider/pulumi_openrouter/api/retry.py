"""What happens after an attempt that failed and may succeed a moment later."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import NoReturn, TypeVar

import tenacity

from pulumi_openrouter.api.errors import BadAnswerError, RequestError

T = TypeVar("T")
Seconds = Callable[[], float]

FIRST_WAIT = 0.25
LONGEST_WAIT = 10.0
MOST_BAD_ANSWERS = 4
"""An answer may be garbled once; a wrong base URL stays one, and should be said soon."""


def repeated(
    attempt: Callable[[], T], failed: RequestError, held_back: Seconds, seconds_left: Seconds
) -> T:
    """The answer of another attempt, after one that failed.

    Args:
        attempt: sends the request once.
        failed: the error of the first attempt.
        held_back: how long the API wants nothing.
        seconds_left: how long it may take from now on.

    Raises:
        RequestError: that of the last attempt.
    """
    first: Callable[[], T] = functools.partial(_raise, failed)
    attempts = itertools.chain([first], itertools.repeat(attempt))
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(is_transient),
        wait=backoff(held_back),
        stop=give_up(seconds_left),
        reraise=True,
    )
    answer: T = retrying(lambda: next(attempts)())
    return answer


def is_transient(error: BaseException) -> bool:
    """Whether the same request may well succeed a moment later."""
    return isinstance(error, RequestError) and error.transient


def give_up(seconds_left: Seconds) -> Callable[[tenacity.RetryCallState], bool]:
    """When to send a request no more: its time runs out, or the answers are not the API's."""
    bad_answers = itertools.count(1)

    def stop(state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        is_foreign = isinstance(error, BadAnswerError) and next(bad_answers) >= MOST_BAD_ANSWERS
        return is_foreign or state.upcoming_sleep >= seconds_left()

    return stop


def backoff(held_back: Seconds) -> Callable[[tenacity.RetryCallState], float]:
    """The waits between attempts: exponential with jitter, and as long as the API asked for."""
    exponential = tenacity.wait_random_exponential(FIRST_WAIT, LONGEST_WAIT)
    return lambda state: max(exponential(state), held_back())


def _raise(error: Exception) -> NoReturn:
    raise error
