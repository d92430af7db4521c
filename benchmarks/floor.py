"""The floor: the same resources with the same properties, and providers that do nothing.

The time of a run with these is Pulumi's own: its engine, its hosts, its state.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from pulumi import ResourceOptions, dynamic

Properties = dict[str, Any]


class Nothing(dynamic.ResourceProvider):
    """Does nothing, and reports success."""

    serialize_as_secret_always = False
    answered: ClassVar[Properties] = {}

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.DiffResult:
        """Compare what is declared, so that only changes are updates."""
        changed = any(_olds.get(name) != value for name, value in _news.items())
        return dynamic.DiffResult(changes=changed)

    def create(self, props: Properties) -> dynamic.CreateResult:
        """Make up an id."""
        return dynamic.CreateResult(str(uuid.uuid4()), {**props, **self.answered})

    def update(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.UpdateResult:
        """Report the new properties as done."""
        return dynamic.UpdateResult({**_olds, **_news})

    def delete(self, _id: str, _props: Properties) -> None:
        """Do nothing."""


OWNER: Properties = {"organization_id": "org_2abcdefghijklmnopqrstuvwxyz"}


class NoWorkspace(Nothing):
    """The provider of workspaces."""

    answered: ClassVar[Properties] = {
        "created_at": "2026-01-01T00:00:00Z",
        "created_by": "user_2abcdefghijklmnopqrstuvwxyz",
        "updated_at": "2026-01-01T00:00:00Z",
        "default_guardrail_id": "00000000-0000-4000-8000-000000000000",
        "include_byok_in_budgets": False,
        **OWNER,
    }


class NoBudget(Nothing):
    """The provider of budgets."""

    answered: ClassVar[Properties] = OWNER


class NoMembership(Nothing):
    """The provider of memberships."""

    answered: ClassVar[Properties] = {"members": [], **OWNER}

    def create(self, props: Properties) -> dynamic.CreateResult:
        """List who would be a member."""
        members = [
            {"user_id": f"user_{email}", "email": email, "role": "member"}
            for email in props["emails"]
        ]
        return dynamic.CreateResult(
            str(uuid.uuid4()), {**props, **self.answered, "members": members}
        )


WORKSPACE = (
    "name",
    "slug",
    "description",
    "default_text_model",
    "default_image_model",
    "default_provider_sort",
    "io_logging_api_key_ids",
    "io_logging_sampling_rate",
    "is_data_discount_logging_enabled",
    "is_observability_broadcast_enabled",
    "is_observability_io_logging_enabled",
    "disabled_server_tools",
    "adopt_existing",
    "force_destroy",
    *NoWorkspace.answered,
)
BUDGET = (
    "workspace_id",
    *(f"{interval}_limit_usd" for interval in ("daily", "weekly", "monthly", "lifetime")),
    "include_byok_in_budgets",
    "exclusive",
    *NoBudget.answered,
)
MEMBERSHIP = ("workspace_id", "user_ids", "emails", "exclusive", *NoMembership.answered)


class Workspace(dynamic.Resource, module="openrouter", name="Workspace"):
    """A workspace that does not exist."""

    def __init__(self, resource_name: str, **given: Any) -> None:
        named = {"name": resource_name, "slug": resource_name}
        flags = {"adopt_existing": False, "force_destroy": False}
        properties = {**dict.fromkeys(WORKSPACE), **named, **flags, **given}
        super().__init__(NoWorkspace(), resource_name, properties)


class Child(dynamic.Resource):
    """A resource that is deleted with its workspace."""

    provider: ClassVar[type[Nothing]]
    properties: ClassVar[tuple[str, ...]]

    def __init__(self, resource_name: str, workspace_id: Workspace, **given: Any) -> None:
        own = {"workspace_id": workspace_id.id, "exclusive": False}
        properties = {**dict.fromkeys(self.properties), **own, **given}
        options = ResourceOptions(deleted_with=workspace_id)
        super().__init__(self.provider(), resource_name, properties, options)


class WorkspaceBudget(Child, module="openrouter", name="WorkspaceBudget"):
    """Budgets that do not exist."""

    provider = NoBudget
    properties = BUDGET


class WorkspaceMembership(Child, module="openrouter", name="WorkspaceMembership"):
    """Members who do not exist."""

    provider = NoMembership
    properties = MEMBERSHIP
