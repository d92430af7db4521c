"""Kinds of values: what is right, in words, and which of several spellings is kept.

A kind says which values a field takes (`flaws`), in words (`wants`: error messages and
the reference tables use the same), and which of several spellings of a value is kept
(`canonical`), so that a mere spelling never makes a difference.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs
from typing_extensions import override

from pulumi_openrouter.core.moments import in_utc, moment


class Unknown:
    """The type of UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
"""A value that only the update itself will know: it passes every check."""

TEXT, NUMBER, TRUE_OR_FALSE = "text", "a number", "True or False"
LIST, MAPPING, NOTHING = "a list", "a mapping", "nothing"

INEXACT_INTEGER = 2**53
"""The engine's numbers are doubles: from here on, an integer may arrive as another one."""


def type_of(value: Any) -> str | None:
    """The type of a value as people call it; None where they have no word for it."""
    # A flag is an integer too, so it goes first.
    names: dict[str, type | tuple[type, ...]] = {
        TRUE_OR_FALSE: bool,
        TEXT: str,
        NUMBER: (int, float),
        LIST: (list, tuple),
        MAPPING: Mapping,
        NOTHING: type(None),
    }
    return next((name for name, types in names.items() if isinstance(value, types)), None)


def but_got(value: Any, *wanted: str) -> str:
    """What to add to a reason where the type is wrong; tells nothing else of the value."""
    found = type_of(value)
    return "" if found is None or found in wanted else f"; got {found}"


@attrs.frozen
class Flaw:
    """What is wrong with a value, and where in it: `[1]` for the second element of a list."""

    place: str
    reason: str


@attrs.frozen
class Kind:
    """Which values a field takes."""

    wants: str
    """What is right, in words that follow 'must be'."""
    accepts: Callable[[Any], bool]
    type: str
    """The type of right values, as `type_of` calls it."""
    canonical: Callable[[Any], Any] = lambda value: value
    """The one spelling of a right value that is compared, stored and sent."""
    empty_is_null: bool = False
    """The API answers null where an empty list was declared."""

    def flaws(self, value: Any) -> Iterator[Flaw]:
        """What is wrong with a known value; never repeats the value, which may be secret."""
        if not self.accepts(value):
            yield Flaw("", f"must be {self.wants}{but_got(value, self.type)}")


@attrs.frozen
class SetKind(Kind):
    """A list whose order and duplicates mean nothing."""

    item: Kind = attrs.field(kw_only=True)
    may_be_empty: bool = attrs.field(default=True, kw_only=True)

    @override
    def flaws(self, value: Any) -> Iterator[Flaw]:
        if not self.accepts(value):
            yield from super().flaws(value)
        elif not value and not self.may_be_empty:
            yield Flaw("", "must not be empty: to restrict nothing, leave it out")
        else:
            yield from flaws_of_elements(self.item, value)


