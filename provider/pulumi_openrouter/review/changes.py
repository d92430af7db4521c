"""What a preview changes: its steps, compared before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_openrouter.review import money
from pulumi_openrouter.review.access import ACCESS, Direction, Effect, effects
from pulumi_openrouter.review.model import (
    EVERYBODY_ELSE,
    Move,
    ObjectChange,
    PersonChange,
    Review,
    Setting,
)
from pulumi_openrouter.review.preview import KINDS, Op, Preview, Step
from pulumi_openrouter.review.values import Properties, Untold
from pulumi_openrouter.review.world import (
    AFTER,
    BEFORE,
    KEY,
    WORKSPACE,
    Side,
    World,
    differs,
    may_differ,
    own_name,
    sides,
    takes_over,
)

MEMBERSHIP = "WorkspaceMembership"
PEOPLE = ("emails", "user_ids")
DEFAULT_SLUG = "default"
TOLD_ELSEWHERE = {
    "Workspace": {"slug"},
    "WorkspaceBudget": {"workspace_id", *map(money.limit_field, money.INTERVALS)},
    "WorkspaceMembership": {"workspace_id", *PEOPLE},
    "ApiKey": {"workspace_id", "limit", "limit_reset"},
    "Guardrail": {"workspace_id", "limit_usd", "reset_interval"},
    "WorkspaceDefaultGuardrail": {"workspace_id", "limit_usd", "reset_interval"},
    "ByokKey": {"workspace_id"},
}
"""The properties that are no settings: limits, people, and where something belongs."""
TOLD_WHEN_MADE = {
    "ApiKey": ("expires_at", "lifetime_days", "rotate_after_days", "creator_email", "disabled"),
    "ByokKey": ("provider", "is_fallback", "is_required", "is_byok_only"),
}
"""The settings that are worth telling of something new."""
PARTS = {KINDS["WorkspaceBudget"], KINDS["WorkspaceMembership"]}
"""What is no object of its own at OpenRouter."""


def review(preview: Preview) -> Review:
    """What a preview says."""
    world = World(preview)
    return Review(
        stack=preview.stack,
        is_drift=preview.is_drift,
        errors=preview.errors,
        objects=tuple(_objects(world)),
        limits=tuple(money.limits(world)),
        people=tuple(_people(world)),
        ceilings=money.ceilings(world, preview.is_whole),
        is_whole=preview.is_whole,
        others=preview.others,
    )


# objects


def _objects(world: World) -> Iterator[ObjectChange]:
    for kind in KINDS:
        for step in world.of_kind(kind):
            found = _object(world, step)
            if _is_worth_telling(found):
                yield found


def _is_worth_telling(change: ObjectChange) -> bool:
    """Whether limits and people do not say everything."""
    if change.op is Op.SAME:
        return False
    if change.settings or change.effects or change.former or change.op is Op.REPLACED:
        return True
    return change.op is not Op.CHANGED and change.kind not in PARTS


def _object(world: World, step: Step) -> ObjectChange:
    after = step.after or {}
    where = world.either_workspace_of(step)
    name, former = _names(world, step)
    return ObjectChange(
        kind=KINDS[step.kind],
        name=name,
        workspace=None if step.kind == WORKSPACE else world.label(where),
        op=Op.FORGOTTEN if _is_kept(step) else step.op,
        former=former,
        adopts=after.get("adopt_existing") is True or takes_over(after),
        settings=tuple(_settings(step)),
        effects=tuple(_effects(world, step)),
        reasons=step.reasons,
    )


def _names(world: World, step: Step) -> tuple[str, str | None]:
    """What people call it, and the slug or the workspace that it had, where it gets another."""
    if step.kind == WORKSPACE:
        name, former = world.label(step.urn), world.label(step.urn, BEFORE)
        return name, former if former != name else None
    was, is_now = (world.workspace_of(step, side) for side in (BEFORE, AFTER))
    has_moved = was is not None and is_now is not None and was != is_now
    return own_name(step), world.label(was) if was and has_moved else None


def _is_kept(step: Step) -> bool:
    """The default workspace can't be deleted: it is only forgotten."""
    return step.op is Op.DELETED and (step.before or {}).get("slug") == DEFAULT_SLUG


