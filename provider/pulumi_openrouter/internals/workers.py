"""As many calls at once as `pulumi --parallel` asks for.

Pulumi's host for dynamic resources answers four calls at a time, whatever the engine asks for:
its pool of threads has a fixed size. Here the pool is told that it may grow. It starts threads as
calls need them, so there are never many more threads than calls under way.
"""

from __future__ import annotations

import sys
import traceback
import weakref
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

MAX_THREADS = 64
"""More than the engine asks for on most machines: four times the cores, unless it is told."""


def allow_more() -> None:
    """Let the pool that runs this very thread have `MAX_THREADS` threads.

    Where the pool is not as expected, nothing changes, and the host answers as many calls at a
    time as it likes.
    """
    pool = _pool_of(sys._getframe())
    if pool is None:
        return
    try:
        is_large = pool._max_workers >= MAX_THREADS
        waiting, idle = pool._work_queue, pool._idle_semaphore
        start_thread = pool._adjust_thread_count
    except AttributeError:
        return
    if is_large:
        return
    pool._max_workers = MAX_THREADS
    # Python before 3.12 counts a thread as idle whenever it ends a call, even if another call
    # waits: after many calls on few threads, the pool would think that it needs no more.
    while idle.acquire(timeout=0):
        pass
    # A pool only asks itself whether it needs another thread when it gets a new call.
    for _ in range(waiting.qsize()):
        start_thread()


def _pool_of(frame: FrameType) -> ThreadPoolExecutor | None:
    """The pool that runs this thread: the thread's first function holds a reference to it."""
    for outer, _ in traceback.walk_stack(frame):
        reference = outer.f_locals.get("executor_reference")
        pool = reference() if isinstance(reference, weakref.ref) else None
        if isinstance(pool, ThreadPoolExecutor):
            return pool
    return None
