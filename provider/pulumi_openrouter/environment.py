"""A workspace with all that belongs to it, as one component."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi import Alias, ComponentResource, Output, ResourceOptions

from pulumi_openrouter import stack_trace
from pulumi_openrouter.fields import FLAG, fields_of
from pulumi_openrouter.resource import (
    Declaration,
    Declared,
    DeclaredSet,
    declared,
    described,
    positional,
    refuse_misspelt,
)
from pulumi_openrouter.workspace import Workspace, WorkspaceSettings
from pulumi_openrouter.workspace_budget import BudgetSettings, WorkspaceBudget
from pulumi_openrouter.workspace_membership import EMAILS, USER_IDS, WorkspaceMembership

if TYPE_CHECKING:
    from dataclasses import InitVar

TYPE = "openrouter:index:Environment"


class _Component(Declaration, ComponentResource):
    """Makes the resources of an Environment from its arguments."""

    if TYPE_CHECKING:
        resource_name: InitVar[str] = positional(kw_only=False)
        opts: InitVar[ResourceOptions | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__doc__ = f"{cls.__doc__}\n\n{described(fields_of(cls))}"

    def __init__(
        self, resource_name: str, *, opts: ResourceOptions | None = None, **given: Any
    ) -> None:
        refuse_misspelt(type(self).__name__, fields_of(type(self)), given)
        with stack_trace.of_the_program():
            super().__init__(TYPE, resource_name, None, opts)
        given = {name: value for name, value in given.items() if value is not None}
        each = _for_each(self, opts or ResourceOptions())
        settings = fields_of(WorkspaceSettings)
        self._workspace = Workspace(resource_name, **_those_of(settings, given), opts=each)
        self._budget = _budget(resource_name, self._workspace, given, each)
        self._membership = _membership(resource_name, self._workspace, given, each)
        for name in fields_of(type(self)):
            value = getattr(self._workspace, name) if name in settings else given.get(name)
            setattr(self, name, Output.from_input(value))
        self.register_outputs({"workspace_id": self._workspace.id, "slug": self._workspace.slug})


class Environment(WorkspaceSettings, BudgetSettings, _Component):
    """A workspace with its budgets and its members: one of each, declared together.

    The resources carry the name of the component, and its options hold for each of them
    (protect, retain_on_delete, depends_on, ignore_changes, additional_secret_outputs).
    Resources that were declared one by one before, under this name, are taken in as they are.
    """

    members: DeclaredSet[str] = declared(
        EMAILS, default=None, nullable=True, doc="Who is in the workspace, by email."
    )
    user_ids: DeclaredSet[str] = declared(
        USER_IDS, default=None, nullable=True, doc="Who is in the workspace, by user id."
    )
    exclusive_budget: Declared[bool] = declared(
        FLAG, default=False, doc="Remove the budgets of intervals that are not declared here."
    )
    exclusive_members: Declared[bool] = declared(
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


def _for_each(component: ComponentResource, opts: ResourceOptions) -> ResourceOptions:
    """The options of the resources; without the component they had its parent, or none."""
    before = opts.parent or pulumi.ROOT_STACK_RESOURCE
    return ResourceOptions(
        parent=component,
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
        **_those_of(fields_of(BudgetSettings), given),
        **_renamed(given, exclusive_budget="exclusive"),
    }
    return (
        WorkspaceBudget(name, workspace_id=workspace, **settings, opts=opts) if settings else None
    )


def _membership(
    name: str, workspace: Workspace, given: Mapping[str, Any], opts: ResourceOptions
) -> WorkspaceMembership | None:
    people = _renamed(given, members="emails", user_ids="user_ids", exclusive_members="exclusive")
    return (
        WorkspaceMembership(name, workspace_id=workspace, **people, opts=opts) if people else None
    )


def _those_of(names: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _renamed(given: Mapping[str, Any], **names: str) -> dict[str, Any]:
    return {new: given[old] for old, new in names.items() if old in given}
