"""The operations of OpenRouter's workspaces API, each with its path and its types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pulumi_openrouter.api.base_client import BaseClient
from pulumi_openrouter.api.errors import NotFoundError, OpenRouterError
from pulumi_openrouter.api.member import WorkspaceMember
from pulumi_openrouter.api.models import (
    AddedMembers,
    ApiKey,
    BudgetsInfo,
    Data,
    Deleted,
    OneBudget,
    OrganizationMember,
    Page,
    RemovedMembers,
    WorkspaceInfo,
)
from pulumi_openrouter.api.pages import Pages


class Client(BaseClient):
    """A client of OpenRouter's workspaces API, safe to share between threads.

    Every operation names the API operation that it calls. It raises `RequestError`: `ApiError`
    or a subclass by status, `NoAnswerError`, or `BadAnswerError`. Those that change something
    also raise `WrongOrganizationError`. `ref` is a workspace's id or slug.
    """

    # Workspaces

    def list_workspaces(self) -> list[WorkspaceInfo]:
        """All workspaces (listWorkspaces)."""
        return self.pages_of_workspaces().rows()

    def pages_of_workspaces(self, left: int = 1) -> Pages[WorkspaceInfo]:
        """All workspaces, each page fetched when asked for (listWorkspaces).

        Args:
            left: how many pages there are, as far as is known.
        """
        return self._pages("/workspaces", Page[WorkspaceInfo], left=left)

    def create_workspace(self, body: Mapping[str, Any]) -> WorkspaceInfo:
        """Create a workspace with the given fields (createWorkspace)."""
        answer = self.request("POST", "/workspaces", Data[WorkspaceInfo], body=body, creates=True)
        return answer.data

    def get_workspace(self, ref: str) -> WorkspaceInfo:
        """A workspace (getWorkspace); `NotFoundError` if there is none."""
        return self.request("GET", _workspace(ref), Data[WorkspaceInfo]).data

    def find_workspace(self, ref: str) -> WorkspaceInfo | None:
        """A workspace (getWorkspace), None if there is none."""
        try:
            return self.get_workspace(ref)
        except NotFoundError:
            return None

    def update_workspace(self, ref: str, body: Mapping[str, Any]) -> WorkspaceInfo:
        """Change the given fields of a workspace; None clears one (updateWorkspace)."""
        return self.request("PATCH", _workspace(ref), Data[WorkspaceInfo], body=body).data

    def delete_workspace(self, ref: str) -> None:
        """Delete a workspace with its budgets and guardrails (deleteWorkspace)."""
        self.request("DELETE", _workspace(ref), Deleted)

    # Budgets

    def list_budgets(self, ref: str) -> BudgetsInfo:
        """The budgets of a workspace (listWorkspaceBudgets).

        Raises:
            NotFoundError: there is no such workspace, or it has no budgets.
        """
        return self.request("GET", _workspace(ref, "budgets"), BudgetsInfo)

    def find_budgets(self, ref: str) -> BudgetsInfo | None:
        """The budgets of a workspace (listWorkspaceBudgets), None if the API answers 404."""
        try:
            return self.list_budgets(ref)
        except NotFoundError:
            return None

    def get_budget(self, ref: str, interval: str) -> OneBudget:
        """The budget of one interval (getWorkspaceBudget)."""
        return self.request("GET", _workspace(ref, "budgets", interval), OneBudget)

    def set_budget(
        self, ref: str, interval: str, limit_usd: float, include_byok: bool | None = None
    ) -> OneBudget:
        """Set the limit of one interval (upsertWorkspaceBudget).

        Args:
            ref: the workspace.
            interval: "daily", "weekly", "monthly" or "lifetime".
            limit_usd: the limit in USD.
            include_byok: whether spending with the organization's own provider keys counts, in
                all budgets of the workspace; None leaves it as it is.
        """
        body: dict[str, Any] = {"limit_usd": limit_usd}
        if include_byok is not None:
            body["include_byok_in_budgets"] = include_byok
        return self.request("PUT", _workspace(ref, "budgets", interval), OneBudget, body=body)

    def delete_budget(self, ref: str, interval: str) -> None:
        """Remove the budget of one interval, if there is one (deleteWorkspaceBudget)."""
        self.request("DELETE", _workspace(ref, "budgets", interval), Deleted)

    # Members

    def list_members(self, ref: str) -> list[WorkspaceMember]:
        """The members of a workspace, without emails (listWorkspaceMembers)."""
        return self._pages(_workspace(ref, "members"), Page[WorkspaceMember]).rows()

    def add_members(self, ref: str, user_ids: Sequence[str]) -> list[WorkspaceMember]:
        """Add up to `MAX_BATCH_IDS` people of the organization (bulkAddWorkspaceMembers)."""
        path, body = _workspace(ref, "members", "add"), {"user_ids": [*user_ids]}
        return self.request("POST", path, AddedMembers, body=body).data

    def remove_members(self, ref: str, user_ids: Sequence[str]) -> int:
        """Remove up to `MAX_BATCH_IDS`; how many were members (bulkRemoveWorkspaceMembers)."""
        path, body = _workspace(ref, "members", "remove"), {"user_ids": [*user_ids]}
        return self.request("POST", path, RemovedMembers, body=body).removed_count

    def list_organization_members(self) -> list[OrganizationMember]:
        """Everyone in the organization (listOrganizationMembers)."""
        return self._pages("/organization/members", Page[OrganizationMember]).rows()

    # API keys

    def list_keys(self, workspace_id: str) -> list[ApiKey]:
        """The API keys of a workspace, disabled ones included (list keys)."""
        query = {"workspace_id": workspace_id, "include_disabled": "true"}
        return self._pages("/keys", Page[ApiKey], query).rows()

    def delete_key(self, key_hash: str) -> None:
        """Delete an API key (deleteKeys)."""
        self.request("DELETE", f"/keys/{quote(key_hash, safe='')}", Deleted)


def _workspace(ref: str, *rest: str) -> str:
    # Quoting leaves dots alone, so /workspaces/.. would arrive as another path.
    if ref in ("", ".", ".."):
        raise OpenRouterError(f"{ref!r} is not the id of a workspace")
    return "/".join(["/workspaces", *(quote(part, safe="") for part in (ref, *rest))])
