"""The API's answers, as far as this package reads them; unknown fields are ignored."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Workspace:
    """A workspace (GET /workspaces/{id})."""

    id: str
    name: str
    slug: str
    created_at: str
    created_by: str | None = None
    updated_at: str | None = None
    description: str | None = None
    default_text_model: str | None = None
    default_image_model: str | None = None
    default_provider_sort: str | None = None
    default_guardrail_id: str | None = None
    io_logging_api_key_ids: list[int] | None = None
    io_logging_sampling_rate: float | None = None
    is_data_discount_logging_enabled: bool | None = None
    is_observability_broadcast_enabled: bool | None = None
    is_observability_io_logging_enabled: bool | None = None
    disabled_server_tools: list[str] | None = None
    include_byok_in_budgets: bool | None = None


@attrs.frozen(kw_only=True)
class Budget:
    """What a workspace may spend, in USD, per interval; a lifetime budget never resets."""

    limit_usd: float
    reset_interval: str | None

    @property
    def interval(self) -> str:
        """The interval as request paths name it."""
        return self.reset_interval or "lifetime"


@attrs.frozen(kw_only=True)
class Budgets:
    """All budgets of a workspace (GET /workspaces/{id}/budgets)."""

    data: list[Budget]
    include_byok_in_budgets: bool | None = None

    @property
    def limits(self) -> dict[str, float]:
        """The limit in USD of each interval that has one."""
        return {budget.interval: budget.limit_usd for budget in self.data}


@attrs.frozen(kw_only=True)
class OneBudget:
    """One budget, with the flag that belongs to all of its workspace."""

    data: Budget
    include_byok_in_budgets: bool | None = None


@attrs.frozen(kw_only=True)
class Member:
    """A member of a workspace."""

    user_id: str
    role: str


@attrs.frozen(kw_only=True)
class OrganizationMember:
    """A member of the organization (GET /organization/members)."""

    id: str
    email: str
    role: str
    first_name: str | None = None
    last_name: str | None = None


@attrs.frozen(kw_only=True)
class ApiKey:
    """An API key of a workspace, known by its hash (GET /keys)."""

    hash: str
    name: str
    label: str
    disabled: bool = False
    workspace_id: str | None = None
    creator_user_id: str | None = None


@attrs.frozen(kw_only=True)
class CurrentKey:
    """The key in use (GET /key).

    `organization_id` is None for a personal account.
    """

    label: str
    organization_id: str | None = None
    is_management_key: bool | None = None


@attrs.frozen(kw_only=True)
class Data(Generic[T]):
    """The envelope of a single object."""

    data: T


@attrs.frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a list; `total_count` is missing where the API does not count."""

    data: list[T]
    total_count: int | None = None


@attrs.frozen(kw_only=True)
class Deleted:
    """The answer to a DELETE."""

    deleted: bool


@attrs.frozen(kw_only=True)
class AddedMembers:
    """The answer to adding members."""

    data: list[Member]
    added_count: int


@attrs.frozen(kw_only=True)
class RemovedMembers:
    """The answer to removing members."""

    removed_count: int
