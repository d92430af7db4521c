"""The operations of the API, each with its path and its types.

Every method names the API operation it is. All of them raise `RequestError`
(`ApiError` by status, `NoAnswerError`, `BadAnswerError`).
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from pulumi_openrouter.api import models
from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL
from pulumi_openrouter.api.errors import NotFoundError, OpenRouterError, WrongOrganizationError
from pulumi_openrouter.api.pages import Pages
from pulumi_openrouter.api.transport import Transport

T = TypeVar("T")


class Client(Transport):
    """The workspaces API of OpenRouter, safe to share between threads.

    Args:
        key: a management key.
        base_url: see `Transport`.
        organization_id: the organization that may be changed; None: that of the key.
        options: see `Transport`.
    """

    def __init__(
        self,
        key: str,
        base_url: str = PUBLIC_BASE_URL,
        *,
        organization_id: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(key, base_url, **options)
        self._organization_id = organization_id
        self._is_checked = organization_id is None
        self._checking = threading.Lock()
        self._changes = itertools.count(1)
        self.changes = 0
        """Another number whenever a request that may change something begins, and when it ends."""

    def request(self, method: str, path: str, returns: type[T], **sent: Any) -> T:
        """As `Transport.request`; before the first change it is seen whose key this is.

        Raises:
            WrongOrganizationError: the key belongs to another organization.
        """
        if method == "GET":
            return super().request(method, path, returns, **sent)
        if not self._is_checked:
            self._check_organization()
        self.changes = next(self._changes)
        try:
            return super().request(method, path, returns, **sent)
        finally:
            self.changes = next(self._changes)

    def _check_organization(self) -> None:
        with self._checking:
            if self._is_checked or self._organization_id is None:
                return
            actual = self.get_current_key().organization_id
            if actual != self._organization_id:
                raise WrongOrganizationError(actual, self._organization_id)
            self._is_checked = True

    # Workspaces

    def list_workspaces(self) -> list[models.Workspace]:
        """All workspaces (listWorkspaces)."""
        return self.rows("/workspaces", models.Workspace)

    def pages_of_workspaces(self, left: int = 1) -> Pages[models.Workspace]:
        """All workspaces, page by page (listWorkspaces); `left` as in `Pages`."""
        return self.pages("/workspaces", models.Workspace, left=left)

    def create_workspace(self, body: Mapping[str, Any]) -> models.Workspace:
        """Create a workspace (createWorkspace)."""
        return self.request("POST", "/workspaces", models.Data[models.Workspace], body=body).data

    def get_workspace(self, ref: str) -> models.Workspace:
        """A workspace by id or slug (getWorkspace)."""
        return self.request("GET", _workspace(ref), models.Data[models.Workspace]).data

    def find_workspace(self, ref: str) -> models.Workspace | None:
        """As `get_workspace`, None where the API knows none."""
        try:
            return self.get_workspace(ref)
        except NotFoundError:
            return None

    def update_workspace(self, ref: str, body: Mapping[str, Any]) -> models.Workspace:
        """Change the given fields of a workspace, null clears (updateWorkspace)."""
        answer = self.request("PATCH", _workspace(ref), models.Data[models.Workspace], body=body)
        return answer.data

    def delete_workspace(self, ref: str) -> None:
        """Delete a workspace with its budgets and guardrails (deleteWorkspace)."""
        self.request("DELETE", _workspace(ref), models.Deleted)

    # Budgets

    def list_budgets(self, ref: str) -> models.Budgets:
        """The budgets of a workspace (listWorkspaceBudgets); 404 also when there are none."""
        return self.request("GET", _workspace(ref, "budgets"), models.Budgets)

    def find_budgets(self, ref: str) -> models.Budgets | None:
        """As `list_budgets`, None for a 404: no budgets, or no such workspace."""
        try:
            return self.list_budgets(ref)
        except NotFoundError:
            return None

    def get_budget(self, ref: str, interval: str) -> models.OneBudget:
        """The budget of one interval (getWorkspaceBudget)."""
        return self.request("GET", _workspace(ref, "budgets", interval), models.OneBudget)

    def set_budget(
        self, ref: str, interval: str, limit_usd: float, include_byok: bool | None = None
    ) -> models.OneBudget:
        """Set the limit of one interval in USD (upsertWorkspaceBudget).

        `include_byok` sets the flag of the whole workspace; None leaves it.
        """
        body: dict[str, Any] = {"limit_usd": limit_usd}
        if include_byok is not None:
            body["include_byok_in_budgets"] = include_byok
        return self.request(
            "PUT", _workspace(ref, "budgets", interval), models.OneBudget, body=body
        )

    def delete_budget(self, ref: str, interval: str) -> None:
        """Remove the budget of one interval, also if there is none (deleteWorkspaceBudget)."""
        self.request("DELETE", _workspace(ref, "budgets", interval), models.Deleted)

    # Members

    def list_members(self, ref: str) -> list[models.Member]:
        """The members of a workspace (listWorkspaceMembers)."""
        return self.rows(_workspace(ref, "members"), models.Member)

    def add_members(self, ref: str, user_ids: Sequence[str]) -> list[models.Member]:
        """Add at most `LARGEST_BATCH` members of the organization (bulkAddWorkspaceMembers)."""
        path = _workspace(ref, "members", "add")
        return self.request("POST", path, models.AddedMembers, body={"user_ids": [*user_ids]}).data

    def remove_members(self, ref: str, user_ids: Sequence[str]) -> int:
        """Remove at most `LARGEST_BATCH`, and tell how many (bulkRemoveWorkspaceMembers)."""
        path = _workspace(ref, "members", "remove")
        answer = self.request("POST", path, models.RemovedMembers, body={"user_ids": [*user_ids]})
        return answer.removed_count

    def list_organization_members(self) -> list[models.OrganizationMember]:
        """Everybody in the organization (listOrganizationMembers)."""
        return self.rows("/organization/members", models.OrganizationMember)

    # API keys

    def get_current_key(self) -> models.CurrentKey:
        """The key in use (getCurrentKey)."""
        return self.request("GET", "/key", models.Data[models.CurrentKey]).data

    def list_keys(self, workspace_id: str) -> list[models.ApiKey]:
        """The API keys of a workspace, the disabled ones too (list keys)."""
        query = {"workspace_id": workspace_id, "include_disabled": "true"}
        return self.rows("/keys", models.ApiKey, query)

    def delete_key(self, key_hash: str) -> None:
        """Delete an API key (deleteKeys)."""
        self.request("DELETE", f"/keys/{quote(key_hash, safe='')}", models.Deleted)


def _workspace(ref: str, *rest: str) -> str:
    # Dots are never quoted: on its way, /workspaces/.. would become another path.
    if ref in ("", ".", ".."):
        raise OpenRouterError(f"{ref!r} is not the id of a workspace")
    return "/".join(["/workspaces", *(quote(part, safe="") for part in (ref, *rest))])
