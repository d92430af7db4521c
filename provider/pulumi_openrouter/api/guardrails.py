"""Guardrails: what keys and members of a workspace may use, and who is assigned to them."""

# Annotations are real types here: see models.py.
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from pulumi_openrouter.api.errors import NotFoundError
from pulumi_openrouter.api.limits import MAX_PAGE_ROWS
from pulumi_openrouter.api.models import Data, Deleted, Page
from pulumi_openrouter.api.pages import Pages
from pulumi_openrouter.api.paths import object_path

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client

T = TypeVar("T")

GUARDRAILS = "/guardrails"


@attrs.frozen(kw_only=True)
class ContentFilter:
    """A regular expression, and what happens where it matches."""

    pattern: str
    action: str
    label: str | None = None


@attrs.frozen(kw_only=True)
class BuiltinFilter:
    """A filter of OpenRouter's own, and what happens where it matches."""

    slug: str
    action: str
    scan_scope: str | None = None


@attrs.frozen(kw_only=True)
class GuardrailInfo:
    """A guardrail (GET /guardrails/{id}); times are ISO 8601, models are canonical slugs."""

    id: str
    name: str
    created_at: str
    workspace_id: str | None = None
    updated_at: str | None = None
    description: str | None = None
    limit_usd: float | None = None
    reset_interval: str | None = None
    include_byok_in_budgets: bool | None = None
    allowed_models: list[str] | None = None
    ignored_models: list[str] | None = None
    allowed_providers: list[str] | None = None
    ignored_providers: list[str] | None = None
    enforce_zdr_anthropic: bool | None = None
    enforce_zdr_openai: bool | None = None
    enforce_zdr_google: bool | None = None
    enforce_zdr_xai: bool | None = None
    enforce_zdr_other: bool | None = None
    enable_free_model_training: bool | None = None
    enable_free_model_publication: bool | None = None
    enable_paid_model_training: bool | None = None
    allow_safety_retention_google: bool | None = None
    allow_safety_retention_other: bool | None = None
    allowed_data_regions: list[str] | None = None
    content_filters: list[ContentFilter] | None = None
    content_filter_builtins: list[BuiltinFilter] | None = None


@attrs.frozen(kw_only=True)
class KeyAssignment:
    """An API key that a guardrail governs (GET /guardrails/{id}/assignments/keys)."""

    guardrail_id: str
    key_hash: str
    key_name: str
    key_label: str


@attrs.frozen(kw_only=True)
class MemberAssignment:
    """A member that a guardrail governs (GET /guardrails/{id}/assignments/members)."""

    guardrail_id: str
    user_id: str


@attrs.frozen(kw_only=True)
class Assigned:
    """The answer to assigning keys or members."""

    assigned_count: int


@attrs.frozen(kw_only=True)
class Unassigned:
    """The answer to freeing keys or members."""

    unassigned_count: int


@attrs.frozen(kw_only=True)
class ModelInfo:
    """A model of the catalogue: its slug may move to a newer one, the canonical one stays."""

    id: str
    canonical_slug: str | None = None


