"""`show`: the organization at a glance."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from pulumi_openrouter.api.errors import one_line
from pulumi_openrouter.cli.connection import settings
from pulumi_openrouter.cli.selection import NO_BUDGETS, add_patterns, lacks_budgets, read
from pulumi_openrouter.core.budget_plan import INTERVALS
from pulumi_openrouter.core.organization import Snapshot
from pulumi_openrouter.core.workspace_budget import BYOK, limit_field

if TYPE_CHECKING:
    from rich.table import Table

    from pulumi_openrouter.api.member import WorkspaceMember

HELP = "show workspaces, budgets, members and keys as a table or as JSON"
DESCRIPTION = "Show the workspaces with their budgets in USD, and how many members and API keys."
MAX_COLUMNS = 100
ABSENT = "-"


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be said after `show`."""
    add_patterns(parser)
    parser.add_argument(
        "--json", action="store_true", help="one JSON document, with all members and keys"
    )


def run(options: argparse.Namespace) -> None:
    """Read, then print."""
    client = settings().connect()
    organization_id = client.get_current_key().organization_id
    snapshots = read(client, options.patterns, keys=True)
    if options.json:
        print(json.dumps(document(organization_id, snapshots), indent=2))
        return
    _print(table(organization_id, snapshots))
    if lacks_budgets(snapshots):
        print(f"warning: {NO_BUDGETS}", file=sys.stderr)


def document(organization_id: str | None, snapshots: Sequence[Snapshot]) -> dict[str, Any]:
    """All of it as plain data; every key is always there."""
    return {"organization_id": organization_id, "workspaces": [*map(_object, snapshots)]}


def table(organization_id: str | None, snapshots: Sequence[Snapshot]) -> Table:
    """A row for each workspace."""
    # Only here: nothing else needs rich.
    from rich import box
    from rich.table import Table
    from rich.text import Text

    owner = f"Organization {organization_id}" if organization_id else "Personal account"
    title = Text(f"{owner}: {_count(snapshots)}")
    found = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    found.add_column("Slug", style="bold", overflow="fold")
    found.add_column("Name", overflow="fold")
    for heading in (*(interval.capitalize() for interval in INTERVALS), "BYOK"):
        found.add_column(heading, justify="right", no_wrap=True)
    for heading in ("Members", "Keys"):
        found.add_column(heading, justify="right", no_wrap=True, style="dim")
    for snapshot in snapshots:
        found.add_row(*map(Text, _cells(snapshot)))
    return found


def _print(printed: Table) -> None:
    from rich.console import Console

    width = min(shutil.get_terminal_size((MAX_COLUMNS, 0)).columns, MAX_COLUMNS)
    Console(width=width, highlight=False).print(printed)


def _count(snapshots: Sequence[Snapshot]) -> str:
    return "1 workspace" if len(snapshots) == 1 else f"{len(snapshots)} workspaces"


def _cells(snapshot: Snapshot) -> list[str]:
    """The texts of a row: whoever named a workspace has no say in how they are printed."""
    workspace, limits = snapshot.workspace, snapshot.limits
    byok = {True: "yes", False: "no", None: ABSENT}[snapshot.byok if limits else None]
    return [
        one_line(workspace.slug),
        one_line(workspace.name),
        *(_usd(limits.get(interval)) for interval in INTERVALS),
        byok,
        str(len(snapshot.members)),
        str(len(snapshot.keys)),
    ]


def _usd(limit: float | None) -> str:
    if limit is None:
        return ABSENT
    cents = f"${limit:,.2f}"
    is_exact = round(limit, 2) == limit
    return cents.removesuffix(".00") if is_exact else f"${limit:,}"


def _object(snapshot: Snapshot) -> dict[str, Any]:
    limits = {limit_field(name): snapshot.limits.get(name) for name in INTERVALS}
    return {
        **attrs.asdict(snapshot.workspace),
        BYOK: snapshot.byok,
        "budgets": None if snapshot.budgets is None else limits,
        "members": [attrs.asdict(member) for member in sorted(snapshot.members, key=_by_email)],
        "keys": [_key(key) for key in snapshot.keys],
    }


def _by_email(member: WorkspaceMember) -> tuple[str, str]:
    return member.email or "", member.user_id


def _key(key: Any) -> dict[str, Any]:
    return {name: getattr(key, name) for name in ("hash", "name", "label", "disabled")}
