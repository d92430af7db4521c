"""What can go wrong when talking to the API, one class for each case a caller may handle."""

from __future__ import annotations

import attrs

INFERENCE_KEY_HINT = (
    "The key looks like an inference key: workspaces need a management key (sk-or-mgmt-...)."
)
REQUEST_TIMEOUT = 408
TOO_MANY_REQUESTS = 429
RETRIED_STATUSES = frozenset(
    {REQUEST_TIMEOUT, TOO_MANY_REQUESTS, 500, 502, 503, 504, *range(520, 525), 529}
)
"""From 520 on, the API's proxy says that it can't reach the API."""
MAX_QUOTE_CHARS = 300


@attrs.frozen
class Call:
    """A request, and what is known of its attempts."""

    method: str
    path: str
    may_be_applied: bool = False
    """The answer to an attempt was lost, so the change may have been made."""
    first_sent: float = 0.0
    """When the first attempt was sent, by `time.monotonic()`; `Client.clock` converts it."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class OpenRouterError(Exception):
    """Anything that this package reports to a person, in one to three lines without the key.

    Attributes:
        unsettled: whether something may have changed that no state knows of.
    """

    unsettled = False


class WrongOrganizationError(OpenRouterError):
    """The key belongs to another organization than the one that may be changed."""

    def __init__(self, actual: str | None, expected: str) -> None:
        owner = f"organization {actual}" if actual else "a personal account"
        super().__init__(
            f"the key belongs to {owner}, not to {expected}: nothing was sent\n"
            "Use a key of that organization, or correct OPENROUTER_ORGANIZATION_ID "
            "(or openrouter:organizationId)."
        )


class RequestError(OpenRouterError):
    """A request that failed.

    Attributes:
        message: what happened, in one line.
        call: the request.
        hint: what to do about it, or ""; may be replaced.
        transient: whether the same request may succeed a moment later.
    """

    def __init__(
        self, message: str, call: Call, hint: str = "", *, transient: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.call = call
        self.hint = hint
        self.transient = transient
        self.unsettled = call.may_be_applied

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class NoAnswerError(RequestError):
    """The request was not sent, or its connection broke or timed out before the answer came."""


class BadAnswerError(RequestError):
    """The answer is not the API's: not JSON, of another shape, a redirect, or a proxy's page."""


class ApiError(RequestError):
    """The API refused.

    Attributes:
        status: the HTTP status.
        api_message: the API's words in full; the error itself may show only their beginning.
        request_id: the server's id of the request, if it gave one.
    """

    def __init__(
        self,
        call: Call,
        status: int,
        api_message: str,
        request_id: str | None = None,
        hint: str = "",
    ) -> None:
        trace = f" (request {request_id})" if request_id else ""
        transient = status in RETRIED_STATUSES
        shown = f"{status} {_quoted(api_message)}{trace}"
        super().__init__(shown, call, hint, transient=transient)
        self.status = status
        self.api_message = api_message
        self.request_id = request_id


def one_line(text: str) -> str:
    """The text as one line without control characters."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())


def _quoted(text: str) -> str:
    return text if len(text) <= MAX_QUOTE_CHARS else text[:MAX_QUOTE_CHARS] + "..."


class BadRequestError(ApiError):
    """400: the request is invalid."""


class UnauthorizedError(ApiError):
    """401: the API does not accept the key."""


class ForbiddenError(ApiError):
    """403: the key may not do this."""


class NotFoundError(ApiError):
    """404: there is no such object."""


class ConflictError(ApiError):
    """409: the object already exists."""


class RateLimitedError(ApiError):
    """429: too many requests, and no time left to wait."""


class ServerError(ApiError):
    """5xx or 408: the API failed, or lost the request, and no time was left to try again."""


ERROR_CLASSES: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    REQUEST_TIMEOUT: ServerError,
    409: ConflictError,
    TOO_MANY_REQUESTS: RateLimitedError,
}


def is_lost(status: int) -> bool:
    """Whether an error tells nothing of what became of the request, so that it may be applied."""
    return status >= 500 or status == REQUEST_TIMEOUT


def error_class(status: int) -> type[ApiError]:
    """The class of error for an HTTP status of 300 or more."""
    return ServerError if status >= 500 else ERROR_CLASSES.get(status, ApiError)
