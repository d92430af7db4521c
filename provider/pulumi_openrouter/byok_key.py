"""ByokKey: what a program declares of an own key at a provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi import ResourceOptions

from pulumi_openrouter.core.byok_key import ByokKeyFields, ByokKeyLifecycle
from pulumi_openrouter.core.fields import optional
from pulumi_openrouter.core.guardrail import HASHES
from pulumi_openrouter.guardrail import Keys, hashes_of
from pulumi_openrouter.resource import Resource
from pulumi_openrouter.workspace_child import WorkspaceId, take_id


class ByokKey(ByokKeyFields, Resource, module="openrouter", name="ByokKey"):
    """Your own key at a provider (BYOK), used by one workspace.

    The key is encrypted in the state, and OpenRouter never answers it: another one is put in its
    place. It is deleted by itself, also where its workspace is: nothing says that the key would be
    wiped with that.
    """

    noun = ByokKeyLifecycle.noun
    workspace_id: WorkspaceId

    if TYPE_CHECKING:
        allowed_keys: Keys = optional(HASHES, default=None, doc="")

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """The name defaults to the resource's own."""
        if properties["name"] is None:
            properties["name"] = resource_name
        take_id(properties)
        properties["allowed_keys"] = hashes_of(properties["allowed_keys"])
        return opts
