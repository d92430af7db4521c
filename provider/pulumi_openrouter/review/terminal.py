"""A review as plain text for a terminal, whole."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from pulumi_openrouter.review.lines import Section, Table, Told, plain

INDENT = "  "


def written(reviews: Sequence[Told]) -> str:
    """All reviews as one text."""
    return "\n".join(line for each in reviews for line in _lines(each)) + "\n"


def _lines(told: Told) -> Iterator[str]:
    if told.is_empty:
        yield " ".join([f"{plain(told.title)}.", *map(plain, told.summary)])
        return
    yield plain(told.title)
    yield from map(plain, told.summary)
    for section in told.sections:
        yield from ("", section.title)
        yield from _content(section)
    yield ""


def _content(section: Section) -> Iterator[str]:
    if isinstance(section.content, Table):
        yield from _table(section.content)
        return
    for line in section.content:
        yield f"{INDENT}{plain(line.words)}"
        yield from (f"{INDENT * 2}{plain(details)}" for details in line.details)


def _table(table: Table) -> Iterator[str]:
    """Aligned columns, as wide as their content."""
    from rich.cells import cell_len

    rows = [table.head, *([plain(cell) for cell in row] for row in table.rows)]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(table.head))]
    for row in rows:
        line = io.StringIO()
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - cell_len(cell))
            line.write(INDENT + (cell + gap if column < 2 else gap + cell))
        yield line.getvalue().rstrip()
