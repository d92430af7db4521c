"""A list, fetched once for many who read one row each."""

from __future__ import annotations

import abc
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from pulumi_openrouter.api.errors import BadAnswerError, BadRequestError, NotFoundError

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client
    from pulumi_openrouter.api.pages import Pages

Row = TypeVar("Row")

MAX_ROUND_SECONDS = 30.0
"""How old the list may be; whoever reads for longer fetches it again."""


@attrs.define
class Round(Generic[Row]):
    """One pass over the list: its pages, and what came of them so far."""

    pages: Pages[Row]
    began: float
    changes: int
    """What `Client.changes` was when the round began."""
    rows: dict[str, Row] = attrs.Factory(dict)
    """The rows that nobody has asked for yet, by id."""
    asked: set[str] = attrs.Factory(set)
    singles: int = 0
    """How many were, or will be, asked for by themselves."""

    def is_over(self, client: Client, now: float, ref: str) -> bool:
        """Whether the list must be fetched anew for this row."""
        is_old = now >= self.began + MAX_ROUND_SECONDS
        return is_old or ref in self.asked or self.changes != client.changes

    def take(self, ref: str) -> Row | None:
        """A row, given out once; None if it must be asked for by itself."""
        found = self.rows.pop(ref, None)
        self.singles += found is None
        return found


class ListPages(abc.ABC, Generic[Row]):
    """Finds rows in pages of a list, where these take fewer requests than one for each.

    A row is given out once: whoever asks again belongs to another operation, and gets the list
    anew. So it is once this process has changed anything. What the list lacks is asked for by
    itself: only a 404 of that very object says that it is gone.
    """

    def __init__(
        self, client: Callable[[], Client], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._round: Round[Row] | None = None
        self._can_list = True

    def find(self, ref: str) -> Row | None:
        """The row with this id, None where the API knows none."""
        client = self._client()
        # One at a time: whoever waits here may find its answer in the page that is on its way.
        with self._lock:
            found = self._listed(client, ref)
        return found or self.find_alone(client, ref)

    @abc.abstractmethod
    def new_pages(self, client: Client) -> Pages[Row]:
        """The list from its beginning."""

    @abc.abstractmethod
    def id_of(self, row: Row) -> str:
        """The id of a row."""

    @abc.abstractmethod
    def find_alone(self, client: Client, ref: str) -> Row | None:
        """One row by a request of its own, None where the API knows none."""

    @abc.abstractmethod
    def page_pays(self, current: Round[Row]) -> bool:
        """Whether to fetch another page for a row that none of the pages so far had."""

    def note_fetched(self, pages: Pages[Row]) -> None:  # optional
        """Another page was fetched."""

    def _listed(self, client: Client, ref: str) -> Row | None:
        current = self._round
        if current is None or current.is_over(client, self._clock(), ref):
            pages = self.new_pages(client)
            current = self._round = Round(pages, self._clock(), client.changes)
        current.asked.add(ref)
        while ref not in current.rows and self._can_list and self.page_pays(current):
            self._fetch(current)
        return current.take(ref)

    def _fetch(self, current: Round[Row]) -> None:
        try:
            page = current.pages.fetch()
        except (BadAnswerError, BadRequestError, NotFoundError):
            # A list that can't be had must not keep the single rows from being read.
            self._can_list = False
            return
        self.note_fetched(current.pages)
        current.rows.update((self.id_of(row), row) for row in page)
