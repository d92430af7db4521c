"""Who is told that requests are being tried again, and when: never at once, and not too often."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import attrs
import pytest

from pulumi_openrouter.api import backoff, retry_notice
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.deadline import Operation
from pulumi_openrouter.api.retry_notice import (
    QUIET_SECONDS,
    SPACING_SECONDS,
    RetryNotices,
    Trouble,
)
from pulumi_openrouter.core.settings import Settings
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator

TIMEOUT = 120.0
GET = "GET /workspaces/team"


@attrs.define(eq=False)
class FakeAlarm:
    """An alarm that rings when its clock is moved past it."""

    at: float
    ring: Callable[[], None]
    is_set: bool = False

    def start(self) -> None:
        """Wait for the clock."""
        self.is_set = True

    def cancel(self) -> None:
        """Wait no more."""
        self.is_set = False


@attrs.define
class World:
    """A client's notices, in a time that passes only here."""

    now: float = 1000.0
    told: list[tuple[float, str]] = attrs.field(factory=list)
    alarms: list[FakeAlarm] = attrs.field(factory=list)
    notices: RetryNotices = attrs.field(init=False)
    requests: ExitStack = attrs.field(factory=ExitStack)

    def __attrs_post_init__(self) -> None:
        self.notices = RetryNotices("api.example.com", self.notify, lambda: self.now, self.alarm)

    def notify(self, line: str) -> None:
        """Note what was told, and when."""
        self.told.append((self.now - 1000.0, line))

    def alarm(self, seconds: float, ring: Callable[[], None]) -> FakeAlarm:
        """Note an alarm."""
        self.alarms.append(FakeAlarm(self.now + seconds, ring))
        return self.alarms[-1]

    def pass_time(self, seconds: float) -> None:
        """Let alarms ring in order, up to that time."""
        end = self.now + seconds
        while due := [alarm for alarm in self.alarms if alarm.is_set and alarm.at <= end]:
            first = min(due, key=lambda alarm: alarm.at)
            first.is_set = False
            self.now = max(self.now, first.at)
            first.ring()
        self.now = end

    def failing(self, operation: Operation | None = None, what: str = GET) -> Trouble:
        """A request of an operation that has just failed for the first time."""
        operation = operation or Operation(self.now + TIMEOUT)
        trouble = self.requests.enter_context(self.notices.watching(what, operation))
        self.notices.failed(trouble, "503 Service Unavailable")
        return trouble


def test_a_request_that_keeps_failing_is_told_once() -> None:
    """What, how long still, and why; afterwards there is silence about this operation."""
    world = World()
    trouble = world.failing()
    world.pass_time(3)
    world.notices.failed(trouble, "429 Rate limit exceeded")
    world.pass_time(TIMEOUT)
    assert world.told == [
        (
            QUIET_SECONDS,
            f"retrying {GET} for up to {TIMEOUT - QUIET_SECONDS:.0f} more seconds: "
            "429 Rate limit exceeded (api.example.com)",
        )
    ]
    assert QUIET_SECONDS < 10


def test_a_host_is_told_once() -> None:
    """A reason that names the host already is not given it again."""
    world = World()
    world.notices.failed(world.failing(), "no connection: connection refused (api.example.com)")
    world.pass_time(TIMEOUT)
    assert world.told[0][1].endswith("seconds: no connection: connection refused (api.example.com)")


def test_a_request_that_succeeds_soon_is_not_told() -> None:
    """A moment's failure bothers nobody, and leaves no alarm behind."""
    world = World()
    world.failing()
    world.pass_time(QUIET_SECONDS - 1)
    world.requests.close()
    assert not any(alarm.is_set for alarm in world.alarms)
    world.pass_time(TIMEOUT)
    assert world.told == []


def test_a_request_without_a_failure_is_not_told() -> None:
    """However long it takes, a first attempt is nothing to be told of."""
    world = World()
    world.requests.enter_context(world.notices.watching(GET, Operation(world.now + TIMEOUT)))
    world.pass_time(TIMEOUT)
    world.requests.close()
    assert (world.told, world.alarms) == ([], [])


