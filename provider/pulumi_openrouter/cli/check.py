"""`check`: whether the key and the base URL are right, and if not, what is wrong."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import (
    ForbiddenError,
    OpenRouterError,
    WrongOrganizationError,
)
from pulumi_openrouter.cli.connection import settings
from pulumi_openrouter.cli.key_check import look_at_keys
from pulumi_openrouter.cli.words import NEEDS_MANAGEMENT_KEY

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client
    from pulumi_openrouter.api.models import CurrentKey, WorkspaceInfo

HELP = "test the key and the base URL, and look for API keys that need attention"
DESCRIPTION = (
    "Test whether the key is a management key and the base URL leads to the API, and name the API "
    "keys that were never used or expire within 30 days."
)
PATIENCE = 15.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """`check` takes no options."""


def run(options: argparse.Namespace) -> None:
    """Ask the API one question after another, and stop at the first wrong answer."""
    given = settings()
    client = given.connect()
    with client.operation(PATIENCE):
        key = client.get_current_key()
        _say("base URL", client.base_url)
        _refuse_wrong_key(key, given.organization_id)
        workspaces = client.list_workspaces()
        _say("key", "a management key")
        _say("organization", key.organization_id or "none: the key belongs to a personal account")
        _say("workspaces", str(len(workspaces)))
        _look_at_budgets(client, workspaces)
        _look_at_guardrails(client, workspaces)
        for what, found in look_at_keys(client, workspaces):
            _say(what, found)


def _refuse_wrong_key(key: CurrentKey, expected: str | None) -> None:
    if key.is_management_key is False:
        raise OpenRouterError(f"the key is an inference key\n{NEEDS_MANAGEMENT_KEY}")
    if expected is not None and key.organization_id != expected:
        raise WrongOrganizationError(key.organization_id, expected)


def _look_at_budgets(client: Client, workspaces: list[WorkspaceInfo]) -> None:
    try:
        for workspace in workspaces[:1]:
            client.find_budgets(workspace.id)
    except ForbiddenError as error:
        _say("budgets", "none")
        told = f"no Enterprise plan: OpenRouter refuses budgets ({error.message})"
        print(f"warning: {told}", file=sys.stderr)
        return
    _say("budgets", "available")


def _look_at_guardrails(client: Client, workspaces: list[WorkspaceInfo]) -> None:
    try:
        for workspace in workspaces[:1]:
            client.guardrails.list_in(workspace.id)
    except ForbiddenError as error:
        _say("guardrails", "none")
        print(f"warning: OpenRouter refuses guardrails ({error.message})", file=sys.stderr)
        return
    _say("guardrails", "available")


def _say(what: str, is_: str) -> None:
    print(f"{what:<14}{is_}")
