"""A large organization behind an API that takes few requests a second."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Quirks, Simulator
from tools.project import Project

WORKSPACES = 200
PER_SECOND = 5
AT_ONCE = 32
PARALLEL = f"--parallel={AT_ONCE}"


def refused(simulator: Simulator) -> int:
    """How many requests were answered with 429 since the last look."""
    statuses = [request.status for request in simulator.log]
    simulator.log.clear()
    return statuses.count(429)


@pytest.mark.reliability(
    "up, refresh and destroy of 200 workspaces, 32 at once, where the API takes five a second",
    "no error, and fewer requests refused than are sent at once",
)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("quirks", [Quirks(requests_per_second=PER_SECOND)], ids=["limited"])
def test_a_large_organization_keeps_to_the_limit(project: Project, simulator: Simulator) -> None:
    """Every command ends well, and is seldom refused: after a 429 all threads keep the pace."""
    project.program(f"""
        for n in range({WORKSPACES}):
            Workspace(f"team-{{n}}", description="d")
    """)
    assert len(project.up(PARALLEL).changes) == WORKSPACES + 1
    assert refused(simulator) < AT_ONCE
    assert len(simulator.organization.workspaces) == WORKSPACES + 1

    assert project.refresh(PARALLEL).changes == {}
    assert refused(simulator) < AT_ONCE

    project.destroy(PARALLEL)
    assert refused(simulator) < AT_ONCE
    assert [found.slug for found in simulator.organization.workspaces] == ["default"]
