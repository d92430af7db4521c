"""The one request: it owns key, time-outs, retries and decoding."""

from __future__ import annotations

import contextlib
import contextvars
import functools
import itertools
import logging
import math
import time
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import attrs
import requests
import urllib3
from requests.adapters import HTTPAdapter

from pulumi_openrouter.api import broken, models
from pulumi_openrouter.api.answer import LARGEST, Answer, TooLargeError
from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL, checked_base_url
from pulumi_openrouter.api.clock import ServerClock
from pulumi_openrouter.api.decode import structured
from pulumi_openrouter.api.errors import (
    INFERENCE_KEY_HINT,
    RETRIED_STATUSES,
    BadAnswerError,
    Call,
    NoAnswerError,
    RequestError,
    error_class,
    one_line,
)
from pulumi_openrouter.api.headers import retry_after
from pulumi_openrouter.api.key import is_key
from pulumi_openrouter.api.limits import LARGEST_PAGE
from pulumi_openrouter.api.pace import Pace
from pulumi_openrouter.api.pages import Pages

T = TypeVar("T")

DEFAULT_TIMEOUT = 120.0
DEFAULT_ALLOWANCE = 30.0
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
LEAST_TIMEOUT = 2.0
"""What an attempt has at least, however late it begins: with less, its answer would be lost."""
TOO_MANY = 429
FOREIGN_HINT = "Is the base URL right, and does a proxy answer in the API's place?"

log = logging.getLogger("pulumi_openrouter.api")


