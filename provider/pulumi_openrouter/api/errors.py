"""What can go wrong when talking to the API, one class per thing a caller may handle."""

from __future__ import annotations

import attrs

INFERENCE_KEY_HINT = (
    "The key looks like an inference key: workspaces need a management key (sk-or-mgmt-...)."
)


RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504, *range(520, 525), 529})
"""520 to 529 are what the API's proxy answers when it can't reach the API."""
LONGEST_QUOTE = 300


@attrs.frozen
class Call:
    """One request as the caller meant it, with what is known of its attempts."""

    method: str
    path: str
    may_be_applied: bool = False
    """An attempt was sent and its answer was lost, so the change may have been made."""
    first_sent: float = 0.0
    """When the first attempt was sent, by time.monotonic(); `Client.clock` knows the server's."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class OpenRouterError(Exception):
    """Anything this package reports to a person: one to three lines, no key, no traceback.

    Attributes:
        unsettled: something may have been changed that no state knows of.
    """

    unsettled = False


class WrongOrganizationError(OpenRouterError):
    """The key would change another organization than the one that is meant."""

    def __init__(self, actual: str | None, expected: str) -> None:
        owner = f"organization {actual}" if actual else "a personal account"
        super().__init__(
            f"the key belongs to {owner}, not to {expected}: nothing was sent\n"
            "Use a key of that organization, or correct OPENROUTER_ORGANIZATION_ID "
            "(or openrouter:organizationId)."
        )


class RequestError(OpenRouterError):
    """A request that did not bring the answer it was sent for.

    Attributes:
        call: the request.
        transient: whether the same request may well succeed a moment later.
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
    """No connection, or it broke or timed out before an answer came, until time ran out."""


class BadAnswerError(RequestError):
    """An answer that is not the API's: no JSON, another shape, a redirect, a proxy's page."""


class ApiError(RequestError):
    """The API's own refusal.

    Attributes:
        status: the HTTP status.
        api_message: the API's words, all of them; the error itself shows their beginning.
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
    """What somebody wrote, as one line without control characters."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())


def _quoted(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "..."


class BadRequestError(ApiError):
    """400: the API refuses what was asked."""


class UnauthorizedError(ApiError):
    """401: no key, or one the API does not know."""


class ForbiddenError(ApiError):
    """403: the key may not do this."""


class NotFoundError(ApiError):
    """404: the API knows no such object."""


class ConflictError(ApiError):
    """409: the object exists already."""


class RateLimitedError(ApiError):
    """429: too many requests, until time ran out."""


class ServerError(ApiError):
    """5xx: the API failed, until time ran out."""


BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitedError,
}


def error_class(status: int) -> type[ApiError]:
    """The class of errors that an HTTP status becomes."""
    return ServerError if status >= 500 else BY_STATUS.get(status, ApiError)
