from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from threading import Thread
from time import monotonic
from typing import Any

import pytest

from pulumi_openrouter.api import attempts, backoff, sender
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import (
    BadAnswerError,
    BadRequestError,
    NoAnswerError,
    NotFoundError,
    RateLimitedError,
    RequestError,
    ServerError,
)
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import WORKSPACE, Answer, Scripted, Seen

TEAM = {"name": "Team", "slug": "team"}
LONG = 3600.0
SOON = 1.0


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat after hundredths of seconds; else as ever."""
    monkeypatch.setattr(backoff, "FIRST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(backoff, "MAX_WAIT_SECONDS", 0.2)


Arm = Callable[..., None]


@pytest.fixture
def arm(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Arm:
    """Adds a fault; an answer that never comes is missed after tenths of seconds."""

    def add(fault: dict[str, Any], times: int | None = 1) -> None:
        if "seconds" in fault:
            monkeypatch.setattr(attempts, "MAX_READ_SECONDS", 0.3)
        simulator.faults.add(Fault(**fault, times=times))

    return add


@pytest.fixture
def ada(simulator: Simulator) -> str:
    """A member of the organization; there is a workspace called team as well."""
    simulator.organization.create_workspace(**TEAM)
    return simulator.organization.people[0].id


def patient(simulator: Simulator) -> Client:
    return Client(simulator.key, simulator.base_url, timeout=60)


def hasty(simulator: Simulator, timeout: float = SOON) -> Client:
    return Client(simulator.key, simulator.base_url, timeout=timeout)


VERBS: dict[str, Callable[[Client, str], object]] = {
    "GET": lambda client, _: client.get_workspace("team"),
    "POST": lambda client, ada: client.add_members("team", [ada]),
    "PATCH": lambda client, _: client.update_workspace("team", {"description": "new"}),
    "PUT": lambda client, _: client.set_budget("team", "daily", 5),
    "DELETE": lambda client, _: client.delete_budget("team", "daily"),
}

PASSING: dict[str, dict[str, Any]] = {
    "408": {"kind": FaultKind.STATUS, "status": 408},
    "408 though applied": {"kind": FaultKind.STATUS, "status": 408, "applied": True},
    "408 with Retry-After": {"kind": FaultKind.STATUS, "status": 408, "retry_after": 0.05},
    "429": {"kind": FaultKind.STATUS, "status": 429},
    "429 with Retry-After": {"kind": FaultKind.STATUS, "status": 429, "retry_after": 0.05},
    "500": {"kind": FaultKind.STATUS, "status": 500},
    "502": {"kind": FaultKind.STATUS, "status": 502},
    "503": {"kind": FaultKind.STATUS, "status": 503},
    "503 with Retry-After": {"kind": FaultKind.STATUS, "status": 503, "retry_after": 0.05},
    "504": {"kind": FaultKind.STATUS, "status": 504},
    "500 though applied": {"kind": FaultKind.STATUS, "status": 500, "applied": True},
    "503 in a 200": {"kind": FaultKind.ERROR_IN_200, "status": 503},
    "429 in a 200": {"kind": FaultKind.ERROR_IN_200, "status": 429, "retry_after": 0.05},
    "cut before": {"kind": FaultKind.CUT_BEFORE},
    "cut after": {"kind": FaultKind.CUT_AFTER},
    "no answer": {"kind": FaultKind.TIMEOUT_BEFORE, "seconds": LONG},
    "no answer though applied": {"kind": FaultKind.TIMEOUT_AFTER, "seconds": LONG},
    "truncated": {"kind": FaultKind.TRUNCATED},
    "wrong shape": {"kind": FaultKind.WRONG_SHAPE},
    "page with 408": {"kind": FaultKind.HTML, "status": 408},
    "page with 502": {"kind": FaultKind.HTML, "status": 502},
    "page with 200": {"kind": FaultKind.HTML, "status": 200},
    "page with 429": {"kind": FaultKind.HTML, "status": 429},
}


@pytest.mark.parametrize("method", VERBS)
@pytest.mark.parametrize("fault", PASSING)
def test_one_fault_is_overcome(
    simulator: Simulator, arm: Arm, ada: str, method: str, fault: str
) -> None:
    """Every verb is sent again after any fault that may pass, and then succeeds."""
    arm(PASSING[fault])
    VERBS[method](patient(simulator), ada)
    assert {request.method for request in simulator.log} == {method}
    assert [request.fault is not None for request in simulator.log][:2] == [True, False]


def test_many_faults_are_overcome(simulator: Simulator, ada: str) -> None:
    """Faults of every kind, one after another, are overcome within the time."""
    kinds = [fault for fault in PASSING.values() if not fault.get("seconds")]
    simulator.faults.add(*(Fault(**fault) for fault in kinds))
    VERBS["PUT"](patient(simulator), ada)
    assert simulator.organization.budgets("team") == {"daily": 5}
    assert len(simulator.log) == len(kinds) + 1


def test_answers_that_are_never_the_apis_are_not_asked_for_long(
    simulator: Simulator, ada: str
) -> None:
    """A wrong base URL is said after a few attempts, long before time runs out."""
    simulator.faults.add(Fault(kind=FaultKind.HTML, status=200, times=None))
    with pytest.raises(BadAnswerError):
        patient(simulator).get_workspace("team")
    assert len(simulator.log) == sender.MAX_BAD_ANSWERS


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()], ids=repr)
def test_only_failed_requests_are_repeated(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """An interruption, or a mistake of this package, ends the request at once."""
    tried: list[object] = []

    def fail(attempt: object) -> None:
        tried.append(attempt)
        raise error

    monkeypatch.setattr(attempts.Attempts, "next", fail)
    with pytest.raises(type(error)):
        Client("sk-or-mgmt-test").get_workspace("team")
    assert len(tried) == 1


def test_nothing_is_sent_long_after_the_time_of_an_operation(simulator: Simulator) -> None:
    """An operation of many requests ends soon after its time, however many are left."""
    client = patient(simulator)
    late = pytest.raises(NoAnswerError, match="not sent: this operation ran out of time")
    with client.operation(-2 * attempts.MIN_ATTEMPT_SECONDS), late:
        client.get_workspace("default")
    assert simulator.log == []


def test_a_server_that_is_away_is_waited_for(
    simulator: Simulator, ada: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Connections that are refused for a while are tried again until somebody listens."""

    class Resume(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            simulator.resume()

    simulator.pause()
    logger, handler = logging.getLogger("pulumi_openrouter.api"), Resume()
    caplog.set_level(logging.DEBUG, logger.name)
    logger.addHandler(handler)
    patient(simulator).get_workspace("team")
    logger.removeHandler(handler)
    assert [record.getMessage().split()[2] for record in caplog.records] == ["no", "200"]


FOR_GOOD: dict[str, tuple[dict[str, Any], type[RequestError], bool]] = {
    "408": (PASSING["408"], ServerError, True),
    "page with 408": (PASSING["page with 408"], ServerError, True),
    "429": (PASSING["429"], RateLimitedError, False),
    "429 in a 200": (PASSING["429 in a 200"], RateLimitedError, False),
    "page with 429": (PASSING["page with 429"], RateLimitedError, False),
    "500": (PASSING["500"], ServerError, True),
    "502": (PASSING["502"], ServerError, True),
    "503": (PASSING["503"], ServerError, True),
    "504": (PASSING["504"], ServerError, True),
    "503 in a 200": (PASSING["503 in a 200"], ServerError, True),
    "cut before": (PASSING["cut before"], NoAnswerError, True),
    "cut after": (PASSING["cut after"], NoAnswerError, True),
    "no answer": (PASSING["no answer"], NoAnswerError, True),
    "truncated": (PASSING["truncated"], NoAnswerError, True),
    "wrong shape": (PASSING["wrong shape"], BadAnswerError, True),
    "page with 502": (PASSING["page with 502"], ServerError, True),
    "page with 200": (PASSING["page with 200"], BadAnswerError, True),
}


@pytest.mark.parametrize("fault", FOR_GOOD)
def test_a_lasting_fault_ends_in_its_error(
    simulator: Simulator, arm: Arm, ada: str, fault: str
) -> None:
    """When time is over the last error is raised, unsettled if the change may have been made."""
    arguments, expected, unsettled = FOR_GOOD[fault]
    arm(arguments, times=None)
    with pytest.raises(RequestError) as caught:
        VERBS["POST"](hasty(simulator), ada)
    assert type(caught.value) is expected
    assert (caught.value.call.may_be_applied, caught.value.unsettled) == (unsettled, unsettled)
    assert len(str(caught.value).splitlines()) <= 2
    assert len(simulator.log) > 1


@pytest.mark.parametrize(
    "fault", ["408", "503", "cut after", "no answer", "truncated", "page with 200"]
)
def test_reading_changes_nothing(simulator: Simulator, arm: Arm, ada: str, fault: str) -> None:
    """A GET is never unsettled, however it ends."""
    arguments, expected, _ = FOR_GOOD[fault]
    arm(arguments, times=None)
    with pytest.raises(expected) as caught:
        VERBS["GET"](hasty(simulator), ada)
    assert not caught.value.unsettled


@pytest.fixture
def nobody() -> Iterator[str]:
    """A base URL at which nobody listens, nor can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("method", VERBS)
def test_what_was_never_sent_is_settled(nobody: str, method: str) -> None:
    """A connection that is refused for good can't have changed anything."""
    client = Client("sk-or-mgmt-test", nobody, timeout=0.3)
    with pytest.raises(NoAnswerError) as caught:
        VERBS[method](client, "user_ada")
    host = nobody.removeprefix("http://")
    assert str(caught.value) == f"no connection: connection refused ({host})"
    assert not caught.value.unsettled


def test_a_refusal_after_a_lost_answer_is_unsettled(simulator: Simulator) -> None:
    """A repeat that is refused can mean that the first attempt was carried out."""
    simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER))
    client = patient(simulator)
    with pytest.raises(BadRequestError) as caught:
        client.create_workspace(TEAM)
    assert caught.value.unsettled
    created = datetime.fromisoformat(
        simulator.organization.workspace("team").created_at.replace("Z", "+00:00")
    )
    first_sent = client.clock.at(caught.value.call.first_sent)
    assert first_sent is not None
    assert created >= first_sent - timedelta(seconds=2)


