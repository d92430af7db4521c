"""The list of workspaces, fetched once for many who read one each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from pulumi_openrouter.api.errors import BadAnswerError

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client
    from pulumi_openrouter.api.models import WorkspaceInfo
    from pulumi_openrouter.api.pages import Pages

MAX_ROUND_SECONDS = 30.0
"""How old the list may be; whoever reads for longer fetches it again."""


@attrs.define
class _Round:
    """One pass over the list: its pages, and what came of them so far."""

    pages: Pages[WorkspaceInfo]
    began: float
    changes: int
    """What `Client.changes` was when the round began."""
    rows: dict[str, WorkspaceInfo] = attrs.Factory(dict)
    """The rows that nobody has asked for yet, by id."""
    asked: set[str] = attrs.Factory(set)
    singles: int = 0
    """How many were, or will be, asked for by themselves."""

    def is_over(self, client: Client, now: float, workspace_id: str) -> bool:
        """Whether the list must be fetched anew for this workspace."""
        is_old = now >= self.began + MAX_ROUND_SECONDS
        return is_old or workspace_id in self.asked or self.changes != client.changes

    def page_pays(self) -> bool:
        """Whether the remaining pages take no more requests than the single ones did."""
        return 0 < self.pages.left <= self.singles + 1

    def take(self, workspace_id: str) -> WorkspaceInfo | None:
        """The row of a workspace, given out once; None if it must be asked for by itself."""
        found = self.rows.pop(workspace_id, None)
        self.singles += found is None
        return found


class WorkspacePages:
    """Finds workspaces in pages of the list, where these take fewer requests than one for each.

    After as many single GETs as pages remain, fetch a page instead: never more than twice the
    requests of an optimal plan. One workspace takes two requests at the most, a hundred of a
    hundred one page.

    A row is given out once: whoever asks again belongs to another operation, and gets the list
    anew. So it is once this process has changed anything. What the list lacks is asked for by
    itself: only a 404 of that very workspace says that it is gone.
    """

    def __init__(
        self, client: Callable[[], Client], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._round: _Round | None = None
        self._known_pages = 1
        self._can_list = True

    def find(self, ref: str) -> WorkspaceInfo | None:
        """The workspace with this id (or slug), None where the API knows none."""
        client = self._client()
        # One at a time: whoever waits here may find its answer in the page that is on its way.
        with self._lock:
            found = self._listed(client, ref)
        return found or client.find_workspace(ref)

    def _listed(self, client: Client, workspace_id: str) -> WorkspaceInfo | None:
        current = self._round
        if current is None or current.is_over(client, self._clock(), workspace_id):
            pages = client.pages_of_workspaces(self._known_pages)
            current = self._round = _Round(pages, self._clock(), client.changes)
        current.asked.add(workspace_id)
        while workspace_id not in current.rows and self._can_list and current.page_pays():
            self._fetch(current)
        return current.take(workspace_id)

    def _fetch(self, current: _Round) -> None:
        try:
            page = current.pages.fetch()
        except BadAnswerError:
            # One row that is not as it should be must not keep the others from being read.
            self._can_list = False
            return
        self._known_pages = max(1, current.pages.fetched + current.pages.left)
        current.rows.update((row.id, row) for row in page)
