"""What a review could not know without looking: what OpenRouter has already."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from pulumi_openrouter.api.errors import ForbiddenError
from pulumi_openrouter.api.models import WorkspaceInfo
from pulumi_openrouter.core.fields import fields_of
from pulumi_openrouter.core.organization import Organization
from pulumi_openrouter.core.workspace import WorkspaceArguments
from pulumi_openrouter.review.model import (
    LimitChange,
    Move,
    NoFigure,
    ObjectChange,
    PersonChange,
    Review,
)
from pulumi_openrouter.review.preview import KINDS, Op, Preview, Step
from pulumi_openrouter.review.values import Properties, Untold

WORKSPACE = "Workspace"
AS_IT_IS = "it exists, and is adopted as it is"
MISSING = "it does not exist, so it is created"
TAKEN = "the slug is taken, so the up will fail: adopt_existing is not set"


class Look:
    """Looks up at OpenRouter what a preview is about, once for all of its parts."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._by_slug = {each.slug: each for each in organization.workspaces()}

    def at(self, preview: Preview, review: Review) -> Review:
        """The review with what is there already; what turns out to be so already is left out.

        Raises:
            OpenRouterError: the API does not answer.
        """
        steps = {_slug(step): step for step in preview.steps if step.kind == WORKSPACE}
        return attrs.evolve(
            review,
            objects=tuple(self._object(change, steps) for change in review.objects),
            limits=tuple(filter(None, map(self._limit, review.limits))),
            people=tuple(change for change in review.people if not self._is_in(change)),
        )

    def _object(self, change: ObjectChange, steps: dict[str | None, Step]) -> ObjectChange:
        step = steps.get(change.name)
        if change.kind != KINDS[WORKSPACE] or change.op is not Op.CREATED or step is None:
            return change
        return attrs.evolve(change, live=self._found(change, step.after or {}))

    def _found(self, change: ObjectChange, declared: Properties) -> str | None:
        live = self._by_slug.get(change.name)
        if not change.adopts:
            return TAKEN if live else None
        if live is None:
            return MISSING
        differing = [*_differing(declared, live)]
        return f"it exists, and changes: {', '.join(differing)}" if differing else AS_IT_IS

    def _limit(self, change: LimitChange) -> LimitChange | None:
        """With the limit that is there, where the stack does not say; None where it stays."""
        if change.before is not NoFigure.UNDECLARED or change.kind != KINDS[WORKSPACE]:
            return change
        workspace = self._by_slug.get(change.holder)
        limits = self._limits(workspace) if workspace else {}
        if change.after is NoFigure.UNDECLARED:
            return None if limits else attrs.evolve(change, after=NoFigure.UNLIMITED)
        if workspace is None:
            return attrs.evolve(change, before=NoFigure.ABSENT)
        before = limits.get(change.interval, NoFigure.UNLIMITED)
        return attrs.evolve(change, before=before) if before != change.after else None

    def _limits(self, workspace: WorkspaceInfo) -> dict[str, float]:
        try:
            limits = self._organization.budgets(workspace.id).limits
        except ForbiddenError:
            return {}
        return {interval: float(limit) for interval, limit in limits.items()}

    def _is_in(self, change: PersonChange) -> bool:
        """Whether somebody who gets in is in already."""
        workspace = self._by_slug.get(change.workspace)
        if change.move is not Move.IN or workspace is None:
            return False
        members = self._organization.members(workspace.id)
        return any(change.person in (member.email, member.user_id) for member in members)


def _slug(step: Step) -> str | None:
    slug = (step.after or {}).get("slug")
    return slug if isinstance(slug, str) else None


def _differing(declared: Properties, live: WorkspaceInfo) -> Iterator[str]:
    """The settings that adoption changes, as far as the preview tells them."""
    for name, field in fields_of(WorkspaceArguments).items():
        wanted = declared.get(name)
        if field.local or wanted is None or isinstance(wanted, Untold):
            continue
        if field.canonical(wanted) != field.from_api(getattr(live, name)):
            yield name
