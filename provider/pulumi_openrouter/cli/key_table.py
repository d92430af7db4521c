"""The table of `show --keys`: a row for each API key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import one_line
from pulumi_openrouter.cli.key_facts import day, is_expired
from pulumi_openrouter.cli.table import ABSENT, Columns, Layout, usd, with_content
from pulumi_openrouter.core import spending
from pulumi_openrouter.core.organization import Snapshot

if TYPE_CHECKING:
    from pulumi_openrouter.api.keys import ApiKeyInfo

SLUG, NAME, LIMIT, RESETS, SPENT = "Workspace", "Key", "Limit", "Resets", "Spent"
EXPIRES, LAST_USED, STATE, LABEL = "Expires", "Last used", "State", "Label"
LAYOUT = Layout(
    priority=(SLUG, NAME, LIMIT, SPENT, LAST_USED, EXPIRES, STATE, RESETS, LABEL),
    cut=NAME,
    left=frozenset({SLUG, NAME, RESETS, STATE, LABEL}),
    dim=frozenset({LABEL, RESETS}),
)


def columns(snapshots: Sequence[Snapshot], now: datetime) -> Columns:
    """The columns that have any content; a name can't disturb how the table is printed."""
    rows = [(each.workspace.slug, key) for each in snapshots for key in each.keys]
    keys = [key for _, key in rows]
    limits = {
        LIMIT: [usd(key.limit) for key in keys],
        RESETS: [one_line(key.limit_reset or ABSENT) for key in keys],
    }
    times = {
        EXPIRES: [day(key.expires_at) or ABSENT for key in keys],
        STATE: [_state(key, now) for key in keys],
    }
    return {
        SLUG: [one_line(slug) for slug, _ in rows],
        NAME: [one_line(key.name) for key in keys],
        **with_content(limits),
        SPENT: [spending.usd(_spent(key)) for key in keys],
        LAST_USED: [day(key.last_used_at) or ("-" if key.is_used else "never") for key in keys],
        **with_content(times),
        LABEL: [one_line(key.label) for key in keys],
    }


def _state(key: ApiKeyInfo, now: datetime) -> str:
    if is_expired(key, now):
        return "expired"
    return "disabled" if key.disabled else ABSENT


def _spent(key: ApiKeyInfo) -> float:
    """What its limit counts: since the last reset, or ever where there is none."""
    interval = key.limit_reset or spending.LIFETIME
    return spending.spent_by([key], interval, bool(key.include_byok_in_limit))
