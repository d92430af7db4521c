from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import tenacity

from pulumi_openrouter.api import retry
from pulumi_openrouter.api.errors import Call, RequestError
from pulumi_openrouter.api.pace import Pace

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


@pytest.mark.parametrize("attempt", [1, 2, 5, 20, 500])
def test_waits_between_attempts_are_bounded(attempt: int) -> None:
    """The wait grows with the attempts, from a quarter of a second to at most ten seconds."""
    state = _after(attempt)
    wait = retry.backoff(Pace())
    longest = min(retry.FIRST_WAIT * 2 ** (attempt - 1), retry.LONGEST_WAIT)
    assert all(0 <= wait(state) <= longest for _ in range(50))


def test_waits_have_jitter() -> None:
    """Two clients that failed together don't come back together."""
    wait = retry.backoff(Pace())
    state = _after(5)
    assert len({wait(state) for _ in range(50)}) > 1


def test_a_wait_is_as_long_as_the_api_asked() -> None:
    """No attempt is planned for before the time that the API asked for."""
    pace = Pace()
    pace.hold_back(3600)
    assert retry.backoff(pace)(_after(1)) > 3000


def _after(attempt: int) -> tenacity.RetryCallState:
    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    state.attempt_number = attempt
    return state
