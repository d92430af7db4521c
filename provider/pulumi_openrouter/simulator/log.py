"""What was asked of the simulator."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import attrs


@attrs.define
class Request:
    """One request, as it arrived, and what became of it.

    `path` is without the base path. `body` is the parsed JSON, or the text where it is none.
    `status` is None until an answer is sent, and stays None where none was. `fault` names the
    fault that spoilt the request. `is_over` says that it changes nothing any more.
    """

    method: str
    path: str
    query: dict[str, str] = attrs.Factory(dict)
    body: Any = None
    status: int | None = None
    fault: str | None = None
    is_over: bool = attrs.field(default=False, eq=False)

    def matches(self, method: str | None, path: str | None) -> bool:
        """Whether it is such a request; `path` is a glob, of which `*` matches slashes too."""
        return (method is None or method == self.method) and (
            path is None or fnmatchcase(self.path, path)
        )
