"""Failures on demand: what a network, a proxy or an overloaded API does to a request."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from threading import Event, Lock
from typing import Any, Protocol

import attrs
from werkzeug.wrappers import Response

from . import errors
from .log import Request


class FaultKind(Enum):
    """What goes wrong."""

    LATENCY = "latency"
    """The answer comes `seconds` late."""
    STATUS = "status"
    """The API answers with an error and `status` (503); with `applied`, after the change."""
    ERROR_IN_200 = "error_in_200"
    """The same error, in the body of a 200."""
    HTML = "html"
    """A proxy answers with its page and `status` (502), and the API never sees the request."""
    CUT_BEFORE = "cut_before"
    """The connection is cut before the change is applied."""
    CUT_AFTER = "cut_after"
    """The change is applied, and the connection is cut instead of an answer."""
    TIMEOUT_BEFORE = "timeout_before"
    """Nothing is applied or answered for `seconds`, then the connection is cut."""
    TIMEOUT_AFTER = "timeout_after"
    """The change is applied, nothing is answered for `seconds`, then the connection is cut."""
    TRUNCATED = "truncated"
    """The change is applied, and the connection is cut halfway through the answer."""
    WRONG_SHAPE = "wrong_shape"
    """The change is applied, and the answer is 200 with JSON of another shape (`body`)."""
    EMPTY = "empty"
    """The change is applied, and the answer has `status` (204) and no body."""
    REFUSED = "refused"
    """The connection is cut before the change, and then nothing listens, as after
    `Simulator.pause`: for `seconds`, or with times=None until `Simulator.resume`."""


_APPLIED = {
    FaultKind.CUT_AFTER,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.TRUNCATED,
    FaultKind.WRONG_SHAPE,
    FaultKind.EMPTY,
}
_UNANSWERED = {
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_AFTER,
    FaultKind.TIMEOUT_BEFORE,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.REFUSED,
}
_ERRORS = {FaultKind.STATUS, FaultKind.ERROR_IN_200}
_TIMEOUTS = {FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER}
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>proxy</body></html>\n"


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong, and with which requests.

    It strikes the `nth` request from now on that matches `method` and the glob `path` (without the
    base path; `*` matches slashes too), and the ones after it, `times` in all (None: forever).
    """

    kind: FaultKind
    method: str | None = None
    path: str = "*"
    nth: int = 1
    times: int | None = 1
    status: int | None = None
    retry_after: float | str | None = None
    seconds: float = 0
    applied: bool = False
    message: str | None = None
    body: Any = attrs.field(factory=lambda: {"data": 42})

    @property
    def after_the_change(self) -> bool:
        """Whether the API carries out the request anyway."""
        return self.applied or self.kind in _APPLIED

    @property
    def answered(self) -> bool:
        """Whether any answer is sent."""
        return self.kind not in _UNANSWERED


@attrs.define
class _Armed:
    fault: Fault
    seen: int = 0
    struck: int = 0

    def due(self, request: Request) -> bool:
        if not request.matches(self.fault.method, self.fault.path):
            return False
        self.seen += 1
        spent = self.fault.times is not None and self.struck >= self.fault.times
        return self.seen >= self.fault.nth and not spent


class Faults:
    """The faults that are waiting for their request."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._armed: list[_Armed] = []

    def add(self, *faults: Fault) -> None:
        """Arm faults; if several are due at one request, the one added first strikes."""
        with self._lock:
            self._armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        """Disarm all faults."""
        with self._lock:
            self._armed.clear()

    def strike(self, request: Request) -> Fault | None:
        """The fault for this request, if there is one."""
        with self._lock:
            # Each fault counts every request that matches it, so all of them are asked.
            due = [armed for armed in self._armed if armed.due(request)]
            if not due:
                return None
            due[0].struck += 1
            return due[0].fault


class Serving(Protocol):
    """The server that a request came to."""

    @property
    def stopping(self) -> Event:
        """Set when it stops, to end every wait."""

    def vanish(self, seconds: float | None, connection: socket.socket) -> None:
        """Stop listening for so long, or until resumed; the caller cuts this connection."""


@attrs.frozen
class Strike:
    """A fault at work on one request: on its connection, until the server stops."""

    fault: Fault
    connection: socket.socket
    server: Serving

    def before(self) -> Response | None:
        """The answer in place of carrying out the request, if there is one."""
        if self.fault.kind is FaultKind.LATENCY:
            self.server.stopping.wait(self.fault.seconds)
        return None if self.fault.after_the_change else self._answer()

    def after(self, response: Response) -> Response:
        """The answer, in place of the result where the fault changes it."""
        if not self.fault.after_the_change:
            return response
        if self.fault.kind is FaultKind.TRUNCATED:
            return self._truncated(response)
        return self._answer() or response

    def _answer(self) -> Response | None:
        kind = self.fault.kind
        if kind in _ERRORS:
            return self._error()
        if kind is FaultKind.HTML:
            return self._page()
        if kind is FaultKind.EMPTY:
            return Response(status=self.fault.status or 204)
        if kind is FaultKind.WRONG_SHAPE:
            return Response(json.dumps(self.fault.body), mimetype="application/json")
        return None if self.fault.answered else Response(self._cut())

    def _error(self) -> Response:
        error = errors.for_status(self.fault.status or 503)
        error.message = self.fault.message or error.message
        body = json.dumps(error.as_json())
        status = error.status if self.fault.kind is FaultKind.STATUS else 200
        return Response(body, status, self._headers(), mimetype="application/json")

    def _page(self) -> Response:
        status = self.fault.status or 502
        title = f"{status} {errors.phrase(status)}"
        return Response(_PAGE.format(title), status, self._headers(), mimetype="text/html")

    def _headers(self) -> dict[str, str]:
        retry_after = self.fault.retry_after
        return {} if retry_after is None else {"Retry-After": str(retry_after)}

    def _truncated(self, response: Response) -> Response:
        body = response.get_data()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        return Response(self._cut(body[: len(body) // 2]), response.status, headers)

    def _cut(self, sent: bytes = b"") -> Iterator[bytes]:
        if self.fault.kind in _TIMEOUTS:
            self.server.stopping.wait(self.fault.seconds)
        if self.fault.kind is FaultKind.REFUSED:
            seconds = None if self.fault.times is None else self.fault.seconds
            # A client that sees this connection cut finds everything else gone already.
            self.server.vanish(seconds, self.connection)
        if sent:
            yield sent
        # An impatient client may be gone by now.
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        # The server takes this for a client that went away, and stays silent.
        raise ConnectionAbortedError
