"""Whether the options of a resource may come from elsewhere than the program's own call.

Transformations (run by the SDK) and transforms (run on behalf of the engine) may add any option to
a resource after its constructor has decided what follows from the options that it was given.
"""

from __future__ import annotations

import sys
from typing import Any

CALLBACKS = "pulumi.runtime._callbacks"
STACK = "pulumi.runtime.stack"


def may_change(opts: Any) -> bool:
    """Whether any of them could apply to a resource with these options."""
    own = (getattr(opts, name, None) for name in ("transformations", "transforms"))
    return any(own) or _of_parents(opts.parent) or _of_the_stack()


def _of_parents(parent: Any) -> bool:
    # The SDK gives each resource the transformations of its parents, those of the stack included.
    root = getattr(sys.modules.get(STACK), "get_root_resource", lambda: None)()
    return any(bool(getattr(each, "_transformations", None)) for each in (parent, root))


def _of_the_stack() -> bool:
    servicer = getattr(sys.modules.get(CALLBACKS), "_CallbackServicer", None)
    running = getattr(servicer, "_servicers", [])
    return any(bool(getattr(each, "_transforms", None)) for each in running)