def test_a_404_after_a_lost_answer_is_unsettled(simulator: Simulator, ada: str) -> None:
    """A repeated deletion that finds nothing may have been done by the first attempt."""
    simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER))
    with pytest.raises(NotFoundError) as caught:
        patient(simulator).delete_workspace("team")
    assert caught.value.unsettled


@pytest.mark.parametrize("fault", ["429", "429 with Retry-After", "429 in a 200"])
def test_a_refusal_after_a_rate_limit_is_settled(
    simulator: Simulator, ada: str, fault: str
) -> None:
    """A request that was only turned away before was never carried out."""
    simulator.faults.add(Fault(**PASSING[fault]))
    with pytest.raises(BadRequestError) as caught:
        patient(simulator).create_workspace(TEAM)
    assert not caught.value.unsettled


# The server's clock


@pytest.mark.parametrize("zone", ["GMT", "-0000"])
def test_the_first_attempt_is_dated_by_the_server(serve: Serve, zone: str) -> None:
    """When the first attempt was sent is told by the server's clock, also after repeats."""
    moment = datetime(2001, 2, 3, 4, 5, 6, tzinfo=timezone.utc)
    date = f"Sat, 03 Feb 2001 04:05:06 {zone}"
    refusal = Answer({"error": {"message": "No"}}, 400, date=date)
    server = serve(Answer(b"", 503, date=date), refusal)
    begun = monotonic()
    client = Client("sk-or-mgmt-test", server.base_url)
    with pytest.raises(BadRequestError) as caught:
        client.create_workspace(TEAM)
    longest = timedelta(seconds=monotonic() - begun)
    first_sent = client.clock.at(caught.value.call.first_sent)
    assert first_sent is not None
    assert moment - longest <= first_sent < moment


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_server_without_a_clock_dates_nothing(serve: Serve, date: str) -> None:
    """Without a date from the server it is not known when anything was sent."""
    server = serve(Answer({"error": {"message": "No"}}, 400, date=date or " "))
    client = Client("sk-or-mgmt-test", server.base_url)
    with pytest.raises(BadRequestError) as caught:
        client.create_workspace(TEAM)
    assert client.clock.at(caught.value.call.first_sent) is None


