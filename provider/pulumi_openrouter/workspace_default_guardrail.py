"""WorkspaceDefaultGuardrail: what a program declares of what holds for a whole workspace."""

from __future__ import annotations

from pulumi_openrouter.core.lifecycle import Properties
from pulumi_openrouter.core.workspace_default_guardrail import (
    WorkspaceDefaultGuardrailFields,
    WorkspaceDefaultGuardrailLifecycle,
)
from pulumi_openrouter.workspace_child import WorkspaceChild


class WorkspaceDefaultGuardrail(
    WorkspaceChild,
    WorkspaceDefaultGuardrailFields,
    module="openrouter",
    name="WorkspaceDefaultGuardrail",
):
    """What all keys and members of a workspace may use; one such resource per workspace.

    Every workspace has a default guardrail. It can't be deleted: destroying this resource clears
    the fields that it declares.
    """

    noun = WorkspaceDefaultGuardrailLifecycle.noun
    instead = "declare all its fields there"

    @staticmethod
    def is_sole(properties: Properties) -> bool:
        """Two of one workspace would overwrite each other."""
        return True
