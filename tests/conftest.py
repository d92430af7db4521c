"""Fixtures for all tests: a simulator, and the lifecycles of one run against it."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support.runs import TIMEOUT, NewRun, Run
from tools import venvs

# No test asserts times, and Hypothesis does by default.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def people() -> int:
    """The number of people in the organization; tests may parametrize it."""
    return 5


@pytest.fixture
def quirks() -> Quirks:
    """How the API behaves; tests may parametrize it."""
    return Quirks()


@pytest.fixture
def simulator(quirks: Quirks, people: int) -> Iterator[Simulator]:
    """An organization with nothing but its default workspace."""
    with Simulator(quirks=quirks, members=people) as running:
        yield running


@pytest.fixture
def client(simulator: Simulator) -> Client:
    """A client of the simulator with a short time-out."""
    return Client(simulator.key, simulator.base_url, timeout=TIMEOUT)


@pytest.fixture
def new_run(simulator: Simulator) -> NewRun:
    """Starts another run, which knows nothing of earlier ones."""
    return functools.partial(Run.against, simulator)


@pytest.fixture
def run(new_run: NewRun) -> Run:
    """The lifecycles of one run."""
    return new_run()


@pytest.fixture(scope="session")
def oldest() -> Path:
    """A Python that has the oldest of everything that this package works with."""
    return venvs.make(venvs.oldest(venvs.pythons()[0]))


def pytest_xdist_auto_num_workers() -> int:
    """Twice the cores, because many tests wait for Pulumi or for a time-out."""
    return (os.cpu_count() or 1) * 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest tests first, so that nothing is waited for in the end."""
    items.sort(key=lambda item: -1 if item.get_closest_marker("timeout") else 0)
