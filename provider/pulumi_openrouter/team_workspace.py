"""TeamWorkspace: a workspace with all that belongs to it, as one component."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi
from pulumi import Alias, Output, ResourceOptions

from pulumi_openrouter.core.fields import Argument, SetArgument, fields_of, optional
from pulumi_openrouter.core.kinds import FLAG
from pulumi_openrouter.core.workspace import WorkspaceArguments
from pulumi_openrouter.core.workspace_budget import BudgetArguments
from pulumi_openrouter.core.workspace_membership import EMAILS, USER_IDS
from pulumi_openrouter.resource import Component
from pulumi_openrouter.workspace import Workspace
from pulumi_openrouter.workspace_budget import WorkspaceBudget
from pulumi_openrouter.workspace_membership import WorkspaceMembership


class TeamWorkspace(WorkspaceArguments, BudgetArguments, Component):
    """A workspace with its budgets and its members: one of each, declared together.

    The resources carry the name of the component, and its options hold for each of them
    (protect, retain_on_delete, depends_on, ignore_changes, additional_secret_outputs).
    Resources that were declared one by one before, under this name, are taken in as they are.
    """

    type_token = "openrouter:index:TeamWorkspace"

    emails: SetArgument[str] = optional(
        EMAILS, default=None, nullable=True, doc="Who is in the workspace, by email."
    )
    user_ids: SetArgument[str] = optional(
        USER_IDS, default=None, nullable=True, doc="Who is in the workspace, by user id."
    )
    exclusive_budget: Argument[bool] = optional(
        FLAG, default=False, doc="Remove the budgets of intervals that are not declared here."
    )
    exclusive_members: Argument[bool] = optional(
        FLAG, default=False, doc="Remove every member that is not declared here."
    )

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self._workspace

    @property
    def workspace_id(self) -> Output[str]:
        """The UUID of the workspace."""
        return self._workspace.id

    @property
    def budget(self) -> WorkspaceBudget | None:
        """Its budgets, None where no limit is declared."""
        return self._budget

    @property
    def membership(self) -> WorkspaceMembership | None:
        """Its members, None where none are declared."""
        return self._membership

    def declare(self, resource_name: str, given: dict[str, Any], opts: ResourceOptions) -> None:
        """Make the resources, and give each argument back as an output."""
        each = self._for_each(opts)
        settings = fields_of(WorkspaceArguments)
        self._workspace = Workspace(resource_name, **_those_of(settings, given), opts=each)
        self._budget = _budget(resource_name, self._workspace, given, each)
        self._membership = _membership(resource_name, self._workspace, given, each)
        for name in fields_of(type(self)):
            value = getattr(self._workspace, name) if name in settings else given.get(name)
            setattr(self, name, Output.from_input(value))
        self.register_outputs({"workspace_id": self._workspace.id, "slug": self._workspace.slug})

    def _for_each(self, opts: ResourceOptions) -> ResourceOptions:
        """The options of the resources; without the component they had its parent, or none."""
        before = opts.parent or pulumi.ROOT_STACK_RESOURCE
        return ResourceOptions(
            parent=self,
            aliases=[Alias(parent=before)],
            protect=opts.protect,
            retain_on_delete=opts.retain_on_delete,
            depends_on=opts.depends_on,
            ignore_changes=opts.ignore_changes,
            additional_secret_outputs=opts.additional_secret_outputs,
        )


def _budget(
    name: str, workspace: Workspace, given: Mapping[str, Any], opts: ResourceOptions
) -> WorkspaceBudget | None:
    settings = {
        **_those_of(fields_of(BudgetArguments), given),
        **_renamed(given, exclusive_budget="exclusive"),
    }
    return (
        WorkspaceBudget(name, workspace_id=workspace, **settings, opts=opts) if settings else None
    )


def _membership(
    name: str, workspace: Workspace, given: Mapping[str, Any], opts: ResourceOptions
) -> WorkspaceMembership | None:
    people = _renamed(given, emails="emails", user_ids="user_ids", exclusive_members="exclusive")
    return (
        WorkspaceMembership(name, workspace_id=workspace, **people, opts=opts) if people else None
    )


def _those_of(names: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _renamed(given: Mapping[str, Any], **names: str) -> dict[str, Any]:
    return {new: given[old] for old, new in names.items() if old in given}
