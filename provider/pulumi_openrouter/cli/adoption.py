"""What a program must declare for an existing workspace so that nothing changes."""

from __future__ import annotations

from typing import Any

import attrs

from pulumi_openrouter.core.fields import fields_of
from pulumi_openrouter.core.kinds import INEXACT_INTEGER
from pulumi_openrouter.core.organization import Snapshot
from pulumi_openrouter.core.people import EMAIL
from pulumi_openrouter.core.workspace import DEFAULT_SLUG, WorkspaceArguments
from pulumi_openrouter.core.workspace_budget import BYOK, limit_field

IDENTITY = ("name", "slug")


@attrs.frozen
class Adoption:
    """The arguments for one workspace, by the names that programs and configuration share."""

    slug: str
    settings: dict[str, Any]
    budget: dict[str, Any]
    emails: list[str]
    user_ids: list[str]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Adoption:
        """As the workspace is now, except the default one's members, which can't be declared."""
        slug = snapshot.workspace.slug
        members = [] if slug == DEFAULT_SLUG else snapshot.members
        emails = {
            member.email for member in members if member.email and EMAIL.accepts(member.email)
        }
        user_ids = [member.user_id for member in members if member.email not in emails]
        return cls(slug, _settings(snapshot), _budget(snapshot), sorted(emails), sorted(user_ids))


def _settings(snapshot: Snapshot) -> dict[str, Any]:
    """Name and slug, and what differs from a new workspace."""
    workspace = snapshot.workspace
    differing = {
        name: _plain(value)
        for name, field in fields_of(WorkspaceArguments).items()
        if name not in IDENTITY and not field.local
        for value in [getattr(workspace, name)]
        if value is not None and field.from_api(value) != field.from_api(field.initial)
    }
    named = {name: getattr(workspace, name) for name in IDENTITY}
    return {**named, "adopt_existing": True, **differing}


def _budget(snapshot: Snapshot) -> dict[str, Any]:
    limits = {limit_field(name): _plain(limit) for name, limit in snapshot.limits.items()}
    return {**limits, BYOK: True} if limits and snapshot.byok else limits


def _plain(value: Any) -> Any:
    """A value as a person would write it."""
    if isinstance(value, list):
        return sorted(set(value))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    # More digits would suggest a precision that the engine's numbers don't have.
    is_exact = value == int(value) and abs(value) < INEXACT_INTEGER
    return int(value) if is_exact else float(value)
