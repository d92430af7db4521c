"""OpenRouter workspaces, their budgets and their members, owned from Pulumi."""

from pulumi_openrouter.workspace import Workspace
from pulumi_openrouter.workspace_budget import WorkspaceBudget
from pulumi_openrouter.workspace_membership import Member, WorkspaceMembership

__all__ = ["Member", "Workspace", "WorkspaceBudget", "WorkspaceMembership"]
