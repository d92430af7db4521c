"""The simulator as a server that can be started and stopped, in a test or from a shell."""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event, Lock, RLock, Thread, Timer, current_thread
from time import monotonic, sleep
from types import TracebackType
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from .app import SERVER, Gate, create_app
from .controls import CONTROLS_PATH, create_controls
from .faults import Faults
from .log import Request
from .quirks import Quirks
from .routes import BASE_PATH
from .seed import plant
from .state import Organization
from .state_file import StateFile

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
POLL_SECONDS = 0.02
RELEASE_SECONDS = 10.0


class Simulator:
    """The API of an organization, served on this machine alone, from a thread of its own.

    `organization` changes things behind the client's back, `log` has every request, `faults` makes
    requests fail. Use it in a with statement, or call `start` and `stop`.

    Args:
        quirks: how the account and the API behave.
        seed: a YAML file of workspaces, as `pulumi-openrouter export` writes it.
        members: how many people the organization has, besides those of the seed.
        workspaces: how many workspaces it has, besides the default one and those of the seed.
        key: the management key; None is one made from `random_seed`.
        port: where to listen; 0 is any free port.
        state: a file that keeps what the organization has. If it exists, the organization comes
            from there, and not from the seed.
        random_seed: what ids and keys are made from.

    Raises:
        SeedError: the seed can't be read, or the API would refuse something in it.
        StateFileError: the state can't be read, or is none.
    """

    def __init__(
        self,
        quirks: Quirks | None = None,
        *,
        seed: str | Path | None = None,
        members: int = 5,
        workspaces: int = 0,
        key: str | None = None,
        port: int = 0,
        state: str | Path | None = None,
        random_seed: int = 0,
    ) -> None:
        self.organization = Organization(
            quirks, random_seed=random_seed, members=members, workspaces=workspaces, key=key
        )
        self._state_file = StateFile(Path(state), self.organization) if state else None
        if seed and not (self._state_file and self._state_file.exists):
            plant(Path(seed), self.organization)
        self.organization.management_key = key or self.organization.management_key
        self.faults = Faults()
        self.log: list[Request] = []
        self._port = port
        # A fault or a timer may stop or start it too, from another thread.
        self._lock = RLock()
        self._server: Server | None = None
        self._held: socket.socket | None = None
        self._back: Timer | None = None
        app = create_app(Gate(self.organization, self.log, self.faults))
        # Of these functions the last one runs first: what is answered has been kept.
        app.after_request(self._keep)
        self._app = DispatcherMiddleware(app, {CONTROLS_PATH: self._controls})

    @property
    def base_url(self) -> str:
        """Where the API is served."""
        if not self._port:
            raise RuntimeError("the simulator has no address before it is started")
        return f"http://{HOST}:{self._port}{BASE_PATH}"

    @property
    def key(self) -> str:
        """The management key."""
        return self.organization.management_key

    @property
    def inference_key(self) -> str:
        """A key that may spend, but not administer."""
        return self.organization.inference_key

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request with the management key."""
        return {"Authorization": f"Bearer {self.key}"}

    def start(self) -> Simulator:
        """Start serving; raises OSError if the port is taken."""
        with self._lock:
            self._forget_to_be_back()
            if self._server is None:
                self._save()
                listener = self._held or _bound(self._port)
                self._held = None
                self._server = Server(listener, self._app, self._vanish, self.organization.clock)
                self._port = self._server.port
        return self

    def stop(self) -> None:
        """Refuse connections, cut the open ones, and end every wait."""
        with self._lock:
            self._forget_to_be_back()
            if self._held is not None:
                self._held.close()
                self._held = None
            if self._server is not None:
                self._server.stop()
                self._server = None
                self._save()

    def pause(self) -> None:
        """Stop listening for a while; the organization stays as it is."""
        with self._lock:
            self.stop()
            # Bound but not listening: connections are refused, and nobody else gets the port.
            self._held = _bound(self._port, RELEASE_SECONDS)

    def resume(self) -> None:
        """Listen again, on the same port."""
        self.start()

    def _controls(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self._controls_app(environ, start)

    @functools.cached_property
    def _controls_app(self) -> Flask:
        """Made when it is asked for, which few do."""
        return create_controls(self.organization, self.log, self.faults)

    def _keep(self, response: Response) -> Response:
        if request.method != "GET":
            self._save()
        return response

    def _save(self) -> None:
        if self._state_file is not None:
            self._state_file.save()

    def _vanish(self, server: Server, seconds: float | None) -> None:
        with self._lock:
            if server is not self._server:
                return  # Another thread was first, and may want it to stay stopped.
            self.pause()
            if seconds is not None:
                self._back = Timer(seconds, self._be_back)
                self._back.daemon = True
                self._back.start()

    def _be_back(self) -> None:
        with self._lock:
            # A timer that went off just before it was cancelled counts for nothing.
            if self._back is current_thread():
                self.resume()

    def _forget_to_be_back(self) -> None:
        if self._back is not None:
            self._back.cancel()
            self._back = None

    @property
    def connections_opened(self) -> int:
        """How many connections were opened since the last start; they may still be open."""
        return self._server.opened if self._server else 0

    def requests(self, method: str | None = None, path_glob: str | None = None) -> list[Request]:
        """The requests so far with this method and path; `*` matches slashes too."""
        return [request for request in list(self.log) if request.matches(method, path_glob)]

    def writes(self) -> list[Request]:
        """The requests so far that are not GETs."""
        return [request for request in list(self.log) if request.method != "GET"]

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class Handler(WSGIRequestHandler):
    """One connection, kept open for the next request; prints nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Answer one request.

        Werkzeug's own version closes the connection after every answer, since an application may
        leave part of the request unread; this application never does.
        """
        self.environ = {**self.make_environ(), SERVER: self.server}
        chunks, status, headers = run_wsgi_app(self.server.app, self.environ)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(chunk)
            self.wfile.flush()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date of an answer, by the organization's clock rather than this machine's."""
        assert isinstance(self.server, Server)
        return super().date_time_string(timestamp or self.server.clock().timestamp())

    def finish(self) -> None:
        """Drop the connection, even with an answer left that nobody is waiting for."""
        with suppress(OSError):
            super().finish()

    def log(self, type: str, message: str, *args: Any) -> None:
        """Print nothing: the simulator has its own log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print nothing, and don't format the message either."""