def text(at_least: int = 0, at_most: int | None = None) -> Kind:
    """Text of a length, in characters."""

    def accepts(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        return len(value.strip()) >= at_least and (at_most is None or len(value) <= at_most)

    if at_most is None:
        return Kind("text that is not empty" if at_least else "text", accepts, TEXT)
    return Kind(f"text of {at_least} to {at_most} characters", accepts, TEXT)


def pattern(
    regex: str, wants: str, *, lower: bool = False, canonical: Callable[[str], str] = str
) -> Kind:
    """Text of a form; `lower` where upper and lower case mean the same."""
    flags = re.IGNORECASE if lower else 0

    def accepts(value: Any) -> bool:
        return isinstance(value, str) and re.fullmatch(regex, value, flags) is not None

    return Kind(wants, accepts, TEXT, str.lower if lower else canonical)


@attrs.frozen
class MapKind(Kind):
    """A mapping from names to values of one kind."""

    item: Kind = attrs.field(kw_only=True)

    @override
    def flaws(self, value: Any) -> Iterator[Flaw]:
        if not self.accepts(value):
            yield from super().flaws(value)
            return
        for name, element in value.items():
            if element is not UNKNOWN:
                yield from (
                    Flaw(f"[{name!r}]{flaw.place}", flaw.reason)
                    for flaw in self.item.flaws(element)
                )


def map_of(item: Kind, items: str) -> Kind:
    """A mapping whose order means nothing."""
    return MapKind(
        f"a mapping of {items}",
        lambda value: isinstance(value, Mapping),
        MAPPING,
        lambda value: {str(name): value[name] for name in sorted(value, key=str)},
        item=item,
    )


def secret_free(regex: str, wants: str) -> Kind:
    """Text of a form that people may confuse with a secret, which is therefore never printed."""
    return SecretFreeKind(wants, pattern(regex, wants).accepts, TEXT, str.lower)


@attrs.frozen
class SecretFreeKind(Kind):
    """Text that stands for a secret; the engine prints the value of a property, not of a part."""

    @override
    def flaws(self, value: Any) -> Iterator[Flaw]:
        for flaw in super().flaws(value):
            yield Flaw("[0]", f"{flaw.reason}, and never the key itself")


def mapping(parts: str) -> Kind:
    """A mapping of parts that are checked by what they are for."""
    return Kind(f"a mapping of {parts}", lambda value: isinstance(value, Mapping), MAPPING)


def choice(*options: str) -> Kind:
    """One of a few words."""
    return Kind("one of " + ", ".join(options), lambda value: value in options, TEXT)


def number(at_least: float, at_most: float) -> Kind:
    """A finite number in a range, both ends included."""
    return Kind(
        f"a number from {at_least:g} to {at_most:g}",
        lambda value: _is_number(value) and at_least <= value <= at_most,
        NUMBER,
    )


def flaws_of_elements(item: Kind, value: Iterable[Any]) -> Iterator[Flaw]:
    """What is wrong with the known elements of a list, each with its place."""
    for index, element in enumerate(value):
        if element is not UNKNOWN:
            for flaw in item.flaws(element):
                yield Flaw(f"[{index}]{flaw.place}", flaw.reason)


def set_of(
    item: Kind, items: str, *, empty_is_null: bool = False, may_be_empty: bool = True
) -> SetKind:
    """A list whose order and duplicates mean nothing; unknown elements come last."""

    def canonical(value: Any) -> Any:
        known = {item.canonical(element) for element in value if element is not UNKNOWN}
        return sorted(known) + [UNKNOWN for element in value if element is UNKNOWN]

    return SetKind(
        f"a list of {items}",
        lambda value: isinstance(value, (list, tuple)),
        LIST,
        canonical,
        empty_is_null,
        item=item,
        may_be_empty=may_be_empty,
    )


def _is_number(value: Any) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return abs(value) <= sys.float_info.max


def _is_exact(value: Any) -> bool:
    return _is_number(value) and value == int(value) and abs(value) < INEXACT_INTEGER


def _in_utc(text: str) -> str | None:
    told = moment(text)
    try:
        return in_utc(told) if told else None
    except ValueError:
        return None


FLAG: Final = Kind("True or False", lambda value: isinstance(value, bool), TRUE_OR_FALSE)

INTEGER: Final = Kind("a whole number below 2^53", _is_exact, NUMBER, int)

USD_OR_NOTHING: Final = Kind(
    "a finite number, 0 or greater, in USD",
    lambda value: _is_number(value) and value >= 0,
    NUMBER,
)

MAX_DAYS = 36_500

DAYS: Final = Kind(
    f"a whole number of days from 1 to {MAX_DAYS}",
    lambda value: _is_exact(value) and 1 <= value <= MAX_DAYS,
    NUMBER,
    int,
)

MOMENT: Final = Kind(
    "a moment with its time zone, such as 2027-01-31T00:00:00Z",
    lambda value: isinstance(value, str) and _in_utc(value) is not None,
    TEXT,
    lambda value: _in_utc(value),
)

USD: Final = Kind(
    "a finite number greater than 0, in USD",
    lambda value: _is_number(value) and value > 0,
    NUMBER,
)
