"""The host's pool of threads, made larger from within."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest

from pulumi_openrouter.core.lifecycle import Lifecycle
from pulumi_openrouter.host import Provider, provider
from pulumi_openrouter.internals import workers
from pulumi_openrouter.simulator import Simulator
from tests.support import workspaces
from tests.support.runs import Run
from tests.support.waiting import PATIENCE


def test_a_pool_answers_more_calls_at_once() -> None:
    """After one call in it has asked, so many wait for each other that fewer would for ever."""
    together = Barrier(workers.MAX_THREADS)
    with ThreadPoolExecutor(4) as pool:
        pool.submit(workers.allow_more).result(PATIENCE)
        calls = [pool.submit(together.wait, PATIENCE) for _ in range(workers.MAX_THREADS)]
        assert {call.result(PATIENCE) for call in calls} == set(range(workers.MAX_THREADS))


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


def test_calls_that_had_to_wait_before_take_no_threads_from_later_ones() -> None:
    """A pool that was too small for a long time has a thread for each call all the same."""
    together = Barrier(20)
    with ThreadPoolExecutor(4) as pool:
        before = [pool.submit(int) for _ in range(1000)]
        assert [call.result(PATIENCE) for call in before] == [0] * len(before)
        pool.submit(workers.allow_more).result(PATIENCE)
        calls = [pool.submit(together.wait, PATIENCE) for _ in range(20)]
        assert {call.result(PATIENCE) for call in calls} == set(range(20))


def test_threads_are_started_as_they_are_needed() -> None:
    """A larger pool costs nothing where the calls come one after the other."""
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            pool.submit(workers.allow_more).result(PATIENCE)
        assert len(pool._threads) <= 2


def test_a_larger_pool_stays() -> None:
    """What the host has more of by itself is not taken from it."""
    with ThreadPoolExecutor(workers.MAX_THREADS + 1) as pool:
        pool.submit(workers.allow_more).result(PATIENCE)
        assert size_of(pool) == workers.MAX_THREADS + 1


def test_only_the_pool_that_runs_the_call_is_made_larger() -> None:
    """Another pool of the same process is none of our business."""
    with ThreadPoolExecutor(4) as asking, ThreadPoolExecutor(4) as another:
        another.submit(int).result(PATIENCE)
        asking.submit(workers.allow_more).result(PATIENCE)
        assert (size_of(asking), size_of(another)) == (workers.MAX_THREADS, 4)


def test_outside_a_pool_nothing_happens() -> None:
    """A thread that belongs to no pool has nothing to make larger."""
    workers.allow_more()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """As many threads as Pulumi's host has by itself."""
    with ThreadPoolExecutor(4) as started:
        yield started


@pytest.fixture
def id(simulator: Simulator) -> str:
    """A workspace with a budget."""
    id = simulator.organization.create_workspace(name="Team", slug="team").id
    simulator.organization.set_budget(id, "daily", 7)
    return id


def configured(lifecycle: Lifecycle) -> Provider:
    """A provider over a lifecycle of this process."""
    found = provider(lifecycle.noun)
    found.lifecycle = lifecycle
    return found


def test_a_change_makes_the_pool_larger(pool: ThreadPoolExecutor, run: Run) -> None:
    """Each change waits for a request of its own: the more at once, the sooner all are done."""
    ours = configured(run.workspaces)
    pool.submit(ours.create, workspaces.declaration()).result(PATIENCE)
    assert size_of(pool) == workers.MAX_THREADS


def test_a_read_of_a_workspace_leaves_the_pool_as_it_is(
    pool: ThreadPoolExecutor, id: str, run: Run
) -> None:
    """Those who share a page would only be in each other's way."""
    ours = configured(run.workspaces)
    assert pool.submit(ours.read, id, workspaces.declaration()).result(PATIENCE).id == id
    assert size_of(pool) == 4


def test_a_read_of_a_budget_makes_the_pool_larger(
    pool: ThreadPoolExecutor, id: str, run: Run
) -> None:
    """No two budgets share a request: as many are under way as the engine asks for."""
    state = {"workspace_id": id, "daily_limit_usd": 7.0, "exclusive": False}
    ours = configured(run.budgets)
    assert pool.submit(ours.read, id, state).result(PATIENCE).id == id
    assert size_of(pool) == workers.MAX_THREADS


@pytest.mark.parametrize(
    "missing", ["_max_workers", "_work_queue", "_idle_semaphore", "_adjust_thread_count"]
)
def test_an_unknown_pool_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """Where a pool of a later Python has not what is looked for, it keeps the size that it has."""

    class OtherPool(ThreadPoolExecutor):
        def __getattribute__(self, name: str) -> Any:
            if name == missing:
                raise AttributeError(name)
            return super().__getattribute__(name)

    pool = OtherPool(4)
    monkeypatch.setattr(workers, "_pool_of", lambda frame: pool)
    workers.allow_more()
    assert vars(pool)["_max_workers"] == 4


def size_of(pool: Any) -> int:
    return int(pool._max_workers)
