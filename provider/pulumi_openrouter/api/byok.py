"""Provider keys (BYOK): the organization's own keys at providers, used by its workspaces."""

# Annotations are real types here: see models.py.
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from pulumi_openrouter.api.errors import NotFoundError
from pulumi_openrouter.api.models import Data, Deleted, Page
from pulumi_openrouter.api.paths import object_path

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client

BYOK = "/byok"


@attrs.frozen(kw_only=True)
class ProviderKeyInfo:
    """A key at a provider (GET /byok/{id}), of which only a masked label is ever answered."""

    id: str
    provider: str
    label: str
    created_at: str
    workspace_id: str | None = None
    """None for a key that every workspace uses."""
    name: str | None = None
    disabled: bool | None = None
    is_fallback: bool | None = None
    is_required: bool | None = None
    is_byok_only: bool | None = None
    allowed_models: list[str] | None = None
    allowed_user_ids: list[str] | None = None
    allowed_api_key_hashes: list[str] | None = None
    declared_region: str | None = None
    declared_zdr: bool | None = None


class ProviderKeys:
    """The operations on provider keys; errors are those of `Client`."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def list_in(self, workspace_id: str, provider: str | None = None) -> list[ProviderKeyInfo]:
        """The provider keys of a workspace, at one provider or at all (listBYOKKeys)."""
        query = {"workspace_id": workspace_id}
        query.update({"provider": provider} if provider else {})
        return self._client.pages(BYOK, Page[ProviderKeyInfo], query).rows()

    def create(self, body: Mapping[str, Any]) -> ProviderKeyInfo:
        """Create a provider key with the given fields; never repeated if it may be applied.

        (createBYOKKey)
        """
        answer = self._client.request("POST", BYOK, Data[ProviderKeyInfo], body=body, once=True)
        return answer.data

    def get(self, key_id: str) -> ProviderKeyInfo:
        """A provider key (getBYOKKey); `NotFoundError` if there is none."""
        return self._client.request("GET", _path(key_id), Data[ProviderKeyInfo]).data

    def find(self, key_id: str) -> ProviderKeyInfo | None:
        """A provider key (getBYOKKey), None if there is none."""
        try:
            return self.get(key_id)
        except NotFoundError:
            return None

    def update(self, key_id: str, body: Mapping[str, Any]) -> ProviderKeyInfo:
        """Change the given fields; None clears one, `key` rotates the key (updateBYOKKey)."""
        return self._client.request("PATCH", _path(key_id), Data[ProviderKeyInfo], body=body).data

    def delete(self, key_id: str) -> None:
        """Delete a provider key (deleteBYOKKey)."""
        self._client.request("DELETE", _path(key_id), Deleted)


def _path(key_id: str) -> str:
    return object_path("byok", key_id, noun="a provider key")
