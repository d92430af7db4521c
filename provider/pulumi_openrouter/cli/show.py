"""`show`: the organization at a glance."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from pulumi_openrouter.cli import key_table, spend, workspace_table
from pulumi_openrouter.cli.connection import settings
from pulumi_openrouter.cli.selection import NO_BUDGETS, add_patterns, lacks_budgets, read
from pulumi_openrouter.cli.table import Table
from pulumi_openrouter.core.budget_plan import INTERVALS
from pulumi_openrouter.core.organization import GuardrailSnapshot, Snapshot
from pulumi_openrouter.core.workspace_budget import BYOK, limit_field

if TYPE_CHECKING:
    from pulumi_openrouter.api.member import WorkspaceMember

HELP = "show workspaces, budgets, members, keys and guardrails as a table or as JSON"
DESCRIPTION = (
    "Show each workspace with its budgets in USD and its number of members, keys and guardrails. "
    "With --keys, show each API key with its limit and what was spent of it: since the limit was "
    "reset, or in all if it never is. Days are those of UTC."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `show`."""
    add_patterns(parser)
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON document, with all members, keys and guardrails",
    )
    parser.add_argument(
        "--spend", action="store_true", help="show what was spent, beside the limits"
    )
    parser.add_argument(
        "--keys",
        action="store_true",
        help="show each API key in place of the workspaces; with --spend, below its workspace",
    )
    parser.add_argument(
        "--html",
        metavar="FILE",
        type=Path,
        help="write what was spent as one page for a browser; a file that exists is replaced",
    )


def run(options: argparse.Namespace) -> None:
    """Read, then print."""
    client = settings().connect()
    if options.spend or options.html:
        spend.run(client, options)
        return
    organization_id = client.get_current_key().organization_id
    snapshots = read(client, options.patterns, keys=True)
    if options.json:
        print(json.dumps(document(organization_id, snapshots), indent=2))
    elif options.keys:
        columns = key_table.columns(snapshots, client.clock.now())
        table = Table.of(columns, key_table.LAYOUT, _terminal_width())
        _print(organization_id, _count_keys(snapshots), table)
    else:
        columns = workspace_table.columns(snapshots)
        table = Table.of(columns, workspace_table.LAYOUT, _terminal_width())
        _print(organization_id, _count(snapshots), table)
        if lacks_budgets(snapshots):
            print(f"warning: {NO_BUDGETS}", file=sys.stderr)


def document(organization_id: str | None, snapshots: Sequence[Snapshot]) -> dict[str, Any]:
    """Everything as plain data; every key is always there."""
    return {"organization_id": organization_id, "workspaces": [*map(_object, snapshots)]}


def _print(organization_id: str | None, count: str, table: Table) -> None:
    # Imported only here: nothing else needs rich.
    from rich.console import Console
    from rich.text import Text

    owner = f"Organization {organization_id}" if organization_id else "Personal account"
    # The table has its width already, and without a height rich may assume another one.
    console = Console(width=table.width + 1, height=1, highlight=False)
    console.print(Text(f"{owner}: {count}\n"), soft_wrap=True)
    console.print(table.rendered())
    if table.left_out:
        columns = ", ".join(table.left_out)
        print(f"note: too narrow for {columns}; --json shows everything", file=sys.stderr)


def _terminal_width() -> int | None:
    """How wide the terminal is, None where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _count(snapshots: Sequence[Snapshot]) -> str:
    return "1 workspace" if len(snapshots) == 1 else f"{len(snapshots)} workspaces"


def _count_keys(snapshots: Sequence[Snapshot]) -> str:
    keys = sum(len(snapshot.keys) for snapshot in snapshots)
    return f"{'1 API key' if keys == 1 else f'{keys} API keys'} in {_count(snapshots)}"


def _object(snapshot: Snapshot) -> dict[str, Any]:
    limits = {limit_field(name): snapshot.limits.get(name) for name in INTERVALS}
    return {
        **attrs.asdict(snapshot.workspace),
        BYOK: snapshot.byok,
        "budgets": None if snapshot.budgets is None else limits,
        "members": [attrs.asdict(member) for member in sorted(snapshot.members, key=_by_email)],
        "keys": [attrs.asdict(key) for key in snapshot.keys],
        "guardrails": [_guardrail(each) for each in snapshot.guardrails],
    }


def _guardrail(found: GuardrailSnapshot) -> dict[str, Any]:
    """A guardrail with whom it governs, by hash and user id."""
    return {**attrs.asdict(found.guardrail), "keys": found.keys, "user_ids": found.user_ids}


def _by_email(member: WorkspaceMember) -> tuple[str, str]:
    return member.email or "", member.user_id
