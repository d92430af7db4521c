"""What a program must declare for an existing workspace so that nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from pulumi_openrouter.core.fields import Field, fields_of
from pulumi_openrouter.core.guardrail_content import GuardrailArguments
from pulumi_openrouter.core.kinds import INEXACT_INTEGER
from pulumi_openrouter.core.organization import GuardrailSnapshot, Snapshot
from pulumi_openrouter.core.people import EMAIL
from pulumi_openrouter.core.workspace import DEFAULT_SLUG, WorkspaceArguments, slug_of
from pulumi_openrouter.core.workspace_budget import BYOK, limit_field

if TYPE_CHECKING:
    from pulumi_openrouter.api.guardrails import GuardrailInfo

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
    default_guardrail: dict[str, Any] = attrs.field(factory=dict)
    guardrails: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    """The arguments of each guardrail, by a name of its own."""

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
        default = snapshot.default_guardrail
        return cls(
            slug=slug,
            settings=_settings(snapshot),
            budget=_budget(snapshot),
            emails=sorted(emails),
            user_ids=sorted(user_ids),
            keys=keys,
            default_guardrail=_content(default) if default else {},
            guardrails=_guardrails(snapshot),
        )


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


def _guardrails(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """The guardrails, each by a name that no other one of the workspace has."""
    emails = {member.user_id: member.email for member in snapshot.members}
    found: dict[str, dict[str, Any]] = {}
    for each in snapshot.assigned_guardrails:
        name = slug_of(each.guardrail.name) or each.guardrail.id
        found[each.guardrail.id if name in found else name] = {
            "existing_id": each.guardrail.id,
            "name": each.guardrail.name,
            **_content(each.guardrail),
            **_governed(each, emails),
        }
    return found


def _content(guardrail: GuardrailInfo) -> dict[str, Any]:
    """What differs from a new guardrail."""
    answered = attrs.asdict(guardrail)
    return {
        name: _plain(value)
        for name, field in fields_of(GuardrailArguments).items()
        for value in [field.from_api(answered[name])]
        if value is not None and value != field.initial
    }


def _governed(found: GuardrailSnapshot, emails: Mapping[str, str | None]) -> dict[str, Any]:
    """Whom it governs, people by email where that is known."""
    named = {user_id: emails.get(user_id) for user_id in found.user_ids}
    by_email = sorted(email for email in named.values() if email and EMAIL.accepts(email))
    by_id = sorted(user_id for user_id, email in named.items() if email not in by_email)
    lists = {"keys": found.keys, "emails": by_email, "user_ids": by_id}
    return {name: listed for name, listed in lists.items() if listed}


def _plain(value: Any) -> Any:
    """A value as a person would write it."""
    if isinstance(value, list):
        is_plain = all(isinstance(element, (str, int, float)) for element in value)
        return sorted(set(value)) if is_plain else value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    # More digits would suggest a precision that the engine's numbers don't have.
    is_exact = value == int(value) and abs(value) < INEXACT_INTEGER
    return int(value) if is_exact else float(value)
