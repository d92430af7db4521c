"""What holds for everybody in a workspace: its default guardrail, and what happens to it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from pulumi_openrouter.core.children import ChildFields, ChildLifecycle
from pulumi_openrouter.core.failures import DeletedOutsideError, NoSuchGuardrailError
from pulumi_openrouter.core.fields import fields_of
from pulumi_openrouter.core.guardrail_content import (
    ContentLifecycle,
    GuardrailArguments,
)
from pulumi_openrouter.core.lifecycle import Found, Properties, Values

if TYPE_CHECKING:
    from pulumi_openrouter.api.guardrails import GuardrailInfo


class WorkspaceDefaultGuardrailFields(GuardrailArguments, ChildFields):
    """All properties of a WorkspaceDefaultGuardrail."""


class WorkspaceDefaultGuardrailLifecycle(ContentLifecycle, ChildLifecycle):
    """What happens to the default guardrail of a workspace; its id is never another one.

    The API answers 404 for it until it is changed for the first time, and can't delete it.
    """

    noun = "default guardrail"
    fields = fields_of(WorkspaceDefaultGuardrailFields)
    managed_mark = "workspace_id"

    def label(self, object_id: str, properties: Properties) -> str:
        """By the workspace, where that is known."""
        workspace_id = properties.get("workspace_id")
        return super().label("", properties) if workspace_id else object_id

    # check

    def claim(self, olds: Properties, news: Properties) -> None:
        """The fields that are declared."""
        fields = [name for name in self.content if name in news]
        self.context.claims.guardrails.claim_default(news["workspace_id"], fields)

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One look at the guardrail, and one PATCH of what differs."""
        workspace_id, owner = str(news["workspace_id"]), self.owner()
        guardrail_id = self._id_in(workspace_id)
        live = self.live_content(self.client.guardrails.find(guardrail_id), news)
        self._change(guardrail_id, workspace_id, self.body_of_change(live, news))
        return Found(guardrail_id, {**self.arguments_of(news), **owner})

    def read(self, object_id: str, olds: Properties) -> Found | None:
        """What is declared, as it is now; nothing of it, where nothing is configured."""
        guardrail = self.client.guardrails.find(object_id)
        if not self.is_managed(olds):
            return Found(object_id, self._got(object_id, guardrail))
        if guardrail is None and self.client.find_workspace(olds["workspace_id"]) is None:
            self.confirm_gone(olds)
            return None
        outputs = {"workspace_id": olds["workspace_id"], **self.live_content(guardrail, olds)}
        return Found(object_id, {**outputs, **self.owner_of(olds)})

    def update(self, object_id: str, olds: Properties, news: Properties) -> Values:
        """One PATCH of what differs, null for what is no longer declared."""
        with self.confirmed(olds):
            self._change(object_id, news["workspace_id"], self.body_of_change(olds, news))
        return {**self.arguments_of(news), **self.owner_of(olds)}

    def delete(self, object_id: str, olds: Properties) -> None:
        """Clear what is declared; the guardrail itself stays."""
        body = self._body_of_clearing(olds)
        if self.client.guardrails.find(object_id) is None:
            self.confirm_gone(olds)
        elif body:
            with self.done_if_gone(olds):
                self._change(object_id, olds["workspace_id"], body)
            self.context.say(
                f"{self.noun} {self.label(object_id, olds)}: it can't be deleted, so these were "
                f"cleared: {', '.join(body)}"
            )

    # the steps of these

    def _id_in(self, workspace_id: str) -> str:
        """The id of the default guardrail, which this process may know already."""
        if workspace_id not in self.context.default_guardrails:
            workspace = self.context.workspaces.find(workspace_id)
            if workspace is None or workspace.default_guardrail_id is None:
                raise DeletedOutsideError
            self.context.slugs[workspace_id] = workspace.slug
            return workspace.default_guardrail_id
        return self.context.default_guardrails[workspace_id]

    def _got(self, guardrail_id: str, guardrail: GuardrailInfo | None) -> Values:
        if guardrail is None:
            known = {each.default_guardrail_id for each in self.client.list_workspaces()}
            if guardrail_id not in known:
                raise NoSuchGuardrailError
        return self.live_content(guardrail, dict.fromkeys(self.content))

    def _body_of_clearing(self, olds: Properties) -> Values:
        """Null for what is declared, except by another resource of this run."""
        claimed = self.context.claims.guardrails.fields_of_default(olds["workspace_id"])
        names = [name for name in self.content if name in olds and self.fields[name].nullable]
        self.leave_alone(olds["workspace_id"], [name for name in names if name in claimed])
        return self.body_of({}, [name for name in names if name not in claimed])

    def _change(self, guardrail_id: str, workspace_id: str, body: Values) -> None:
        if body:
            ask = functools.partial(self.client.guardrails.update, guardrail_id, body)
            self.asked(ask, workspace_id)
