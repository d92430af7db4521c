"""The API's answers, as far as this package reads them; unknown fields are ignored."""

# Annotations are real types here: cattrs below 26.1 can't resolve those of generic classes
# from text.
from typing import Generic, TypeVar

import attrs

from pulumi_openrouter.api.member import WorkspaceMember

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class WorkspaceInfo:
    """A workspace (GET /workspaces/{id}); times are ISO 8601, the sampling rate is 0 to 1."""

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
class BudgetInfo:
    """What a workspace may spend in each interval."""

    limit_usd: float
    reset_interval: str | None
    """None for a lifetime budget, which never resets."""

    @property
    def interval(self) -> str:
        """The interval as request paths name it, "lifetime" included."""
        return self.reset_interval or "lifetime"


@attrs.frozen(kw_only=True)
class BudgetsInfo:
    """All budgets of a workspace (GET /workspaces/{id}/budgets)."""

    data: list[BudgetInfo]
    include_byok_in_budgets: bool | None = None
    """Whether spending with the organization's own provider keys counts."""

    @property
    def limits(self) -> dict[str, float]:
        """The limit in USD of each interval that has one."""
        return {budget.interval: budget.limit_usd for budget in self.data}


@attrs.frozen(kw_only=True)
class OneBudget:
    """One budget, with the flag that its whole workspace shares."""

    data: BudgetInfo
    include_byok_in_budgets: bool | None = None


@attrs.frozen(kw_only=True)
class OrganizationMember:
    """A member of the organization (GET /organization/members)."""

    id: str
    email: str | None = None
    """None for a row without one."""
    role: str | None = None
    first_name: str | None = None
    last_name: str | None = None


@attrs.frozen(kw_only=True)
class CurrentKey:
    """The key in use (GET /key)."""

    label: str
    organization_id: str | None = None
    """None for a personal account."""
    is_management_key: bool | None = None


@attrs.frozen(kw_only=True)
class Data(Generic[T]):
    """The envelope of a single object."""

    data: T


@attrs.frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a list."""

    data: list[T]
    total_count: int | None = None
    """The rows of the whole list; None where the API does not count them."""


@attrs.frozen(kw_only=True)
class Deleted:
    """The answer to a DELETE."""

    deleted: bool


@attrs.frozen(kw_only=True)
class AddedMembers:
    """The answer to adding members."""

    data: list[WorkspaceMember]
    added_count: int


@attrs.frozen(kw_only=True)
class RemovedMembers:
    """The answer to removing members."""

    removed_count: int
