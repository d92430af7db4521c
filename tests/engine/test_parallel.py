"""How many resources are under way at once."""

from __future__ import annotations

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.killing import HELD, running
from tests.engine.project import Project

AT_ONCE = 16


def test_as_many_requests_are_under_way_as_pulumi_is_told(
    project: Project, simulator: Simulator
) -> None:
    """With --parallel=16 sixteen creations wait for their answers together."""
    project.program(f"""
        for n in range({2 * AT_ONCE}):
            Workspace(f"team-{{n}}")
    """)
    simulator.faults.add(Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=HELD, times=None))
    patient = project.using(OPENROUTER_TIMEOUT="3600")
    with running(patient, "up", f"--parallel={AT_ONCE}") as command:
        command.wait_until(lambda: len(simulator.log) >= AT_ONCE)
        assert len({request.body["slug"] for request in simulator.log}) == AT_ONCE
