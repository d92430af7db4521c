"""What belongs to a workspace, and goes with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.core.failures import DeletedOutsideError, found_by_id
from pulumi_openrouter.core.fields import Argument, Fields, required
from pulumi_openrouter.core.kinds import pattern
from pulumi_openrouter.core.lifecycle import Lifecycle, Properties
from pulumi_openrouter.core.uuids import UUID

if TYPE_CHECKING:
    from pulumi_openrouter.api.models import WorkspaceInfo

WORKSPACE_ID = pattern(
    UUID, "the UUID of a workspace (its id, not its slug), or the Workspace itself", lower=True
)


class ChildFields(Fields):
    """What every child of a workspace has."""

    workspace_id: Argument[str] = required(
        WORKSPACE_ID,
        replaces=True,
        doc="The workspace: its UUID, or the Workspace resource itself.",
    )


class ChildLifecycle(Lifecycle):
    """What the children of workspaces have in common; their id is the workspace's."""

    managed_mark = "exclusive"

    def label(self, object_id: str, properties: Properties) -> str:
        """By the workspace they belong to."""
        return f"of workspace {object_id or properties.get('workspace_id')}"

    def turn(self, object_id: str, properties: Properties) -> AbstractContextManager[object]:
        """One at a time: what one resource gives up, another may take over in the same run."""
        return self.context.turn(self.noun, object_id or str(properties["workspace_id"]))

    def leave_alone(self, workspace_id: str, names: Iterable[str]) -> None:
        """Say what another resource of this run declares, and this one therefore keeps."""
        if kept := ", ".join(names):
            self.context.say(
                f"{self.noun} of workspace {workspace_id}: {kept} left alone, "
                "because another resource of this stack declares it"
            )

    @contextmanager
    def done_if_gone(self, workspace_id: str) -> Iterator[None]:
        """Removing something from a workspace that is gone is done; any other 404 is an error."""
        try:
            yield
        except DeletedOutsideError:
            if self.client.find_workspace(workspace_id) is not None:
                raise OpenRouterError("404, though the workspace is there: try again") from None

    def workspace_to_get(self, ref: str) -> WorkspaceInfo:
        """The workspace that a `get` names.

        Raises:
            NoSuchWorkspaceError: there is none.
            OpenRouterError: it is named by its slug.
        """
        return found_by_id(ref, self.client.find_workspace(ref))
