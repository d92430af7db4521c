"""Answers that no memory and no patience would be enough for."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from flask import Flask, Response
from werkzeug.serving import make_server

from pulumi_openrouter.api import backoff, sender
from pulumi_openrouter.api.answer import MAX_ANSWER_BYTES
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import BadAnswerError, NoAnswerError, ServerError
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import WORKSPACE, Answer

KEY = "sk-or-mgmt-x"
BOMB = gzip.compress(b" " * (MAX_ANSWER_BYTES + 1))


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat after hundredths of seconds; else as ever."""
    monkeypatch.setattr(backoff, "FIRST_WAIT_SECONDS", 0.02)


@pytest.mark.reliability(
    "answers of absurd size or depth: 16 MiB, a compression bomb, JSON nested 100,000 deep",
    "a clear error after a few attempts; never more than a bounded amount is read",
)
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (Answer(b" " * (MAX_ANSWER_BYTES + 1)), "an answer larger than 16 MiB"),
        (Answer(BOMB, headers={"Content-Encoding": "gzip"}), "an answer larger than 16 MiB"),
        (Answer(b"[" * 100_000 + b"]" * 100_000), "200 with JSON that is not the API's answer"),
        (Answer(b'{"data":' * 100_000 + b"}" * 100_000), "200 with JSON that is not"),
        (Answer({"data": {**WORKSPACE, "more": [[]] * 10_000, "name": 1}}), "200 with JSON that"),
        (Answer(b'{"data": ' + b"9" * 10_000 + b"}"), "200 with JSON that is not"),
        (Answer(b'{"data": NaN}'), "200 with JSON that is not"),
    ],
    ids=["large", "bomb", "deep list", "deep object", "other type", "long number", "no number"],
)
def test_an_absurd_answer_is_an_error(serve: Serve, sent: Answer, said: str) -> None:
    """What is larger or deeper than the API ever answers ends in an error that says so."""
    server = serve(sent)
    with pytest.raises(BadAnswerError, match=said):
        Client(KEY, server.base_url).get_workspace("team")
    assert len(server.seen) == sender.MAX_BAD_ANSWERS


def test_an_absurd_error_is_an_error(serve: Serve) -> None:
    """A refusal with a body that is too large, or too deep, is not read to its end either."""
    deep = b'{"error": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(ServerError, match="500 JSON instead of the API's answer"):
        Client(KEY, serve(Answer(deep, status=500)).base_url, timeout=0.5).get_workspace("team")
    large = serve(Answer(b" " * (MAX_ANSWER_BYTES + 1), status=404))
    with pytest.raises(BadAnswerError, match="an answer larger than 16 MiB"):
        Client(KEY, large.base_url).get_workspace("team")


def test_a_number_beyond_all_is_an_error(serve: Serve) -> None:
    """A limit that no double can hold, and so no state, is not taken for one."""
    budget = b'{"data": [{"limit_usd": 1e999, "reset_interval": "daily"}]}'
    with pytest.raises(BadAnswerError):
        Client(KEY, serve(Answer(budget)).base_url).list_budgets("team")


def test_a_large_answer_is_taken(serve: Serve) -> None:
    """A few megabytes are unusual, and no reason to fail."""
    padded = Answer({"data": {**WORKSPACE, "more": "x" * 4 * 2**20}})
    assert Client(KEY, serve(padded).base_url).get_workspace("team").slug == "team"


def test_a_compressed_answer_is_taken(serve: Serve) -> None:
    """The API may compress what it answers."""
    body = gzip.compress(Answer({"data": WORKSPACE}).content)
    zipped = Answer(body, headers={"Content-Encoding": "gzip"})
    assert Client(KEY, serve(zipped).base_url).get_workspace("team").slug == "team"


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that sends a blank every few milliseconds, and never ends its answer."""
    app, stop = Flask(__name__), Event()

    @app.route("/<path:path>")
    def drip(path: str) -> Response:
        def blanks() -> Iterator[str]:
            while not stop.wait(0.02):
                yield " "

        return Response(blanks(), mimetype="application/json")

    with make_server("127.0.0.1", 0, app, threaded=True) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/v1"
        stop.set()
        server.shutdown()


@pytest.mark.reliability(
    "an answer that trickles in and never ends", "given up after the time-out, as no answer"
)
def test_an_answer_that_never_ends_is_given_up(dripping: str) -> None:
    """A byte now and then doesn't keep a request alive for ever."""
    with pytest.raises(NoAnswerError, match="no answer in time"):
        Client(KEY, dripping, timeout=0.6).get_workspace("team")
