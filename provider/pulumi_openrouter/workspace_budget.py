"""WorkspaceBudget: what a program declares of what a workspace may spend."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from pulumi import ResourceOptions

from pulumi_openrouter.core.workspace_budget import (
    WorkspaceBudgetFields,
    WorkspaceBudgetLifecycle,
)
from pulumi_openrouter.workspace import Workspace
from pulumi_openrouter.workspace_child import WorkspaceChild


class WorkspaceBudget(
    WorkspaceChild, WorkspaceBudgetFields, module="openrouter", name="WorkspaceBudget"
):
    """All budgets of one workspace that this stack owns; one such resource per workspace.

    They are one resource because the API checks the intervals against each other, and
    the flag for own provider keys belongs to them all.
    """

    noun = WorkspaceBudgetLifecycle.noun

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """Two of one workspace could not be ordered against each other: refuse the second."""
        workspace = properties["workspace_id"]
        if isinstance(workspace, Workspace):
            if workspace in _budget_of:
                raise ValueError(
                    f"WorkspaceBudget {resource_name!r}: the workspace has WorkspaceBudget "
                    f"{_budget_of[workspace]!r} already; declare all its intervals there"
                )
            _budget_of[workspace] = resource_name
        return super().complete(resource_name, properties, opts)


_budget_of: WeakKeyDictionary[Workspace, str] = WeakKeyDictionary()