def _settings(step: Step) -> Iterator[Setting]:
    before, after = step.before or {}, step.after or {}
    if step.op is Op.CREATED:
        names = [name for name in TOLD_WHEN_MADE.get(step.kind, ()) if name in after]
    elif step.op in (Op.CHANGED, Op.REPLACED):
        names = [name for name in sorted({*before, *after}) if differs(step, name)]
    else:
        names = []
    known = TOLD_ELSEWHERE[step.kind] | ACCESS.get(step.kind, {}).keys()
    for name in names:
        if name not in known:
            yield Setting(field=name, before=before.get(name), after=after.get(name))


def _effects(world: World, step: Step) -> Iterator[Effect]:
    if step.op in (Op.DELETED, Op.FORGOTTEN) and "Guardrail" not in step.kind:
        return
    if step.op is not Op.FORGOTTEN:
        before, after = map(world.with_key_names, sides(step))
        yield from effects(step.kind, before, after)
    if step.kind == KEY and _never_expires(step.after) and not _never_expires(step.before):
        yield Effect(Direction.LOOSER, "expires_at", "never expires")


def _never_expires(key: Properties | None) -> bool:
    if key is None or takes_over(key):
        return False
    return key.get("expires_at") is None and key.get("lifetime_days") is None


# people


def _people(world: World) -> Iterator[PersonChange]:
    before, after = _members(world, BEFORE), _members(world, AFTER)
    for workspace in sorted({*before, *after}, key=lambda ref: (world.label(ref), ref)):
        was, is_now = before.get(workspace, set()), after.get(workspace, set())
        moves = [(Move.IN, is_now - was), (Move.OUT, was - is_now)]
        for move, people in moves:
            for person in sorted(people, key=str):
                yield PersonChange(workspace=world.label(workspace), person=person, move=move)
        for unclear in _rewritten(world, workspace):
            yield PersonChange(workspace=world.label(workspace), person=unclear, move=Move.UNCLEAR)
    for step in world.of_kind(MEMBERSHIP):
        if _becomes_exclusive(step):
            yield PersonChange(
                workspace=world.label(world.either_workspace_of(step)),
                person=EVERYBODY_ELSE,
                move=Move.OUT,
            )


def _members(world: World, side: Side) -> dict[str, set[Any]]:
    """Who is declared to be in each workspace; who is forgotten stays."""
    found: dict[str, set[Any]] = {}
    for step in world.of_kind(MEMBERSHIP):
        shown: Side = BEFORE if step.op is Op.FORGOTTEN else side
        workspace = world.workspace_of(step, shown)
        if workspace is not None:
            people = _declared_people(sides(step)[shown] or {})
            found.setdefault(workspace, set()).update(map(world.person, people))
    return found


def _declared_people(properties: Properties) -> Iterator[Any]:
    for field in PEOPLE:
        value = properties.get(field)
        if isinstance(value, list):
            yield from (each for each in value if isinstance(each, (str, Untold)))
        elif isinstance(value, Untold):
            yield value


def _rewritten(world: World, workspace: str) -> Iterator[Untold]:
    """Lists that may differ, of which the preview tells neither the old nor the new people."""
    for step in world.of_kind(MEMBERSHIP):
        if workspace == world.workspace_of(step, BEFORE) == world.workspace_of(step, AFTER):
            yield from (Untold.SECRET for field in PEOPLE if may_differ(step, field))


def _becomes_exclusive(step: Step) -> bool:
    was, is_now = ((properties or {}).get("exclusive") for properties in sides(step))
    return is_now is True and was is not True
