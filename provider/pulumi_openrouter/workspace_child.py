"""What the children of a Workspace have in common for Pulumi."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pulumi
from pulumi import Input, ResourceOptions

from pulumi_openrouter.api.member import WorkspaceMember
from pulumi_openrouter.core.children import ChildFields
from pulumi_openrouter.core.fields import Argument
from pulumi_openrouter.core.lifecycle import Properties
from pulumi_openrouter.resource import Holders, Resource
from pulumi_openrouter.workspace import Workspace

# Lets Pulumi hand the members of an Output to programs as such objects, rather than as dicts.
pulumi.output_type(WorkspaceMember)


class WorkspaceId(Argument[str]):
    """The workspace of a child: its UUID, an Output of it, or the resource itself."""

    if TYPE_CHECKING:

        def __set__(self, resource: object, value: Input[str | Workspace] | None) -> None: ...


def take_id(properties: dict[str, Any]) -> None:
    """Put the id of the Workspace in the place of the resource itself."""
    if isinstance(properties["workspace_id"], Workspace):
        properties["workspace_id"] = properties["workspace_id"].id


class WorkspaceChild(ChildFields, Resource):
    """A resource of a workspace, given by UUID or as the Workspace resource."""

    workspace_id: WorkspaceId
    instead: ClassVar[str]
    """What to do instead of declaring a second one, where there can be only one."""

    @staticmethod
    def is_sole(properties: Properties) -> bool:
        """Whether the workspace can have no other such resource."""
        raise NotImplementedError

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """Take the id of the Workspace; if deleting that takes this along, tell the engine."""
        workspace: Input[str] | Workspace = properties["workspace_id"]
        if self.is_sole(properties):
            self._refuse_another(resource_name, workspace)
        take_id(properties)
        if not isinstance(workspace, Workspace):
            return opts
        goes_along = workspace.takes_children_along and self.has_final_options
        if goes_along and opts.deleted_with is None:
            return ResourceOptions.merge(opts, ResourceOptions(deleted_with=workspace))
        return opts

    def _refuse_another(self, resource_name: str, workspace: Any) -> None:
        # An Output of a UUID is not known before it is too late to tell.
        if not isinstance(workspace, (str, Workspace)):
            return
        if holder := _sole.taken_by((self.noun, workspace), resource_name):
            kind = type(self).__name__
            raise ValueError(
                f"{kind} {resource_name!r}: the workspace has {kind} {holder!r} already; "
                f"{self.instead}"
            )


_sole = Holders()
