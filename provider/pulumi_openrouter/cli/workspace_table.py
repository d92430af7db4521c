"""The table of `show`: a row for each workspace."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_openrouter.api.errors import one_line
from pulumi_openrouter.cli.table import ABSENT, Columns, Layout, usd, with_content
from pulumi_openrouter.core.budget_plan import INTERVALS
from pulumi_openrouter.core.organization import Snapshot

SLUG, NAME, BYOK, MEMBERS, KEYS = "Slug", "Name", "BYOK", "Members", "Keys"
GUARDRAILS = "Guardrails"
LAYOUT = Layout(
    priority=(
        SLUG,
        NAME,
        "Monthly",
        "Lifetime",
        "Weekly",
        "Daily",
        MEMBERS,
        KEYS,
        BYOK,
        GUARDRAILS,
    ),
    cut=NAME,
    left=frozenset({SLUG, NAME}),
    dim=frozenset({MEMBERS, KEYS, GUARDRAILS}),
)


def columns(snapshots: Sequence[Snapshot]) -> Columns:
    """The columns that have any content; a name can't disturb how the table is printed."""
    limits = {
        interval.capitalize(): [usd(each.limits.get(interval)) for each in snapshots]
        for interval in INTERVALS
    }
    guardrails = [str(len(each.guardrails)) for each in snapshots]
    return {
        SLUG: [one_line(each.workspace.slug) for each in snapshots],
        NAME: [one_line(each.workspace.name) for each in snapshots],
        **with_content({**limits, BYOK: [_byok(each) for each in snapshots]}),
        MEMBERS: [str(len(each.members)) for each in snapshots],
        KEYS: [str(len(each.keys)) for each in snapshots],
        **({GUARDRAILS: guardrails} if {*guardrails} - {"0"} else {}),
    }


def _byok(snapshot: Snapshot) -> str:
    return {True: "yes", False: "no", None: ABSENT}[snapshot.byok if snapshot.limits else None]
