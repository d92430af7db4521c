from __future__ import annotations

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


@pytest.mark.parametrize("attempt", [1, 2, 5, 20, 500])
def test_waits_between_attempts_are_bounded(attempt: int) -> None:
    """The wait grows with the attempts, from a quarter of a second to at most ten seconds."""
    state = _after(attempt)
    wait = retry.backoff(lambda: 0)
    longest = min(retry.FIRST_WAIT * 2 ** (attempt - 1), retry.LONGEST_WAIT)
    assert all(0 <= wait(state) <= longest for _ in range(50))


def test_waits_have_jitter() -> None:
    """Two clients that failed together don't come back together."""
    wait = retry.backoff(lambda: 0)
    state = _after(5)
    assert len({wait(state) for _ in range(50)}) > 1


def test_a_wait_is_as_long_as_the_api_asked() -> None:
    """No attempt is planned for before the time that the API asked for."""
    assert retry.backoff(lambda: 3600)(_after(1)) == 3600


def _after(attempt: int) -> tenacity.RetryCallState:
    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    state.attempt_number = attempt
    return state
