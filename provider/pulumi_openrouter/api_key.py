"""ApiKey: what a program declares of a key for calling models."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pulumi import Output, ResourceOptions

from pulumi_openrouter.core.api_key import ApiKeyFields, ApiKeyLifecycle
from pulumi_openrouter.core.moments import in_utc
from pulumi_openrouter.resource import Holders, Resource
from pulumi_openrouter.workspace_child import WorkspaceId, take_id


class ApiKey(ApiKeyFields, Resource, module="openrouter", name="ApiKey"):
    """A key for calling models, in one workspace, with a limit of its own.

    Its secret is the output `key`, encrypted in the state. A new key is made for another
    expires_at, lifetime_days, creator or keepers, and once it is older than rotate_after_days: what
    depends on it gets the new one before the old one is deleted. All else changes in place, another
    workspace_id too.
    """

    noun = ApiKeyLifecycle.noun
    workspace_id: WorkspaceId

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """The name defaults to the resource's own, unless a key that exists has one."""
        take_id(properties)
        existing_hash = properties["existing_hash"]
        if properties["name"] is None and existing_hash is None:
            properties["name"] = resource_name
        properties["expires_at"] = _as_text(resource_name, properties["expires_at"])
        _refuse_same_key(resource_name, existing_hash)
        return opts


def _as_text(resource_name: str, expires_at: Any) -> Any:
    if isinstance(expires_at, Output):
        return expires_at.apply(lambda value: _as_text(resource_name, value))
    if not isinstance(expires_at, datetime):
        return expires_at
    if expires_at.tzinfo is None:
        raise ValueError(
            f"ApiKey {resource_name!r}: expires_at is a datetime without a time zone; say the "
            "zone, for example with tzinfo=timezone.utc"
        )
    return in_utc(expires_at)


_existing_keys = Holders()


def _refuse_same_key(resource_name: str, existing_hash: Any) -> None:
    if not isinstance(existing_hash, str):
        return
    if holder := _existing_keys.taken_by(existing_hash.lower(), resource_name):
        raise ValueError(
            f"ApiKey {resource_name!r}: ApiKey {holder!r} has this existing_hash already; "
            "declare all settings of the key there"
        )