class Server(ThreadedWSGIServer):
    """A server that knows its open connections, so it can cut them."""

    def __init__(
        self,
        listener: socket.socket,
        app: Any,
        vanish: Callable[[Server, float | None], None],
        clock: Callable[[], datetime],
    ) -> None:
        self.clock = clock
        self.stopping = Event()
        self.connections: set[socket.socket] = set()
        self.opened = 0
        self._vanish = vanish
        self._connections_lock = Lock()
        listener.listen(128)
        # Werkzeug ends the process if the port is taken, so give it a socket that listens already.
        with listener:
            port = listener.getsockname()[1]
            super().__init__(HOST, port, app, Handler, fd=listener.fileno())
        self._thread = Thread(target=self.serve_forever, args=(POLL_SECONDS,), daemon=True)
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand a connection to a thread of its own."""
        with self._connections_lock:
            self.connections.add(request)
            self.opened += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._connections_lock:
            self.connections.discard(request)
        super().shutdown_request(request)

    def vanish(self, seconds: float | None, connection: socket.socket) -> None:
        """Stop listening for so long, or until resumed; the caller cuts this connection."""
        with self._connections_lock:
            self.connections.discard(connection)
        self._vanish(self, seconds)

    def stop(self) -> None:
        """Stop listening, end every wait, and cut the open connections."""
        self.stopping.set()
        self.shutdown()
        # The thread closes the listener last; until then, connections are accepted.
        self._thread.join()
        self.server_close()
        with self._connections_lock:
            for connection in self.connections:
                _cut(connection)


def _bound(port: int, patience: float = 0) -> socket.socket:
    """A socket with the port, which some systems release only a moment after it was closed."""
    deadline = monotonic() + patience
    while True:
        found = socket.socket()
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, port))
            return found
        except OSError:
            found.close()
            if monotonic() >= deadline:
                raise
            sleep(POLL_SECONDS)


def _cut(connection: socket.socket) -> None:
    # The other side may have closed it at this very moment.
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
