from __future__ import annotations

import pytest

from pulumi_openrouter.api.errors import (
    ApiError,
    BadRequestError,
    Call,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    OpenRouterError,
    RateLimitedError,
    RequestError,
    ServerError,
    UnauthorizedError,
    error_class,
    is_lost,
)

GET = Call("GET", "/workspaces/team")
SENT = Call("POST", "/workspaces", may_be_applied=True)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, BadRequestError),
        (401, UnauthorizedError),
        (402, ApiError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (408, ServerError),
        (409, ConflictError),
        (418, ApiError),
        (422, ApiError),
        (429, RateLimitedError),
        (500, ServerError),
        (502, ServerError),
        (503, ServerError),
        (504, ServerError),
        (529, ServerError),
    ],
)
def test_a_status_has_a_class_of_errors(status: int, expected: type[ApiError]) -> None:
    """Every status that a caller may handle becomes a class of its own, any other an ApiError."""
    assert error_class(status) is expected


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_transient(status: int) -> None:
    """Rate limits and the failures of servers and gateways may be gone a moment later."""
    assert ApiError(GET, status, "no").transient


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 501])
def test_a_refusal_is_not_transient(status: int) -> None:
    """What the API refuses, it would refuse again."""
    assert not ApiError(GET, status, "no").transient


@pytest.mark.parametrize("status", [408, 500, 501, 503, 529])
def test_some_errors_tell_nothing_of_the_request(status: int) -> None:
    """A failure of the server, or a time-out on its side, may come after the change was made."""
    assert is_lost(status)


@pytest.mark.parametrize("status", [302, 400, 404, 409, 425, 429])
def test_a_refusal_means_that_nothing_was_done(status: int) -> None:
    """What was refused was not carried out."""
    assert not is_lost(status)


def test_a_refusal_reads_as_status_message_and_request_id() -> None:
    """An error of the API shows the status, its message, and the request id if there is one."""
    assert str(ApiError(GET, 404, "Resource not found")) == "404 Resource not found"
    traced = ApiError(GET, 500, "Broken", request_id="req-1")
    assert str(traced) == "500 Broken (request req-1)"
    assert (traced.status, traced.api_message, traced.request_id) == (500, "Broken", "req-1")


def test_a_hint_has_a_line_of_its_own() -> None:
    """What to do next follows on a second line, also where it was added afterwards."""
    error = ApiError(GET, 403, "Not you", hint="Ask an owner.")
    assert str(error).splitlines() == ["403 Not you", "Ask an owner."]
    error.hint = "Ask somebody else."
    assert str(error).splitlines() == ["403 Not you", "Ask somebody else."]


def test_what_may_be_applied_is_unsettled() -> None:
    """An error is unsettled if, and only if, its request may have changed something."""
    assert not OpenRouterError("no").unsettled
    assert not RequestError("no", GET).unsettled
    assert RequestError("no", SENT).unsettled


def test_a_call_reads_as_method_and_path() -> None:
    """A call is shown as its method and path."""
    assert str(SENT) == "POST /workspaces"
