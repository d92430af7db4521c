"""What is wrong, for people at a shell."""

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
    (NoAnswerError, "there is no answer", "Is there a network, and is the base URL right?"),
    (BadAnswerError, "that is not OpenRouter's API", "Is the base URL right?"),
    (UnauthorizedError, "the key is not accepted", "Is it complete, and does it still exist?"),
    (ForbiddenError, "the key may not do this", NEEDS_MANAGEMENT_KEY),
    (NotFoundError, "there is no such thing", "Is the base URL right, or was it deleted just now?"),
    (RateLimitedError, "there are too many requests", "Try again in a while."),
    (ServerError, "the API fails", "Try again in a while."),
    (ApiError, "the API refuses", ""),
)
"""For each kind of error what it means, and what to look at where the error itself has no hint."""


def in_words(error: OpenRouterError) -> str:
    """The error in one to three lines, with what was asked."""
    if not isinstance(error, RequestError):
        return str(error)
    for kind, meaning, hint in WORDS:
        if isinstance(error, kind):
            return f"{meaning}: {error.call}: {error.message}\n{error.hint or hint}".rstrip()
    return f"{error.call}: {error}"
