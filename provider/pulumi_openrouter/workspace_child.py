"""What the children of a Workspace have in common for Pulumi."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi import Input, ResourceOptions

from pulumi_openrouter.core.children import ChildFields
from pulumi_openrouter.core.fields import Argument
from pulumi_openrouter.resource import Resource
from pulumi_openrouter.workspace import Workspace


class WorkspaceId(Argument[str]):
    """The workspace of a child: its UUID, an Output of it, or the resource itself."""

    if TYPE_CHECKING:

        def __set__(self, resource: object, value: Input[str | Workspace] | None) -> None: ...


class WorkspaceChild(ChildFields, Resource):
    """A resource of a workspace, given by UUID or as the Workspace resource."""

    workspace_id: WorkspaceId

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """Take the id of the Workspace; if deleting that takes this along, tell the engine."""
        workspace: Input[str] | Workspace = properties["workspace_id"]
        if not isinstance(workspace, Workspace):
            return opts
        properties["workspace_id"] = workspace.id
        if workspace.takes_children_along and opts.deleted_with is None:
            return ResourceOptions.merge(opts, ResourceOptions(deleted_with=workspace))
        return opts
