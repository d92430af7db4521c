"""`show --spend`: what was spent, beside the limits."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from pulumi_openrouter.api.errors import OpenRouterError, one_line
from pulumi_openrouter.cli import spend_page
from pulumi_openrouter.cli.spend_words import left, note, shown
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.organization import Organization
from pulumi_openrouter.core.spending import NEAR, KeySpend, Spend, WorkspaceSpend, usd

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client

BAR_CHARS = 10
HEAD = ("Workspace", "Interval", "Limit", "Spent", "", "Left", "BYOK")
RIGHT = {"Limit", "Spent", "Left"}
Row = tuple[str, ...]


def run(client: Client, options: argparse.Namespace) -> None:
    """Read, then print or write: workspaces over or near a limit first."""
    organization_id = client.get_current_key().organization_id
    found = read(client, options.patterns)
    if options.html:
        _save(spend_page.written(organization_id, found, datetime.now(timezone.utc)), options.html)
    if not options.spend:
        return
    if options.json:
        print(json.dumps(document(organization_id, found), indent=2))
        return
    _print([row for each in found for row in _rows(each, with_keys=options.keys)])
    print(f"note: {note(found)}", file=sys.stderr)


def _save(text: str, path: Path) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OpenRouterError(f"can't write {path}: {error.strerror}") from None


def read(client: Client, patterns: Sequence[str]) -> list[WorkspaceSpend]:
    """What was spent in the workspaces of these slugs, those nearest to a limit first."""
    found = Organization(Context(lambda: client)).spending(patterns)
    return sorted(found, key=lambda each: (-each.share, each.slug))


def document(organization_id: str | None, found: Sequence[WorkspaceSpend]) -> dict[str, Any]:
    """Everything as plain data; every key is always there."""
    return {"organization_id": organization_id, "workspaces": [*map(_object, found)]}


def _object(found: WorkspaceSpend) -> dict[str, Any]:
    plain = attrs.asdict(found)
    intervals = [_spend(spend) for spend in found.intervals]
    keys = [{**attrs.asdict(key), "spend": _spend(key.spend)} for key in found.keys]
    return {**plain, "intervals": intervals, "keys": keys}


def _spend(spend: Spend) -> dict[str, Any]:
    return {**attrs.asdict(spend), "left_usd": spend.left_usd, "share": spend.share}


def _rows(found: WorkspaceSpend, *, with_keys: bool) -> Iterator[Row]:
    slug = one_line(found.slug)
    for spend in shown(found):
        yield slug, *_cells(spend), _yes(found.includes_byok)
    if with_keys:
        yield from map(_key, found.keys)


def _key(key: KeySpend) -> Row:
    name = f"  {one_line(key.name)}{' (disabled)' if key.disabled else ''}"
    return name, *_cells(key.spend), _yes(key.includes_byok)


def _cells(spend: Spend) -> Row:
    limit = "-" if spend.limit_usd is None else usd(spend.limit_usd)
    return spend.interval, limit, usd(spend.spent_usd), _bar(spend), left(spend)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _bar(spend: Spend) -> str:
    if spend.share is None:
        return ""
    filled = min(BAR_CHARS, int(spend.share * BAR_CHARS))
    mark = " !" if spend.share >= NEAR else ""
    return f"{'█' * filled}{'░' * (BAR_CHARS - filled)} {spend.share:4.0%}{mark}"


def _print(rows: Sequence[Row]) -> None:
    # Imported only here: nothing else needs rich.
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in HEAD:
        table.add_column(heading, justify="right" if heading in RIGHT else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    width = Console().measure(table).maximum
    # Without a height rich may assume another width.
    Console(width=width + 1, height=1, highlight=False).print(table)
