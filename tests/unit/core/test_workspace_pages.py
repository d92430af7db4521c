"""How workspaces are read together: in how many requests, and never stale."""

from __future__ import annotations

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import ForbiddenError
from pulumi_openrouter.api.limits import MAX_PAGE_ROWS
from pulumi_openrouter.core.list_pages import MAX_ROUND_SECONDS
from pulumi_openrouter.core.workspace_pages import WorkspacePages
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.workspaces import NOBODY


class Clock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shared(client: Client, clock: Clock) -> WorkspacePages:
    return WorkspacePages(lambda: client, clock)


def seed(simulator: Simulator, count: int) -> list[str]:
    """Make so many workspaces beside the default one; their ids."""
    organization = simulator.organization
    ids = [organization.create_workspace(name="T", slug=f"team-{n}").id for n in range(count)]
    simulator.log.clear()
    return ids


def read(shared: WorkspacePages, *ids: str) -> None:
    """Each is found, and is the one that was asked for."""
    for id in ids:
        found = shared.find(id)
        assert found is not None
        assert found.id == id


def description(shared: WorkspacePages, id: str) -> str | None:
    """That of the workspace as it is found."""
    found = shared.find(id)
    assert found is not None
    return found.description


def asked(simulator: Simulator) -> dict[str, int]:
    """How many requests there were for the list, and for single workspaces."""
    paths = Counter(request.path == "/workspaces" for request in simulator.log)
    simulator.log.clear()
    return {"list": paths[True], "single": paths[False]}


# How many requests


def test_a_hundred_workspaces_take_the_pages_of_the_list(
    simulator: Simulator, shared: WorkspacePages
) -> None:
    """With the default one they are 101: two pages, whatever the order they are asked for in."""
    read(shared, *reversed(seed(simulator, 100)))
    assert asked(simulator) == {"list": 2, "single": 0}


def test_readers_at_once_share_the_pages(simulator: Simulator, shared: WorkspacePages) -> None:
    """Sixteen threads send no more than one would."""
    ids = seed(simulator, 100)
    with ThreadPoolExecutor(16) as threads:
        assert [found and found.id for found in threads.map(shared.find, ids)] == ids
    assert asked(simulator) == {"list": 2, "single": 0}


def test_one_workspace_of_a_thousand_takes_two_requests(
    simulator: Simulator, shared: WorkspacePages
) -> None:
    """A page that may have it, and then it by itself, not the nine others."""
    read(shared, seed(simulator, 1000)[-1])
    assert asked(simulator) == {"list": 1, "single": 1}


def test_one_workspace_of_a_few_takes_one_request(
    simulator: Simulator, shared: WorkspacePages
) -> None:
    """It is on the first page."""
    read(shared, seed(simulator, 3)[1])
    assert asked(simulator) == {"list": 1, "single": 0}


@settings(max_examples=30)
@given(
    there=st.integers(0, 260),
    picked=st.data(),
    cap=st.sampled_from([None, 1, 7, 50, 100]),
)
def test_nobody_pays_more_than_twice_the_least(
    there: int, picked: st.DataObject, cap: int | None
) -> None:
    """Knowing who will ask, one would take the list or each by itself, whichever is less."""
    with Simulator(Quirks(page_cap=cap)) as simulator:
        client = Client(simulator.key, simulator.base_url)
        ids = seed(simulator, there)
        wanted = picked.draw(st.lists(st.sampled_from(ids), unique=True) if ids else st.just([]))
        read(WorkspacePages(lambda: client), *wanted)
        pages = math.ceil((there + 1) / (cap or MAX_PAGE_ROWS))
        assert len(simulator.log) <= 2 * min(pages, len(wanted))


def test_after_a_change_a_long_list_is_not_fetched_for_one(
    simulator: Simulator, shared: WorkspacePages, client: Client
) -> None:
    """Reads between writes take one request each: how long the list is, is known by then."""
    ids = seed(simulator, 300)
    read(shared, ids[-1])
    asked(simulator)
    for id in ids[-3:-1]:
        client.update_workspace(id, {"description": "new"})
        read(shared, id)
    assert asked(simulator) == {"list": 0, "single": 4}


# Never stale


def test_a_change_of_this_process_is_seen(
    simulator: Simulator, shared: WorkspacePages, client: Client
) -> None:
    """What was listed before a write is not given out after it, whichever workspace it was of."""
    first, second, third = seed(simulator, 3)
    read(shared, first)
    simulator.organization.update_workspace(second, description="by others")
    client.update_workspace(third, {"description": "by us"})
    for id, by in ((second, "by others"), (third, "by us")):
        assert description(shared, id) == by


def test_a_list_fetched_during_a_write_is_not_given_out_after_it(
    simulator: Simulator, shared: WorkspacePages, client: Client
) -> None:
    """A page may have been made before the change, and come before its answer."""
    first, second = seed(simulator, 2)
    late = Fault(kind=FaultKind.LATENCY, method="PATCH", seconds=0.3)
    simulator.faults.add(late)
    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(client.update_workspace, second, {"description": "new"})
        while not simulator.requests("PATCH"):
            assert not writing.done()
        read(shared, first)
        assert not writing.done()
    assert description(shared, second) == "new"


def test_whoever_asks_again_gets_a_new_answer(simulator: Simulator, shared: WorkspacePages) -> None:
    """A second read of a workspace is another operation, for which others count as asked anew."""
    first, second = seed(simulator, 2)
    read(shared, first)
    for id in (first, second):
        simulator.organization.update_workspace(id, description="new")
    for id in (first, second):
        assert description(shared, id) == "new"
    assert asked(simulator) == {"list": 2, "single": 0}


def test_no_answer_is_older_than_half_a_minute(
    simulator: Simulator, shared: WorkspacePages, clock: Clock
) -> None:
    """A long refresh fetches the list again."""
    first, second, third = seed(simulator, 3)
    read(shared, first)
    clock.now += MAX_ROUND_SECONDS - 1
    read(shared, second)
    assert asked(simulator)["list"] == 1
    clock.now += 1
    simulator.organization.update_workspace(third, description="new")
    assert description(shared, third) == "new"


# What the list does not have


def test_a_workspace_that_the_list_lacks_is_asked_for(
    simulator: Simulator, shared: WorkspacePages
) -> None:
    """Only its own 404 says that it is gone."""
    seed(simulator, 3)
    assert shared.find(NOBODY) is None
    assert asked(simulator) == {"list": 1, "single": 1}


def test_a_workspace_that_moved_between_two_pages_is_found(
    simulator: Simulator, shared: WorkspacePages
) -> None:
    """A deletion between two requests moves the rows, so that one is on neither page."""
    ids = seed(simulator, 120)
    read(shared, ids[0])
    simulator.organization.delete_workspace(ids[1])
    moved = ids[99]
    read(shared, moved)
    assert asked(simulator) == {"list": 2, "single": 1}


def test_a_broken_list_keeps_nobody_from_being_read(
    simulator: Simulator, shared: WorkspacePages
) -> None:
    """Where it is no list, each workspace is asked for by itself, and the list no more."""
    ids = seed(simulator, 3)
    broken = Fault(kind=FaultKind.WRONG_SHAPE, path="/workspaces", times=None)
    simulator.faults.add(broken)
    read(shared, *ids)
    assert asked(simulator) == {"list": 4, "single": 3}


def test_a_refused_list_is_an_error(simulator: Simulator, shared: WorkspacePages) -> None:
    """And the next reader asks again."""
    (id,) = seed(simulator, 1)
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403))
    with pytest.raises(ForbiddenError):
        shared.find(id)
    read(shared, id)