class Transport:
    """Sends requests to the API, safe to share between threads.

    Args:
        key: a management key; sent as bearer token, found in no error and no log.
        base_url: https, or http to a loopback address.
        timeout: the seconds that one request, or all requests inside one `operation()`,
            may take with all their retries. Waiting while the API takes requests of others
            in this process is not counted.
        allowance: the seconds that whoever puts something back may take, beside these.
        connections: how many connections are kept open for reuse.

    Raises:
        ValueError: the base URL is not one that a key should be sent to, or the key cannot be one.
    """

    def __init__(
        self,
        key: str,
        base_url: str = PUBLIC_BASE_URL,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        allowance: float = DEFAULT_ALLOWANCE,
        connections: int = 32,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self.timeout = timeout
        self.allowance = allowance
        if not is_key(key):
            raise ValueError("the key must be one word of printable ASCII")
        self._auth = _Bearer(key)
        self.clock = ServerClock()
        self._pace = Pace()
        self._session = _session(self.base_url, self._auth, connections)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    @contextlib.contextmanager
    def operation(self, seconds: float | None = None) -> Iterator[None]:
        """Bound everything this thread sends inside to one total of `seconds`."""
        total = self.timeout if seconds is None else seconds
        token = _deadline.set(time.monotonic() + total)
        try:
            yield
        finally:
            _deadline.reset(token)

    def request(
        self,
        method: str,
        path: str,
        returns: type[T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> T:
        """Send, again where that may help, and structure the answer as `returns`."""
        with contextlib.nullcontext() if _deadline.get() else self.operation():
            attempts = _Attempts(method, path)
            attempt = functools.partial(self._attempt, attempts, returns, query, body)
            try:
                return attempt()
            except RequestError as error:
                if not error.transient:
                    raise
                failed = error
            # Only here: most requests are sent once, and a run of a few starts faster without.
            from pulumi_openrouter.api import retry

            return retry.repeated(attempt, failed, self._pace.held_back, self._seconds_left)

    def pages(
        self, path: str, row: type[T], query: Mapping[str, Any] | None = None, left: int = 1
    ) -> Pages[T]:
        """A paged list, none of it fetched yet; `left` is how many pages it is thought to have."""

        def fetch(offset: int) -> models.Page[T]:
            asked = {**(query or {}), "offset": offset, "limit": LARGEST_PAGE}
            return self.request("GET", path, models.Page[row], query=asked)  # type: ignore[valid-type]

        return Pages(fetch, left)

    def rows(self, path: str, row: type[T], query: Mapping[str, Any] | None = None) -> list[T]:
        """Every row of a paged list."""
        return list(itertools.chain.from_iterable(self.pages(path, row, query)))

    def _attempt(
        self,
        attempts: _Attempts,
        returns: type[T],
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
    ) -> T:
        self._wait_for_turn(attempts)
        answer = self._send(attempts, query, body)
        if answer.ok:
            return self._structured(attempts, answer, returns)
        raise self._refusal(attempts, answer)

    def _wait_for_turn(self, attempts: _Attempts) -> None:
        place = self._pace.line_up()
        try:
            while seconds := self._pace.turn(place):
                asked = self._pace.held_back()
                if asked > max(self._seconds_left(), 0):
                    message = f"not sent: {_asked_to_wait(asked)}"
                    raise NoAnswerError(message, attempts.call())
                self._wait_in_line(seconds)
        finally:
            self._pace.leave(place)

    def _wait_in_line(self, seconds: float) -> None:
        """Wait, and don't count it while the API takes what others send."""
        last_taken = self._pace.last_taken()
        time.sleep(seconds)
        if self._pace.last_taken() != last_taken:
            _deadline.set(_deadline.get() + seconds)

    def _send(
        self,
        attempts: _Attempts,
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
    ) -> Answer:
        left = self._seconds_left()
        if left < -LEAST_TIMEOUT:
            raise NoAnswerError("not sent: the time for this operation is over", attempts.call())
        # Half of the time at most: what got no answer is asked once more.
        left = min(max(left, LEAST_TIMEOUT), self.timeout / 2)
        attempts.begin()
        try:
            response = self._session.request(
                attempts.method,
                self.base_url + attempts.path,
                params=query,
                json=body,
                allow_redirects=False,
                timeout=(min(CONNECT_TIMEOUT, left), min(READ_TIMEOUT, left)),
            )
            answer = Answer.read(response, min(READ_TIMEOUT, left))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            attempts.end("no answer")
            raise self._no_answer(attempts, error) from None
        except TooLargeError:
            attempts.end("too large")
            attempts.lost = True
            message = f"an answer of more than {LARGEST >> 20} MiB that is not the API's"
            raise BadAnswerError(message, attempts.call(), FOREIGN_HINT, transient=True) from None
        attempts.end(str(answer.status))
        self.clock.hear(answer.headers.get("Date"))
        if answer.status != TOO_MANY:
            self._pace.taken()
        return answer

    def _no_answer(self, attempts: _Attempts, error: Exception) -> NoAnswerError:
        host = urlsplit(self.base_url).netloc
        if isinstance(error, requests.exceptions.SSLError) and not broken.was_cut(error):
            hint = "Behind a proxy with its own certificates, name them in REQUESTS_CA_BUNDLE."
            message = f"no trusted TLS connection to {host}"
            return NoAnswerError(message, attempts.call(), hint)
        if not isinstance(error, (requests.RequestException, urllib3.exceptions.HTTPError)):
            # Raised by requests itself, where the bundle of certificates is no file.
            hint = "Name a file that is there in REQUESTS_CA_BUNDLE, or unset it."
            return NoAnswerError(f"not sent: {one_line(str(error))}", attempts.call(), hint)
        attempts.lost = attempts.lost or not broken.was_never_sent(error)
        message = f"{one_line(broken.reason(error))} ({host})"
        return NoAnswerError(message, attempts.call(), transient=broken.may_pass(error))

    def _structured(self, attempts: _Attempts, answer: Answer, returns: type[T]) -> T:
        try:
            return structured(answer.json(), returns)
        except ValueError:
            attempts.lost = True
            message = f"{answer.status} with {answer.content} that is not the API's answer"
            raise BadAnswerError(message, attempts.call(), FOREIGN_HINT, transient=True) from None

    def _refusal(self, attempts: _Attempts, answer: Answer) -> Exception:
        status = answer.status
        attempts.lost = attempts.lost or status >= 500
        message = _error_message(answer)
        if message is None and (status < 500 and status != TOO_MANY):
            return self._foreign(attempts, answer)
        if status in RETRIED_STATUSES:
            self._hold_back(status, retry_after(answer.headers.get("Retry-After")))
        return error_class(status)(
            attempts.call(),
            status,
            self._cleaned(message or f"{answer.content} instead of the API's answer"),
            self._cleaned(answer.headers.get("X-Request-Id", "")),
            self._hint(status),
        )

    def _hold_back(self, status: int, seconds: float) -> None:
        """Make every thread wait; for a 429 pace what is sent from then on, too."""
        if status == TOO_MANY:
            self._pace.refused(seconds)
        else:
            self._pace.hold_back(seconds)

    def _foreign(self, attempts: _Attempts, answer: Answer) -> BadAnswerError:
        what = f"{answer.status} with {answer.content}"
        if answer.is_redirect:
            what = f"{answer.status}, a redirect to another address"
        hint = f"This is not the API's answer: is the base URL {self.base_url} right?"
        return BadAnswerError(what, attempts.call(), hint)

    def _hint(self, status: int) -> str:
        if status in (401, 403) and self._auth.looks_like_inference_key:
            return INFERENCE_KEY_HINT
        asked = self._pace.held_back()
        if status in RETRIED_STATUSES and asked > max(self._seconds_left(), 0):
            return f"Not repeated: {_asked_to_wait(asked)}."
        return ""

    def _cleaned(self, text: str) -> str:
        """What the server wrote, as one line without the key and without control characters."""
        return one_line(self._auth.hidden_in(text))

    def _seconds_left(self) -> float:
        return _deadline.get() - time.monotonic()


_deadline: contextvars.ContextVar[float] = contextvars.ContextVar("deadline", default=0.0)
"""When the time of this thread's operation is over, 0 outside any."""


class _Bearer(requests.auth.AuthBase):
    """The key, given as `auth`: a header alone would be overridden by a .netrc entry."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def __repr__(self) -> str:
        return "_Bearer(...)"

    @property
    def looks_like_inference_key(self) -> bool:
        return self._key.startswith("sk-or-v1-")

    def hidden_in(self, text: str) -> str:
        return text.replace(self._key, "[key]")


@attrs.define
class _Attempts:
    """What is known of the attempts at one request so far."""

    method: str
    path: str
    lost: bool = False
    count: int = 0
    first_begun: float = 0.0
    begun: float = 0.0

    def begin(self) -> None:
        self.count += 1
        self.begun = time.monotonic()
        self.first_begun = self.first_begun or self.begun

    def end(self, result: str) -> None:
        log.debug(
            "%s %s %s %d ms attempt %d",
            self.method,
            self.path,
            result,
            (time.monotonic() - self.begun) * 1000,
            self.count,
        )

    def call(self) -> Call:
        lost = self.lost and self.method != "GET"
        return Call(self.method, self.path, lost, self.first_begun)


def _session(base_url: str, auth: _Bearer, connections: int) -> requests.Session:
    session = requests.Session()
    # Proxies and certificates are looked up in the environment once, not for every request.
    # http is for this machine alone: a proxy would be sent the key in clear.
    found: Mapping[str, Any] = session.merge_environment_settings(
        base_url, {"http": ""}, stream=True, verify=None, cert=None
    )
    session.proxies, session.verify = found["proxies"], found["verify"]
    session.stream = True
    session.trust_env = False
    session.auth = auth
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = "pulumi-openrouter"
    return session


def _error_message(answer: Answer) -> str | None:
    """The message of the API's error; None when it is not the API's."""
    try:
        message = answer.json()["error"]["message"]
    except (ValueError, TypeError, KeyError):
        return None
    return message if isinstance(message, str) else None


def _asked_to_wait(seconds: float) -> str:
    return f"the API asked to wait {math.ceil(seconds)} seconds"
