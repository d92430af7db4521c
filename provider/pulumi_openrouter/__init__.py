"""OpenRouter workspaces, their budgets, members, keys and guardrails, owned from Pulumi."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_openrouter import from_config
    from pulumi_openrouter.api.guardrails import GuardrailInfo
    from pulumi_openrouter.api.keys import ApiKeyInfo
    from pulumi_openrouter.api.member import WorkspaceMember
    from pulumi_openrouter.api.models import BudgetsInfo, OrganizationMember, WorkspaceInfo
    from pulumi_openrouter.api_key import ApiKey
    from pulumi_openrouter.byok_key import ByokKey
    from pulumi_openrouter.core.spending import KeySpend, Spend, WorkspaceSpend
    from pulumi_openrouter.functions import (
        get_api_keys,
        get_api_keys_output,
        get_guardrails,
        get_guardrails_output,
        get_organization_members,
        get_organization_members_output,
        get_spend,
        get_spend_output,
        get_workspace,
        get_workspace_budgets,
        get_workspace_budgets_output,
        get_workspace_members,
        get_workspace_members_output,
        get_workspace_output,
        get_workspaces,
        get_workspaces_output,
    )
    from pulumi_openrouter.guardrail import Guardrail
    from pulumi_openrouter.team_workspace import TeamWorkspace
    from pulumi_openrouter.workspace import Workspace
    from pulumi_openrouter.workspace_budget import WorkspaceBudget
    from pulumi_openrouter.workspace_default_guardrail import WorkspaceDefaultGuardrail
    from pulumi_openrouter.workspace_membership import WorkspaceMembership

__all__ = [
    "ApiKey",
    "ApiKeyInfo",
    "BudgetsInfo",
    "ByokKey",
    "Guardrail",
    "GuardrailInfo",
    "KeySpend",
    "OrganizationMember",
    "Spend",
    "TeamWorkspace",
    "Workspace",
    "WorkspaceBudget",
    "WorkspaceDefaultGuardrail",
    "WorkspaceInfo",
    "WorkspaceMember",
    "WorkspaceMembership",
    "WorkspaceSpend",
    "from_config",
    "get_api_keys",
    "get_api_keys_output",
    "get_guardrails",
    "get_guardrails_output",
    "get_organization_members",
    "get_organization_members_output",
    "get_spend",
    "get_spend_output",
    "get_workspace",
    "get_workspace_budgets",
    "get_workspace_budgets_output",
    "get_workspace_members",
    "get_workspace_members_output",
    "get_workspace_output",
    "get_workspaces",
    "get_workspaces_output",
]

_MODULES = {
    "ApiKey": "api_key",
    "ApiKeyInfo": "api.keys",
    "BudgetsInfo": "api.models",
    "ByokKey": "byok_key",
    "Guardrail": "guardrail",
    "GuardrailInfo": "api.guardrails",
    "KeySpend": "core.spending",
    "OrganizationMember": "api.models",
    "Spend": "core.spending",
    "TeamWorkspace": "team_workspace",
    "Workspace": "workspace",
    "WorkspaceBudget": "workspace_budget",
    "WorkspaceDefaultGuardrail": "workspace_default_guardrail",
    "WorkspaceInfo": "api.models",
    "WorkspaceMember": "api.member",
    "WorkspaceMembership": "workspace_membership",
    "WorkspaceSpend": "core.spending",
}
"""Where the classes are; all else that is public is a function, or a module itself."""


def __getattr__(name: str) -> Any:
    """Import what is public when it is asked for: client and simulator do without Pulumi."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "from_config":
        return importlib.import_module(f"{__name__}.{name}")
    module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'functions')}")
    return getattr(module, name)
