"""What a run can be made to fail for: the table of `--fail-on`, and of its documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from pulumi_openrouter.review.access import LOGGING, Direction
from pulumi_openrouter.review.changes import PARTS
from pulumi_openrouter.review.model import Move, ObjectChange, Review
from pulumi_openrouter.review.preview import KINDS, Op
from pulumi_openrouter.review.values import Untold

GUARDRAILS = {KINDS["Guardrail"], KINDS["WorkspaceDefaultGuardrail"]}
KEY = KINDS["ApiKey"]


@attrs.frozen
class Condition:
    """Something that a person may want to look at before it happens."""

    name: str
    doc: str
    count: Callable[[Review], int]
    """How often a review has it."""


def _objects(holds: Callable[[ObjectChange], bool]) -> Callable[[Review], int]:
    return lambda review: sum(map(holds, review.objects))


def _moves(move: Move) -> Callable[[Review], int]:
    return lambda review: sum(person.move is move for person in review.people)


def _has_effect(change: ObjectChange, direction: Direction, *fields: str) -> bool:
    return any(
        effect.direction is direction and (not fields or effect.field in fields)
        for effect in change.effects
    )


def _untold(review: Review) -> int:
    values: Iterable[Any] = (
        *(value for limit in review.limits for value in (limit.before, limit.after)),
        *(person.person for person in review.people),
        *(effect.direction for change in review.objects for effect in change.effects),
    )
    return sum(isinstance(value, Untold) or value is Direction.UNCLEAR for value in values)


CONDITIONS = (
    Condition(
        "any",
        "anything of this package changes",
        lambda review: len(review.objects) + len(review.limits) + len(review.people),
    ),
    Condition(
        "deletion",
        "a workspace, an API key, a guardrail or a provider key is deleted",
        _objects(lambda change: change.op is Op.DELETED and change.kind not in PARTS),
    ),
    Condition(
        "replacement",
        "a resource is replaced; an API key that is rotated, too",
        _objects(lambda change: change.op is Op.REPLACED),
    ),
    Condition(
        "adoption",
        "something that exists is taken over, or may be",
        _objects(lambda change: change.adopts and change.op is Op.CREATED),
    ),
    Condition(
        "unlimited",
        "a workspace or an API key has no limit afterwards, and had one or is new",
        lambda review: sum(limit.leaves_unlimited for limit in review.limits),
    ),
    Condition(
        "higher-limit",
        "a limit rises, or is dropped",
        lambda review: sum(limit.rises for limit in review.limits),
    ),
    Condition("new-member", "somebody gets into a workspace", _moves(Move.IN)),
    Condition("removed-member", "somebody goes out of a workspace", _moves(Move.OUT)),
    Condition(
        "new-key",
        "an API key is made, or rotated",
        _objects(
            lambda change: (
                change.kind == KEY
                and (change.op is Op.REPLACED or (change.op is Op.CREATED and not change.adopts))
            )
        ),
    ),
    Condition(
        "no-expiry",
        "an API key that never expires is made",
        _objects(
            lambda change: (
                change.kind == KEY and _has_effect(change, Direction.LOOSER, "expires_at")
            )
        ),
    ),
    Condition(
        "looser-guardrail",
        "a guardrail allows more than before, or holds for fewer",
        _objects(
            lambda change: change.kind in GUARDRAILS and _has_effect(change, Direction.LOOSER)
        ),
    ),
    Condition(
        "logging",
        "logging or broadcasting of a workspace's requests is switched on",
        _objects(lambda change: _has_effect(change, Direction.LOOSER, *LOGGING)),
    ),
    Condition(
        "untold",
        "a limit, a person or an access is secret or not known yet, so nothing can be said of it",
        _untold,
    ),
)


def found(reviews: Iterable[Review], names: Iterable[str] | None = None) -> dict[str, int]:
    """How often each of the named conditions holds; those that do not are left out."""
    listed = list(reviews)
    counts = {each.name: sum(map(each.count, listed)) for each in CONDITIONS}
    return {
        name: count
        for name, count in counts.items()
        if count and (names is None or name in set(names))
    }
