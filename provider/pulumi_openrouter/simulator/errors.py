"""The errors the API answers with, in its own words wherever they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import attrs

MESSAGES: Mapping[int, str] = {
    400: "Invalid request parameters",
    401: "Missing Authentication header",
    403: "Only management keys can perform this operation",
    404: "Resource not found",
    429: "Rate limit exceeded",
    500: "Internal Server Error",
}


@attrs.define
class ApiError(Exception):
    """An answer of the API that reports an error."""

    status: int
    message: str
    metadata: dict[str, Any] | None = None
    headers: dict[str, str] = attrs.Factory(dict)

    def __str__(self) -> str:
        return f"{self.status}: {self.message}"

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        error: dict[str, Any] = {"code": self.status, "message": self.message}
        if self.metadata is not None:
            error["metadata"] = self.metadata
        return {"error": error}


def for_status(status: int, headers: dict[str, str] | None = None) -> ApiError:
    """The error of a status, with the message the schema gives for it."""
    message = MESSAGES.get(status) or phrase(status)
    return ApiError(status, message, headers=headers or {})


def phrase(status: int) -> str:
    """HTTP's name for a status, if it has one: some are used only by proxies."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown Error"


def invalid(problems: Iterable[str]) -> ApiError:
    """400 for a body or query, naming each property."""
    return ApiError(400, f"{MESSAGES[400]}: {'; '.join(problems)}")


def not_found() -> ApiError:
    """404, with the one message the API has for it."""
    return for_status(404)


def missing_key() -> ApiError:
    """401 for a request without a key."""
    return for_status(401)


def unknown_key() -> ApiError:
    """401 for a key that nobody has."""
    return ApiError(401, "User not found.")


def inference_key(status: int) -> ApiError:
    """401 or 403 for a key that may spend but not administer."""
    return ApiError(status, MESSAGES[403])


def rate_limited(retry_after: int) -> ApiError:
    """429 that says when to come back."""
    return for_status(429, {"Retry-After": str(retry_after)})


def slug_taken(status: int, slug: str) -> ApiError:
    """The answer to a slug that another workspace has."""
    return ApiError(status, f'A workspace with the slug "{slug}" already exists')


def workspace_has_keys() -> ApiError:
    """400 for deleting a workspace in use."""
    return ApiError(
        400, "Workspaces with active API keys cannot be deleted; remove the keys first."
    )


def default_workspace_stays() -> ApiError:
    """403 for deleting the default workspace."""
    return ApiError(403, "The default workspace cannot be deleted.")


def plan_without_budgets() -> ApiError:
    """403 for budgets on a plan below Enterprise."""
    return ApiError(403, "Workspace budgets require the Enterprise plan.")


def no_activity() -> ApiError:
    """403 for the activity of an account that may not be read."""
    return ApiError(403, "Only management keys can fetch activity for an account")


def budgets_out_of_order(wide: str, wide_limit: str, narrow: str, narrow_limit: str) -> ApiError:
    """400 for a budget that is not below the next wider one."""
    return ApiError(
        400,
        "Budget limits must be strictly decreasing as scope narrows: "
        f"the {wide} limit ({wide_limit}) must be greater than "
        f"the {narrow} limit ({narrow_limit}).",
    )


def default_members_fixed() -> ApiError:
    """403 for changing who is in the default workspace."""
    return ApiError(403, "Cannot modify members of the default workspace")


def strangers() -> ApiError:
    """400 for adding somebody who is not in the organization."""
    return ApiError(400, "Some users are not members of the organization")


def members_have_keys(user_ids: Iterable[str]) -> ApiError:
    """400 for removing members whose API keys are in use."""
    return ApiError(
        400,
        "The following members have active API keys in this workspace and cannot be removed: "
        f"{', '.join(user_ids)}. Their keys must be deleted first.",
    )


def members_scim_managed(user_ids: Iterable[str]) -> ApiError:
    """403 for removing members whom an identity provider manages."""
    return ApiError(
        403,
        "The following members are SCIM-managed and cannot be removed directly: "
        f"{', '.join(user_ids)}. Changes must be made in your identity provider.",
    )


def refused_pattern(reason: str) -> ApiError:
    """400 for a regular expression that OpenRouter does not run."""
    return ApiError(400, f"invalid_regex_pattern: {reason}")


def default_guardrail_stays() -> ApiError:
    """403 for deleting the default guardrail of a workspace; its status is not known."""
    return ApiError(403, "Cannot delete a default guardrail.")


def keys_of_default_guardrail() -> ApiError:
    """400 for assigning keys to the default guardrail of a workspace."""
    return ApiError(
        400,
        "Cannot assign keys to a default guardrail. "
        "Default guardrails apply to all unassigned keys automatically.",
    )


def members_of_default_guardrail() -> ApiError:
    """400 for assigning members to the default guardrail of a workspace."""
    return ApiError(
        400,
        "Cannot assign members to a default guardrail. "
        "Default guardrails apply to all unassigned members automatically.",
    )


def keys_of_another_workspace() -> ApiError:
    """400 for assigning keys to a guardrail of another workspace."""
    return ApiError(400, "Some keys do not belong to the same workspace as the guardrail")


def strangers_to_workspace() -> ApiError:
    """400 for assigning somebody who is not in the workspace."""
    return ApiError(400, "Some users are not members of the workspace")


def foreign_hashes() -> ApiError:
    """400 for a provider key that is meant for API keys of another account."""
    return ApiError(400, "Some API key hashes do not belong to this account")


def nothing_to_update() -> ApiError:
    """400 for a change of a key that names no field which can be changed."""
    return ApiError(400, "No update fields provided")


def out_of_scope() -> ApiError:
    """403 for a management key that is limited to another workspace."""
    return ApiError(403, "This management key can only access its own workspace")
