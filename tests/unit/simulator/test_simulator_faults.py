from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread, Timer
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from pulumi_openrouter.simulator import Fault, FaultKind, Request, Simulator
from tests.support.waiting import wait_until
from tests.unit.simulator.api import Api

TEAM = {"name": "Team", "slug": "team"}
CREATE: dict[str, Any] = {"method": "POST", "path": "/workspaces"}


def applied(simulator: Simulator) -> bool:
    return len(simulator.organization.workspaces) == 2


def test_a_status_is_answered_instead_of_the_change(simulator: Simulator, api: Api) -> None:
    """STATUS answers an error of the API with Retry-After, once, and nothing is applied."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=429, retry_after=7, **CREATE))
    response = api.send("POST", "/workspaces", TEAM)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    assert response.json() == {"error": {"code": 429, "message": "Rate limit exceeded"}}
    assert not applied(simulator)
    assert api.send("POST", "/workspaces", TEAM).status_code == 201


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (None, "Service Unavailable"),
        (500, "Internal Server Error"),
        (504, "Gateway Timeout"),
        (401, "Missing Authentication header"),
        (418, "I'm a Teapot"),
        (520, "Unknown Error"),
    ],
)
def test_a_status_has_the_message_of_the_schema_or_of_http(
    simulator: Simulator, api: Api, status: int | None, message: str
) -> None:
    """STATUS answers any status with its usual message, 503 if none is given."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=status))
    assert api.error("GET", "/workspaces") == (status or 503, message)


def test_a_status_can_have_a_message_of_its_own(simulator: Simulator, api: Api) -> None:
    """STATUS answers the message it is given."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403, message="Not you"))
    assert api.error("GET", "/workspaces") == (403, "Not you")


def test_a_status_can_follow_the_change(simulator: Simulator, api: Api) -> None:
    """STATUS with applied carries the request out, and answers the error all the same."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=500, applied=True, **CREATE))
    assert api.error("POST", "/workspaces", TEAM)[0] == 500
    assert applied(simulator)


@pytest.mark.parametrize("is_applied", [False, True])
def test_an_error_can_come_with_200(simulator: Simulator, api: Api, is_applied: bool) -> None:
    """ERROR_IN_200 answers 200 with the body of an error, instead of the change or after it."""
    fault = Fault(kind=FaultKind.ERROR_IN_200, status=502, applied=is_applied, **CREATE)
    simulator.faults.add(fault)
    response = api.send("POST", "/workspaces", TEAM)
    assert response.status_code == 200
    assert response.json() == {"error": {"code": 502, "message": "Bad Gateway"}}
    assert applied(simulator) is is_applied


@pytest.mark.parametrize("status", [None, 200])
def test_an_answer_is_empty(simulator: Simulator, api: Api, status: int | None) -> None:
    """EMPTY carries the request out and answers 204, or the status given, without a body."""
    simulator.faults.add(Fault(kind=FaultKind.EMPTY, status=status, **CREATE))
    response = api.send("POST", "/workspaces", TEAM)
    assert (response.status_code, response.content) == (status or 204, b"")
    assert applied(simulator)
    assert api.send("GET", "/workspaces").status_code == 200


@pytest.mark.parametrize("status", [None, 200, 522])
def test_a_proxy_answers_a_page(simulator: Simulator, api: Api, status: int | None) -> None:
    """HTML answers a page with 502 or the status given, and the API never sees the request."""
    simulator.faults.add(Fault(kind=FaultKind.HTML, status=status, **CREATE))
    response = api.send("POST", "/workspaces", TEAM)
    assert response.status_code == (status or 502)
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.text.startswith("<html>")
    assert not applied(simulator)


@pytest.mark.parametrize(
    ("kind", "is_applied"),
    [
        (FaultKind.CUT_BEFORE, False),
        (FaultKind.CUT_AFTER, True),
        (FaultKind.TIMEOUT_BEFORE, False),
        (FaultKind.TIMEOUT_AFTER, True),
    ],
)
def test_a_connection_is_cut_without_an_answer(
    simulator: Simulator, api: Api, kind: FaultKind, is_applied: bool
) -> None:
    """A cut, and a time-out in the end, close the connection before or after the change."""
    simulator.faults.add(Fault(kind=kind, **CREATE))
    with pytest.raises(requests.ConnectionError):
        api.send("POST", "/workspaces", TEAM)
    assert applied(simulator) is is_applied
    assert [(entry.status, entry.fault) for entry in simulator.log] == [(None, kind.value)]
    assert api.send("GET", "/workspaces").status_code == 200


def test_an_answer_is_cut_short(simulator: Simulator, api: Api) -> None:
    """TRUNCATED carries the request out and sends less of the answer than it announced."""
    simulator.faults.add(Fault(kind=FaultKind.TRUNCATED, **CREATE))
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        api.send("POST", "/workspaces", TEAM)
    assert applied(simulator)
    assert simulator.log[0].status == 201


