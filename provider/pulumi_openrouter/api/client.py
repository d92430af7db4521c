"""The operations of OpenRouter's workspaces API, each with its path and its types."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pulumi_openrouter.api import deadline
from pulumi_openrouter.api.activity import ActivityInfo
from pulumi_openrouter.api.attempts import Request
from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL, checked_base_url
from pulumi_openrouter.api.byok import ProviderKeys
from pulumi_openrouter.api.errors import NotFoundError
from pulumi_openrouter.api.guardrails import Guardrails
from pulumi_openrouter.api.key import checked_key
from pulumi_openrouter.api.key_owner import KeyOwner
from pulumi_openrouter.api.keys import Keys
from pulumi_openrouter.api.limits import MAX_PAGE_ROWS
from pulumi_openrouter.api.member import WorkspaceMember
from pulumi_openrouter.api.models import (
    AddedMembers,
    BudgetsInfo,
    CurrentKey,
    Data,
    Deleted,
    OneBudget,
    OrganizationMember,
    Page,
    RemovedMembers,
    WorkspaceInfo,
)
from pulumi_openrouter.api.pages import Pages
from pulumi_openrouter.api.paths import workspace_path
from pulumi_openrouter.api.sender import Sender
from pulumi_openrouter.api.session import Bearer

T = TypeVar("T")

DEFAULT_TIMEOUT = 120.0
"""The seconds of an operation, retries included."""
DEFAULT_ALLOWANCE = 30.0
"""The additional seconds for putting back what a failed operation changed."""


class Client:
    """A client of OpenRouter's workspaces API, safe to share between threads.

    Every operation names the API operation that it calls. It raises `RequestError`: `ApiError`
    or a subclass by status, `NoAnswerError`, or `BadAnswerError`. Those that change something
    also raise `WrongOrganizationError`. `ref` is a workspace's id or slug.

    Args:
        key: a management key, sent as bearer token; it appears in no error and no log.
        base_url: https, or http to a loopback address.
        key_origin: where the key comes from, in words: the error about a key that is not
            accepted says "It comes from ..." with them.
        organization_id: the organization that may be changed; None allows that of the key.
        timeout: the seconds that a request, or all requests inside one `operation()`, may take
            with their retries. While the API answers other requests of this process, waiting
            for a turn does not count.
        allowance: the additional seconds for putting back what a failed operation changed.
        connections: how many connections stay open for reuse.
        notify: is told, from another thread, in one line that requests have been failing for
            some seconds and are being retried: once for each operation, and at most twice a
            minute.

    Attributes:
        base_url: the API's address, without a slash at the end.
        timeout: as given.
        allowance: as given.
        clock: the server's clock.
        keys: the operations on API keys.
        guardrails: those on guardrails.
        byok: those on provider keys.
        owner: whose key it is.
        changes: another number after each begin and end of a request that may change something.

    Raises:
        ValueError: the base URL is unsafe for a key, or the key can't be one.
    """

    def __init__(
        self,
        key: str,
        base_url: str = PUBLIC_BASE_URL,
        *,
        key_origin: str | None = None,
        organization_id: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        allowance: float = DEFAULT_ALLOWANCE,
        connections: int = 32,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self.timeout = timeout
        self.allowance = allowance
        self.changes = 0
        bearer = Bearer(checked_key(key), key_origin)
        self._sender = Sender(bearer, self.base_url, timeout, connections, notify)
        self.clock = self._sender.clock
        self.keys = Keys(self)
        self.guardrails = Guardrails(self)
        self.byok = ProviderKeys(self)
        self.owner = KeyOwner(self, organization_id, self._sender)
        self._change_numbers = itertools.count(1)

    def __repr__(self) -> str:
        return f"Client({self.base_url!r})"

    def operation(self, seconds: float | None = None) -> contextlib.AbstractContextManager[None]:
        """Bound everything that this thread sends inside the block to one total time.

        Args:
            seconds: the total; None takes the client's timeout.
        """
        return deadline.within(self.timeout if seconds is None else seconds)

    def request(
        self,
        method: str,
        path: str,
        returns: type[T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        creates: bool = False,
        once: bool = False,
        anonymous: bool = False,
    ) -> T:
        """Send a request, retry it where that may help, and structure the answer.

        Args:
            method: the HTTP method; anything but GET counts as a change.
            path: what follows the base URL, quoted.
            returns: the model of the answer.
            query: the parameters of the URL.
            body: what to send as JSON.
            creates: whether each request may create another object. A success whose body
                can't be read is then an error at once, which may be applied; it is not repeated.
            once: the same, and where nothing would keep a repeated request from creating a second
                object: it is not repeated either once any answer may be lost.
            anonymous: whether to send it without the key.

        Raises:
            WrongOrganizationError: this would be a change, and the key belongs to someone else.
            RequestError: the API refused, or gave no answer, or none of its own.
        """
        request = Request(method, path, query, body, creates or once, once, anonymous)
        if method == "GET":
            return self._sender.send(request, returns)
        self.owner.check()
        self.changes = next(self._change_numbers)
        try:
            return self._sender.send(request, returns)
        finally:
            self.changes = next(self._change_numbers)

    # Workspaces

    def list_workspaces(self) -> list[WorkspaceInfo]:
        """All workspaces (listWorkspaces)."""
        return self.pages_of_workspaces().rows()

    def pages_of_workspaces(self, left: int = 1) -> Pages[WorkspaceInfo]:
        """All workspaces, each page fetched when asked for (listWorkspaces).

        Args:
            left: how many pages there are, as far as is known.
        """
        return self.pages("/workspaces", Page[WorkspaceInfo], left=left)

    def create_workspace(self, body: Mapping[str, Any]) -> WorkspaceInfo:
        """Create a workspace with the given fields (createWorkspace)."""
        answer = self.request("POST", "/workspaces", Data[WorkspaceInfo], body=body, creates=True)
        return answer.data

    def get_workspace(self, ref: str) -> WorkspaceInfo:
        """A workspace (getWorkspace); `NotFoundError` if there is none."""
        return self.request("GET", workspace_path(ref), Data[WorkspaceInfo]).data

    def find_workspace(self, ref: str) -> WorkspaceInfo | None:
        """A workspace (getWorkspace), None if there is none."""
        try:
            return self.get_workspace(ref)
        except NotFoundError:
            return None

    def update_workspace(self, ref: str, body: Mapping[str, Any]) -> WorkspaceInfo:
        """Change the given fields of a workspace; None clears one (updateWorkspace)."""
        return self.request("PATCH", workspace_path(ref), Data[WorkspaceInfo], body=body).data

    def delete_workspace(self, ref: str) -> None:
        """Delete a workspace with its budgets and guardrails (deleteWorkspace)."""
        self.request("DELETE", workspace_path(ref), Deleted)

    # Budgets

    def list_budgets(self, ref: str) -> BudgetsInfo:
        """The budgets of a workspace (listWorkspaceBudgets).

        Raises:
            NotFoundError: there is no such workspace, or it has no budgets.
        """
        return self.request("GET", workspace_path(ref, "budgets"), BudgetsInfo)

    def find_budgets(self, ref: str) -> BudgetsInfo | None:
        """The budgets of a workspace (listWorkspaceBudgets), None if the API answers 404."""
        try:
            return self.list_budgets(ref)
        except NotFoundError:
            return None

    def get_budget(self, ref: str, interval: str) -> OneBudget:
        """The budget of one interval (getWorkspaceBudget)."""
        return self.request("GET", workspace_path(ref, "budgets", interval), OneBudget)

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
        return self.request("PUT", workspace_path(ref, "budgets", interval), OneBudget, body=body)

    def delete_budget(self, ref: str, interval: str) -> None:
        """Remove the budget of one interval, if there is one (deleteWorkspaceBudget)."""
        self.request("DELETE", workspace_path(ref, "budgets", interval), Deleted)

    # Members

    def list_members(self, ref: str) -> list[WorkspaceMember]:
        """The members of a workspace, without emails (listWorkspaceMembers)."""
        return self.pages(workspace_path(ref, "members"), Page[WorkspaceMember]).rows()

    def add_members(self, ref: str, user_ids: Sequence[str]) -> list[WorkspaceMember]:
        """Add up to `MAX_BATCH_IDS` people of the organization (bulkAddWorkspaceMembers)."""
        path, body = workspace_path(ref, "members", "add"), {"user_ids": [*user_ids]}
        return self.request("POST", path, AddedMembers, body=body).data

    def remove_members(self, ref: str, user_ids: Sequence[str]) -> int:
        """Remove up to `MAX_BATCH_IDS`; how many were members (bulkRemoveWorkspaceMembers)."""
        path, body = workspace_path(ref, "members", "remove"), {"user_ids": [*user_ids]}
        return self.request("POST", path, RemovedMembers, body=body).removed_count

    def list_organization_members(self) -> list[OrganizationMember]:
        """Everyone in the organization (listOrganizationMembers)."""
        return self.pages("/organization/members", Page[OrganizationMember]).rows()

    # Activity

    def list_activity(self) -> list[ActivityInfo]:
        """What each workspace spent on each of the last 30 completed days (getUserActivity)."""
        query = {"group_by": "workspace"}
        return self.request("GET", "/activity", Data[list[ActivityInfo]], query=query).data

    # The key in use

    def get_current_key(self) -> CurrentKey:
        """The key in use (getCurrentKey)."""
        return self.request("GET", "/key", Data[CurrentKey]).data

    # Lists

    def pages(
        self,
        path: str,
        page: type[Page[T]],
        query: Mapping[str, Any] | None = None,
        left: int = 1,
        step: int | None = None,
    ) -> Pages[T]:
        """A list, each page fetched when asked for.

        Args:
            path: what follows the base URL, quoted.
            page: the model of a page.
            query: the parameters of the URL beside those that choose the page.
            left: how many pages there are, as far as is known.
            step: after how many rows the next page begins; None: after those that came.
        """

        def fetch(offset: int) -> Page[T]:
            bounds = {"offset": offset, "limit": MAX_PAGE_ROWS}
            return self.request("GET", path, page, query={**(query or {}), **bounds})

        return Pages(fetch, left, step)
