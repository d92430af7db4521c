"""What a program can ask about the organization, without managing it.

Every function has a form whose name ends with `_output`, which takes Outputs and returns one.
Each list is fetched once in a run, however many calls ask for it. All raise `pulumi.RunError`
where there is no such workspace, no key, or no answer. Where a test has set mocks, these are asked
instead: `openrouter:index:getWorkspace` and so on, with the function's arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, get_origin
from weakref import WeakKeyDictionary

import attrs
import pulumi
from pulumi import Input, Output
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, Mocks

from pulumi_openrouter import stack_settings
from pulumi_openrouter.api.decode import ShapeError, structured
from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.api.guardrails import GuardrailInfo
from pulumi_openrouter.api.keys import ApiKeyInfo
from pulumi_openrouter.api.member import WorkspaceMember
from pulumi_openrouter.api.models import BudgetsInfo, OrganizationMember, WorkspaceInfo
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.organization import Organization
from pulumi_openrouter.core.settings import Settings
from pulumi_openrouter.core.spending import WorkspaceSpend

T = TypeVar("T")


@attrs.frozen
class Question(Generic[T]):
    """What one function asks."""

    name: str
    """Its name as mocks see it."""
    what: str
    """What it asks for, in words."""
    answer: type[T]
    arguments: Mapping[str, Any] = {}


def get_workspaces() -> list[WorkspaceInfo]:
    """All workspaces of the organization, by slug (listWorkspaces)."""
    return _asked(
        Question("getWorkspaces", "workspaces", list[WorkspaceInfo]),
        lambda organization: organization.workspaces(),
    )


def get_workspace(ref: str) -> WorkspaceInfo:
    """A workspace by slug or id (listWorkspaces)."""
    return _asked(
        Question("getWorkspace", f"workspace {ref!r}", WorkspaceInfo, {"ref": ref}),
        lambda organization: organization.workspace(ref),
    )


def get_workspace_budgets(ref: str) -> BudgetsInfo:
    """What a workspace, by slug or id, may spend in USD (listWorkspaceBudgets)."""
    return _asked(
        Question("getWorkspaceBudgets", f"budgets of workspace {ref!r}", BudgetsInfo, {"ref": ref}),
        lambda organization: organization.budgets(organization.workspace(ref).id),
    )


def get_workspace_members(ref: str) -> list[WorkspaceMember]:
    """Who is in a workspace, by slug or id, with emails where known (listWorkspaceMembers)."""
    return _asked(
        Question(
            "getWorkspaceMembers",
            f"members of workspace {ref!r}",
            list[WorkspaceMember],
            {"ref": ref},
        ),
        lambda organization: organization.members(organization.workspace(ref).id),
    )


def get_api_keys(ref: str) -> list[ApiKeyInfo]:
    """The API keys of a workspace, by slug or id, disabled and expired ones too (list keys)."""
    return _asked(
        Question("getApiKeys", f"API keys of workspace {ref!r}", list[ApiKeyInfo], {"ref": ref}),
        lambda organization: organization.keys(organization.workspace(ref).id),
    )


def get_guardrails(ref: str) -> list[GuardrailInfo]:
    """The guardrails of a workspace, by slug or id (listGuardrails).

    That which is its default is among them once it has been changed; its id is the workspace's
    default_guardrail_id.
    """
    return _asked(
        Question(
            "getGuardrails", f"guardrails of workspace {ref!r}", list[GuardrailInfo], {"ref": ref}
        ),
        lambda organization: organization.guardrails(organization.workspace(ref).id),
    )


def get_spend(ref: str) -> WorkspaceSpend:
    """What was spent in a workspace, by slug or id, and what is left (getUserActivity)."""
    return _asked(
        Question("getSpend", f"spending of workspace {ref!r}", WorkspaceSpend, {"ref": ref}),
        lambda organization: organization.spend(ref),
    )


def get_organization_members() -> list[OrganizationMember]:
    """Everybody in the organization (listOrganizationMembers)."""
    return _asked(
        Question("getOrganizationMembers", "members of the organization", list[OrganizationMember]),
        lambda organization: organization.people(),
    )


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


def get_api_keys_output(ref: Input[str]) -> Output[list[ApiKeyInfo]]:
    """As `get_api_keys`."""
    return Output.from_input(ref).apply(get_api_keys)


def get_guardrails_output(ref: Input[str]) -> Output[list[GuardrailInfo]]:
    """As `get_guardrails`."""
    return Output.from_input(ref).apply(get_guardrails)


def get_spend_output(ref: Input[str]) -> Output[WorkspaceSpend]:
    """As `get_spend`."""
    return Output.from_input(ref).apply(get_spend)


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


def _asked(question: Question[T], ask: Callable[[Organization], T]) -> T:
    stack_settings.refuse_wrong()
    monitor = pulumi.runtime.settings.get_monitor()
    if isinstance(monitor, MockMonitor):
        return _mocked(question, monitor.mocks)
    try:
        return ask(_organization())
    except OpenRouterError as error:
        raise pulumi.RunError(f"{question.what}: {error}") from None


def _mocked(question: Question[T], mocks: Mocks) -> T:
    """What the mocks answer, in the shape of the API's answers: of a list, its `data`."""
    token = f"openrouter:index:{question.name}"
    said: Any = mocks.call(MockCallArgs(token, dict(question.arguments), ""))
    answer = said[0] if isinstance(said, tuple) else said
    is_list = get_origin(question.answer) is list
    try:
        return structured(answer["data"] if is_list else answer, question.answer)
    except (ShapeError, KeyError, TypeError):
        shape = '{"data": [...]}' if is_list else question.answer.__name__
        reason = f"the mocks answer {token} with something else than {shape}"
        raise pulumi.RunError(f"{question.what}: {reason}") from None
