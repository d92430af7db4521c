"""Sends a request until it is answered: retries, and the meaning of each answer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any, TypeVar

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
    is_lost,
)
from pulumi_openrouter.api.headers import retry_after
from pulumi_openrouter.api.pace import Pace
from pulumi_openrouter.api.retry_notice import RetryNotices, Trouble
from pulumi_openrouter.api.route import Route
from pulumi_openrouter.api.session import Bearer, new_session

T = TypeVar("T")

MAX_BAD_ANSWERS = 4
"""One answer may be garbled; a wrong base URL stays wrong, and should be reported soon."""
DELETED = {"deleted": True}
"""What a success without a body says in answer to a DELETE."""


class Sender:
    """Sends requests and structures the answers, safe to share between threads.

    Args:
        bearer: the key, which appears in no error and no log.
        base_url: a checked base URL.
        timeout: the seconds of a request outside any operation, retries included.
        connections: how many connections stay open for reuse.
        notify: tells a person that requests are being tried again for longer.

    Attributes:
        clock: the server's clock.
        route: the way that requests take.
        has_succeeded: whether any answer was a success, and the API's.
    """

    def __init__(
        self,
        bearer: Bearer,
        base_url: str,
        timeout: float,
        connections: int,
        notify: Callable[[str], None] | None,
    ) -> None:
        self.clock = ServerClock()
        self.has_succeeded = False
        self._bearer = bearer
        self._pace = Pace()
        session = new_session(base_url, bearer, connections)
        self.route = Route.of(session, base_url)
        self._notices = RetryNotices(self.route.host, notify)
        self._channel = Channel(self.route, timeout, session, self._pace, self.clock)

    def send(self, request: Request, returns: type[T]) -> T:
        """Send the request, again where that may help, and structure the answer as `returns`.

        Raises:
            RequestError: the error of the last attempt.
        """
        has_deadline = deadline.is_set()
        with contextlib.nullcontext() if has_deadline else deadline.within(self._channel.timeout):
            attempts = Attempts(self._channel, request)
            with self._notices.watching(str(attempts.call), deadline.current()) as trouble:
                return self._repeated(attempts, returns, trouble)

    def _repeated(self, attempts: Attempts, returns: type[T], trouble: Trouble) -> T:
        bad_answers = 0
        while True:
            try:
                return self._attempt(attempts, returns)
            except RequestError as error:
                bad_answers += isinstance(error, BadAnswerError)
                wait = backoff.wait_seconds(attempts.count, self._pace.held_back())
                is_last = bad_answers >= MAX_BAD_ANSWERS or wait >= deadline.seconds_left()
                is_unsafe = attempts.request.once and attempts.may_be_applied
                if is_last or is_unsafe or not error.transient:
                    raise
                self._notices.failed(trouble, error.message)
            time.sleep(wait)

    def _attempt(self, attempts: Attempts, returns: type[T]) -> T:
        answer = attempts.next()
        if not answer.ok:
            raise self._refused(attempts, answer)
        try:
            content = structured(_body(attempts.request, answer), returns)
        except ValueError:
            attempts.may_be_applied = True
            again = attempts.created is None
            raise explain.misshapen(
                attempts.call, answer, self.route.base_url, again=again
            ) from None
        self.has_succeeded = True
        return content

    def _refused(self, attempts: Attempts, answer: Answer) -> RequestError:
        status = answer.status
        if is_lost(status):
            attempts.may_be_applied = True
        elif status != TOO_MANY_REQUESTS and answer.api_message is None:
            return explain.foreign(attempts.call, answer, self.route.base_url)
        unmet_wait = self._hold_back(answer) if status in RETRIED_STATUSES else 0
        return explain.refusal(attempts.call, answer, self._bearer, self.route.base_url, unmet_wait)

    def _hold_back(self, answer: Answer) -> float:
        """Make every thread wait as asked; the seconds, if this operation has less, else 0."""
        seconds = retry_after(answer.headers.get("Retry-After"), answer.headers.get("Date"))
        if answer.status == TOO_MANY_REQUESTS:
            self._pace.refused(seconds)
        else:
            self._pace.hold_back(seconds)
        asked = self._pace.held_back()
        return asked if asked > max(deadline.seconds_left(), 0) else 0


def _body(request: Request, answer: Answer) -> Any:
    """The parsed body of a success.

    Raises:
        ValueError: it is not JSON.
    """
    return DELETED if request.method == "DELETE" and answer.is_empty else answer.json()
