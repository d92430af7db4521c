"""Which workspaces a command is about."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.organization import Organization, Snapshot

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client

NO_BUDGETS = "budgets are left out: they need OpenRouter's Enterprise plan"


def add_patterns(parser: argparse.ArgumentParser) -> None:
    """Add the patterns that `read` takes."""
    parser.add_argument(
        "patterns",
        metavar="SLUG",
        nargs="*",
        help="only workspaces with this slug; may contain the wildcards * and ? (default: all)",
    )


def read(client: Client, patterns: Sequence[str], *, keys: bool = False) -> list[Snapshot]:
    """The workspaces whose slugs match any of the patterns (without patterns, all), by slug.

    Raises:
        OpenRouterError: a pattern matches nothing, or the API does not answer.
    """
    return Organization(Context(lambda: client)).snapshots(patterns, with_keys=keys)


def lacks_budgets(snapshots: Sequence[Snapshot]) -> bool:
    """Whether the account has no budgets at all."""
    return any(snapshot.budgets is None for snapshot in snapshots)
