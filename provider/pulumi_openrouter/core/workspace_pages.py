"""The list of workspaces, fetched once for many who read one each."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from typing_extensions import override

from pulumi_openrouter.core.list_pages import ListPages, Round

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client
    from pulumi_openrouter.api.models import WorkspaceInfo
    from pulumi_openrouter.api.pages import Pages


class WorkspacePages(ListPages["WorkspaceInfo"]):
    """Finds workspaces with as few requests as possible.

    After as many single GETs as pages remain, fetch a page instead: never more than twice the
    requests of an optimal plan. One workspace takes two requests at the most, a hundred of a
    hundred one page.
    """

    def __init__(
        self, client: Callable[[], Client], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(client, clock)
        self._known_pages = 1

    @override
    def new_pages(self, client: Client) -> Pages[WorkspaceInfo]:
        return client.pages_of_workspaces(self._known_pages)

    @override
    def id_of(self, row: WorkspaceInfo) -> str:
        return row.id

    @override
    def find_alone(self, client: Client, ref: str) -> WorkspaceInfo | None:
        return client.find_workspace(ref)

    @override
    def page_pays(self, current: Round[WorkspaceInfo]) -> bool:
        """Whether the remaining pages take no more requests than the single ones did."""
        return 0 < current.pages.left <= current.singles + 1

    @override
    def note_fetched(self, pages: Pages[WorkspaceInfo]) -> None:
        self._known_pages = max(1, pages.fetched + pages.left)
