"""The filters of a guardrail: regular expressions of one's own, and OpenRouter's own filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import attrs
from typing_extensions import NotRequired, override

from pulumi_openrouter.core.kinds import (
    LIST,
    MAPPING,
    TEXT,
    UNKNOWN,
    Flaw,
    Kind,
    but_got,
    choice,
    flaws_of_elements,
    text,
)
from pulumi_openrouter.core.regular_expressions import flaw_of_pattern

if TYPE_CHECKING:
    from pulumi_openrouter.core.fields import Input

PROMPT_INJECTION = "regex-prompt-injection"
ALL_MESSAGES = "all_messages"
ACTIONS = choice("redact", "block", "flag")
BUILTINS = choice(
    *("email", "phone", "ssn", "credit-card", "ip-address"),
    *("secrets", "person-name", "address", PROMPT_INJECTION),
)

Action = Literal["redact", "block", "flag"]


class ContentFilter(TypedDict):
    """A regular expression, and what happens where it matches."""

    pattern: Input[str]
    action: Input[Action]
    label: NotRequired[Input[str]]


class BuiltinFilter(TypedDict):
    """A filter of OpenRouter's own, and what happens where it matches."""

    slug: Input[str]
    action: Input[Action]
    scan_scope: NotRequired[Input[Literal["user_only", "all_messages"]]]


@attrs.frozen
class RecordKind(Kind):
    """A mapping with certain parts."""

    required: Mapping[str, Kind] = attrs.field(kw_only=True)
    optional: Mapping[str, Kind] = attrs.field(kw_only=True)

    @override
    def flaws(self, value: Any) -> Iterator[Flaw]:
        if not self.accepts(value):
            yield from super().flaws(value)
            return
        parts = {**self.required, **self.optional}
        for name in value:
            if name not in parts:
                yield Flaw(f".{name}", f"is unknown: expected {', '.join(parts)}")
        for name, kind in parts.items():
            part = value.get(name)
            if part is None and name in self.required:
                yield Flaw(f".{name}", f"is missing: must be {kind.wants}")
            elif part is not None and part is not UNKNOWN:
                yield from (Flaw(f".{name}{flaw.place}", flaw.reason) for flaw in kind.flaws(part))


@attrs.frozen
class FiltersKind(Kind):
    """A list of filters."""

    item: RecordKind = attrs.field(kw_only=True)

    @override
    def flaws(self, value: Any) -> Iterator[Flaw]:
        if not self.accepts(value):
            yield from super().flaws(value)
        elif not value:
            yield Flaw("", "must not be empty: to filter nothing, leave it out")
        else:
            yield from flaws_of_elements(self.item, value)


@attrs.frozen
class BuiltinFiltersKind(FiltersKind):
    """A list of OpenRouter's own filters, each of them once; their order means nothing."""

    @override
    def flaws(self, value: Any) -> Iterator[Flaw]:
        flaws = list(super().flaws(value))
        yield from flaws or self._flaws_between(value)

    def _flaws_between(self, value: Any) -> Iterator[Flaw]:
        seen: set[Any] = set()
        for index, element in enumerate(value):
            slug = UNKNOWN if element is UNKNOWN else element["slug"]
            if slug is not UNKNOWN and slug in seen:
                yield Flaw(f"[{index}].slug", "is there already: each filter can be there once")
            seen.add(slug)
            if slug not in (UNKNOWN, PROMPT_INJECTION) and element.get("scan_scope") is not None:
                yield Flaw(f"[{index}].scan_scope", f"is only for {PROMPT_INJECTION}")


@attrs.frozen
class PatternKind(Kind):
    """A regular expression that OpenRouter runs."""

    @override
    def flaws(self, value: Any) -> Iterator[Flaw]:
        if not self.accepts(value):
            yield Flaw("", f"must be {self.wants}{but_got(value, self.type)}")
        elif reason := flaw_of_pattern(value):
            yield Flaw("", reason)


def _record(wants: str, required: Mapping[str, Kind], optional: Mapping[str, Kind]) -> RecordKind:
    def canonical(value: Any) -> Any:
        if value is UNKNOWN:
            return value
        kept = (name for name in (*required, *optional) if value.get(name) is not None)
        return {name: value[name] for name in kept}

    return RecordKind(
        wants,
        lambda value: isinstance(value, Mapping),
        MAPPING,
        canonical,
        required=required,
        optional=optional,
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _canonical_builtins(value: Any) -> list[Any]:
    known = [_BUILTIN.canonical(element) for element in value if element is not UNKNOWN]
    for element in known:
        if element.get("slug") == PROMPT_INJECTION:
            element.setdefault("scan_scope", ALL_MESSAGES)
    unknown = [UNKNOWN for element in value if element is UNKNOWN]
    return sorted(known, key=lambda element: str(element["slug"])) + unknown


_FILTER = _record(
    "a filter such as {'pattern': '[0-9]+', 'action': 'redact'}",
    {
        "pattern": PatternKind(
            "a regular expression", lambda value: isinstance(value, str) and value != "", TEXT
        ),
        "action": ACTIONS,
    },
    {"label": text()},
)
_BUILTIN = _record(
    "a filter such as {'slug': 'email', 'action': 'redact'}",
    {"slug": BUILTINS, "action": ACTIONS},
    {"scan_scope": choice("user_only", ALL_MESSAGES)},
)
CONTENT_FILTERS = FiltersKind(
    "a list of filters",
    _is_list,
    LIST,
    lambda value: [_FILTER.canonical(element) for element in value],
    item=_FILTER,
)
CONTENT_FILTER_BUILTINS = BuiltinFiltersKind(
    "a list of OpenRouter's own filters", _is_list, LIST, _canonical_builtins, item=_BUILTIN
)