def test_no_answer_at_all_dates_nothing(simulator: Simulator) -> None:
    """Where no answer ever came there is no date."""
    simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, times=None))
    client = hasty(simulator, 0.2)
    with pytest.raises(NoAnswerError) as caught:
        client.create_workspace(TEAM)
    assert client.clock.at(caught.value.call.first_sent) is None


# Retry-After


def test_a_longer_wait_than_there_is_time_ends_at_once(simulator: Simulator, ada: str) -> None:
    """A Retry-After beyond the end is not waited for, and the error tells how long it was."""
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, status=429, retry_after=LONG, message="Slow down")
    )
    with pytest.raises(RateLimitedError) as caught:
        VERBS["POST"](hasty(simulator), ada)
    assert str(caught.value).splitlines() == [
        "429 Slow down",
        "Not retried: the API asked to wait 3600 seconds.",
    ]
    assert not caught.value.unsettled
    assert len(simulator.log) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_who_comes_later_does_not_even_ask(simulator: Simulator, ada: str, status: int) -> None:
    """While the API asked for patience, others whose time is too short send nothing."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=status, retry_after=LONG))
    client = hasty(simulator)
    with pytest.raises(RequestError):
        VERBS["GET"](client, ada)
    with pytest.raises(
        NoAnswerError, match=r"^not sent: the API asked to wait 3600 seconds$"
    ) as no:
        VERBS["POST"](client, ada)
    assert not no.value.unsettled
    assert len(simulator.log) == 1


@pytest.mark.parametrize("status", [408, 429, 503])
def test_a_date_to_wait_for_is_the_servers(serve: Serve, status: int) -> None:
    """A Retry-After that names a time is compared with the answer's own Date, whatever it is."""
    sent, until = "Sat, 03 Feb 2001 04:05:06 GMT", "Sat, 03 Feb 2001 05:05:06 GMT"
    busy = Answer({"error": {"message": "Busy"}}, status, {"Retry-After": until}, date=sent)
    client = Client("sk-or-mgmt-test", serve(busy).base_url, timeout=60)
    with pytest.raises(RequestError, match="the API asked to wait 3600 seconds"):
        client.get_workspace("team")


