"""Tables that fit the terminal: some cells are never cut, and what else has no room is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from rich.console import JustifyMethod, RenderableType

ABSENT = "-"
GAP = 2
MIN_CUT_WIDTH = 12

Columns = Mapping[str, Sequence[str]]
"""The cells of each column, by heading."""


@attrs.frozen
class Layout:
    """How the columns of a table share the room, by heading."""

    priority: Sequence[str]
    """Which columns get room first, whatever their order; the first is never cut or left out."""
    cut: str
    """The column that is cut before any is left out."""
    left: frozenset[str]
    """The columns whose cells stand on the left."""
    dim: frozenset[str]


@attrs.frozen
class Table:
    """The columns that are shown, and what had no room."""

    columns: Columns
    layout: Layout
    widths: Mapping[str, int]

    @classmethod
    def of(cls, columns: Columns, layout: Layout, width: int | None) -> Table:
        """As wide as its content where no width is given."""
        return cls(columns, layout, _widths(columns, layout, width))

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
            justify: JustifyMethod = "left" if heading in self.layout.left else "right"
            found.add_column(heading, justify=justify, style=self._style(heading), no_wrap=True)
        for cells in zip(*(self.columns[heading] for heading in shown), strict=True):
            row = [Text(cell) for cell in cells]
            for heading, cell in zip(shown, row, strict=True):
                cell.truncate(self.widths[heading], overflow="ellipsis")
            found.add_row(*row)
        return found

    def _style(self, heading: str) -> str:
        if heading == self.layout.priority[0]:
            return "bold"
        return "dim" if heading in self.layout.dim else ""


def with_content(columns: Columns) -> Columns:
    """The columns in which any cell says something."""
    return {heading: cells for heading, cells in columns.items() if {*cells} - {ABSENT}}


def usd(amount: float | None) -> str:
    """An amount as it is, with cents where there are any."""
    if amount is None:
        return ABSENT
    cents = f"${amount:,.2f}"
    is_exact = round(amount, 2) == amount
    return cents.removesuffix(".00") if is_exact else f"${amount:,}"


def _widths(columns: Columns, layout: Layout, width: int | None) -> dict[str, int]:
    """The width of each column that is shown."""
    from rich.cells import cell_len

    needed = {heading: max(map(cell_len, (heading, *cells))) for heading, cells in columns.items()}
    if width is None:
        return needed
    whole, cut = layout.priority[0], layout.cut
    least = {**needed, cut: min(needed[cut], MIN_CUT_WIDTH)}
    shown: dict[str, int] = {}
    room = width + GAP
    for heading in layout.priority:
        if heading == whole or least.get(heading, width) + GAP <= room:
            shown[heading] = least[heading]
            room -= least[heading] + GAP
    if cut in shown:
        shown[cut] = min(needed[cut], least[cut] + room)
    return shown
