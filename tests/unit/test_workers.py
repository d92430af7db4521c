"""The host's pool of threads, made larger from within."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest

from pulumi_openrouter import workers

PATIENCE = 60


def test_a_pool_answers_more_calls_at_once() -> None:
    """After one call in it has asked, so many wait for each other that fewer would for ever."""
    together = Barrier(workers.WORKERS)
    with ThreadPoolExecutor(4) as pool:
        pool.submit(workers.allow_more).result(PATIENCE)
        calls = [pool.submit(together.wait, PATIENCE) for _ in range(workers.WORKERS)]
        assert {call.result(PATIENCE) for call in calls} == set(range(workers.WORKERS))


def test_calls_that_wait_already_are_answered_too() -> None:
    """Those that came before the pool was made larger get threads at once, and not one by one."""
    together, has_begun, all_wait = Barrier(20), Event(), Event()

    def first() -> None:
        has_begun.set()
        all_wait.wait(PATIENCE)
        workers.allow_more()

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(first)
        has_begun.wait(PATIENCE)
        calls = [pool.submit(together.wait, PATIENCE) for _ in range(20)]
        all_wait.set()
        asking.result(PATIENCE)
        assert {call.result(PATIENCE) for call in calls} == set(range(20))


def test_threads_are_started_as_they_are_needed() -> None:
    """A larger pool costs nothing where the calls come one after the other."""
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            pool.submit(workers.allow_more).result(PATIENCE)
        assert len(pool._threads) <= 2


def test_a_larger_pool_stays() -> None:
    """What the host has more of by itself is not taken from it."""
    with ThreadPoolExecutor(workers.WORKERS + 1) as pool:
        pool.submit(workers.allow_more).result(PATIENCE)
        assert size_of(pool) == workers.WORKERS + 1


def test_only_the_pool_that_runs_the_call_is_made_larger() -> None:
    """Another pool of the same process is none of our business."""
    with ThreadPoolExecutor(4) as ours, ThreadPoolExecutor(4) as another:
        another.submit(int).result(PATIENCE)
        ours.submit(workers.allow_more).result(PATIENCE)
        assert (size_of(ours), size_of(another)) == (workers.WORKERS, 4)


def test_outside_a_pool_nothing_happens() -> None:
    """A thread that belongs to no pool has nothing to make larger."""
    workers.allow_more()


class OtherPool(ThreadPoolExecutor):
    """A pool of a Python that counts its threads in another way."""

    def __getattribute__(self, name: str) -> Any:
        if name == "_max_workers":
            raise AttributeError(name)
        return super().__getattribute__(name)


def test_an_unknown_pool_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a pool has not what is looked for, it is not given it either."""
    pool = OtherPool(4)
    monkeypatch.setattr(workers, "_pool_of", lambda frame: pool)
    workers.allow_more()
    assert vars(pool)["_max_workers"] == 4


def size_of(pool: Any) -> int:
    return int(pool._max_workers)
