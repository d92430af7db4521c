"""What this run declares, this run never deletes.

The engine deletes last, also where another resource stands for the same object by then:
one renamed without an alias, one replaced by itself, an interval or a member that moved
from one resource to another. A process serves one run, so it can remember what it was told.
"""

from __future__ import annotations

import threading


class Declared:
    """The objects that this process was told to keep; each is a tuple of words."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: set[tuple[str, ...]] = set()

    def note(self, *object: str) -> None:
        """Remember an object, such as `("budget", workspace_id, "daily")`."""
        with self._lock:
            self._objects.add(object)

    def forget(self, *object: str) -> None:
        """Forget an object."""
        with self._lock:
            self._objects.discard(object)

    def __contains__(self, object: tuple[str, ...]) -> bool:
        with self._lock:
            return object in self._objects

    def under(self, *prefix: str) -> list[str]:
        """The last words of the objects that begin with the others."""
        with self._lock:
            return [found[-1] for found in self._objects if found[:-1] == prefix]
