"""A large organization behind an API that takes few requests a second."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Quirks, Simulator
from tests.engine.project import Project

WORKSPACES = 300
PER_SECOND = 5


def share_refused(simulator: Simulator) -> float:
    """The share of the requests since the last look that was answered with 429."""
    statuses = [request.status for request in simulator.log]
    simulator.log.clear()
    return statuses.count(429) / len(statuses)


@pytest.mark.reliability(
    "up, refresh and destroy of 300 workspaces where the API takes five requests a second",
    "no error, and fewer than 5 % of the requests refused",
)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("quirks", [Quirks(requests_per_second=PER_SECOND)], ids=["limited"])
def test_a_large_organization_keeps_to_the_limit(project: Project, simulator: Simulator) -> None:
    """Every command ends well, and is seldom refused: one 429 makes all threads keep the pace."""
    project.program(f"""
        for n in range({WORKSPACES}):
            Workspace(f"team-{{n}}", description="d")
    """)
    assert len(project.up().changes) == WORKSPACES + 1
    assert share_refused(simulator) < 0.05
    assert len(simulator.organization.workspaces) == WORKSPACES + 1

    assert project.refresh().changes == {}
    assert share_refused(simulator) < 0.05

    project.destroy()
    assert share_refused(simulator) < 0.05
    assert [found.slug for found in simulator.organization.workspaces] == ["default"]