@pytest.mark.parametrize("header", ["inf", "nan", "soon", "-1"])
def test_a_retry_after_without_sense_is_ignored(
    simulator: Simulator, ada: str, header: str
) -> None:
    """A Retry-After that says nothing leaves the usual waits in place."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=429, retry_after=header))
    VERBS["GET"](patient(simulator), ada)
    assert len(simulator.log) == 2


class Patience(Scripted):
    """A server that asks for patience once, and notes who has none."""

    seconds = 0.5

    def next(self, seen: Seen) -> Answer:
        """429 to the first request."""
        answer = super().next(seen)
        return (
            answer
            if len(self.seen) > 1
            else Answer({"error": {"message": "Wait"}}, 429, {"Retry-After": str(self.seconds)})
        )

    @property
    def impatient(self) -> list[Seen]:
        """Who came before the time that was asked for."""
        return [seen for seen in self.seen[1:] if seen.at < self.seen[0].at + self.seconds]


def test_one_rate_limit_holds_all_threads_back() -> None:
    """After one 429 no thread sends anything before the time that the API asked for."""
    with Patience(Answer({"data": WORKSPACE})) as server:
        client = Client("sk-or-mgmt-test", server.base_url, timeout=60)
        with client.operation(0.01), pytest.raises(RateLimitedError):
            client.get_workspace("team")
        threads = [Thread(target=client.get_workspace, args=("team",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.seen) == 1 + len(threads)
        assert server.impatient == []


def test_a_line_behind_a_rate_limit_takes_no_operations_time() -> None:
    """Many threads succeed together, though the requests of all take longer than each may."""
    threads, each, per_second, timeout = 16, 5, 10, 3
    assert threads * each / per_second > 2 * timeout
    with Simulator(Quirks(requests_per_second=per_second)) as simulator:
        client = Client(simulator.key, simulator.base_url, timeout=timeout)

        def operation(_: int) -> None:
            with client.operation():
                for _ in range(each):
                    client.get_workspace("default")

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(operation, range(threads)))
        answered = [request.status for request in simulator.log]
        assert answered.count(200) == threads * each
        assert answered.count(429) < 2 * threads


# One total for an operation


def test_an_operation_bounds_all_its_requests(simulator: Simulator, ada: str) -> None:
    """What one request used up, the next has no more: it has one attempt left."""
    silence = Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=LONG, method="GET", times=None)
    failing = Fault(kind=FaultKind.STATUS, status=503, method="PUT", times=None)
    simulator.faults.add(silence, failing)
    client = hasty(simulator, LONG)
    with client.operation(0.5):
        with pytest.raises(NoAnswerError):
            VERBS["GET"](client, ada)
        with pytest.raises(ServerError):
            VERBS["PUT"](client, ada)
        with pytest.raises(ServerError):
            VERBS["PUT"](client, ada)
    assert len(simulator.requests("PUT")) <= 3


@pytest.fixture
def exhausted(simulator: Simulator) -> Iterator[Client]:
    """A client in an operation whose time is over."""
    client = patient(simulator)
    with client.operation(1e-9):
        yield client


def test_an_attempt_is_made_even_when_time_is_over(exhausted: Client, ada: str) -> None:
    """The last request of an operation has time for one attempt."""
    VERBS["PUT"](exhausted, ada)


def test_nothing_is_repeated_when_time_is_over(
    simulator: Simulator, exhausted: Client, ada: str
) -> None:
    """Without time left, a fault that would pass is final."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS))
    with pytest.raises(ServerError):
        VERBS["PUT"](exhausted, ada)
    assert len(simulator.log) == 1


