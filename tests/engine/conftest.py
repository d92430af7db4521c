"""Fixtures for tests on the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_openrouter.simulator import Simulator
from tools.project import Project, environment_for


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that it can be left out while working."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture
def project(tmp_path: Path, simulator: Simulator) -> Project:
    """A project whose provider talks to the simulator."""
    environment = environment_for(tmp_path, simulator, OPENROUTER_TIMEOUT="10")
    return Project.create(tmp_path, environment)
