from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from pulumi_openrouter.api import headers


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.25", 0.25), (" 3 ", 3.0), ("0", 0.0), ("-5", 0.0)],
)
def test_retry_after_may_be_seconds(header: str, seconds: float) -> None:
    """Retry-After in seconds is taken as it is, and never as less than nothing."""
    assert headers.retry_after(header) == seconds


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000", ""])
def test_retry_after_may_be_a_date(zone: str) -> None:
    """Retry-After as a date is the time until then, a date without a zone being UTC."""
    moment = datetime.now(timezone.utc) + timedelta(hours=1)
    header = format_datetime(moment).replace("+0000", zone).strip()
    assert 3000 < headers.retry_after(header) <= 3600


@pytest.mark.parametrize("hours", [-1, 0, 24 * 365])
def test_retry_after_as_a_date_is_read_by_the_servers_clock(hours: float) -> None:
    """However far off this machine's clock is, the wait is the time from the answer's own Date."""
    sent = datetime.now(timezone.utc) + timedelta(hours=hours)
    until = format_datetime(sent + timedelta(seconds=90))
    assert headers.retry_after(until, format_datetime(sent)) == 90


@pytest.mark.parametrize("date", ["", "today"])
def test_without_a_date_this_machines_clock_is_asked(date: str) -> None:
    """A server that does not tell the time leaves nothing else to compare with."""
    until = format_datetime(datetime.now(timezone.utc) + timedelta(hours=1))
    assert 3000 < headers.retry_after(until, date) <= 3600


def test_retry_after_in_the_past_is_now() -> None:
    """A date that is over asks for no wait."""
    assert headers.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize(
    "header", [None, "", "soon", "nan", "inf", "-inf", "1e999", "Wed, 99 Foo 2015", "7 8"]
)
def test_retry_after_that_says_nothing_is_ignored(header: str | None) -> None:
    """A Retry-After that is missing, unreadable or endless asks for no wait."""
    assert headers.retry_after(header) == 0


def test_an_http_date_is_read_with_its_zone() -> None:
    """The Date header becomes a moment that can be compared with others."""
    moment = datetime(2015, 10, 21, 7, 28, tzinfo=timezone.utc)
    assert headers.http_date("Wed, 21 Oct 2015 07:28:00 GMT") == moment
    assert headers.http_date("Wed, 21 Oct 2015 07:28:00") == moment
    assert headers.http_date("today") is None