def test_an_operation_inside_has_time_of_its_own(
    simulator: Simulator, exhausted: Client, ada: str
) -> None:
    """Putting back what was changed has its own allowance, however late it is."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS))
    with exhausted.operation(60):
        VERBS["PUT"](exhausted, ada)
    simulator.faults.add(Fault(kind=FaultKind.STATUS))
    with pytest.raises(ServerError):
        VERBS["PUT"](exhausted, ada)


def test_an_operation_bounds_its_own_thread_alone(
    simulator: Simulator, exhausted: Client, ada: str
) -> None:
    """Other threads of the client keep their time."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS))
    found: list[object] = []
    other = Thread(target=lambda: found.append(VERBS["PUT"](exhausted, ada)))
    other.start()
    other.join()
    assert len(found) == 1


# TLS


class Abrupt:
    """A server that hears a TLS greeting, and hangs up."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self.greetings = 0
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                self.greetings += 1

    def close(self) -> None:
        """Listen no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def test_a_tls_connection_that_breaks_is_tried_again() -> None:
    """Hanging up in the middle of TLS is a broken connection like any other."""
    server = Abrupt()
    with pytest.raises(NoAnswerError, match=r"^the connection broke"):
        Client("sk-or-mgmt-test", server.base_url, timeout=2).get_workspace("team")
    server.close()
    assert server.greetings > 1


def test_a_tls_connection_that_is_not_to_be_trusted_is_not(serve: Serve) -> None:
    """Who can't speak TLS, or has no good certificate, is not asked again, nor sent the key."""
    server = serve(Answer())
    url = server.base_url.replace("http:", "https:")
    with pytest.raises(NoAnswerError, match=r"^no trusted TLS connection to 127") as caught:
        Client("sk-or-mgmt-test", url, timeout=60).create_workspace(TEAM)
    assert "wrong version number" in caught.value.message
    assert caught.value.hint == ""
    assert not caught.value.unsettled
    assert server.seen == []
