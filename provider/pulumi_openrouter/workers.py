"""As many calls at once as `pulumi --parallel` asks for.

Pulumi's host for dynamic resources answers four calls at a time, whatever the engine asks for:
its pool of threads has a fixed size. Here the pool is told that it may be larger. Its threads are
started as they are needed, so there are a few more than calls under way at the most.
"""

from __future__ import annotations

import sys
import traceback
import weakref
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

WORKERS = 64
"""More than the engine asks for on most machines: four times the cores, unless it is told."""


def allow_more() -> None:
    """Let the pool that runs this very thread have `WORKERS` threads.

    It reaches for what neither Python nor Pulumi promises to keep. Where it is not as expected,
    nothing is changed, and calls are answered as many at a time as the host likes.
    """
    pool = _pool_of(sys._getframe())
    if pool is None:
        return
    try:
        is_large = pool._max_workers >= WORKERS
        waiting, idle = pool._work_queue, pool._idle_semaphore
        start_thread = pool._adjust_thread_count
    except AttributeError:
        return
    if is_large:
        return
    pool._max_workers = WORKERS
    # A thread that ends a call is counted as idle, in older Pythons even where another call waits:
    # with few threads and many calls the pool thinks that it needs no more.
    while idle.acquire(timeout=0):
        pass
    # A pool looks whether it needs another thread only when it is given something to do.
    for _ in range(waiting.qsize()):
        start_thread()


def _pool_of(frame: FrameType) -> ThreadPoolExecutor | None:
    """The pool whose thread this is: the first function of its threads holds a reference to it."""
    for outer, _ in traceback.walk_stack(frame):
        reference = outer.f_locals.get("executor_reference")
        pool = reference() if isinstance(reference, weakref.ref) else None
        if isinstance(pool, ThreadPoolExecutor):
            return pool
    return None
