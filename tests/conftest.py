"""Fixtures for every layer: a simulator, and the lifecycles of one run against it."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support.runs import TIMEOUT, NewRun, Run


@pytest.fixture
def people() -> int:
    """How many are in the organization; a test may be parametrized by another number."""
    return 5


@pytest.fixture
def quirks() -> Quirks:
    """How the API behaves; a test may be parametrized by other quirks."""
    return Quirks()


@pytest.fixture
def simulator(quirks: Quirks, people: int) -> Iterator[Simulator]:
    """A seeded organization with nothing but its default workspace."""
    with Simulator(quirks=quirks, members=people) as running:
        yield running


@pytest.fixture
def client(simulator: Simulator) -> Client:
    """A client of the simulator that gives up after a few seconds."""
    return Client(simulator.key, simulator.base_url, timeout=TIMEOUT)


@pytest.fixture
def new_run(simulator: Simulator) -> NewRun:
    """Start another run: nothing is remembered from the runs before."""
    return functools.partial(Run.against, simulator)


@pytest.fixture
def run(new_run: NewRun) -> Run:
    """The lifecycles of one run."""
    return new_run()


def pytest_xdist_auto_num_workers() -> int:
    """More than there are cores: a good part of the tests waits, for Pulumi or for a time-out."""
    return (os.cpu_count() or 1) * 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first, so that nobody waits for it in the end."""
    items.sort(key=lambda item: -1 if item.get_closest_marker("timeout") else 0)
