"""What the operations share: reading a request, and answering a list in pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import g, request

from . import errors, validation
from .entities import Entity
from .quirks import Quirks

Answer = dict[str, Any] | tuple[dict[str, Any], int]


class Pages:
    """Answers lists page by page, as this account does."""

    def __init__(self, quirks: Quirks, *, is_strict: bool = False) -> None:
        self._quirks = quirks
        self._is_strict = is_strict or quirks.impossible_page_400

    @property
    def strict(self) -> Pages:
        """Those of a list for which a 400 is documented."""
        return Pages(self._quirks, is_strict=True)

    def page(
        self,
        rows: Sequence[Any],
        as_json: Callable[[Any], dict[str, Any]] = Entity.as_json,
    ) -> Answer:
        """The page of these rows that the request asks for."""
        offset, limit = self.bounds()
        shown = rows[offset : offset + self.capped(limit)]
        return {"data": [as_json(row) for row in shown], "total_count": len(rows)}

    def bounds(self) -> tuple[int, int]:
        """The offset and the limit that the request asks for."""
        return self._whole("offset", 0, 0), self._whole("limit", 50, 1, 100)

    def capped(self, limit: int) -> int:
        """How many rows a page has at the most, if so many were asked for."""
        return min(limit, self._quirks.page_cap or limit)

    def _whole(
        self, name: str, default: int, least: int, most: int = validation.SAFE_INTEGER
    ) -> int:
        try:
            return validation.whole(request.args, name, default, least, most)
        except errors.ApiError:
            if self._is_strict:
                raise
            return default


def body() -> dict[str, Any]:
    """The body of the request, which must be an object."""
    found = g.request.body
    if not isinstance(found, dict):
        raise errors.invalid(["the body must be a JSON object"])
    return found


def flag(name: str) -> bool:
    """Whether the query of the request says yes."""
    return request.args.get(name, "").lower() in ("true", "1")
