"""The lists of API keys, each fetched once for many who read one key each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from typing_extensions import override

from pulumi_openrouter.core.list_pages import ListPages, Round

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client
    from pulumi_openrouter.api.keys import ApiKeyInfo
    from pulumi_openrouter.api.pages import Pages

MAX_PAGES_PER_KEY = 10
"""Beyond, a workspace has so many keys of others that GETs are the better plan."""


class KeyPages:
    """Finds API keys with as few requests as possible; safe to share between threads.

    Args:
        client: the API.
        clock: the time in seconds, from any moment on.
    """

    def __init__(
        self, client: Callable[[], Client], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._by_workspace: dict[str, _KeysOfWorkspace] = {}

    def find(self, workspace_id: str, key_hash: str) -> ApiKeyInfo | None:
        """The key with this hash, None where the API knows none.

        Args:
            workspace_id: where it was when the state was made; it may be elsewhere by now.
            key_hash: its id.
        """
        with self._lock:
            keys = self._by_workspace.get(workspace_id)
            if keys is None:
                keys = _KeysOfWorkspace(workspace_id, self._client, self._clock)
                self._by_workspace[workspace_id] = keys
        return keys.find(key_hash)


class _KeysOfWorkspace(ListPages["ApiKeyInfo"]):
    """Finds keys that should be in one workspace.

    The list says nothing of its length. One page is looked at for the first key, and one GET made
    for it if need be; whoever reads more keys pages on. So N keys take a page for each hundred,
    and one request more; what the list lacks takes a GET each.
    """

    def __init__(
        self, workspace_id: str, client: Callable[[], Client], clock: Callable[[], float]
    ) -> None:
        super().__init__(client, clock)
        self._workspace_id = workspace_id

    @override
    def new_pages(self, client: Client) -> Pages[ApiKeyInfo]:
        return client.keys.pages(self._workspace_id)

    @override
    def id_of(self, row: ApiKeyInfo) -> str:
        return row.hash

    @override
    def find_alone(self, client: Client, ref: str) -> ApiKeyInfo | None:
        return client.keys.find(ref)

    @override
    def page_pays(self, current: Round[ApiKeyInfo]) -> bool:
        """Whether a page is better than a GET, as far as the keys that were asked for tell."""
        asked = len(current.asked)
        most = MAX_PAGES_PER_KEY * asked if asked > 1 else 1
        return current.pages.left > 0 and current.pages.fetched < most
