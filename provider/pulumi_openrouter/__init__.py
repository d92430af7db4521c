"""OpenRouter workspaces, their budgets and their members, owned from Pulumi."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_openrouter.workspace import Workspace
    from pulumi_openrouter.workspace_budget import WorkspaceBudget
    from pulumi_openrouter.workspace_membership import Member, WorkspaceMembership

__all__ = ["Member", "Workspace", "WorkspaceBudget", "WorkspaceMembership"]

_MODULES = {
    "Member": "workspace_membership",
    "Workspace": "workspace",
    "WorkspaceBudget": "workspace_budget",
    "WorkspaceMembership": "workspace_membership",
}


def __getattr__(name: str) -> Any:
    """Import what is public when it is asked for: client and simulator do without Pulumi."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULES[name]}")
    return getattr(module, name)