@pytest.mark.parametrize("body", [{"data": 42}, [], "text", None])
def test_an_answer_has_another_shape(simulator: Simulator, api: Api, body: Any) -> None:
    """WRONG_SHAPE carries the request out and answers 200 with valid JSON of another shape."""
    simulator.faults.add(Fault(kind=FaultKind.WRONG_SHAPE, body=body, **CREATE))
    response = api.send("POST", "/workspaces", TEAM)
    assert (response.status_code, response.json()) == (200, body)
    assert applied(simulator)


def test_latency_delays_and_changes_nothing(simulator: Simulator, api: Api) -> None:
    """LATENCY answers as ever, and the log names it."""
    simulator.faults.add(Fault(kind=FaultKind.LATENCY, seconds=0.01))
    assert api.send("POST", "/workspaces", TEAM).status_code == 201
    assert (simulator.log[0].status, simulator.log[0].fault) == (201, "latency")


@pytest.mark.parametrize(
    "kind", [FaultKind.LATENCY, FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER]
)
def test_waiting_ends_with_the_simulator(simulator: Simulator, api: Api, kind: FaultKind) -> None:
    """A request that is held holds no other up, and is let go when the simulator stops."""
    simulator.faults.add(Fault(kind=kind, seconds=3600, **CREATE))

    def create() -> None:
        # Whether the answer or the end of the connection comes first is of no account here.
        with suppress(requests.ConnectionError):
            Api(simulator).send("POST", "/workspaces", TEAM, timeout=3600)

    held = Thread(target=create, daemon=True)
    held.start()
    wait_until(lambda: bool(simulator.requests("POST")))
    assert api.send("GET", "/workspaces").status_code == 200
    assert held.is_alive()
    simulator.stop()
    held.join(60)
    assert not held.is_alive()


@pytest.mark.parametrize("kind", FaultKind)
def test_the_server_says_nothing_of_broken_connections(
    simulator: Simulator, capfd: pytest.CaptureFixture[str], kind: FaultKind
) -> None:
    """Whoever closes a connection first, client or fault, nothing is printed about it."""
    simulator.faults.add(Fault(kind=kind, seconds=3600))
    server, address = simulator._server, urlsplit(simulator.base_url)
    with socket.create_connection((address.hostname, address.port or 0)) as connection:
        # So the connection is reset, not closed in order, as by a client that was killed.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"GET /api/v1/workspaces HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: bool(simulator.log))
    simulator.stop()
    wait_until(lambda: server is not None and not server.connections)
    assert capfd.readouterr() == ("", "")


def causes(error: BaseException | None) -> Iterator[type[BaseException]]:
    """What an error came of, itself first."""
    while error is not None:
        yield type(error)
        error = error.__cause__ or error.__context__


def is_refused(simulator: Simulator) -> bool:
    try:
        return not Api(simulator).send("GET", "/workspaces")
    except requests.ConnectionError as error:
        return ConnectionRefusedError in causes(error)


def timers() -> list[Timer]:
    return [thread for thread in threading.enumerate() if isinstance(thread, Timer)]


def test_refused_lasts_until_it_is_resumed(simulator: Simulator, api: Api) -> None:
    """REFUSED cuts the request and every connection, and then nothing listens until resume."""
    other = Api(simulator)
    other.ok("GET", "/workspaces")
    base_url = simulator.base_url
    simulator.faults.add(Fault(kind=FaultKind.REFUSED, times=None, **CREATE))
    with pytest.raises(requests.ConnectionError) as cut:
        api.send("POST", "/workspaces", TEAM)
    assert ConnectionRefusedError not in causes(cut.value)
    with pytest.raises(requests.ConnectionError):
        other.send("GET", "/workspaces")
    assert is_refused(simulator)
    last = simulator.log[-1]
    assert (last.method, last.status, last.fault) == ("POST", None, "refused")
    simulator.resume()
    assert simulator.base_url == base_url
    assert other.send("GET", "/workspaces").status_code == 200
    assert not applied(simulator)


def test_refused_ends_by_itself(simulator: Simulator, api: Api) -> None:
    """REFUSED with seconds is over after them, and the organization is as it was."""
    before = simulator.organization.workspaces
    simulator.faults.add(Fault(kind=FaultKind.REFUSED, seconds=0.05, **CREATE))
    with pytest.raises(requests.ConnectionError):
        api.send("POST", "/workspaces", TEAM)
    wait_until(lambda: not is_refused(simulator))
    assert simulator.organization.workspaces == before
    assert api.send("POST", "/workspaces", TEAM).status_code == 201


