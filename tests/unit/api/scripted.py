from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any

import attrs
from typing_extensions import Self

JSON = "application/json"

WORKSPACE: dict[str, Any] = {
    "id": "11111111-2222-3333-4444-555555555555",
    "name": "Team",
    "slug": "team",
    "created_at": "2026-01-02T03:04:05Z",
}


@attrs.frozen
class Answer:
    """What a scripted server answers: a body as it stands, anything else as JSON."""

    body: Any = attrs.Factory(dict)
    status: int = 200
    headers: Mapping[str, str] = attrs.Factory(dict)
    content_type: str = JSON
    date: str | None = None

    @property
    def content(self) -> bytes:
        """The body on the wire."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@attrs.frozen
class Seen:
    """A request as it arrived, its target still quoted."""

    method: str
    target: str
    headers: Mapping[str, str]
    connection: tuple[str, int]
    at: float


class Scripted:
    """A server on this machine for the answers that the simulator would never give.

    It gives one answer after another, and the last for good.
    """

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self._lock = Lock()
        self.seen: list[Seen] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.base_url = f"{self.origin}/api/v1"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next(self, seen: Seen) -> Answer:
        """Note a request, and tell what it is answered."""
        with self._lock:
            self.seen.append(seen)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def answer(self) -> None:
                at = time.monotonic()
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = dict(self.headers.items())
                address = (str(self.client_address[0]), int(self.client_address[1]))
                self.give(script.next(Seen(self.command, self.path, headers, address, at)))

            def give(self, answer: Answer) -> None:
                self.send_response_only(answer.status)
                self.send_header("Date", answer.date or self.date_time_string())
                self.send_header("Content-Type", answer.content_type)
                length = {"Content-Length": str(len(answer.content))}
                for name, value in {**length, **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.content)
                self.wfile.flush()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        return Handler
