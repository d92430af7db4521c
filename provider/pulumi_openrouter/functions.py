"""What a program can ask about the organization, without managing it.

Every function has a form whose name ends with `_output`, which takes Outputs and returns one.
Each list is fetched once in a run, however many calls ask for it. All raise `pulumi.RunError`:
there is no such workspace, no key, or no answer.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import attrs
import pulumi
from pulumi import Input, Output

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.context import Context
from pulumi_openrouter.settings import Settings

if TYPE_CHECKING:
    from pulumi_openrouter.api import models

T = TypeVar("T")
MOST_NAMED = 5


@attrs.frozen
class WorkspaceMember:
    """A member of a workspace."""

    user_id: str
    role: str
    email: str | None
    """None where the organization does not tell."""


def get_workspaces() -> list[models.Workspace]:
    """All workspaces of the organization, by slug (listWorkspaces)."""
    return _asked("workspaces", lambda asked: asked.workspaces())


def get_workspace(ref: str) -> models.Workspace:
    """A workspace by slug or id (listWorkspaces)."""
    return _asked(f"workspace {ref!r}", lambda asked: asked.workspace(ref))


def get_workspace_budgets(ref: str) -> models.Budgets:
    """What a workspace, by slug or id, may spend in USD (listWorkspaceBudgets)."""
    return _asked(f"budgets of workspace {ref!r}", lambda asked: asked.budgets(ref))


def get_workspace_members(ref: str) -> list[WorkspaceMember]:
    """Who is in a workspace, by slug or id, with emails where known (listWorkspaceMembers)."""
    return _asked(f"members of workspace {ref!r}", lambda asked: asked.members(ref))


def get_organization_members() -> list[models.OrganizationMember]:
    """Everybody in the organization (listOrganizationMembers)."""
    return _asked("members of the organization", lambda asked: asked.people())


def get_workspaces_output() -> Output[list[models.Workspace]]:
    """As `get_workspaces`."""
    return Output.from_input(None).apply(lambda _: get_workspaces())


def get_workspace_output(ref: Input[str]) -> Output[models.Workspace]:
    """As `get_workspace`."""
    return Output.from_input(ref).apply(get_workspace)


def get_workspace_budgets_output(ref: Input[str]) -> Output[models.Budgets]:
    """As `get_workspace_budgets`."""
    return Output.from_input(ref).apply(get_workspace_budgets)


def get_workspace_members_output(ref: Input[str]) -> Output[list[WorkspaceMember]]:
    """As `get_workspace_members`."""
    return Output.from_input(ref).apply(get_workspace_members)


def get_organization_members_output() -> Output[list[models.OrganizationMember]]:
    """As `get_organization_members`."""
    return Output.from_input(None).apply(lambda _: get_organization_members())


class _Organization:
    """What was asked for in this run, each answer kept."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.RLock()
        self._answers: dict[tuple[str, ...], Any] = {}

    def workspaces(self) -> list[models.Workspace]:
        listed: list[models.Workspace] = self._once(
            self._context.client.list_workspaces, "workspaces"
        )
        return sorted(listed, key=lambda workspace: workspace.slug)

    def workspace(self, ref: str) -> models.Workspace:
        found = self._named(ref)
        if found is None:
            # It may have been made in this very run, after the list was fetched.
            self._forget("workspaces")
            found = self._named(ref)
        if found is None:
            slugs = [workspace.slug for workspace in self.workspaces()]
            raise OpenRouterError(f"there is none{_near(ref, slugs)}")
        return found

    def budgets(self, ref: str) -> models.Budgets:
        id = self.workspace(ref).id
        budgets: models.Budgets = self._once(lambda: self._budgets(id), "budgets", id)
        return budgets

    def members(self, ref: str) -> list[WorkspaceMember]:
        id = self.workspace(ref).id
        members: list[models.Member] = self._once(
            lambda: self._context.client.list_members(id), "members", id
        )
        emails = self._context.directory.emails_by_id()
        found = [
            WorkspaceMember(each.user_id, each.role, emails.get(each.user_id)) for each in members
        ]
        return sorted(found, key=lambda member: member.user_id)

    def people(self) -> list[models.OrganizationMember]:
        return self._context.directory.members()

    def _named(self, ref: str) -> models.Workspace | None:
        named = (each for each in self.workspaces() if ref in (each.id, each.slug))
        return next(named, None)

    def _budgets(self, id: str) -> models.Budgets:
        from pulumi_openrouter.api.models import Budgets

        return self._context.client.find_budgets(id) or Budgets(data=[])

    def _once(self, fetch: Callable[[], Any], *question: str) -> Any:
        with self._lock:
            if question not in self._answers:
                self._answers[question] = fetch()
            return self._answers[question]

    def _forget(self, *question: str) -> None:
        with self._lock:
            self._answers.pop(question, None)


_organizations: WeakKeyDictionary[Any, _Organization] = WeakKeyDictionary()


def _organization() -> _Organization:
    """That of the current run: a process may run several programs, one after the other."""
    run = pulumi.runtime.settings.get_monitor()
    if run not in _organizations:
        settings = Settings.load(pulumi.runtime.config.get_config)
        _organizations[run] = _Organization(Context(settings.connect))
    return _organizations[run]


def _asked(what: str, ask: Callable[[_Organization], T]) -> T:
    try:
        return ask(_organization())
    except OpenRouterError as error:
        raise pulumi.RunError(f"{what}: {error}") from None


def _near(ref: str, slugs: list[str]) -> str:
    near = difflib.get_close_matches(ref, slugs, n=MOST_NAMED)
    return f"; near are {', '.join(near)}" if near else ""