def test_refused_can_be_resumed_before_its_time(simulator: Simulator, api: Api) -> None:
    """resume ends REFUSED at once, and its timer with it."""
    simulator.faults.add(Fault(kind=FaultKind.REFUSED, seconds=3600))
    with pytest.raises(requests.ConnectionError):
        api.send("GET", "/workspaces")
    started = timers()
    assert is_refused(simulator)
    simulator.resume()
    assert api.send("GET", "/workspaces").status_code == 200
    for timer in started:
        timer.join(60)
    assert (len(started), timers()) == (1, [])


def test_refused_may_strike_many_connections_at_once(simulator: Simulator) -> None:
    """Of many requests that REFUSED strikes together each is cut, and it ends as one would."""
    simulator.faults.add(Fault(kind=FaultKind.REFUSED, seconds=0.05, times=20))

    def insist(number: int) -> int:
        client, answers = Api(simulator), []

        def is_created() -> bool:
            with suppress(requests.ConnectionError):
                body = {"name": "x", "slug": f"team-{number}"}
                answers.append(client.send("POST", "/workspaces", body).status_code)
            return bool(answers)

        wait_until(is_created)
        return answers[0]

    with ThreadPoolExecutor(8) as pool:
        # An answer may be lost where another request is refused: then the slug is taken.
        assert set(pool.map(insist, range(8))) <= {201, 400}
    struck = [entry for entry in simulator.log if entry.fault]
    assert [(entry.status, entry.fault) for entry in struck] == [(None, "refused")] * 20
    assert len(simulator.organization.workspaces) == 9


@pytest.mark.parametrize("seconds", [0, 3600])
def test_refused_does_not_outlive_the_simulator(simulator: Simulator, seconds: float) -> None:
    """Once it is stopped it stays stopped, also where REFUSED strikes in the same moment."""
    for _ in range(20):
        simulator.faults.clear()
        simulator.faults.add(Fault(kind=FaultKind.REFUSED, seconds=seconds, times=3))
        simulator.log.clear()
        clients = [Thread(target=is_refused, args=(simulator,)) for _ in range(3)]
        for client in clients:
            client.start()
        wait_until(lambda: bool(simulator.log))
        simulator.stop()
        for thread in [*clients, *timers()]:
            thread.join(60)
        assert timers() == []
        assert is_refused(simulator)
        simulator.start()


def statuses(api: Api, count: int, path: str = "/workspaces") -> list[int]:
    return [api.send("GET", path).status_code for _ in range(count)]


def test_a_fault_strikes_the_nth_match_so_many_times(simulator: Simulator, api: Api) -> None:
    """nth counts the matching requests from now on, and times those that are struck."""
    api.send("GET", "/workspaces")
    simulator.faults.add(Fault(kind=FaultKind.STATUS, path="/workspaces", nth=2, times=2))
    assert statuses(api, 1, "/keys") == [200]
    assert statuses(api, 5) == [200, 503, 503, 200, 200]


def test_a_fault_can_last(simulator: Simulator, api: Api) -> None:
    """times=None strikes for good, until the faults are cleared."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, times=None))
    assert statuses(api, 4) == [503] * 4
    simulator.faults.clear()
    assert statuses(api, 2) == [200] * 2


def test_of_several_faults_the_first_strikes_first(simulator: Simulator, api: Api) -> None:
    """Faults that are due together strike one request each, in the order they were added."""
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, status=500), Fault(kind=FaultKind.STATUS, status=502)
    )
    assert statuses(api, 3) == [500, 502, 200]


@pytest.mark.parametrize(
    ("method", "glob", "matches"),
    [
        (None, "*", True),
        ("PUT", "/workspaces/*/budgets/*", True),
        ("PUT", "/workspaces*", True),
        ("GET", "/workspaces*", False),
        ("PUT", "/workspaces", False),
        ("PUT", "/Workspaces*", False),
    ],
)
def test_a_glob_says_which_requests(method: str | None, glob: str, matches: bool) -> None:
    """A path's `*` matches slashes too, and no method means every method."""
    assert Request("PUT", "/workspaces/a/budgets/daily").matches(method, glob) is matches


def test_faults_strike_before_the_key_is_looked_at(simulator: Simulator) -> None:
    """A proxy or a broken line cares for no key, and for no path of the API."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, times=2))
    assert Api(simulator, "bad").error("GET", "/workspaces")[0] == 503
    assert Api(simulator).error("GET", "/nothing")[0] == 503


def test_a_refusal_stays_one_under_a_fault_after_it(simulator: Simulator, api: Api) -> None:
    """A fault after the change hides that the API refused, and logs what was sent."""
    simulator.faults.add(Fault(kind=FaultKind.WRONG_SHAPE, **CREATE))
    assert api.send("POST", "/workspaces", {}).json() == {"data": 42}
    assert not applied(simulator)
    assert simulator.log[0] == Request("POST", "/workspaces", {}, {}, 200, "wrong_shape")
