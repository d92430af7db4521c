"""Where in the program a resource is declared, as the state keeps it.

Pulumi's SDK keeps the whole stack of that moment, with the frames of its language host, of asyncio
and of runpy: nearly as many bytes as all the rest of a workspace. The engine writes the whole state
after each step, so a large stack waits for these bytes. Here the frames of the program are kept.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import PurePath
from types import FrameType

from pulumi_openrouter.internals import own_traceback

SDK = "pulumi.runtime.resource"
"""The module of Pulumi's SDK that looks at the stack."""
RUNNER = "runpy"
"""The module by which Pulumi's language host runs a program."""
LANGUAGE_HOST = "pulumi-language-python-exec"
"""The script that runs it."""


class _Declaring(threading.local):
    ours = False
    """Whether this thread is inside a constructor of this package."""


_declaring = _Declaring()


@contextlib.contextmanager
def of_the_program() -> Iterator[None]:
    """Keep the program's frames alone with whatever is registered inside.

    A program that is not run by a language host keeps them all.
    """
    _prepare()
    _declaring.ours = True
    try:
        yield
    finally:
        _declaring.ours = False


@functools.cache
def _prepare() -> None:
    own_traceback.give(sys.modules.get(SDK), extract_stack=_extract_stack)
    if _is_under_language_host(sys._getframe()):
        # What Pulumi loaded stays to the end of the program. To look for garbage in it, amid
        # some twenty resources and once more at the end, takes longer than to load this package.
        gc.freeze()


def _extract_stack(
    frame: FrameType | None = None, limit: int | None = None
) -> traceback.StackSummary:
    """As `traceback.extract_stack`, without what runs the program."""
    inner = frame or sys._getframe(1)
    if _declaring.ours and limit is None:
        limit = _frames_below_runner(inner)
    return traceback.extract_stack(inner, limit)


def _frames_below_runner(frame: FrameType) -> int | None:
    """How many frames there are from this one out to the program's outermost; None: no runner."""
    for count, (outer, _) in enumerate(traceback.walk_stack(frame)):
        if outer.f_globals.get("__name__") == RUNNER:
            return count
    return None


def _is_under_language_host(frame: FrameType) -> bool:
    """Whether Pulumi started this process for the program alone."""
    *_, (outermost, _) = traceback.walk_stack(frame)
    return PurePath(outermost.f_code.co_filename).name.startswith(LANGUAGE_HOST)
