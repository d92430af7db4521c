"""WorkspaceBudget: what a program declares of what a workspace may spend."""

from __future__ import annotations

from pulumi_openrouter.core.lifecycle import Properties
from pulumi_openrouter.core.workspace_budget import (
    WorkspaceBudgetFields,
    WorkspaceBudgetLifecycle,
)
from pulumi_openrouter.workspace_child import WorkspaceChild


class WorkspaceBudget(
    WorkspaceChild, WorkspaceBudgetFields, module="openrouter", name="WorkspaceBudget"
):
    """All budgets of one workspace that this stack owns; one such resource per workspace.

    They are one resource because the API checks the intervals against each other, and
    the flag for own provider keys belongs to them all.
    """

    noun = WorkspaceBudgetLifecycle.noun
    instead = "declare all its intervals there"

    @staticmethod
    def is_sole(properties: Properties) -> bool:
        """Two of one workspace could not be ordered against each other."""
        return True
