from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.host.dynamic_host import Host, StartHost
from tools.project import settings_of


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """The organization that the tests of a module share, each with workspaces of its own."""
    with Simulator(members=5) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults_left(simulator: Simulator) -> Iterator[None]:
    """Faults belong to the test that added them."""
    yield
    simulator.faults.clear()


@pytest.fixture
def slug() -> str:
    """The name of this test's own workspace."""
    return f"team-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def environment(simulator: Simulator) -> dict[str, str]:
    """The settings that lead to the simulator."""
    return {**settings_of(simulator), "OPENROUTER_TIMEOUT": "10"}


@pytest.fixture(scope="module")
def host(environment: dict[str, str]) -> Iterator[Host]:
    """A host that the tests of a module share; what one declares concerns no other's objects."""
    with Host(environment) as running:
        yield running


@pytest.fixture
def start_host(environment: dict[str, str]) -> Iterator[StartHost]:
    """Starts hosts of this test alone; None takes a setting away."""
    with ExitStack() as stack:

        def start(engine: str | None = None, **changed: str | None) -> Host:
            settings = {**environment, **changed}
            given = {name: value for name, value in settings.items() if value is not None}
            return stack.enter_context(Host(given, engine))

        yield start
