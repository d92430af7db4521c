"""What a program must declare of a workspace that exists, for nothing to change."""

from __future__ import annotations

import re
from typing import Any

import attrs

from pulumi_openrouter.cli.organization import Environment
from pulumi_openrouter.fields import INEXACT_INTEGER

DEFAULT_SLUG = "default"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")

DEFAULTS: dict[str, Any] = {
    "description": None,
    "default_text_model": None,
    "default_image_model": None,
    "default_provider_sort": None,
    "io_logging_api_key_ids": None,
    "io_logging_sampling_rate": 1,
    "is_data_discount_logging_enabled": True,
    "is_observability_broadcast_enabled": False,
    "is_observability_io_logging_enabled": False,
    "disabled_server_tools": None,
}
"""What a new workspace has, in the order of the reference."""
SAME_AS_NULL: dict[str, Any] = {"disabled_server_tools": []}


@attrs.frozen
class Declaration:
    """The arguments for one workspace, by the names that programs and configuration share."""

    slug: str
    settings: dict[str, Any]
    budget: dict[str, Any]
    emails: list[str]
    user_ids: list[str]

    @classmethod
    def of(cls, environment: Environment) -> Declaration:
        """What is now; everybody is in the default workspace, which can't be declared."""
        slug = environment.workspace.slug
        members = [] if slug == DEFAULT_SLUG else environment.members
        emails = [each.email for each in members if each.email and EMAIL.fullmatch(each.email)]
        user_ids = [each.user_id for each in members if each.email not in emails]
        return cls(
            slug, _settings(environment), _budget(environment), sorted(emails), sorted(user_ids)
        )


def _settings(environment: Environment) -> dict[str, Any]:
    workspace = environment.workspace
    named = {"name": workspace.name, "slug": workspace.slug, "adopt_existing": True}
    found = {name: getattr(workspace, name) for name in DEFAULTS}
    differing = {
        name: _plain(value)
        for name, value in found.items()
        if value is not None and value not in (DEFAULTS[name], SAME_AS_NULL.get(name))
    }
    return {**named, **differing}


def _budget(environment: Environment) -> dict[str, Any]:
    limits = {f"{name}_limit_usd": _plain(limit) for name, limit in environment.limits.items()}
    return {**limits, "include_byok_in_budgets": True} if limits and environment.byok else limits


def _plain(value: Any) -> Any:
    """A value as a person would write it."""
    if isinstance(value, list):
        return sorted(set(value))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    # Digits beyond that would pretend an exactness that the engine's numbers have not.
    is_exact = value == int(value) and abs(value) < INEXACT_INTEGER
    return int(value) if is_exact else float(value)