class Guardrails:
    """The operations on guardrails; errors are those of `Client`."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def list_in(self, workspace_id: str) -> list[GuardrailInfo]:
        """The guardrails of a workspace; its default one too, once it has content.

        (listGuardrails)
        """
        query = {"workspace_id": workspace_id}
        return self._client.pages(GUARDRAILS, Page[GuardrailInfo], query).rows()

    def create(self, body: Mapping[str, Any]) -> GuardrailInfo:
        """Create a guardrail with the given fields; never repeated if it may be applied.

        (createGuardrail)
        """
        answer = self._client.request("POST", GUARDRAILS, Data[GuardrailInfo], body=body, once=True)
        return answer.data

    def get(self, guardrail_id: str) -> GuardrailInfo:
        """A guardrail (getGuardrail).

        Raises:
            NotFoundError: there is none, or it is a default one that has no content yet.
        """
        return self._client.request("GET", _path(guardrail_id), Data[GuardrailInfo]).data

    def find(self, guardrail_id: str) -> GuardrailInfo | None:
        """A guardrail (getGuardrail), None if the API answers 404."""
        try:
            return self.get(guardrail_id)
        except NotFoundError:
            return None

    def update(self, guardrail_id: str, body: Mapping[str, Any]) -> GuardrailInfo:
        """Change the given fields of a guardrail; None clears one (updateGuardrail)."""
        path = _path(guardrail_id)
        return self._client.request("PATCH", path, Data[GuardrailInfo], body=body).data

    def delete(self, guardrail_id: str) -> None:
        """Delete a guardrail, which frees all that are assigned to it (deleteGuardrail)."""
        self._client.request("DELETE", _path(guardrail_id), Deleted)

    # Assignments

    def list_keys(self, guardrail_id: str | None = None) -> list[KeyAssignment]:
        """The keys that a guardrail governs, or those of all guardrails of the account.

        (listGuardrailKeyAssignments, listKeyAssignments)
        """
        return self._assignments(guardrail_id, "keys", KeyAssignment, step=MAX_PAGE_ROWS)

    def assign_keys(self, guardrail_id: str, hashes: Sequence[str]) -> int:
        """Assign up to `MAX_BATCH_IDS` keys; how many are known (bulkAssignKeysToGuardrail).

        Keys that have another guardrail are moved.
        """
        body = {"key_hashes": [*hashes]}
        path = _path(guardrail_id, "assignments", "keys")
        return self._client.request("POST", path, Assigned, body=body).assigned_count

    def unassign_keys(self, guardrail_id: str, hashes: Sequence[str]) -> int:
        """Free up to `MAX_BATCH_IDS` keys; how many it had (bulkUnassignKeysFromGuardrail)."""
        body = {"key_hashes": [*hashes]}
        path = _path(guardrail_id, "assignments", "keys", "remove")
        return self._client.request("POST", path, Unassigned, body=body).unassigned_count

    def list_members(self, guardrail_id: str | None = None) -> list[MemberAssignment]:
        """The members that a guardrail governs, or those of all guardrails of the account.

        (listGuardrailMemberAssignments, listMemberAssignments)
        """
        return self._assignments(guardrail_id, "members", MemberAssignment)

    def assign_members(self, guardrail_id: str, user_ids: Sequence[str]) -> int:
        """Assign up to `MAX_BATCH_IDS` members of the workspace; how many are assigned then.

        Those who have another guardrail in this workspace are moved.
        (bulkAssignMembersToGuardrail)
        """
        body = {"member_user_ids": [*user_ids]}
        path = _path(guardrail_id, "assignments", "members")
        return self._client.request("POST", path, Assigned, body=body).assigned_count

    def unassign_members(self, guardrail_id: str, user_ids: Sequence[str]) -> int:
        """Free up to `MAX_BATCH_IDS` members; how many it had.

        (bulkUnassignMembersFromGuardrail)
        """
        body = {"member_user_ids": [*user_ids]}
        path = _path(guardrail_id, "assignments", "members", "remove")
        return self._client.request("POST", path, Unassigned, body=body).unassigned_count

    # Models

    def list_models(self) -> list[ModelInfo]:
        """The whole catalogue of models (getModels).

        Asked without the key, for which the API would leave out what the account may not use.
        """
        query = {"output_modalities": "all"}
        page = self._client.request("GET", "/models", Page[ModelInfo], query=query, anonymous=True)
        return page.data

    def _assignments(
        self, guardrail_id: str | None, kind: str, row: type[T], step: int | None = None
    ) -> list[T]:
        all_of_kind = f"{GUARDRAILS}/assignments/{kind}"
        path = _path(guardrail_id, "assignments", kind) if guardrail_id else all_of_kind
        pages: Pages[T] = self._client.pages(path, Page[row], step=step)  # type: ignore[valid-type]
        return pages.rows()


def _path(guardrail_id: str, *rest: str) -> str:
    return object_path("guardrails", guardrail_id, *rest, noun="a guardrail")
