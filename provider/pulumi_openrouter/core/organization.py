"""What an organization has: its one reader, for functions and for the command line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timezone
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from pulumi_openrouter.api.errors import ForbiddenError, NotFoundError, OpenRouterError
from pulumi_openrouter.core.budget_plan import INTERVALS
from pulumi_openrouter.core.spending import WorkspaceSpend, spend_of

if TYPE_CHECKING:
    from pulumi_openrouter.api.activity import ActivityInfo
    from pulumi_openrouter.api.guardrails import GuardrailInfo
    from pulumi_openrouter.api.keys import ApiKeyInfo
    from pulumi_openrouter.api.member import WorkspaceMember
    from pulumi_openrouter.api.models import BudgetsInfo, OrganizationMember, WorkspaceInfo
    from pulumi_openrouter.core.context import Context

T = TypeVar("T")
MAX_SUGGESTIONS = 3
SNAPSHOT_THREADS = 8


@attrs.frozen(kw_only=True)
class GuardrailSnapshot:
    """A guardrail with whom it governs."""

    guardrail: GuardrailInfo
    keys: list[str]
    """The hashes of the keys, sorted."""
    user_ids: list[str]
    """The members, sorted."""


@attrs.frozen(kw_only=True)
class Snapshot:
    """A workspace with what belongs to it."""

    workspace: WorkspaceInfo
    budgets: BudgetsInfo | None
    """None where the account has no budgets at all."""
    members: list[WorkspaceMember]
    keys: list[ApiKeyInfo]
    guardrails: list[GuardrailSnapshot] = attrs.field(factory=list)

    @property
    def default_guardrail(self) -> GuardrailInfo | None:
        """That of the whole workspace, None where nothing of it is configured."""
        default = self.workspace.default_guardrail_id
        found = (each.guardrail for each in self.guardrails if each.guardrail.id == default)
        return next(found, None)

    @property
    def assigned_guardrails(self) -> list[GuardrailSnapshot]:
        """All others, by name."""
        default = self.workspace.default_guardrail_id
        return [each for each in self.guardrails if each.guardrail.id != default]

    @property
    def limits(self) -> dict[str, float]:
        """The limit in USD of each interval that has one, from narrow to wide."""
        limits = self.budgets.limits if self.budgets else {}
        return {interval: limits[interval] for interval in INTERVALS if interval in limits}

    @property
    def byok(self) -> bool | None:
        """Whether spending with own provider keys counts; None where nobody says."""
        answered = self.budgets.include_byok_in_budgets if self.budgets else None
        return self.workspace.include_byok_in_budgets if answered is None else answered


class Organization:
    """Reads an organization; each list is fetched once, however many threads ask for it.

    All methods raise `OpenRouterError`.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._answers = _Answers()

    def workspaces(self) -> list[WorkspaceInfo]:
        """All workspaces, by slug."""
        listed = self._answers.once(self._context.client.list_workspaces, "workspaces")
        return sorted(listed, key=lambda workspace: workspace.slug)

    def workspace(self, ref: str) -> WorkspaceInfo:
        """A workspace by slug or id."""
        found = self._named(ref)
        if found is None:
            # It may have been made in this very run, after the list was fetched.
            self._answers.forget("workspaces")
            found = self._named(ref)
        if found is None:
            slugs = [workspace.slug for workspace in self.workspaces()]
            raise OpenRouterError(f"not found{_did_you_mean(ref, slugs)}")
        return found

    def budgets(self, workspace_id: str) -> BudgetsInfo:
        """The budgets of a workspace; no such workspace has none."""
        return self._answers.once(lambda: self._budgets(workspace_id), "budgets", workspace_id)

    def members(self, workspace_id: str) -> list[WorkspaceMember]:
        """Who is in a workspace, by user id, with the emails that name nobody else."""
        return self._answers.once(lambda: self._members(workspace_id), "members", workspace_id)

    def people(self) -> list[OrganizationMember]:
        """Everybody in the organization."""
        return self._context.directory.members()

    def keys(self, workspace_id: str) -> list[ApiKeyInfo]:
        """The API keys of a workspace, disabled and expired ones too, by name."""
        return self._answers.once(lambda: self._keys(workspace_id), "keys", workspace_id)

    def guardrails(self, workspace_id: str) -> list[GuardrailInfo]:
        """The guardrails of a workspace, by name; its default one too, once it has content."""
        return self._answers.once(
            lambda: self._guardrails(workspace_id), "guardrails", workspace_id
        )

    def spending(self, patterns: Sequence[str]) -> list[WorkspaceSpend]:
        """What was spent in the workspaces whose slugs match any of the patterns, by slug.

        Raises:
            OpenRouterError: a pattern matches none, or the API does not answer.
        """
        return [self._spend(each) for each in self.snapshots(patterns, with_keys=True)]

    def spend(self, ref: str) -> WorkspaceSpend:
        """What was spent in a workspace, by slug or id."""
        return self._spend(self._snapshot(self.workspace(ref), with_keys=True))

    def snapshots(self, patterns: Sequence[str], *, with_keys: bool = False) -> list[Snapshot]:
        """The workspaces whose slugs match any of the patterns, all if there are none, by slug.

        Raises:
            OpenRouterError: a pattern matches none, or the API does not answer.
        """
        selected = _selected(self.workspaces(), patterns)
        with ThreadPoolExecutor(SNAPSHOT_THREADS) as threads:
            return list(threads.map(lambda each: self._snapshot(each, with_keys), selected))

    def _spend(self, snapshot: Snapshot) -> WorkspaceSpend:
        activity = self._answers.once(self._activity, "activity")
        rows = activity and [row for row in activity if row.workspace_id == snapshot.workspace.id]
        return spend_of(snapshot, rows, self._today())

    def _activity(self) -> list[ActivityInfo] | None:
        """That of all workspaces; None where the account, or its key, does not tell."""
        try:
            rows = self._context.client.list_activity()
        except (ForbiddenError, NotFoundError):
            return None
        return rows if all(row.workspace_id for row in rows) else None

    def _today(self) -> date:
        """The day in UTC, by the server's clock if it has told the time."""
        now = self._context.client.clock.at(time.monotonic())
        return (now or datetime.now(timezone.utc)).date()

    def _keys(self, workspace_id: str) -> list[ApiKeyInfo]:
        keys = self._context.client.keys.pages(workspace_id).rows()
        return sorted(keys, key=lambda key: (key.name, key.hash))

    def _guardrails(self, workspace_id: str) -> list[GuardrailInfo]:
        listed = self._context.client.guardrails.list_in(workspace_id)
        return sorted(listed, key=lambda guardrail: (guardrail.name, guardrail.id))

    def _guardrail_snapshots(self, workspace_id: str) -> list[GuardrailSnapshot]:
        """The guardrails of a workspace; the assignments of all are listed once, if at all.

        There are none where the account, or its key, is refused them: `check` says so.
        """
        try:
            guardrails = self.guardrails(workspace_id)
        except ForbiddenError:
            return []
        if not guardrails:
            return []
        client = self._context.client.guardrails
        keys = self._answers.once(client.list_keys, "key assignments")
        members = self._answers.once(client.list_members, "member assignments")
        return [
            GuardrailSnapshot(
                guardrail=each,
                keys=sorted(row.key_hash for row in keys if row.guardrail_id == each.id),
                user_ids=sorted(row.user_id for row in members if row.guardrail_id == each.id),
            )
            for each in guardrails
        ]

    def _named(self, ref: str) -> WorkspaceInfo | None:
        named = (each for each in self.workspaces() if ref in (each.id, each.slug))
        return next(named, None)

    def _budgets(self, workspace_id: str) -> BudgetsInfo:
        from pulumi_openrouter.api.models import BudgetsInfo

        return self._context.client.find_budgets(workspace_id) or BudgetsInfo(data=[])

    def _members(self, workspace_id: str) -> list[WorkspaceMember]:
        listed = self._context.client.list_members(workspace_id)
        emails = self._context.directory.emails_by_id()
        members = [attrs.evolve(each, email=emails.get(each.user_id)) for each in listed]
        return sorted(members, key=lambda member: member.user_id)

    def _snapshot(self, workspace: WorkspaceInfo, with_keys: bool) -> Snapshot:
        try:
            budgets = self.budgets(workspace.id)
        except ForbiddenError:
            budgets = None
        return Snapshot(
            workspace=workspace,
            budgets=budgets,
            members=self.members(workspace.id),
            keys=self.keys(workspace.id) if with_keys else [],
            guardrails=self._guardrail_snapshots(workspace.id),
        )


