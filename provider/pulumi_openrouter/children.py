"""What belongs to a workspace: which one, and that it goes with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from pulumi import Input, ResourceOptions

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.fields import pattern
from pulumi_openrouter.lifecycle import Lifecycle, Properties
from pulumi_openrouter.resource import Property, Resource, required
from pulumi_openrouter.uuids import UUID
from pulumi_openrouter.workspace import DeletedOutsideError, Workspace, named_by_id

if TYPE_CHECKING:
    from pulumi_openrouter.api import models

WORKSPACE_ID = pattern(
    UUID, "the UUID of a workspace (its id, not its slug), or the Workspace itself", lower=True
)


class WorkspaceId(Property[str, "str | Workspace"]):
    """The workspace of a child: its UUID, an Output of it, or the resource itself."""


class WorkspaceChild(Resource):
    """A resource of a workspace, given by UUID or as the Workspace resource."""

    workspace_id: WorkspaceId = required(
        WORKSPACE_ID,
        replaces=True,
        doc="The workspace: its UUID, or the Workspace resource itself.",
    )

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


class ChildLifecycle(Lifecycle):
    """What the children of workspaces have in common; their id is the workspace's."""

    managed_mark = "exclusive"

    def label(self, id: str, properties: Properties) -> str:
        """By the workspace they belong to."""
        return f"of workspace {id or properties.get('workspace_id')}"

    def turn(self, id: str, properties: Properties) -> AbstractContextManager[object]:
        """One at a time: what one resource gives up, another may take over in the same run."""
        return self.context.turn(self.noun, id or str(properties["workspace_id"]))

    def leave_alone(self, id: str, names: Iterable[str]) -> None:
        """Say what another resource of this run declares, and this one therefore keeps."""
        if kept := ", ".join(names):
            self.context.say(
                f"{self.noun} of workspace {id}: {kept} left alone, "
                "for another resource of this stack declares it"
            )

    @contextmanager
    def done_if_gone(self, id: str) -> Iterator[None]:
        """Removing something from a workspace that is gone is done; any other 404 is an error."""
        try:
            yield
        except DeletedOutsideError:
            if self.client.find_workspace(id) is not None:
                raise OpenRouterError("404, though the workspace is there: try again") from None

    def workspace_to_get(self, id: str) -> models.Workspace:
        """The workspace that a `get` names.

        Raises:
            NoSuchWorkspaceError: there is none.
            OpenRouterError: it is named by its slug.
        """
        return named_by_id(id, self.client.find_workspace(id))