def test_an_operation_is_told_once_for_all_its_requests() -> None:
    """The next request of the same operation adds nothing."""
    world = World()
    operation = Operation(world.now + TIMEOUT)
    world.failing(operation)
    world.pass_time(QUIET_SECONDS)
    world.requests.close()
    world.failing(operation)
    world.pass_time(TIMEOUT)
    assert len(world.told) == 1


def test_many_threads_are_told_of_twice_a_minute() -> None:
    """Each notice is of another operation, the one that has been waiting longest."""
    world = World()
    for number in range(32):
        world.failing(what=f"GET /workspaces/{number}")
        world.pass_time(0.1)
    world.pass_time(2 * SPACING_SECONDS + QUIET_SECONDS)
    assert [at for at, _ in world.told] == [
        QUIET_SECONDS,
        QUIET_SECONDS + SPACING_SECONDS,
        QUIET_SECONDS + 2 * SPACING_SECONDS,
    ]
    paths = [line.split()[2] for _, line in world.told]
    assert paths == [f"/workspaces/{number}" for number in range(3)]


def test_who_is_in_trouble_later_is_told_later() -> None:
    """An alarm for a request that has succeeded says nothing of another that has just failed."""
    world = World()
    with ExitStack() as first:
        world.requests, later = first, world.requests
        world.failing(what="GET /first")
        world.requests = later
        world.pass_time(QUIET_SECONDS - 1)
        world.failing(what="GET /second")
    world.pass_time(1)
    assert world.told == []
    world.pass_time(TIMEOUT)
    assert [(at, line.split()[2]) for at, line in world.told] == [
        (2 * QUIET_SECONDS - 1, "/second")
    ]


def test_a_second_is_always_left() -> None:
    """The last attempt may be on its way when the time is over."""
    world = World()
    world.failing(Operation(world.now + 1))
    world.pass_time(TIMEOUT)
    assert "for up to 1 more seconds" in world.told[0][1]


# With a real client


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell after hundredths of seconds, and repeat as soon."""
    monkeypatch.setattr(retry_notice, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(backoff, "FIRST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(backoff, "MAX_WAIT_SECONDS", 0.2)


@pytest.mark.reliability(
    "an API that fails or can't be reached for longer than some seconds",
    "it is said once that the request is tried again, why, and how long at most",
)
@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.CUT_BEFORE, FaultKind.REFUSED])
@pytest.mark.usefixtures("_impatient")
def test_a_client_tells_of_a_failing_api(simulator: Simulator, kind: FaultKind) -> None:
    """Whoever is told can mend the API meanwhile, and the request succeeds."""
    told: list[str] = []

    def mend(line: str) -> None:
        told.append(line)
        simulator.faults.clear()
        simulator.resume()

    simulator.faults.add(Fault(kind=kind, times=None))
    settings = Settings(key=simulator.key, base_url=simulator.base_url, timeout=60)
    settings.connect(notify=mend).get_workspace("default")
    (line,) = told
    assert line.startswith("retrying GET /workspaces/default for up to ")
    assert simulator.base_url.split("/")[2] in line


@pytest.mark.usefixtures("_impatient")
def test_many_threads_of_a_client_tell_once(simulator: Simulator) -> None:
    """However many requests fail at the same time, one line is enough."""
    told: list[str] = []
    heard = threading.Event()

    def hear(line: str) -> None:
        told.append(line)
        simulator.faults.clear()
        heard.set()

    simulator.faults.add(Fault(kind=FaultKind.STATUS, times=None))
    client = Client(simulator.key, simulator.base_url, timeout=60, notify=hear)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(client.get_workspace, ["default"] * 8))
    assert heard.is_set()
    assert len(told) == 1


def test_nobody_need_be_told() -> None:
    """Without anybody to tell, no alarm is set."""
    world = World()
    world.notices = RetryNotices("api.example.com", None, lambda: world.now, world.alarm)
    world.failing()
    world.requests.close()
    assert world.alarms == []
