"""What a property allows or forbids, and whether a change of it loosens or tightens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

import attrs

from pulumi_openrouter.review.values import Properties, Untold

FILTER_STRENGTH = ("flag", "redact", "block")
"""What a content filter does, from weak to strong."""


class Direction(Enum):
    """What a change means for whoever wants to use something."""

    LOOSER = "looser"
    TIGHTER = "tighter"
    UNCLEAR = "changed"
    """A preview does not tell the values."""


@attrs.frozen
class Effect:
    """What a change newly allows or forbids."""

    direction: Direction
    field: str
    words: str
    items: tuple[str, ...] = ()
    """Names that follow the words; somebody else chose them."""


class Rule(Protocol):
    """How to compare two values of a property, None meaning that nothing is declared."""

    def effects(self, field: str, before: Any, after: Any) -> Iterator[Effect]:
        """What the change newly allows and forbids."""
        ...


@attrs.frozen
class AllowList:
    """Nothing else may be used; none allows everything."""

    things: str

    def effects(self, field: str, before: Any, after: Any) -> Iterator[Effect]:
        """Entries that were added are allowed, and those that were taken out are not."""
        if after is None:
            yield Effect(Direction.LOOSER, field, f"all {self.things} are allowed")
        elif before is None:
            yield Effect(
                Direction.TIGHTER, field, f"only these {self.things} are allowed", _names(after)
            )
        else:
            added, removed = _moves(before, after)
            if added:
                yield Effect(Direction.LOOSER, field, f"{self.things} now allowed", added)
            if removed:
                yield Effect(Direction.TIGHTER, field, f"{self.things} no longer allowed", removed)


@attrs.frozen
class Restrictions:
    """Each entry restricts: one that is added tightens, and one that is taken out loosens."""

    added: str
    removed: str

    def effects(self, field: str, before: Any, after: Any) -> Iterator[Effect]:
        """What came and what went, each in its words."""
        added, removed = _moves(before or (), after or ())
        if added:
            yield Effect(Direction.TIGHTER, field, self.added, added)
        if removed:
            yield Effect(Direction.LOOSER, field, self.removed, removed)


def deny_list(things: str) -> Restrictions:
    """None of these may be used."""
    return Restrictions(f"{things} now forbidden", f"{things} no longer forbidden")


def holds_for(things: str) -> Restrictions:
    """Whom a guardrail restricts: who leaves it may use more."""
    return Restrictions(f"now holds for {things}", f"no longer holds for {things}")


def _switched(value: Any) -> str:
    if value is None:
        return "left to the account"
    return "on" if value is True else "off"


@attrs.frozen
class Flag:
    """A switch, with groups of values that mean the same, in `order` from tight to loose."""

    what: str
    order: tuple[tuple[bool | None, ...], ...]

    def effects(self, field: str, before: Any, after: Any) -> Iterator[Effect]:
        """Which way it was switched, if that changes anything."""
        was, is_now = self._rank(before), self._rank(after)
        if was != is_now:
            direction = Direction.LOOSER if is_now > was else Direction.TIGHTER
            yield Effect(direction, field, f"{self.what}: {_switched(after)}")

    def _rank(self, value: Any) -> int:
        return next((rank for rank, group in enumerate(self.order) if value in group), -1)


def permits(what: str) -> Flag:
    """A switch that allows something."""
    return Flag(what, ((False,), (None,), (True,)))


def records(what: str) -> Flag:
    """A switch that makes OpenRouter keep something; off unless it is on."""
    return Flag(what, ((False, None), (True,)))


def requires(what: str) -> Flag:
    """A switch that demands something."""
    return Flag(what, ((True,), (False, None)))


@attrs.frozen
class Filters:
    """Content filters, known by a pattern or a slug."""

    name: str

    def effects(self, field: str, before: Any, after: Any) -> Iterator[Effect]:
        """New ones and stronger actions tighten."""
        was, is_now = self._actions(before), self._actions(after)
        moves: dict[Direction, list[str]] = {Direction.TIGHTER: [], Direction.LOOSER: []}
        for name in sorted({*was, *is_now}):
            if was.get(name) != is_now.get(name):
                is_stronger = is_now.get(name, -1) > was.get(name, -1)
                moves[Direction.TIGHTER if is_stronger else Direction.LOOSER].append(name)
        words = {
            Direction.TIGHTER: "content filters added or made stronger",
            Direction.LOOSER: "content filters removed or made weaker",
        }
        for direction, names in moves.items():
            if names:
                yield Effect(direction, field, words[direction], tuple(names))

    def _actions(self, filters: Any) -> Mapping[str, int]:
        listed = filters if isinstance(filters, tuple) else ()
        rows = [row for row in listed if isinstance(row, Mapping)]
        return {str(row.get(self.name)): _strength(row.get("action")) for row in rows}


def _strength(action: Any) -> int:
    return FILTER_STRENGTH.index(action) if action in FILTER_STRENGTH else len(FILTER_STRENGTH)


ENFORCED = "only zero data retention"
GUARDRAIL: Mapping[str, Rule] = {
    "allowed_models": AllowList("models"),
    "ignored_models": deny_list("models"),
    "allowed_providers": AllowList("providers"),
    "ignored_providers": deny_list("providers"),
    "enforce_zdr_anthropic": requires(f"{ENFORCED} at Anthropic"),
    "enforce_zdr_openai": requires(f"{ENFORCED} at OpenAI"),
    "enforce_zdr_google": requires(f"{ENFORCED} at Google"),
    "enforce_zdr_xai": requires(f"{ENFORCED} at xAI"),
    "enforce_zdr_other": requires(f"{ENFORCED} at other providers"),
    "enable_free_model_training": permits("training by providers of free models"),
    "enable_free_model_publication": permits("publication by providers of free models"),
    "enable_paid_model_training": permits("training by providers of paid models"),
    "allow_safety_retention_google": permits("retention for safety at Google"),
    "allow_safety_retention_other": permits("retention for safety at other providers"),
    "allowed_data_regions": AllowList("data regions"),
    "content_filters": Filters("pattern"),
    "content_filter_builtins": Filters("slug"),
    "include_byok_in_budgets": requires("own provider keys count in the limit"),
}
ACCESS: Mapping[str, Mapping[str, Rule]] = {
    "Workspace": {
        "disabled_server_tools": deny_list("server tools"),
        "is_data_discount_logging_enabled": records("logging for a discount"),
        "is_observability_io_logging_enabled": records("logging of inputs and outputs"),
        "is_observability_broadcast_enabled": records("broadcasts to observability tools"),
    },
    "Guardrail": {
        **GUARDRAIL,
        "keys": holds_for("API keys"),
        "emails": holds_for("people"),
        "user_ids": holds_for("people"),
    },
    "WorkspaceDefaultGuardrail": GUARDRAIL,
    "ByokKey": {
        "allowed_models": AllowList("models"),
        "allowed_emails": AllowList("people"),
        "allowed_user_ids": AllowList("people"),
        "allowed_keys": AllowList("API keys"),
    },
}
"""The properties that allow or forbid something, by kind of resource."""
LOGGING = (
    "is_data_discount_logging_enabled",
    "is_observability_io_logging_enabled",
    "is_observability_broadcast_enabled",
)


def effects(kind: str, before: Properties, after: Properties) -> Iterator[Effect]:
    """What a change from one set of properties to the other allows and forbids."""
    for field, rule in ACCESS.get(kind, {}).items():
        was, is_now = (_plain(values.get(field)) for values in (before, after))
        if was == is_now:
            continue
        if _is_untold(was) or _is_untold(is_now):
            yield Effect(Direction.UNCLEAR, field, f"{field} changes, to what is not told")
        else:
            yield from rule.effects(field, was, is_now)


def _plain(value: Any) -> Any:
    """Lists as tuples, whose elements can be compared."""
    return tuple(value) if isinstance(value, list) else value


def _is_untold(value: Any) -> bool:
    return isinstance(value, Untold)


def _moves(before: Sequence[Any], after: Sequence[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was added, and what was taken out."""
    was, is_now = {*_names(before)}, {*_names(after)}
    return tuple(sorted(is_now - was)), tuple(sorted(was - is_now))


def _names(items: Any) -> tuple[str, ...]:
    listed = items if isinstance(items, tuple) else (items,)
    return tuple(str(item.value if isinstance(item, Untold) else item) for item in listed)
