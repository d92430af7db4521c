"""The table of `show`: slugs are never cut, and what else does not fit is cut or left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from pulumi_openrouter.api.errors import one_line
from pulumi_openrouter.core.budget_plan import INTERVALS

if TYPE_CHECKING:
    from rich.console import JustifyMethod, RenderableType

    from pulumi_openrouter.core.organization import Snapshot

ABSENT = "-"
GAP = 2
MIN_NAME_WIDTH = 12
SLUG, NAME, BYOK, MEMBERS, KEYS = "Slug", "Name", "BYOK", "Members", "Keys"
GUARDRAILS = "Guardrails"
PRIORITY = (SLUG, NAME, "Monthly", "Lifetime", "Weekly", "Daily", MEMBERS, KEYS, BYOK, GUARDRAILS)
"""Which columns get room first, whatever their order in the table."""
STYLES = {SLUG: "bold", MEMBERS: "dim", KEYS: "dim", GUARDRAILS: "dim"}

Columns = Mapping[str, Sequence[str]]
"""The cells of each column, by heading."""


@attrs.frozen
class Table:
    """The columns that are shown, and what had no room."""

    columns: Columns
    widths: Mapping[str, int]

    @classmethod
    def of(cls, snapshots: Sequence[Snapshot], width: int | None) -> Table:
        """A row for each workspace, as wide as its content where no width is given."""
        columns = dict(_columns(snapshots))
        return cls(columns, _widths(columns, width))

    @property
    def left_out(self) -> list[str]:
        """The headings of the columns that had no room."""
        return [heading for heading in self.columns if heading not in self.widths]

    @property
    def width(self) -> int:
        """How wide the table is."""
        return sum(self.widths.values()) + GAP * (len(self.widths) - 1)

    def rendered(self) -> RenderableType:
        """The table for rich to print."""
        from rich import box
        from rich.table import Table as RichTable
        from rich.text import Text

        # What is drawn between two columns is a space, and completes the gap.
        found = RichTable(
            box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0)
        )
        shown = [heading for heading in self.columns if heading in self.widths]
        for heading in shown:
            justify: JustifyMethod = "left" if heading in (SLUG, NAME) else "right"
            found.add_column(heading, justify=justify, style=STYLES.get(heading), no_wrap=True)
        for cells in zip(*(self.columns[heading] for heading in shown), strict=True):
            row = [Text(cell) for cell in cells]
            for heading, cell in zip(shown, row, strict=True):
                cell.truncate(self.widths[heading], overflow="ellipsis")
            found.add_row(*row)
        return found


def _columns(snapshots: Sequence[Snapshot]) -> Iterator[tuple[str, list[str]]]:
    """The columns that have any content; a name can't disturb how the table is printed."""
    yield SLUG, [one_line(each.workspace.slug) for each in snapshots]
    yield NAME, [one_line(each.workspace.name) for each in snapshots]
    optional = {
        interval.capitalize(): [_usd(each.limits.get(interval)) for each in snapshots]
        for interval in INTERVALS
    }
    optional[BYOK] = [_byok(each) for each in snapshots]
    for heading, cells in optional.items():
        if {*cells} != {ABSENT}:
            yield heading, cells
    yield MEMBERS, [str(len(each.members)) for each in snapshots]
    yield KEYS, [str(len(each.keys)) for each in snapshots]
    if any(each.guardrails for each in snapshots):
        yield GUARDRAILS, [str(len(each.guardrails)) for each in snapshots]


def _widths(columns: Columns, width: int | None) -> dict[str, int]:
    """The width of each column that is shown."""
    from rich.cells import cell_len

    needed = {heading: max(map(cell_len, (heading, *cells))) for heading, cells in columns.items()}
    if width is None:
        return needed
    least = {**needed, NAME: min(needed[NAME], MIN_NAME_WIDTH)}
    shown: dict[str, int] = {}
    room = width + GAP
    for heading in PRIORITY:
        if heading == SLUG or least.get(heading, width) + GAP <= room:
            shown[heading] = least[heading]
            room -= least[heading] + GAP
    if NAME in shown:
        shown[NAME] = min(needed[NAME], least[NAME] + room)
    return shown


def _byok(snapshot: Snapshot) -> str:
    return {True: "yes", False: "no", None: ABSENT}[snapshot.byok if snapshot.limits else None]


def _usd(limit: float | None) -> str:
    if limit is None:
        return ABSENT
    cents = f"${limit:,.2f}"
    is_exact = round(limit, 2) == limit
    return cents.removesuffix(".00") if is_exact else f"${limit:,}"
