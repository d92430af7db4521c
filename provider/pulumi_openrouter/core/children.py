"""What belongs to a workspace, and goes with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVar

from pulumi_openrouter.api.errors import NotFoundError, OpenRouterError
from pulumi_openrouter.core.failures import DeletedOutsideError, NotThereYetError, found_by_id
from pulumi_openrouter.core.fields import Argument, required
from pulumi_openrouter.core.kinds import pattern
from pulumi_openrouter.core.lifecycle import Lifecycle, OwnedFields, Properties
from pulumi_openrouter.core.uuids import UUID

if TYPE_CHECKING:
    from pulumi_openrouter.api.models import WorkspaceInfo

T = TypeVar("T")

WORKSPACE_ID = pattern(
    UUID, "the UUID of a workspace (its id, not its slug), or the Workspace itself", lower=True
)


class ChildFields(OwnedFields):
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
        """By the workspace they belong to: by its slug, where this process has seen it."""
        workspace_id = str(object_id or properties.get("workspace_id"))
        slug = self.context.slugs.get(workspace_id)
        return f"of workspace {repr(slug) if slug else workspace_id}"

    def turn(self, object_id: str, properties: Properties) -> AbstractContextManager[object]:
        """One at a time: what one resource gives up, another may take over in the same run."""
        return self.context.turn(self.noun, object_id or str(properties["workspace_id"]))

    def leave_alone(self, workspace_id: str, names: Iterable[str]) -> None:
        """Say what another resource of this run declares, and this one therefore keeps."""
        if kept := ", ".join(names):
            self.context.say(
                f"{self.noun} {self.label(workspace_id, {})}: {kept} left alone, "
                "because another resource of this stack declares it"
            )

    def asked(self, ask: Callable[[], T], workspace_id: str) -> T:
        """The answer about what is in a workspace, of which the API may not have heard yet.

        Raises:
            DeletedOutsideError: the workspace does not exist.
            NotThereYetError: the API does not know it yet.
            OpenRouterError: the API contradicts itself.
        """
        try:
            return ask()
        except NotFoundError:
            return self.asked_again(ask, workspace_id)

    def asked_again(self, ask: Callable[[], T], workspace_id: str) -> T:
        """The same after a 404."""
        absence = self.context.absence
        if not absence.is_made_here(workspace_id):
            workspace = self.client.find_workspace(workspace_id)
            if workspace is None:
                raise DeletedOutsideError
            if not absence.may_be_early(workspace_id, workspace.created_at):
                raise OpenRouterError("404, though the workspace is there: try again")
        try:
            return absence.asked_again(ask)
        except NotFoundError:
            raise NotThereYetError from None

    def workspace_to_get(self, ref: str) -> WorkspaceInfo:
        """The workspace that a `get` names.

        Raises:
            NoSuchWorkspaceError: there is none.
            OpenRouterError: it is named by its slug.
        """
        return found_by_id(ref, self.client.find_workspace(ref))
