"""Error messages for people at a shell."""

from __future__ import annotations

from pulumi_openrouter.api.errors import (
    ApiError,
    BadAnswerError,
    ForbiddenError,
    NoAnswerError,
    NotFoundError,
    OpenRouterError,
    RateLimitedError,
    RequestError,
    ServerError,
    UnauthorizedError,
)

NEEDS_MANAGEMENT_KEY = "Workspaces need a management key (sk-or-mgmt-...)."

WORDS: tuple[tuple[type[RequestError], str, str], ...] = (
    (NoAnswerError, "the API did not answer", "Is the network up, and is the base URL right?"),
    (BadAnswerError, "this is not OpenRouter's API", "Is the base URL right?"),
    (UnauthorizedError, "wrong key", ""),
    (ForbiddenError, "the key is not allowed to do this", NEEDS_MANAGEMENT_KEY),
    (NotFoundError, "not found", "Is the base URL right? Or was the workspace just deleted?"),
    (RateLimitedError, "too many requests", "Try again later."),
    (ServerError, "the API failed", "Try again later."),
    (ApiError, "the API refused", ""),
)
"""What each kind of error means, and what to look at if the error itself has no hint."""


def in_words(error: OpenRouterError) -> str:
    """The error in one to three lines, with the request that failed."""
    if not isinstance(error, RequestError):
        return str(error)
    for kind, meaning, hint in WORDS:
        if isinstance(error, kind):
            return f"{meaning}: {error.call}: {error.message}\n{error.hint or hint}".rstrip()
    return f"{error.call}: {error}"
