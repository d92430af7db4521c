"""A review as Markdown for a pull request's comment: bounded, and nobody's text can break it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pulumi_openrouter.review.lines import (
    Foreign,
    Line,
    Section,
    Table,
    Told,
    Words,
    counted,
)

MAX_CHARS = 65_536
"""What a comment on GitHub may have."""
MARKER = "<!-- pulumi-openrouter review -->"
"""The first line, invisible: by it a workflow finds its comment again."""
ROWS_TO_TRY = (1000, 300, 100, 30, 10, 3, 0)
"""How many lines of a section are shown: the first that fits."""
BACKTICKS = re.compile(r"`+")


def written(reviews: Sequence[Told]) -> str:
    """All reviews as one text that a comment can hold."""
    for max_rows in ROWS_TO_TRY:
        text = _written(reviews, max_rows)
        if length(text) <= MAX_CHARS:
            return text
    return _written(reviews, 0, max_reviews=_that_fit(reviews))


def length(text: str) -> int:
    """The characters of a text, as whoever counts the most would count them."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def code(text: str, *, in_table: bool = False) -> str:
    """Text in a code span, where nothing is formatted, linked or mentioned."""
    if not text:
        return "(empty)"
    fence = "`" * (1 + max(map(len, BACKTICKS.findall(text)), default=0))
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    # A table's cells are told apart before code spans are.
    shown = text.replace("|", r"\|") if in_table else text
    return f"{fence}{pad}{shown}{pad}{fence}"


def _that_fit(reviews: Sequence[Told]) -> int:
    count = len(reviews)
    while count and length(_written(reviews, 0, max_reviews=count)) > MAX_CHARS:
        count //= 2
    return count


def _written(reviews: Sequence[Told], max_rows: int, max_reviews: int | None = None) -> str:
    shown = reviews[:max_reviews]
    blocks = [block for each in shown for block in _blocks(each, max_rows)]
    if rest := len(reviews) - len(shown):
        blocks.append(f"{counted(rest, 'more stack')} had no room here.")
    return "\n\n".join([MARKER, *blocks]) + "\n"


def _blocks(told: Told, max_rows: int) -> Iterator[str]:
    """The paragraphs of one review."""
    if told.is_empty:
        yield " ".join([f"{_line(told.title)}.", *map(_line, told.summary)])
        return
    yield f"### {_line(told.title)}"
    yield from map(_line, told.summary)
    for section in told.sections:
        yield from _section(section, max_rows)


def _section(section: Section, max_rows: int) -> Iterator[str]:
    yield f"#### {section.title}"
    lines = [*_shown(section.content, max_rows)]
    if lines:
        yield "\n".join(lines)
    total = len(section.content.rows if isinstance(section.content, Table) else section.content)
    if total > max_rows:
        yield f"… and {total - max_rows:,} more, which had no room here."


def _shown(content: Table | tuple[Line, ...], max_rows: int) -> Iterator[str]:
    if not isinstance(content, Table):
        for each in content[:max_rows]:
            yield from _item(each, max_rows)
    elif max_rows:
        yield from _head(content)
        yield from map(_row, content.rows[:max_rows])


def _head(table: Table) -> Iterable[str]:
    # The figures are flush right, and stand in all columns but the first two.
    marks = ["---" if column < 2 else "--:" for column in range(len(table.head))]
    return [f"| {' | '.join(table.head)} |", f"|{'|'.join(marks)}|"]


def _row(cells: Sequence[Words]) -> str:
    return f"| {' | '.join(_line(cell, in_table=True) for cell in cells)} |"


def _item(line: Line, max_rows: int) -> Iterator[str]:
    yield f"- {_line(line.words)}"
    for details in line.details[:max_rows]:
        yield f"  - {_line(details)}"
    if rest := len(line.details[max_rows:]):
        yield f"  - … and {rest:,} more"


def _line(words: Words, *, in_table: bool = False) -> str:
    return "".join(
        code(str(part), in_table=in_table) if isinstance(part, Foreign) else part for part in words
    )