class _Answers:
    """The answer to each question, asked for once; different ones at the same time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[tuple[str, ...], threading.Lock] = {}
        self._answers: dict[tuple[str, ...], Any] = {}

    def once(self, ask: Callable[[], T], *question: str) -> T:
        """The answer; one that failed is asked for again at the next question."""
        with self._guard:
            lock = self._locks.setdefault(question, threading.Lock())
        with lock:
            if question not in self._answers:
                self._answers[question] = ask()
            answer: T = self._answers[question]
            return answer

    def forget(self, *question: str) -> None:
        """Ask anew next time."""
        self._answers.pop(question, None)


def _selected(workspaces: Sequence[WorkspaceInfo], patterns: Sequence[str]) -> list[WorkspaceInfo]:
    slugs = [workspace.slug for workspace in workspaces]
    for pattern in patterns:
        if not any(fnmatchcase(slug, pattern) for slug in slugs):
            raise OpenRouterError(f"no workspace has a slug like {pattern!r}")
    return [
        workspace
        for workspace in workspaces
        if not patterns or any(fnmatchcase(workspace.slug, pattern) for pattern in patterns)
    ]


def _did_you_mean(ref: str, slugs: Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(ref, slugs, n=MAX_SUGGESTIONS)
    return f"; did you mean {' or '.join(near)}?" if near else ""
