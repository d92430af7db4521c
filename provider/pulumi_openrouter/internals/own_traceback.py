"""Functions of `traceback` that one module of Pulumi sees in place of Python's own.

`sys.tracebacklimit` would hold for everybody in the process: for the program's own code, and for
other providers that Pulumi runs beside these.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any


def give(module: ModuleType | None, **functions: Callable[..., Any]) -> None:
    """Let a module that uses `traceback` see these functions there; no other does."""
    if module is not None and vars(module).get("traceback") is traceback:
        vars(module)["traceback"] = SimpleNamespace(**{**vars(traceback), **functions})
