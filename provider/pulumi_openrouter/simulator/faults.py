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
    """An error of the API with `status` (503) is answered; with `applied`, after the change."""
    HTML = "html"
    """A proxy's page is answered with `status` (502), and the API never sees the request."""
    CUT_BEFORE = "cut_before"
    """The connection is cut before the change is applied."""
    CUT_AFTER = "cut_after"
    """The change is applied, and the connection cut instead of an answer."""
    TIMEOUT_BEFORE = "timeout_before"
    """Nothing is applied nor answered for `seconds`, then the connection is cut."""
    TIMEOUT_AFTER = "timeout_after"
    """The change is applied and nothing answered for `seconds`, then the connection is cut."""
    TRUNCATED = "truncated"
    """The change is applied, and the connection cut half way through the answer."""
    WRONG_SHAPE = "wrong_shape"
    """The change is applied, and valid JSON of another shape (`body`) answered with 200."""
    REFUSED = "refused"
    """The connection is cut before the change, and nothing listens any more, as by
    `Simulator.pause`: for `seconds`, or with times=None until `Simulator.resume`."""


_APPLIED = {
    FaultKind.CUT_AFTER,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.TRUNCATED,
    FaultKind.WRONG_SHAPE,
}
_UNANSWERED = {
    FaultKind.CUT_BEFORE,
    FaultKind.CUT_AFTER,
    FaultKind.TIMEOUT_BEFORE,
    FaultKind.TIMEOUT_AFTER,
    FaultKind.REFUSED,
}
_TIMEOUTS = {FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER}
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>proxy</body></html>\n"


@attrs.frozen(kw_only=True)
class Fault:
    """What goes wrong with which requests.

    It strikes the `nth` request from now on that matches `method` and the glob `path` (without the
    base path; `*` matches slashes too), and those after it, `times` in all (None: for good).
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
        """Whether the API carries the request out nevertheless."""
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
        """Arm them; of several that are due at one request, the one added first strikes."""
        with self._lock:
            self._armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        """Let everything go well from now on."""
        with self._lock:
            self._armed.clear()

    def strike(self, request: Request) -> Fault | None:
        """The fault for this request, if there is one."""
        with self._lock:
            # Every fault counts every request that matches it, so the list is made in full.
            due = [armed for armed in self._armed if armed.due(request)]
            if not due:
                return None
            due[0].struck += 1
            return due[0].fault


class Serving(Protocol):
    """The server that a request came to."""

    @property
    def stopping(self) -> Event:
        """Set when it stops, so that nobody waits any longer."""

    def vanish(self, seconds: float | None, connection: socket.socket) -> None:
        """Be gone for so long, or until it is told to be back; this connection is cut by others."""


@attrs.frozen
class Strike:
    """A fault at work on one request: on its connection, until the server stops."""

    fault: Fault
    connection: socket.socket
    server: Serving

    def before(self) -> Response | None:
        """What is answered instead of carrying the request out, if anything."""
        if self.fault.kind is FaultKind.LATENCY:
            self.server.stopping.wait(self.fault.seconds)
        return None if self.fault.after_the_change else self._answer()

    def after(self, response: Response) -> Response:
        """What is answered instead of the result."""
        if not self.fault.after_the_change:
            return response
        if self.fault.kind is FaultKind.TRUNCATED:
            return self._truncated(response)
        return self._answer() or response

    def _answer(self) -> Response | None:
        kind = self.fault.kind
        if kind is FaultKind.STATUS:
            return self._status()
        if kind is FaultKind.HTML:
            return self._page()
        if kind is FaultKind.WRONG_SHAPE:
            return Response(json.dumps(self.fault.body), mimetype="application/json")
        return None if self.fault.answered else Response(self._cut())

    def _status(self) -> Response:
        error = errors.for_status(self.fault.status or 503)
        error.message = self.fault.message or error.message
        body = json.dumps(error.as_json())
        return Response(body, error.status, self._headers(), mimetype="application/json")

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
            # Whoever sees this connection cut finds everything else gone already.
            self.server.vanish(seconds, self.connection)
        if sent:
            yield sent
        # A client that had no patience may be gone by now.
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        # The server takes it for a client that went away, and says no more.
        raise ConnectionAbortedError
