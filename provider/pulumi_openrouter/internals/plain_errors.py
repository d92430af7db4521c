"""Errors of these providers as lines for people, where Pulumi's host would print a traceback.

The host answers a call that failed with `traceback.format_exc()`. What others raise in the same
process, another dynamic provider of the program for one, keeps its traceback.
"""

from __future__ import annotations

import sys
import traceback
from typing import Any

from pulumi_openrouter.internals import own_traceback


def print_without_traceback(kind: type[Exception]) -> None:
    """Let the host that runs this process print errors of this kind in their own words alone."""

    def format_exc(*arguments: Any, **options: Any) -> str:
        error = sys.exc_info()[1]
        if isinstance(error, kind):
            return "".join(traceback.format_exception_only(kind, error))
        return traceback.format_exc(*arguments, **options)

    own_traceback.give(sys.modules.get("__main__"), format_exc=format_exc)
