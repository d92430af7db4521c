"""What an organization has. Each is frozen: a change makes a new one, so readers need no lock."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import attrs

Number = int | float


def timestamp(moment: datetime) -> str:
    """A moment as the API writes it."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


@attrs.frozen
class Entity:
    """Something that the API answers as a JSON object."""

    hidden: ClassVar[frozenset[str]] = frozenset()
    _answered: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        # Asking attrs again for every row would take longer than the rest of a list answer.
        cls._answered = tuple(name for name in attrs.fields_dict(cls) if name not in cls.hidden)

    def as_json(self) -> dict[str, Any]:
        """The object as the API answers it."""
        return {name: getattr(self, name) for name in self._answered}


@attrs.frozen(kw_only=True)
class Workspace(Entity):
    """A workspace of the organization."""

    hidden = frozenset({"is_default"})

    id: str
    name: str
    slug: str
    description: str | None = None
    default_text_model: str | None = None
    default_image_model: str | None = None
    default_provider_sort: str | None = None
    io_logging_api_key_ids: list[int] | None = None
    io_logging_sampling_rate: Number = 1
    is_data_discount_logging_enabled: bool = True
    is_observability_broadcast_enabled: bool = False
    is_observability_io_logging_enabled: bool = False
    disabled_server_tools: list[str] | None = None
    include_byok_in_budgets: bool = False
    default_guardrail_id: str
    created_by: str | None
    created_at: str
    updated_at: str | None = None
    is_default: bool = False


@attrs.frozen(kw_only=True)
class Budget(Entity):
    """What a workspace may spend in an interval."""

    hidden = frozenset({"interval"})

    id: str
    workspace_id: str
    interval: str
    limit_usd: Number
    created_at: str
    updated_at: str

    def as_json(self) -> dict[str, Any]:
        """The object as the API answers it: a lifetime is an interval that never resets."""
        reset_interval = None if self.interval == "lifetime" else self.interval
        return {**super().as_json(), "reset_interval": reset_interval}


@attrs.frozen(kw_only=True)
class Membership(Entity):
    """One person's membership of a workspace."""

    id: str
    workspace_id: str
    user_id: str
    role: str
    created_at: str


@attrs.frozen(kw_only=True)
class Person(Entity):
    """A member of the organization."""

    hidden = frozenset({"scim", "joined_at"})

    id: str
    email: str
    """Empty: the API answers null."""
    first_name: str | None = None
    last_name: str | None = None
    role: str = "org:member"
    scim: bool = False
    joined_at: str

    @property
    def workspace_role(self) -> str:
        """The role this person has in every workspace."""
        return self.role.removeprefix("org:")

    def as_json(self) -> dict[str, Any]:
        """The object as the API answers it."""
        return {**super().as_json(), "email": self.email or None}


@attrs.frozen(kw_only=True)
class ApiKey(Entity):
    """A key that spends, in one workspace."""

    hidden = frozenset({"secret"})

    hash: str
    secret: str = attrs.field(repr=False)
    name: str
    label: str
    workspace_id: str | None
    creator_user_id: str | None = None
    disabled: bool = False
    expires_at: datetime | None = None
    limit: Number | None = None
    limit_reset: str | None = None
    include_byok_in_limit: bool = False
    external_user: str | None = None
    last_used_at: str | None = None
    created_at: str
    updated_at: str | None = None

    def is_expired(self, now: datetime) -> bool:
        """Whether it has expired by this moment."""
        return self.expires_at is not None and self.expires_at <= now

    def is_active(self, now: datetime) -> bool:
        """Whether it can spend, which keeps its workspace and its creator from being removed."""
        return not self.disabled and not self.is_expired(now)

    def as_json(self) -> dict[str, Any]:
        """The object as the API answers it, never with the key itself, and without its usage."""
        expires_at = self.expires_at and timestamp(self.expires_at)
        return {**super().as_json(), "expires_at": expires_at}
