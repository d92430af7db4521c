from __future__ import annotations

import pytest

from pulumi_openrouter.api import backoff


@pytest.mark.parametrize(
    ("attempt", "longest"), [(1, 0.25), (2, 0.5), (5, 4), (6, 8), (7, 10), (20, 10), (5000, 10)]
)
def test_waits_between_attempts_are_bounded(attempt: int, longest: float) -> None:
    """The limit of a wait doubles from a quarter of a second up to ten seconds."""
    waits = [backoff.wait_seconds(attempt) for _ in range(500)]
    assert 0 <= min(waits) < 0.1 * longest
    assert 0.9 * longest < max(waits) <= longest


def test_waits_have_jitter() -> None:
    """Two clients that failed together don't come back together."""
    assert len({backoff.wait_seconds(5) for _ in range(50)}) > 1


def test_a_wait_is_as_long_as_the_api_asked() -> None:
    """No attempt is planned for before the time that the API asked for."""
    assert backoff.wait_seconds(1, asked=3600) == 3600
    assert {backoff.wait_seconds(7, asked=9.99) >= 9.99 for _ in range(50)} == {True}
