"""What a program must declare for an existing workspace so that nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from pulumi_openrouter.core.fields import Field, fields_of
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
    keys: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    """The settings of each API key, by a name that no other key of any workspace yields."""

    @classmethod
    def of(cls, snapshot: Snapshot, keys: Mapping[str, Mapping[str, Any]]) -> Adoption:
        """As the workspace is now, except the default one's members, which can't be declared.

        Args:
            snapshot: the workspace.
            keys: those of its API keys that are to be adopted.
        """
        slug = snapshot.workspace.slug
        members = [] if slug == DEFAULT_SLUG else snapshot.members
        emails = {
            member.email for member in members if member.email and EMAIL.accepts(member.email)
        }
        user_ids = [member.user_id for member in members if member.email not in emails]
        settings, budget = _settings(snapshot), _budget(snapshot)
        return cls(slug, settings, budget, sorted(emails), sorted(user_ids), keys)


def _settings(snapshot: Snapshot) -> dict[str, Any]:
    """Name and slug, and what differs from a new workspace."""
    workspace, fields = snapshot.workspace, fields_of(WorkspaceArguments)
    named = {name: getattr(workspace, name) for name in IDENTITY}
    others = {name: field for name, field in fields.items() if name not in IDENTITY}
    return {**named, "adopt_existing": True, **differing(workspace, others)}


def differing(found: object, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Those of the arguments that are not what the API gives a new object."""
    return {
        name: _plain(value)
        for name, field in fields.items()
        if field.is_argument and not field.local
        for value in [getattr(found, name)]
        if value is not None and field.from_api(value) != field.from_api(field.initial)
    }


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
