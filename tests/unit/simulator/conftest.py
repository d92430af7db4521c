from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pulumi_openrouter.simulator import Quirks, Simulator
from tests.unit.simulator.api import Api, Simulate


@pytest.fixture
def simulate() -> Iterator[Simulate]:
    """Starts simulators with these quirks, and stops them after the test."""
    with ExitStack() as stack:

        def start(members: int = 5, key: str | None = None, **quirks: Any) -> tuple[Simulator, Api]:
            simulator = stack.enter_context(Simulator(Quirks(**quirks), members=members))
            api = Api(simulator, key)
            stack.callback(api.close)
            return simulator, api

        yield start


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator that behaves as the live API does."""
    with Simulator() as started:
        yield started


@pytest.fixture
def api(simulator: Simulator) -> Iterator[Api]:
    """A client of the simulator that may administer."""
    client = Api(simulator)
    yield client
    client.close()
