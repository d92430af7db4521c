"""A review in words: titles, lines and tables, in which foreign text stays apart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from pulumi_openrouter.review.access import Direction, Effect
from pulumi_openrouter.review.model import (
    EVERYBODY_ELSE,
    Amount,
    Ceiling,
    LimitChange,
    Move,
    ObjectChange,
    PersonChange,
    Review,
    Setting,
)
from pulumi_openrouter.review.preview import KINDS, Op
from pulumi_openrouter.review.values import Untold

MAX_FOREIGN_CHARS = 100
MAX_ERROR_CHARS = 500
MAX_LISTED = 10
"""How many names a line lists; the rest is counted."""
NOT_SET = "not set"
CHANGED_LIMITS = "The monthly limits of workspaces that change"


@attrs.frozen
class Foreign:
    """Text that somebody else chose: it must neither format nor mention anything."""

    text: str
    max_chars: int = MAX_FOREIGN_CHARS

    def __str__(self) -> str:
        """One line of it: what does not print is spelt out, and what is too long is cut."""
        spelt = "".join(char if char.isprintable() else _spelt(char) for char in self.text)
        return spelt if len(spelt) <= self.max_chars else spelt[: self.max_chars - 1] + "…"


Part = str | Foreign
Words = tuple[Part, ...]


@attrs.frozen
class Line:
    """A point of a list, with what belongs to it."""

    words: Words
    details: tuple[Words, ...] = ()


@attrs.frozen
class Table:
    """Rows of cells below a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[Words, ...], ...]


@attrs.frozen
class Section:
    """A heading with a table or a list below it."""

    title: str
    content: Table | tuple[Line, ...]


@attrs.frozen
class Told:
    """One review, ready to be written."""

    title: Words
    summary: tuple[Words, ...]
    sections: tuple[Section, ...]
    is_empty: bool
    """Whether the title and the summary say everything."""


SECTIONS = {
    "Workspaces": ("Workspace", "WorkspaceBudget", "WorkspaceMembership"),
    "API keys": ("ApiKey",),
    "Guardrails": ("Guardrail", "WorkspaceDefaultGuardrail"),
    "Provider keys": ("ByokKey",),
}
"""Which kinds of resources have a section of their own."""
SAID_BY_THE_HEADING = {KINDS[kind] for kind in ("Workspace", "ApiKey", "Guardrail", "ByokKey")}
DONE = {
    Op.CREATED: "created",
    Op.CHANGED: "changed",
    Op.REPLACED: "replaced",
    Op.DELETED: "deleted",
    Op.FORGOTTEN: "forgotten, and stays at OpenRouter",
}
DONE_TO_A_KEY = {Op.CREATED: "made", Op.REPLACED: "rotated"}
DRIFTED = {
    Op.CHANGED: "changed outside this stack",
    Op.DELETED: "gone from OpenRouter",
}
MOVES = {
    Move.IN: "gets into",
    Move.OUT: "goes out of",
    Move.UNCLEAR: "people may change in",
}
MOVES_IN_DRIFT = {
    Move.IN: "was added outside this stack to",
    Move.OUT: "is missing in",
    Move.UNCLEAR: "people may have changed in",
}


def told(review: Review) -> Told:
    """A review in words."""
    is_empty = review.is_empty
    return Told(
        title=_title(review),
        summary=tuple(_summary(review)),
        sections=() if is_empty else tuple(_sections(review)),
        is_empty=is_empty,
    )


def usd(figure: float) -> str:
    """A figure in USD, with cents where there are any."""
    sign = "-" if figure < 0 else ""
    text = f"{abs(figure):,.2f}"
    exact = text.removesuffix(".00") if round(abs(figure), 2) == abs(figure) else f"{abs(figure):,}"
    return f"{sign}${exact}"


def signed(figure: float) -> str:
    """A difference in USD."""
    return f"+{usd(figure)}" if figure > 0 else usd(figure)


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"1 {one}" if count == 1 else f"{count:,} {many or one + 's'}"


# title and summary


def _title(review: Review) -> Words:
    stack = Foreign(review.stack)
    if review.errors:
        return ("OpenRouter: the preview of stack ", stack, " failed")
    if review.is_drift:
        if review.is_empty:
            return ("OpenRouter: stack ", stack, " has not drifted")
        return ("OpenRouter: stack ", stack, " has drifted")
    changes = "nothing changes" if review.is_empty else "what this changes"
    return (f"OpenRouter: {changes} in stack ", stack)


def _summary(review: Review) -> Iterator[Words]:
    if review.errors:
        yield ("What follows may not be all of it.",)
    if review.limits or (review.is_whole and not review.is_empty and not review.errors):
        yield (_ceilings(review),)
    if review.others:
        what = ", ".join(f"{count:,} {op}" for op, count in sorted(review.others.items()))
        total = sum(review.others.values())
        changes = "changes and is" if total == 1 else "change and are"
        yield (f"{counted(total, 'other resource')} {changes} not listed: {what}.",)


def _ceilings(review: Review) -> str:
    before, after = review.ceilings
    difference = after.usd - before.usd
    which = "All monthly limits of workspaces" if review.is_whole else CHANGED_LIMITS
    was, is_now = ("in the state", "at OpenRouter") if review.is_drift else ("before", "after")
    if difference:
        moved = f"{usd(before.usd)} {was}, {usd(after.usd)} {is_now} ({signed(difference)})"
    else:
        moved = f"{usd(after.usd)} {was} and {is_now}"
    return f"{which}, taken together: {moved}{_beside(after)}."


