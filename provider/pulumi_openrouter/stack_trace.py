"""Where in the program a resource is declared, as the state keeps it.

Pulumi's SDK keeps the whole stack of that moment, with the frames of its language host, of asyncio
and of runpy: nearly as many bytes as all the rest of a workspace. The engine writes the whole state
after each step, so a large stack waits for these bytes. Here the frames of the program are kept.
"""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator
from types import FrameType

RUNNER = "runpy"
"""The module by which Pulumi's language host runs a program."""
OF_PULUMI = 5
"""The frames inside a constructor of a dynamic resource, down to who looks at the stack."""


@contextlib.contextmanager
def of_the_program() -> Iterator[None]:
    """Keep the frames of the program alone with what is registered inside.

    The SDK looks at its stack with `traceback`, which goes no further than `sys.tracebacklimit`.
    A program that is not run by a language host keeps them all.
    """
    # This frame and that of the `with` itself are no part of the program.
    frames = _below_runner(sys._getframe(2))
    before = getattr(sys, "tracebacklimit", None)
    if frames is not None:
        sys.tracebacklimit = OF_PULUMI + frames
    try:
        yield
    finally:
        sys.tracebacklimit = before
        if before is None:
            del sys.tracebacklimit


def _below_runner(frame: FrameType) -> int | None:
    """How many frames there are from this one out to the program's outermost; None: no runner."""
    for count, (outer, _) in enumerate(traceback.walk_stack(frame)):
        if outer.f_globals.get("__name__") == RUNNER:
            return count
    return None
