"""What a review could not know without looking: what OpenRouter has already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from pulumi_openrouter.api.errors import ForbiddenError
from pulumi_openrouter.api.guardrails import GuardrailInfo
from pulumi_openrouter.api.keys import ApiKeyInfo
from pulumi_openrouter.api.models import WorkspaceInfo
from pulumi_openrouter.core.api_key import ApiKeyLifecycle
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.guardrail import GuardrailLifecycle
from pulumi_openrouter.core.organization import Organization
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.review.model import (
    Amount,
    LimitChange,
    Move,
    NoFigure,
    ObjectChange,
    PersonChange,
    Review,
)
from pulumi_openrouter.review.money import IN_ALL
from pulumi_openrouter.review.preview import KINDS, Op, Preview, Step
from pulumi_openrouter.review.values import Properties, Untold
from pulumi_openrouter.review.world import GUARDRAIL, KEY, WORKSPACE, World, own_name

FAILS = "so the up will fail"
MISSING = "it does not exist, so it is created"
TAKEN = f"the slug is taken, {FAILS}: adopt_existing is not set"


@attrs.frozen
class Finding:
    """What OpenRouter has of something that a preview takes over or makes."""

    words: str | None
    limit: Amount = NoFigure.UNDECLARED
    interval: str = IN_ALL


Which = tuple[str, str, str | None]
"""What tells the objects of a review apart: their kind, name and workspace."""
Findings = Mapping[Which, Finding]


class Look:
    """Looks up at OpenRouter what a preview is about, once for all previews."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._organization = Organization(context)
        self._by_slug = {each.slug: each for each in self._organization.workspaces()}
        self._slugs = {each.id: each.slug for each in self._by_slug.values()}
        self._workspaces = WorkspaceLifecycle(context)
        self._keys = ApiKeyLifecycle(context)
        self._guardrails = GuardrailLifecycle(context)

    def at(self, preview: Preview, review: Review) -> Review:
        """The review with what is there already; what turns out to be so already is left out.

        Raises:
            OpenRouterError: the API does not answer.
        """
        found = self._findings(preview)
        limits = (self._limit(change, found) for change in review.limits)
        return attrs.evolve(
            review,
            objects=tuple(_with_words(change, found) for change in review.objects),
            limits=tuple(filter(None, limits)),
            people=tuple(change for change in review.people if not self._is_in(change)),
        )

    def _findings(self, preview: Preview) -> Findings:
        world = World(preview)
        found: dict[Which, Finding] = {}
        for step in world.of_kind(WORKSPACE, KEY, GUARDRAIL):
            finding = self._finding(step, step.after or {}) if step.op is Op.CREATED else None
            if finding is not None:
                kind, where = KINDS[step.kind], world.label(world.either_workspace_of(step))
                is_workspace = step.kind == WORKSPACE
                which = (kind, where, None) if is_workspace else (kind, own_name(step), where)
                found[which] = finding
        return found

    def _finding(self, step: Step, declared: Properties) -> Finding | None:
        match step.kind, declared:
            case "Workspace", {"slug": str(slug)}:
                return Finding(self._workspace(slug, declared))
            case "ApiKey", {"existing_hash": str(key_hash)}:
                return self._key(self._client.keys.find(key_hash), declared)
            case "Guardrail", {"existing_id": str(guardrail_id)}:
                return self._guardrail(self._client.guardrails.find(guardrail_id), declared)
        return None

    def _workspace(self, slug: str, declared: Properties) -> str | None:
        live = self._by_slug.get(slug)
        if declared.get("adopt_existing") is not True:
            return TAKEN if live else None
        if live is None:
            return MISSING
        wanted = _told(declared)
        changed = self._workspaces.changes(self._workspaces.live_of(live, wanted), wanted)
        return _exists("adopted", [*changed])

    def _key(self, live: ApiKeyInfo | None, declared: Properties) -> Finding:
        if live is None:
            return Finding(f"no key has this hash, {FAILS}")
        wanted = _told(declared)
        changed = [*self._keys.changes(self._keys.live_of(live, wanted), wanted)]
        words = _exists("taken over", [name for name in changed if name != "workspace_id"])
        if "workspace_id" in changed:
            words += f"; it is moved from workspace {self._slug(live.workspace_id)}"
        return Finding(words, _amount(live.limit), live.limit_reset or IN_ALL)

    def _guardrail(self, live: GuardrailInfo | None, declared: Properties) -> Finding:
        if live is None:
            return Finding(f"no guardrail has this id, {FAILS}")
        wanted = _told(declared)
        if wanted.get("workspace_id", live.workspace_id) != live.workspace_id:
            return Finding(f"it is in workspace {self._slug(live.workspace_id)}, {FAILS}")
        content = {name: wanted[name] for name in self._guardrails.content if name in wanted}
        changed = self._guardrails.changes(self._guardrails.live_content(live, content), content)
        words = _exists("taken over", [*changed])
        return Finding(words, _amount(live.limit_usd), live.reset_interval or IN_ALL)

    def _slug(self, workspace_id: str | None) -> str:
        return self._slugs.get(workspace_id or "", workspace_id or "(unknown)")

    def _limit(self, change: LimitChange, found: Findings) -> LimitChange | None:
        """With the limit that is there, where the stack does not say; None where it stays."""
        if change.before is not NoFigure.UNDECLARED:
            return change
        if change.kind == KINDS[WORKSPACE]:
            return self._workspace_limit(change)
        finding = found.get((change.kind, change.holder, change.workspace))
        if finding is None:
            return change
        is_as_often = finding.interval == change.interval or finding.limit is NoFigure.UNLIMITED
        if finding.limit == change.after and is_as_often:
            return None
        former = None if is_as_often else finding.interval
        return attrs.evolve(change, before=finding.limit, former_interval=former)

    def _workspace_limit(self, change: LimitChange) -> LimitChange | None:
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


def _with_words(change: ObjectChange, found: Findings) -> ObjectChange:
    finding = found.get((change.kind, change.name, change.workspace))
    if finding is None or change.op is not Op.CREATED:
        return change
    return attrs.evolve(change, live=finding.words)


def _told(declared: Properties) -> dict[str, Any]:
    """The properties that the preview tells, to the last element."""
    return {name: value for name, value in declared.items() if not _hides(value)}


def _hides(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_hides, value))
    if isinstance(value, Mapping):
        return any(map(_hides, value.values()))
    return isinstance(value, Untold)


def _exists(done: str, changed: list[str]) -> str:
    how = f"changes: {', '.join(changed)}" if changed else f"is {done} as it is"
    return f"it exists, and {how}"


def _amount(limit: float | None) -> Amount:
    return NoFigure.UNLIMITED if limit is None else float(limit)