def _beside(ceiling: Ceiling) -> str:
    """What the sum does not have in it."""
    without = counted(ceiling.without, "workspace")
    notes = [
        f"{without} without a monthly limit" if ceiling.without else "",
        f"{counted(ceiling.untold, 'limit')} not told" if ceiling.untold else "",
    ]
    found = " and ".join(note for note in notes if note)
    return f"; not in it: {found}" if found else ""


# sections


def _sections(review: Review) -> Iterator[Section]:
    if review.errors:
        yield Section(
            "Errors",
            tuple(Line((Foreign(error, MAX_ERROR_CHARS),)) for error in review.errors),
        )
    workspaces, *others = SECTIONS
    yield from _of_objects(review, workspaces)
    if review.limits:
        yield Section("Limits", _limits(review))
    if review.people:
        yield Section("People", tuple(_person(review, change) for change in review.people))
    for title in others:
        yield from _of_objects(review, title)
    replaced = [change for change in review.objects if change.op is Op.REPLACED]
    if replaced:
        yield Section("Replaced", tuple(Line(_replaced(change)) for change in replaced))


def _of_objects(review: Review, title: str) -> Iterator[Section]:
    kinds = {KINDS[kind] for kind in SECTIONS[title]}
    lines = tuple(_object(review, change) for change in review.objects if change.kind in kinds)
    if lines:
        yield Section(title, lines)


def _object(review: Review, change: ObjectChange) -> Line:
    named = _named(change) if change.kind in SAID_BY_THE_HEADING else _with_kind(change)
    words: Words = (f"{_done(review, change)}: ", *named)
    if change.former is not None:
        verb = "renamed" if change.workspace is None else "moved"
        words = (f"{verb}: ", *named, ", before: ", Foreign(change.former))
    if change.live:
        words = (*words, f" ({change.live})")
    details = (
        *(_effect(effect) for effect in change.effects),
        *(_setting(setting) for setting in change.settings),
    )
    return Line(words, details)


def _done(review: Review, change: ObjectChange) -> str:
    if review.is_drift:
        return DRIFTED.get(change.op, DONE[change.op])
    if change.adopts and change.op is Op.CREATED:
        may_be_new = change.kind == KINDS["Workspace"]
        return "adopted if it exists, otherwise created" if may_be_new else "taken over"
    if change.kind == KINDS["ApiKey"]:
        return DONE_TO_A_KEY.get(change.op, DONE[change.op])
    return DONE[change.op]


def _named(change: ObjectChange) -> Words:
    if change.workspace is None:
        return (Foreign(change.name),)
    return (Foreign(change.name), " in ", Foreign(change.workspace))


def _with_kind(change: ObjectChange) -> Words:
    return (f"{change.kind} ", *_named(change))


def _effect(effect: Effect) -> Words:
    head = "" if effect.direction is Direction.UNCLEAR else f"{effect.direction.value}: "
    if not effect.items:
        return (f"{head}{effect.words}",)
    return (f"{head}{effect.words}: ", *_listed(effect.items))


def _listed(items: Sequence[str]) -> Words:
    shown: list[Part] = []
    for item in items[:MAX_LISTED]:
        shown += [", ", Foreign(item)] if shown else [Foreign(item)]
    rest = len(items) - MAX_LISTED
    return (*shown, f", and {rest:,} more") if rest > 0 else tuple(shown)


def _setting(setting: Setting) -> Words:
    field = Foreign(setting.field)
    if setting.before is setting.after:
        return (field, ": ", _value(setting.after), ", may change")
    if setting.before is None:
        return (field, ": ", _value(setting.after))
    return (field, ": ", _value(setting.before), " → ", _value(setting.after))


def _value(value: Any) -> Part:
    if value is None:
        return NOT_SET
    if isinstance(value, Untold):
        return value.value
    if isinstance(value, str):
        return Foreign(value)
    return Foreign(json.dumps(value, ensure_ascii=False, default=_untold))


def _untold(value: Any) -> str:
    return str(getattr(value, "value", value))


def _replaced(change: ObjectChange) -> Words:
    why: Words = ("for ", *_listed(change.reasons)) if change.reasons else ("no reason is told",)
    return (*_with_kind(change), ": ", *why)


# limits and people


def _limits(review: Review) -> Table:
    sides = ("State", "OpenRouter") if review.is_drift else ("Before", "After")
    head = ("Of", "Interval", *sides, "Difference")
    return Table(head, tuple(_limit(change) for change in review.limits))


def _limit(change: LimitChange) -> tuple[Words, ...]:
    holder: Words = (f"{change.kind} ", Foreign(change.holder))
    if change.workspace is not None:
        holder = (*holder, " in ", Foreign(change.workspace))
    was, is_now = change.former_interval, change.interval
    difference = change.difference
    return (
        holder,
        (f"{was} → {is_now}" if was else is_now,),
        (_amount(change.before),),
        (_amount(change.after),),
        ("" if difference is None else signed(difference),),
    )


def _amount(amount: Amount) -> str:
    return usd(amount) if isinstance(amount, float) else amount.value


def _person(review: Review, change: PersonChange) -> Line:
    moves = MOVES_IN_DRIFT if review.is_drift else MOVES
    return Line((_who(change), f" {moves[change.move]} ", Foreign(change.workspace)))


def _who(change: PersonChange) -> Part:
    if isinstance(change.person, Untold):
        return change.person.value
    return EVERYBODY_ELSE if change.person == EVERYBODY_ELSE else Foreign(change.person)


def _spelt(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def plain(words: Words) -> str:
    """Words as text on one line."""
    return "".join(map(str, words))
