"""`show --html`: what was spent, as one page that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from html import escape

from pulumi_openrouter.api.errors import one_line
from pulumi_openrouter.cli.spend_words import left, note, shown
from pulumi_openrouter.core.spending import NEAR, KeySpend, Spend, WorkspaceSpend, usd

Cell = tuple[str, str]
"""What a cell shows, and what it is sorted by: a number, or "" for its text."""

HEADINGS = ("Interval", "Limit", "Spent", "Used", "Left", "BYOK")
FIGURES = {"Limit", "Spent", "Used", "Left"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""What the browser is told to load: nothing."""
STYLE = """
:root { color-scheme: light dark; --line: #8884; --bar: #3a7; --near: #c80; --over: #c33; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 64rem; padding: 1rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: left; }
p, td { overflow-wrap: anywhere; }
th.figure { text-align: right; }
td.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th button { all: unset; cursor: pointer; font-weight: 600; }
th button:focus-visible { outline: 2px solid; }
th[aria-sort=ascending] button::after { content: " ▲"; }
th[aria-sort=descending] button::after { content: " ▼"; }
meter { width: 6rem; height: 1rem; vertical-align: middle; }
.near { color: var(--near); } .over { color: var(--over); font-weight: 600; }
@media (max-width: 40rem) {
  table, tbody, tr, td { display: block; }
  thead tr { display: flex; flex-wrap: wrap; }
  thead th { border: 0; padding: .2rem .5rem .2rem 0; }
  tr { border-bottom: 2px solid var(--line); padding: .5rem 0; }
  td, td.figure { border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  td::before { content: attr(data-heading) ": "; opacity: .7; }
}
"""
SCRIPT = """
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th"), table = head.closest("table");
    const column = [...head.parentNode.children].indexOf(head);
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = row => row.children[column].dataset.sort ?? row.children[column].textContent;
    const compare = (a, b) => value(a).localeCompare(value(b), "en", { numeric: true });
    const rank = (a, b) => {
      const [one, other] = [value(a), value(b)].map(Number);
      return Number.isNaN(one) || Number.isNaN(other) ? compare(a, b) : one - other;
    };
    const rows = [...table.tBodies[0].rows].sort((a, b) => (down ? -1 : 1) * rank(a, b));
    table.tBodies[0].append(...rows);
  });
}
"""
NOTHING, EVERYTHING = "-1", "Infinity"
"""How what has no limit is sorted: nothing of it is used, and everything is left."""


def written(organization_id: str | None, found: Sequence[WorkspaceSpend], moment: datetime) -> str:
    """The whole page."""
    owner = f"Organization {organization_id}" if organization_id else "Personal account"
    when = moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    workspaces = [row for each in found for row in _of_workspace(each)]
    keys = [_of_key(each, key) for each in found for key in each.keys]
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>What was spent at OpenRouter</title>
<style>{STYLE}</style>
<h1>What was spent at OpenRouter</h1>
<p>{_text(owner)}, read at {when}. Days begin at midnight UTC, weeks on Monday.</p>
<h2>Workspaces</h2>
{_table("workspaces", ("Workspace", *HEADINGS), workspaces)}
<h2>API keys</h2>
{_table("keys", ("Key", "Workspace", *HEADINGS), keys)}
<p>{_text(_sentence(note(found)))}</p>
<script>{SCRIPT}</script>
</html>
"""


def _of_workspace(found: WorkspaceSpend) -> Iterator[list[Cell]]:
    for spend in shown(found):
        yield [(_text(found.slug), ""), *_cells(spend, found.includes_byok)]


def _of_key(found: WorkspaceSpend, key: KeySpend) -> list[Cell]:
    name = f"{key.name} (disabled)" if key.disabled else key.name
    return [(_text(name), ""), (_text(found.slug), ""), *_cells(key.spend, key.includes_byok)]


def _cells(spend: Spend, byok: bool) -> Iterator[Cell]:
    yield _text(spend.interval), ""
    yield ("-", EVERYTHING) if spend.limit_usd is None else _figure(spend.limit_usd)
    yield _figure(spend.spent_usd)
    yield _bar(spend)
    yield f'<span class="{_state(spend)}">{left(spend)}</span>', _room(spend)
    yield "yes" if byok else "no", ""


def _figure(figure: float) -> Cell:
    return usd(figure), str(figure)


def _bar(spend: Spend) -> Cell:
    if spend.share is None:
        return "-", NOTHING
    # A browser colours a meter by itself: more than `high` is not what one wants.
    meter = f'<meter min="0" max="1" high="{NEAR}" optimum="0" value="{min(spend.share, 1):.4f}">'
    return f"{meter}</meter> {spend.share:.0%}", f"{spend.share:.6f}"


def _state(spend: Spend) -> str:
    share = spend.share or 0
    return "over" if share >= 1 else "near" if share >= NEAR else "fine"


def _room(spend: Spend) -> str:
    return EVERYTHING if spend.limit_usd is None else str(spend.limit_usd - spend.spent_usd)


def _table(name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    head = "".join(map(_heading, headings))
    body = "\n".join(f"<tr>{''.join(map(_cell, headings, row))}</tr>" for row in rows)
    return f'<table id="{name}"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'


def _heading(heading: str) -> str:
    kind = ' class="figure"' if heading in FIGURES else ""
    return f'<th{kind}><button type="button">{heading}</button></th>'


def _cell(heading: str, cell: Cell) -> str:
    content, sort = cell
    sorting = f' class="figure" data-sort="{sort}"' if sort else ""
    return f'<td data-heading="{heading}"{sorting}>{content}</td>'


def _text(text: str) -> str:
    """Text that somebody else chose: nothing of it is markup."""
    return escape(one_line(text))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
