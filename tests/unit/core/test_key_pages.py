"""How API keys are read together: in how many requests, and never stale."""

from __future__ import annotations

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.core.key_pages import KeyPages
from pulumi_openrouter.simulator import Simulator

PAGE = 100


@pytest.fixture
def shared(client: Client) -> KeyPages:
    return KeyPages(lambda: client)


@pytest.fixture
def team(simulator: Simulator) -> str:
    return simulator.organization.create_workspace(name="Team", slug="team").id


def seed(simulator: Simulator, team: str, count: int) -> list[str]:
    """Make so many keys; their hashes, the oldest first."""
    made = [simulator.organization.create_key(f"k{n}", workspace=team).hash for n in range(count)]
    simulator.log.clear()
    return made


def sent(simulator: Simulator) -> Counter[str]:
    """How many pages and how many single keys were asked for."""
    return Counter("pages" if request.path == "/keys" else "singles" for request in simulator.log)


@pytest.mark.parametrize("count", [1, 5, 99, 100, 101, 250, 1000])
@pytest.mark.parametrize("order", ["oldest first", "newest first"])
def test_a_refresh_takes_a_page_for_each_hundred(
    simulator: Simulator, shared: KeyPages, team: str, count: int, order: str
) -> None:
    """N keys of a workspace take a page for each hundred, and one request more at the most."""
    hashes = seed(simulator, team, count)
    for key_hash in hashes if order == "oldest first" else reversed(hashes):
        found = shared.find(team, key_hash)
        assert found is not None
        assert found.hash == key_hash
    assert sent(simulator).total() <= math.ceil(count / PAGE) + 1


@pytest.mark.parametrize("nth", [0, 500, 999])
def test_one_of_a_thousand_takes_two_requests(
    simulator: Simulator, shared: KeyPages, team: str, nth: int
) -> None:
    """Wherever in the list it is."""
    key_hash = seed(simulator, team, 1000)[nth]
    assert shared.find(team, key_hash) is not None
    assert sent(simulator).total() <= 2


def test_what_the_list_lacks_takes_a_request_each(
    simulator: Simulator, shared: KeyPages, team: str
) -> None:
    """Keys that were moved away or deleted are asked for by themselves; others never are."""
    hashes = seed(simulator, team, 120)
    organization = simulator.organization
    moved, deleted, disabled, expired = hashes[:4]
    organization.update_key(moved, workspace_id=organization.workspace("default").id)
    organization.delete_key(deleted)
    organization.update_key(disabled, disabled=True)
    late = organization.create_key("late", team, expires_at="2001-01-01T00:00:00Z").hash
    found = {key_hash: shared.find(team, key_hash) for key_hash in [*hashes, late]}
    assert [key_hash for key_hash, key in found.items() if key is None] == [deleted]
    assert expired in found
    # Two pages, an empty one that ends the list, and the two that it lacks.
    assert sent(simulator) == {"pages": 3, "singles": 2}


def test_threads_share_the_pages(simulator: Simulator, shared: KeyPages, team: str) -> None:
    """However many ask at once, the list is fetched once."""
    hashes = seed(simulator, team, 150)
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda key_hash: shared.find(team, key_hash), hashes))
    assert [key and key.hash for key in found] == hashes
    assert sent(simulator).total() <= 3


def test_each_workspace_has_its_list(simulator: Simulator, shared: KeyPages, team: str) -> None:
    """Keys of two workspaces are read from two lists."""
    organization = simulator.organization
    here, there = seed(simulator, team, 3), organization.workspace("default").id
    elsewhere = [organization.create_key("x").hash for _ in range(3)]
    for one, other in zip(here, elsewhere, strict=True):
        assert shared.find(team, one) is not None
        assert shared.find(there, other) is not None
    assert sent(simulator) == {"pages": 2}


def test_a_change_is_seen(
    simulator: Simulator, client: Client, shared: KeyPages, team: str
) -> None:
    """What this process changed is read anew."""
    one, two = seed(simulator, team, 2)
    assert shared.find(team, one) is not None
    client.keys.update(two, {"name": "renamed"})
    found = shared.find(team, two)
    assert found is not None
    assert found.name == "renamed"
