"""What a program can ask about the organization, without managing it.

Every function has a form whose name ends with `_output`, which takes Outputs and returns one.
Each list is fetched once in a run, however many calls ask for it. All raise `pulumi.RunError`
where there is no such workspace, no key, or no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import pulumi
from pulumi import Input, Output

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.api.member import WorkspaceMember
from pulumi_openrouter.api.models import BudgetsInfo, OrganizationMember, WorkspaceInfo
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.organization import Organization
from pulumi_openrouter.core.settings import Settings

T = TypeVar("T")


def get_workspaces() -> list[WorkspaceInfo]:
    """All workspaces of the organization, by slug (listWorkspaces)."""
    return _asked("workspaces", lambda organization: organization.workspaces())


def get_workspace(ref: str) -> WorkspaceInfo:
    """A workspace by slug or id (listWorkspaces)."""
    return _asked(f"workspace {ref!r}", lambda organization: organization.workspace(ref))


def get_workspace_budgets(ref: str) -> BudgetsInfo:
    """What a workspace, by slug or id, may spend in USD (listWorkspaceBudgets)."""
    return _asked(
        f"budgets of workspace {ref!r}",
        lambda organization: organization.budgets(organization.workspace(ref).id),
    )


def get_workspace_members(ref: str) -> list[WorkspaceMember]:
    """Who is in a workspace, by slug or id, with emails where known (listWorkspaceMembers)."""
    return _asked(
        f"members of workspace {ref!r}",
        lambda organization: organization.members(organization.workspace(ref).id),
    )


def get_organization_members() -> list[OrganizationMember]:
    """Everybody in the organization (listOrganizationMembers)."""
    return _asked("members of the organization", lambda organization: organization.people())


def get_workspaces_output() -> Output[list[WorkspaceInfo]]:
    """As `get_workspaces`."""
    return Output.from_input(None).apply(lambda _: get_workspaces())


def get_workspace_output(ref: Input[str]) -> Output[WorkspaceInfo]:
    """As `get_workspace`."""
    return Output.from_input(ref).apply(get_workspace)


def get_workspace_budgets_output(ref: Input[str]) -> Output[BudgetsInfo]:
    """As `get_workspace_budgets`."""
    return Output.from_input(ref).apply(get_workspace_budgets)


def get_workspace_members_output(ref: Input[str]) -> Output[list[WorkspaceMember]]:
    """As `get_workspace_members`."""
    return Output.from_input(ref).apply(get_workspace_members)


def get_organization_members_output() -> Output[list[OrganizationMember]]:
    """As `get_organization_members`."""
    return Output.from_input(None).apply(lambda _: get_organization_members())


_organizations: WeakKeyDictionary[Any, Organization] = WeakKeyDictionary()


def _organization() -> Organization:
    """That of the current run: a process may run several programs, one after the other."""
    run = pulumi.runtime.settings.get_monitor()
    if run not in _organizations:
        settings = Settings.load(pulumi.runtime.config.get_config)
        _organizations[run] = Organization(Context(settings.connect))
    return _organizations[run]


def _asked(what: str, ask: Callable[[Organization], T]) -> T:
    try:
        return ask(_organization())
    except OpenRouterError as error:
        raise pulumi.RunError(f"{what}: {error}") from None
