"""Puts back what an operation of several requests changed before it failed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import OpenRouterError, RequestError

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client


class Undo:
    """Runs the restores of its steps, last first, when its block ends with an error.

    A failed update leaves the old state in place, so what it had already changed would be
    invisible if the program were reverted. If a restore fails too, the error says so.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._restores: list[Callable[[], object]] = []

    def __enter__(self) -> Undo:
        return self

    @contextlib.contextmanager
    def step(self, restore: Callable[[], object]) -> Iterator[None]:
        """A step that `restore` puts back, if it was made or may have been."""
        try:
            yield
        except RequestError as error:
            if error.unsettled:
                self._restores.append(restore)
            raise
        self._restores.append(restore)

    def note(self, restore: Callable[[], object]) -> None:
        """Something was done that `restore` puts back."""
        self._restores.append(restore)

    def forget(self) -> None:
        """Let what was done so far stay done."""
        self._restores.clear()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, OpenRouterError):
            with self._client.operation(self._client.allowance):
                for restore in reversed(self._restores):
                    try:
                        restore()
                    except OpenRouterError:
                        error.unsettled = True
