"""The list of workspaces, fetched once for many who read one each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import BadAnswerError

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client
    from pulumi_openrouter.api.models import Workspace

LONGEST_SECONDS = 30.0
"""How old the list may be; who reads for longer than that fetches it again."""


class SharedList:
    """Finds workspaces in pages of the list, where these take fewer requests than one for each.

    A page is fetched once as many workspaces were asked for by themselves as there are pages
    left. So one workspace takes two requests at the most, a hundred of a hundred one page, and
    nobody more than twice what knowing beforehand who will ask would take.

    A row is given out once: who asks again belongs to another operation, for which the list is
    fetched anew. So it is when this process has changed anything. What the list lacks is asked
    for by itself: only a 404 of that very workspace says that it is gone.
    """

    def __init__(
        self, client: Callable[[], Client], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._known_pages = 1
        self._can_list = True
        self._began = -LONGEST_SECONDS

    def find(self, ref: str) -> Workspace | None:
        """The workspace with this id (or slug), None where the API knows none."""
        client = self._client()
        # One at a time: whoever waits here may find its answer in the page that is on its way.
        with self._lock:
            found = self._listed(client, ref)
        return found or client.find_workspace(ref)

    def _listed(self, client: Client, id: str) -> Workspace | None:
        if self._is_over(client, id):
            self._begin(client)
        self._asked.add(id)
        while id not in self._rows and self._pays():
            self._fetch()
        found = self._rows.pop(id, None)
        self._singles += found is None
        return found

    def _is_over(self, client: Client, id: str) -> bool:
        is_old = self._clock() >= self._began + LONGEST_SECONDS
        return is_old or id in self._asked or self._changes != client.changes

    def _begin(self, client: Client) -> None:
        self._began = self._clock()
        self._changes = client.changes
        self._pages = client.pages_of_workspaces(self._known_pages)
        self._rows: dict[str, Workspace] = {}
        self._asked: set[str] = set()
        self._singles = 0

    def _pays(self) -> bool:
        return self._can_list and 0 < self._pages.left <= self._singles + 1

    def _fetch(self) -> None:
        try:
            page = self._pages.fetch()
        except BadAnswerError:
            # A single row that is not as it should be must not keep the others from being read.
            self._can_list = False
            return
        self._known_pages = max(1, self._pages.fetched + self._pages.left)
        self._rows.update((row.id, row) for row in page)
