"""The organization's own keys at providers (BYOK)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import attrs

from . import errors, validation
from .entities import Entity
from .guardrail_rules import REGIONS
from .validation import Rule, boolean, list_of, one_of, text, uuid

if TYPE_CHECKING:
    from .state import Organization


@attrs.frozen(kw_only=True)
class ProviderKey(Entity):
    """A key at a provider, which a workspace uses; None for every workspace."""

    hidden = frozenset({"key"})

    id: str
    key: str = attrs.field(repr=False)
    label: str
    provider: str
    workspace_id: str | None
    name: str | None = None
    disabled: bool = False
    is_fallback: bool = False
    is_required: bool = False
    is_byok_only: bool = False
    allowed_models: list[str] | None = None
    allowed_user_ids: list[str] | None = None
    allowed_api_key_hashes: list[str] | None = None
    declared_region: str | None = None
    declared_zdr: bool | None = None
    sort_order: int
    created_at: str


CHANGED_PROVIDER_KEY: Mapping[str, Rule] = {
    "key": Rule(text(1), required=True),
    "name": Rule(text(0, 255), nullable=True),
    "disabled": Rule(boolean),
    "is_fallback": Rule(boolean),
    "is_required": Rule(boolean),
    "is_byok_only": Rule(boolean),
    "allowed_models": Rule(list_of(text(1)), nullable=True),
    "allowed_user_ids": Rule(list_of(text(1), 0, 100), nullable=True),
    "allowed_api_key_hashes": Rule(list_of(text(1), 1, 100), nullable=True),
    "declared_region": Rule(one_of(*REGIONS), nullable=True),
    "declared_zdr": Rule(boolean, nullable=True),
}
NEW_PROVIDER_KEY: Mapping[str, Rule] = {
    **CHANGED_PROVIDER_KEY,
    "provider": Rule(text(1), required=True),
    "workspace_id": Rule(uuid),
}
PROVIDER_KEY_FILTER: Mapping[str, Rule] = {"workspace_id": Rule(uuid), "provider": Rule(text(1))}


class ProviderKeys:
    """The provider keys of an organization; breaking a rule raises ApiError."""

    def __init__(
        self,
        organization: Organization,
        keys: dict[str, ProviderKey],
        lock: AbstractContextManager[object],
        new_id: Callable[[], str],
        now: Callable[[], str],
    ) -> None:
        self._organization = organization
        self._keys = keys
        self._lock = lock
        self._new_id = new_id
        self._now = now

    @property
    def all(self) -> list[ProviderKey]:
        """All provider keys, the oldest first."""
        with self._lock:
            return list(self._keys.values())

    def of(self, ref: str, provider: str | None = None) -> list[ProviderKey]:
        """The keys of a workspace, at one provider or at all."""
        home = self._organization.workspace(ref).id
        return [
            key for key in self.all if key.workspace_id == home and provider in (None, key.provider)
        ]

    def get(self, key_id: str) -> ProviderKey:
        """The provider key with this id."""
        with self._lock:
            if key_id not in self._keys:
                raise errors.not_found()
            return self._keys[key_id]

    def create(self, /, **fields: Any) -> ProviderKey:
        """Create a key in a workspace (the default one) with these fields of the API."""
        cleaned = validation.clean(fields, NEW_PROVIDER_KEY)
        with self._lock:
            self._check(cleaned, {})
            home = self._organization.home(cleaned.pop("workspace_id", None))
            return self._add(home, cleaned)

    def create_for_all(self, /, **fields: Any) -> ProviderKey:
        """Create a key for every workspace, which the API itself can't."""
        with self._lock:
            return self._add(None, validation.clean(fields, NEW_PROVIDER_KEY))

    def update(self, key_id: str, /, **fields: Any) -> ProviderKey:
        """Change these fields of the API, and leave the others."""
        cleaned = validation.clean(fields, CHANGED_PROVIDER_KEY, partial=True)
        with self._lock:
            old = self.get(key_id)
            self._check(cleaned, old.as_json())
            label = masked(cleaned["key"]) if "key" in cleaned else old.label
            self._keys[key_id] = attrs.evolve(old, **cleaned, label=label)
            return self._keys[key_id]

    def delete(self, key_id: str) -> None:
        """Delete the provider key with this id."""
        with self._lock:
            del self._keys[self.get(key_id).id]

    def lose_workspace(self, workspace_id: str, *, delete: bool) -> None:
        """A workspace is gone: delete its keys, or keep them without a workspace."""
        with self._lock:
            for key in self.all:
                if key.workspace_id == workspace_id:
                    del self._keys[key.id]
                    if not delete:
                        self._keys[key.id] = attrs.evolve(key, workspace_id=None)

    def _add(self, home: str | None, cleaned: dict[str, Any]) -> ProviderKey:
        same = [each for each in self.all if each.provider == cleaned["provider"]]
        key = ProviderKey(
            **cleaned,
            id=self._new_id(),
            label=masked(cleaned["key"]),
            workspace_id=home,
            sort_order=len(same),
            created_at=self._now(),
        )
        self._keys[key.id] = key
        return key

    def _check(self, cleaned: dict[str, Any], old: dict[str, Any]) -> None:
        becomes = {**old, **cleaned}
        if becomes.get("is_fallback") and becomes.get("is_byok_only"):
            raise errors.invalid(["is_byok_only can't be combined with is_fallback"])
        known = {key.hash for key in self._organization.keys}
        if not set(cleaned.get("allowed_api_key_hashes") or ()) <= known:
            raise errors.foreign_hashes()


def masked(key: str) -> str:
    """The part of a provider key that may be shown."""
    return f"{key[:3]}...{key[-4:]}" if len(key) > 10 else "..."
