"""Errors of these providers as lines for people, where Pulumi's host would print a traceback.

The host answers a call that failed with `traceback.format_exc()`. What others raise in the same
process, another dynamic provider of the program for one, keeps its traceback. The host of an SDK
below 3.260 leaves errors to gRPC instead, which puts "Exception calling application: " before them.
"""

from __future__ import annotations

import sys
import traceback
from typing import Any

import grpc

from pulumi_openrouter.internals import own_traceback

HOST = "__main__"


def print_without_traceback(kind: type[Exception]) -> None:
    """Let the host that runs this process print errors of this kind in their own words alone."""

    def format_exc(*arguments: Any, **options: Any) -> str:
        error = sys.exc_info()[1]
        if isinstance(error, kind):
            return _in_words(error)
        return traceback.format_exc(*arguments, **options)

    own_traceback.give(sys.modules.get(HOST), format_exc=format_exc)


def abort_call(error: Exception) -> None:
    """End the call under way with the words of the error, if the host leaves errors to gRPC.

    Else nothing happens, and the error is to be raised.
    """
    call = None if hasattr(sys.modules.get(HOST), "traceback") else _call_under_way()
    if call is not None:
        call.abort(grpc.StatusCode.UNKNOWN, _in_words(error))


def _call_under_way() -> grpc.ServicerContext | None:
    """The call that this thread answers: a local variable of the host's method for it."""
    for frame, _ in traceback.walk_stack(sys._getframe()):
        if frame.f_globals.get("__name__") == HOST:
            found = frame.f_locals.get("context")
            return found if isinstance(found, grpc.ServicerContext) else None
    return None


def _in_words(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(type(error), error))
