"""A paged list, fetched page by page."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from pulumi_openrouter.api.models import Page

T = TypeVar("T")


class Pages(Generic[T]):
    """The pages of a list, each fetched when asked for.

    Args:
        fetch: fetches the page that begins after that many rows.
        left: how many pages there are, as far as is known.
        step: after how many rows the next page begins, where rows may be missing from a page that
            are counted all the same; None: after those that came.

    Attributes:
        left: how many pages remain, as far as is known; 0 after the last.
        fetched: how many pages were fetched.
    """

    def __init__(
        self, fetch: Callable[[int], Page[T]], left: int = 1, step: int | None = None
    ) -> None:
        self.left = left
        self.fetched = 0
        self._fetch = fetch
        self._step = step
        self._seen = 0
        self._last: list[T] = []
        self._counts: set[int] = set()

    def __iter__(self) -> Iterator[list[T]]:
        while self.left:
            yield self.fetch()

    def rows(self) -> list[T]:
        """Every row; a list that changed while it was read is read once more.

        Whoever joins or leaves meanwhile shifts the pages, and a row that stays may be missed.

        Raises:
            RequestError: a page could not be fetched.
        """
        rows = list(itertools.chain.from_iterable(self))
        if self._is_whole():
            return rows
        return list(itertools.chain.from_iterable(Pages(self._fetch, step=self._step)))

    def fetch(self) -> list[T]:
        """The rows of the next page.

        Raises:
            RequestError: it could not be fetched; the next call tries the same page.
        """
        page = self._fetch(self._seen)
        # A server that ignores offsets repeats its first page forever.
        rows = [] if page.data == self._last else page.data
        self.fetched += 1
        self._last = rows
        self._seen += self._step or len(rows)
        if page.total_count is not None:
            self._counts.add(page.total_count)
        self.left = self._left(page.total_count) if rows or self._step else 0
        return rows

    def _is_whole(self) -> bool:
        """Whether as many rows came as the server counted, all the time the same number."""
        if self._step:
            return len(self._counts) <= 1
        return all(count == self._seen for count in self._counts)

    def _left(self, total: int | None) -> int:
        if total is None:
            return 1 if self._last else 0
        return max(0, math.ceil((total - self._seen) / (self._step or len(self._last))))
