"""What a review says, as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

import attrs

from pulumi_openrouter.review.access import Effect
from pulumi_openrouter.review.preview import Op
from pulumi_openrouter.review.values import Untold


class NoFigure(Enum):
    """What stands in the place of a limit in USD."""

    UNLIMITED = "no limit"
    UNDECLARED = "not declared"
    """The stack does not say; OpenRouter may have a limit."""
    ABSENT = "-"
    """There is nothing that could have a limit."""


DAYS = {"daily": 1, "weekly": 7, "monthly": 30}
"""How long an interval is; what never starts anew is for ever."""


def _days(interval: str) -> float:
    return DAYS.get(interval, math.inf)


Amount = float | NoFigure | Untold
"""A limit in USD, or why there is none."""


@attrs.frozen(kw_only=True)
class Setting:
    """A property that changes, and is neither a limit nor anybody's access."""

    field: str
    before: Any
    after: Any


@attrs.frozen(kw_only=True)
class ObjectChange:
    """What happens to a workspace, a key or a guardrail."""

    kind: str
    name: str
    """What people call it: a workspace's slug, otherwise its name."""
    workspace: str | None
    """The workspace that it is in; None for a workspace."""
    op: Op
    former: str | None = None
    """The slug of a workspace, or the workspace of a key, that changes."""
    adopts: bool = False
    """Whether something that exists is taken over, where it does."""
    settings: tuple[Setting, ...] = ()
    effects: tuple[Effect, ...] = ()
    reasons: tuple[str, ...] = ()
    """The properties for which it is replaced."""
    live: str | None = None
    """What is at OpenRouter already, where somebody looked."""


@attrs.frozen(kw_only=True)
class LimitChange:
    """A limit in USD, before and after."""

    kind: str
    """Of what: a workspace, an API key or a guardrail."""
    holder: str
    workspace: str | None
    interval: str
    former_interval: str | None = None
    """The interval before, where it was another one."""
    before: Amount
    after: Amount
    leaves_unlimited: bool = False
    """Whether what it limits has no limit at all afterwards, and had one or is new."""

    @property
    def difference(self) -> float | None:
        """In USD; None where the two can't be compared."""
        before, after = self.before, self.after
        if isinstance(before, float) and isinstance(after, float) and not self.former_interval:
            return after - before
        return None

    @property
    def rises(self) -> bool:
        """Whether more may be spent than before, as far as a preview tells."""
        if not isinstance(self.before, float):
            return False
        if not isinstance(self.after, float):
            return self.after is NoFigure.UNLIMITED
        if not self.former_interval:
            return self.after > self.before
        return self.after / _days(self.interval) > self.before / _days(self.former_interval)


class Move(Enum):
    """What a change means for a person."""

    IN = "in"
    OUT = "out"
    UNCLEAR = "changed"


EVERYBODY_ELSE = "everybody else"
"""Whom an exclusive membership removes."""


@attrs.frozen(kw_only=True)
class PersonChange:
    """Who gets into a workspace, or out of it."""

    workspace: str
    person: str | Untold
    move: Move


@attrs.frozen(kw_only=True)
class Ceiling:
    """What all workspaces may spend in a month, taken together."""

    usd: float = 0.0
    without: int = 0
    """How many workspaces have no monthly limit here."""
    untold: int = 0
    """How many have one that the preview does not tell."""


@attrs.frozen(kw_only=True)
class Review:
    """What a change of one stack does."""

    stack: str
    is_drift: bool
    errors: tuple[str, ...]
    objects: tuple[ObjectChange, ...]
    limits: tuple[LimitChange, ...]
    people: tuple[PersonChange, ...]
    ceilings: tuple[Ceiling, Ceiling]
    is_whole: bool
    """Whether the ceilings are of the whole stack, rather than of what changes."""
    others: Mapping[str, int]
    """How many resources of other packages change, by what happens to them."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.objects or self.limits or self.people or self.errors)
