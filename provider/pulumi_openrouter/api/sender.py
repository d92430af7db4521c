"""Sends a request until it is answered: retries, and the meaning of each answer."""

from __future__ import annotations

import contextlib
import time
from typing import TypeVar

from pulumi_openrouter.api import backoff, deadline, explain
from pulumi_openrouter.api.answer import Answer
from pulumi_openrouter.api.attempts import Attempts, Channel, Request
from pulumi_openrouter.api.clock import ServerClock
from pulumi_openrouter.api.decode import structured
from pulumi_openrouter.api.errors import (
    RETRIED_STATUSES,
    TOO_MANY_REQUESTS,
    BadAnswerError,
    RequestError,
)
from pulumi_openrouter.api.headers import retry_after
from pulumi_openrouter.api.pace import Pace
from pulumi_openrouter.api.session import Bearer, new_session

T = TypeVar("T")

MAX_BAD_ANSWERS = 4
"""One answer may be garbled; a wrong base URL stays wrong, and should be reported soon."""


class Sender:
    """Sends requests and structures the answers, safe to share between threads.

    Args:
        key: a management key, which appears in no error and no log.
        base_url: a checked base URL.
        timeout: the seconds of a request outside any operation, retries included.
        connections: how many connections stay open for reuse.
    """

    def __init__(self, key: str, base_url: str, timeout: float, connections: int) -> None:
        self.clock = ServerClock()
        self._bearer = Bearer(key)
        self._pace = Pace()
        session = new_session(base_url, self._bearer, connections)
        self._channel = Channel(base_url, timeout, session, self._pace, self.clock)

    def send(self, request: Request, returns: type[T]) -> T:
        """Send the request, again where that may help, and structure the answer as `returns`.

        Raises:
            RequestError: the error of the last attempt.
        """
        has_deadline = deadline.is_set()
        with contextlib.nullcontext() if has_deadline else deadline.within(self._channel.timeout):
            return self._repeated(Attempts(self._channel, request), returns)

    def _repeated(self, attempts: Attempts, returns: type[T]) -> T:
        bad_answers = 0
        while True:
            try:
                return self._attempt(attempts, returns)
            except RequestError as error:
                bad_answers += isinstance(error, BadAnswerError)
                wait = backoff.wait_seconds(attempts.count, self._pace.held_back())
                is_last = bad_answers >= MAX_BAD_ANSWERS or wait >= deadline.seconds_left()
                if is_last or not error.transient:
                    raise
            time.sleep(wait)

    def _attempt(self, attempts: Attempts, returns: type[T]) -> T:
        answer = attempts.next()
        if not answer.ok:
            raise self._refused(attempts, answer)
        try:
            return structured(answer.json(), returns)
        except ValueError:
            attempts.may_be_applied = True
            raise explain.misshapen(attempts.call, answer) from None

    def _refused(self, attempts: Attempts, answer: Answer) -> RequestError:
        status = answer.status
        if status >= 500:
            attempts.may_be_applied = True
        elif status != TOO_MANY_REQUESTS and answer.api_message is None:
            return explain.foreign(attempts.call, answer, self._channel.base_url)
        unmet_wait = self._hold_back(answer) if status in RETRIED_STATUSES else 0
        return explain.refusal(attempts.call, answer, self._bearer, unmet_wait)

    def _hold_back(self, answer: Answer) -> float:
        """Make every thread wait as asked; the seconds, if this operation has less, else 0."""
        seconds = retry_after(answer.headers.get("Retry-After"))
        if answer.status == TOO_MANY_REQUESTS:
            self._pace.refused(seconds)
        else:
            self._pace.hold_back(seconds)
        asked = self._pace.held_back()
        return asked if asked > max(deadline.seconds_left(), 0) else 0
