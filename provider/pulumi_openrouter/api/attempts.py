"""The attempts at one request: waiting for a turn, sending, and what is known of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

import attrs
import requests

from pulumi_openrouter.api import connection_errors, deadline, explain, unanswered
from pulumi_openrouter.api.answer import Answer, TooLargeError, is_success
from pulumi_openrouter.api.clock import ServerClock
from pulumi_openrouter.api.errors import TOO_MANY_REQUESTS, Call, RequestError
from pulumi_openrouter.api.pace import Pace
from pulumi_openrouter.api.route import Route

MAX_CONNECT_SECONDS = 10.0
MAX_READ_SECONDS = 30.0
MIN_ATTEMPT_SECONDS = 2.0
"""What even the latest attempt gets: with less, the answer to a change would be lost."""

# A proxy's cache must not tell what was before a change.
READ_HEADERS = {"Cache-Control": "no-cache"}

log = logging.getLogger("pulumi_openrouter.api")


@attrs.frozen
class Request:
    """What to send: the path begins after the base URL, and the body is sent as JSON.

    `creates` says that another attempt might create another object; `once`, that the API would not
    refuse that object, so that there must be none after a lost answer. `anonymous` sends it
    without the key.
    """

    method: str
    path: str
    query: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    creates: bool = False
    once: bool = False
    anonymous: bool = False


@attrs.frozen
class Channel:
    """What all requests of a client share; `timeout` is the seconds of one operation."""

    route: Route
    timeout: float
    session: requests.Session
    pace: Pace
    clock: ServerClock


@attrs.define
class Attempts:
    """Sends one request as often as asked, and remembers what became of it.

    Attributes:
        request: what is sent.
        count: how many attempts were sent.
        may_be_applied: an answer was lost, so the API may have carried the request out.
        created: the status of an answer to a creation that reports success, else None.
    """

    _channel: Channel
    request: Request
    count: int = 0
    may_be_applied: bool = False
    created: int | None = None
    _first_sent: float = 0.0

    @property
    def call(self) -> Call:
        """The request as errors know it; reading never changes anything."""
        may_be_applied = self.may_be_applied and self.request.method != "GET"
        return Call(self.request.method, self.request.path, may_be_applied, self._first_sent)

    def next(self) -> Answer:
        """Wait for a turn, send the request, and read the answer, whatever its status.

        Raises:
            NoAnswerError: the request was not sent, or no answer came.
            BadAnswerError: the answer is too large, or that to a creation is cut short.
        """
        self._wait_for_turn()
        if deadline.seconds_left() < -MIN_ATTEMPT_SECONDS:
            raise unanswered.out_of_time(self.call)
        answer = self._sent()
        self._channel.clock.hear(answer.headers.get("Date"))
        if answer.status != TOO_MANY_REQUESTS:
            self._channel.pace.taken()
        return answer

    def _wait_for_turn(self) -> None:
        pace = self._channel.pace
        place = pace.line_up()
        try:
            while seconds := pace.turn(place):
                asked = pace.held_back()
                if asked > max(deadline.seconds_left(), 0):
                    raise unanswered.asked_to_wait(self.call, asked)
                self._wait_in_line(seconds)
        finally:
            pace.leave(place)

    def _wait_in_line(self, seconds: float) -> None:
        last_taken = self._channel.pace.last_taken()
        time.sleep(seconds)
        # The API was busy with requests of other threads, which is no fault of this operation.
        if self._channel.pace.last_taken() != last_taken:
            deadline.postpone(seconds)

    def _sent(self) -> Answer:
        self.count += 1
        begun = time.monotonic()
        self._first_sent = self._first_sent or begun
        try:
            answer = self._exchange()
        except connection_errors.RAISED as error:
            self._log("no answer", begun)
            raise self._unanswered(error) from None
        except TooLargeError:
            self._log("too large", begun)
            self.may_be_applied = True
            raise explain.too_large(self.call, again=self.created is None) from None
        self._log(str(answer.status), begun)
        return answer

    def _exchange(self) -> Answer:
        self.created = None
        # At most half of the total, so that what got no answer can be sent once more.
        left = max(deadline.seconds_left(), MIN_ATTEMPT_SECONDS)
        left = min(left, self._channel.timeout / 2)
        read_seconds = min(MAX_READ_SECONDS, left)
        response = self._channel.session.request(
            self.request.method,
            self._channel.route.base_url + self.request.path,
            params=self.request.query,
            json=self.request.body,
            headers=READ_HEADERS if self.request.method == "GET" else None,
            auth=_nobody if self.request.anonymous else None,
            allow_redirects=False,
            timeout=(min(MAX_CONNECT_SECONDS, left), read_seconds),
        )
        if self.request.creates and is_success(response.status_code):
            self.created = response.status_code
        return Answer.read(response, read_seconds)

    def _unanswered(self, error: Exception) -> RequestError:
        if connection_errors.may_have_arrived(error):
            self.may_be_applied = True
        if self.created is not None:
            return explain.cut_short(self.call, self.created, unanswered.what_broke(error))
        return unanswered.no_answer(self.call, self._channel.route, error)

    def _log(self, result: str, begun: float) -> None:
        milliseconds = (time.monotonic() - begun) * 1000
        request = self.request
        arguments = (request.method, request.path, result, milliseconds, self.count)
        log.debug("%s %s %s %d ms attempt %d", *arguments)


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """In place of the session's authentication: adds no key."""
    return request
