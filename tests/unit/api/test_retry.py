from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import tenacity

from pulumi_openrouter.api import retry
from pulumi_openrouter.api.errors import Call, RequestError

CALL = Call("GET", "/workspaces")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RequestError("no", CALL, transient=True), True),
        (RequestError("no", CALL), False),
        (ValueError("no"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_only_transient_request_errors_are_retried(error: BaseException, expected: bool) -> None:
    """Nothing is sent again but after an error that says it may pass."""
    assert retry.is_transient(error) is expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.25", 0.25), (" 3 ", 3.0), ("0", 0.0), ("-5", 0.0)],
)
def test_retry_after_may_be_seconds(header: str, seconds: float) -> None:
    """Retry-After in seconds is taken as it is, and never as less than nothing."""
    assert retry.retry_after(header) == seconds


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000", ""])
def test_retry_after_may_be_a_date(zone: str) -> None:
    """Retry-After as a date is the time until then, a date without a zone being UTC."""
    moment = datetime.now(timezone.utc) + timedelta(hours=1)
    header = format_datetime(moment).replace("+0000", zone).strip()
    assert 3000 < retry.retry_after(header) <= 3600


def test_retry_after_in_the_past_is_now() -> None:
    """A date that is over asks for no wait."""
    assert retry.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize(
    "header", [None, "", "soon", "nan", "inf", "-inf", "1e999", "Wed, 99 Foo 2015", "7 8"]
)
def test_retry_after_that_says_nothing_is_ignored(header: str | None) -> None:
    """A Retry-After that is missing, unreadable or endless asks for no wait."""
    assert retry.retry_after(header) == 0


def test_an_http_date_is_read_with_its_zone() -> None:
    """The Date header becomes a moment that can be compared with others."""
    moment = datetime(2015, 10, 21, 7, 28, tzinfo=timezone.utc)
    assert retry.http_date("Wed, 21 Oct 2015 07:28:00 GMT") == moment
    assert retry.http_date("Wed, 21 Oct 2015 07:28:00") == moment
    assert retry.http_date("today") is None


def test_a_gate_is_open_until_it_is_closed() -> None:
    """A new gate lets everybody through at once."""
    gate = retry.Gate()
    gate.pass_through()
    assert gate.remaining() == 0


def test_a_gate_opens_by_itself() -> None:
    """Whoever waits at a closed gate is let through once it is open."""
    gate = retry.Gate()
    gate.close(0.01)
    gate.pass_through()
    assert gate.remaining() == 0


def test_the_longest_wait_counts() -> None:
    """A shorter wait never opens a gate that is closed for longer."""
    gate = retry.Gate()
    gate.close(3600)
    gate.close(1)
    assert gate.remaining() > 3000


@pytest.mark.parametrize("attempt", [1, 2, 5, 20, 500])
def test_waits_between_attempts_are_bounded(attempt: int) -> None:
    """The wait grows with the attempts, from a quarter of a second to at most ten seconds."""
    state = _after(attempt)
    wait = retry.backoff(retry.Gate())
    longest = min(retry.FIRST_WAIT * 2 ** (attempt - 1), retry.LONGEST_WAIT)
    assert all(0 <= wait(state) <= longest for _ in range(50))


def test_waits_have_jitter() -> None:
    """Two clients that failed together don't come back together."""
    wait = retry.backoff(retry.Gate())
    state = _after(5)
    assert len({wait(state) for _ in range(50)}) > 1


def test_a_wait_is_never_shorter_than_the_gate() -> None:
    """No attempt is planned for before the time that the API asked for."""
    gate = retry.Gate()
    gate.close(3600)
    assert retry.backoff(gate)(_after(1)) > 3000


def _after(attempt: int) -> tenacity.RetryCallState:
    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    state.attempt_number = attempt
    return state
