"""API keys: the operations, and their answers."""

# Annotations are real types here: see models.py.
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from pulumi_openrouter.api.errors import NotFoundError
from pulumi_openrouter.api.models import Data, Deleted, Page
from pulumi_openrouter.api.pages import Pages
from pulumi_openrouter.api.paths import key_path

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client


@attrs.frozen(kw_only=True)
class ApiKeyInfo:
    """An API key of a workspace (GET /keys/{hash}), without its secret.

    Amounts are in USD, times in ISO 8601; what was spent counts for the running UTC day, week
    (from Monday) and month.
    """

    hash: str
    """Its id."""
    name: str
    label: str
    """The part of the secret that may be shown."""
    disabled: bool = False
    limit: float | None = None
    limit_remaining: float | None = None
    limit_reset: str | None = None
    include_byok_in_limit: bool | None = None
    expires_at: str | None = None
    workspace_id: str | None = None
    creator_user_id: str | None = None
    """None for a system key of the workspace."""
    created_at: str | None = None
    last_used_at: str | None = None
    usage: float | None = None
    usage_daily: float | None = None
    usage_weekly: float | None = None
    usage_monthly: float | None = None
    byok_usage: float | None = None
    byok_usage_daily: float | None = None
    byok_usage_weekly: float | None = None
    byok_usage_monthly: float | None = None

    @property
    def is_used(self) -> bool:
        """Whether a request was ever made with it."""
        return bool(self.last_used_at or self.usage or self.byok_usage)


@attrs.frozen(kw_only=True)
class CreatedKey:
    """The answer to a creation, the only one that has the secret."""

    data: ApiKeyInfo
    key: str = attrs.field(repr=False)


class Keys:
    """The operations on API keys; the client's `keys`."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def pages(self, workspace_id: str, *, expired: bool = True) -> Pages[ApiKeyInfo]:
        """The keys of a workspace, disabled ones included, the newest first (list keys).

        Args:
            workspace_id: the id; a slug is refused.
            expired: whether to list expired keys too.
        """
        query = {"workspace_id": workspace_id, "include_disabled": "true"}
        if expired:
            query["include_expired"] = "true"
        return self._client.pages("/keys", Page[ApiKeyInfo], query)

    def create(self, body: Mapping[str, Any]) -> CreatedKey:
        """Create a key with the given fields (createKeys); never repeated if it may be applied."""
        return self._client.request("POST", "/keys", CreatedKey, body=body, once=True)

    def get(self, key_hash: str) -> ApiKeyInfo:
        """A key (getKey); `NotFoundError` if there is none."""
        return self._client.request("GET", key_path(key_hash), Data[ApiKeyInfo]).data

    def find(self, key_hash: str) -> ApiKeyInfo | None:
        """A key (getKey), None if there is none."""
        try:
            return self.get(key_hash)
        except NotFoundError:
            return None

    def update(self, key_hash: str, body: Mapping[str, Any]) -> ApiKeyInfo:
        """Change the given fields of a key; None clears one (updateKeys)."""
        return self._client.request("PATCH", key_path(key_hash), Data[ApiKeyInfo], body=body).data

    def delete(self, key_hash: str) -> None:
        """Delete a key (deleteKeys)."""
        self._client.request("DELETE", key_path(key_hash), Deleted)
