"""The requests that the simulator received."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import attrs


@attrs.define
class Request:
    """One request as it arrived, and what became of it.

    `path` has no base path. `body` is the parsed JSON, or the text if it is not JSON. `status` is
    None until an answer is sent, and stays None if none is. `fault` names the fault that struck
    the request. `is_over` says that the request changes nothing any more.
    """

    method: str
    path: str
    query: dict[str, str] = attrs.Factory(dict)
    body: Any = None
    status: int | None = None
    fault: str | None = None
    is_over: bool = attrs.field(default=False, eq=False)

    def matches(self, method: str | None, path: str | None) -> bool:
        """Whether it has this method and path, a glob in which `*` matches slashes too."""
        return (method is None or method == self.method) and (
            path is None or fnmatchcase(self.path, path)
        )
