"""WorkspaceMembership: what a program declares of who is in a workspace."""

from __future__ import annotations

from pulumi_openrouter.core.lifecycle import Properties
from pulumi_openrouter.core.workspace_membership import (
    WorkspaceMembershipFields,
    WorkspaceMembershipLifecycle,
)
from pulumi_openrouter.workspace_child import WorkspaceChild


class WorkspaceMembership(
    WorkspaceChild, WorkspaceMembershipFields, module="openrouter", name="WorkspaceMembership"
):
    """A set of members of one workspace, by user id, by email or both.

    Only members of the organization can be added; they keep the role that they have there.
    """

    noun = WorkspaceMembershipLifecycle.noun
    instead = "two exclusive ones would remove each other's members"

    @staticmethod
    def is_sole(properties: Properties) -> bool:
        """Each of two exclusive ones would want nobody else to stay."""
        return properties["exclusive"] is True
