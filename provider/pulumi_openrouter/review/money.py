"""Limits in USD, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_openrouter.review.model import DAYS, Amount, Ceiling, LimitChange, NoFigure
from pulumi_openrouter.review.preview import KINDS, Op, Step
from pulumi_openrouter.review.values import Untold
from pulumi_openrouter.review.world import (
    AFTER,
    BEFORE,
    Side,
    World,
    may_differ,
    own_name,
    sides,
    takes_over,
)

BUDGET = "WorkspaceBudget"
INTERVALS = ("daily", "weekly", "monthly", "lifetime")
ANY_INTERVAL = "any"
IN_ALL = "in all"
OWN_LIMITS = {
    "ApiKey": ("limit", "limit_reset"),
    "Guardrail": ("limit_usd", "reset_interval"),
    "WorkspaceDefaultGuardrail": ("limit_usd", "reset_interval"),
}
"""The properties of other limits: how much, and how often it starts anew."""

Amounts = dict[tuple[str, str], Amount]
"""By workspace and interval."""


def limit_field(interval: str) -> str:
    """The property that has the limit of an interval."""
    return f"{interval}_limit_usd"


def amount(value: Any) -> Amount:
    """A declared limit."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, Untold) else Untold.UNKNOWN


def limits(world: World) -> Iterator[LimitChange]:
    """Every limit that changes: those of workspaces, then those of keys and guardrails."""
    yield from _of_workspaces(world)
    for step in world.of_kind(*OWN_LIMITS):
        if step.op is not Op.SAME:
            yield from _own(world, step)


def ceilings(world: World, is_whole: bool) -> tuple[Ceiling, Ceiling]:
    """What may be spent in a month, before and after."""
    return _ceiling(world, BEFORE, is_whole), _ceiling(world, AFTER, is_whole)


def _of_workspaces(world: World) -> Iterator[LimitChange]:
    before, after = _declared(world, BEFORE), _declared(world, AFTER)
    limited = {workspace for workspace, _ in after}
    for key in sorted({*before, *after}, key=lambda key: _place(world, *key)):
        workspace, interval = key
        was = before.get(key, _missing_before(world, workspace))
        is_now = after.get(key, _missing_after(world, workspace))
        if was != is_now or _may_differ(world, workspace, interval):
            has_none = is_now is NoFigure.UNLIMITED and workspace not in limited
            yield _of_workspace(world, workspace, interval, was, is_now, has_none)
    for workspace in sorted(world.existing(AFTER) - limited, key=world.label):
        if world.fate(workspace) is Op.CREATED:
            adopts = world.adopts(workspace)
            is_now = NoFigure.UNDECLARED if adopts else NoFigure.UNLIMITED
            was = _missing_before(world, workspace)
            yield _of_workspace(world, workspace, ANY_INTERVAL, was, is_now, True)


def _of_workspace(
    world: World, workspace: str, interval: str, was: Amount, is_now: Amount, unlimited: bool
) -> LimitChange:
    return LimitChange(
        kind=KINDS["Workspace"],
        holder=world.label(workspace),
        workspace=None,
        interval=interval,
        before=was,
        after=is_now,
        leaves_unlimited=unlimited,
    )


def _declared(world: World, side: Side) -> Amounts:
    found: Amounts = {}
    for step in world.of_kind(BUDGET):
        workspace, properties = world.workspace_of(step, side), sides(step)[side]
        for interval in INTERVALS:
            value = (properties or {}).get(limit_field(interval))
            if workspace is not None and value is not None:
                found[workspace, interval] = amount(value)
    return found


def _missing_before(world: World, workspace: str) -> Amount:
    is_new = world.fate(workspace) is Op.CREATED and not world.adopts(workspace)
    return NoFigure.ABSENT if is_new else NoFigure.UNDECLARED


def _missing_after(world: World, workspace: str) -> Amount:
    if world.fate(workspace) is Op.DELETED:
        return NoFigure.ABSENT
    forgotten = {
        world.workspace_of(step, BEFORE)
        for step in world.of_kind(BUDGET)
        if step.op is Op.FORGOTTEN
    }
    is_kept = workspace in forgotten or world.fate(workspace) is Op.FORGOTTEN
    return NoFigure.UNDECLARED if is_kept else NoFigure.UNLIMITED


def _may_differ(world: World, workspace: str, interval: str) -> bool:
    return any(
        may_differ(step, limit_field(interval))
        for step in world.of_kind(BUDGET)
        if world.workspace_of(step, AFTER) == workspace
    )


def _place(world: World, workspace: str, interval: str) -> tuple[str, str, int]:
    return world.label(workspace), workspace, INTERVALS.index(interval)


def _own(world: World, step: Step) -> Iterator[LimitChange]:
    """The limit of a key or a guardrail, if it changes."""
    (was, often), (is_now, now_often) = (_own_limit(step, side) for side in (BEFORE, AFTER))
    is_key = step.kind == "ApiKey"
    figures = {was, is_now} - {NoFigure.ABSENT, NoFigure.UNDECLARED}
    is_worth_telling = is_key or figures != {NoFigure.UNLIMITED}
    is_same = (was, often) == (is_now, now_often) and was is not Untold.SECRET
    if is_same or not figures or not is_worth_telling:
        return
    yield LimitChange(
        kind=KINDS[step.kind],
        holder=own_name(step),
        workspace=world.label(world.either_workspace_of(step)),
        interval=now_often or often or IN_ALL,
        former_interval=often if now_often and often != now_often else None,
        before=was,
        after=is_now,
        leaves_unlimited=is_key and is_now is NoFigure.UNLIMITED,
    )


def _own_limit(step: Step, side: Side) -> tuple[Amount, str | None]:
    """How much, and how often it starts anew."""
    properties = sides(step)[side]
    if properties is None:
        return _without_object(step, side), None
    limit, reset = OWN_LIMITS[step.kind]
    value, often = properties.get(limit), properties.get(reset)
    if value is None:
        is_cleared = side == AFTER and limit in (step.before or {})
        is_left_alone = takes_over(properties) and not is_cleared
        return NoFigure.UNDECLARED if is_left_alone else NoFigure.UNLIMITED, None
    return amount(value), often if often in DAYS else IN_ALL


def _without_object(step: Step, side: Side) -> NoFigure:
    is_kept = side == AFTER and step.op is Op.FORGOTTEN
    was_there = side == BEFORE and takes_over(step.after)
    return NoFigure.UNDECLARED if is_kept or was_there else NoFigure.ABSENT


def _ceiling(world: World, side: Side, is_whole: bool) -> Ceiling:
    declared = _declared(world, side)
    monthly = [limit for (_, interval), limit in declared.items() if interval == "monthly"]
    figures = [limit for limit in monthly if isinstance(limit, float)]
    limited = {workspace for workspace, interval in declared if interval == "monthly"}
    without = len(world.existing(side) - limited) if is_whole else 0
    return Ceiling(usd=sum(figures), without=without, untold=len(monthly) - len(figures))
