"""How many resources are under way at once."""

from __future__ import annotations

import attrs

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.killing import HELD, running
from tools.project import Project

AT_ONCE = 16
NEVER_ANSWERED = Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=HELD, times=None)
PATIENT = {"OPENROUTER_TIMEOUT": "3600"}


def test_as_many_requests_are_under_way_as_pulumi_is_told(
    project: Project, simulator: Simulator
) -> None:
    """With --parallel=16 sixteen creations wait for their answers together."""
    project.program(f"""
        for n in range({2 * AT_ONCE}):
            Workspace(f"team-{{n}}")
    """)
    simulator.faults.add(attrs.evolve(NEVER_ANSWERED, method="POST"))
    with running(project.using(**PATIENT), "up", f"--parallel={AT_ONCE}") as command:
        command.wait_until(lambda: len(simulator.writes()) >= AT_ONCE)
        assert len({request.body["slug"] for request in simulator.writes()}) == AT_ONCE


def test_a_refresh_looks_at_as_many_budgets_at_once(project: Project, simulator: Simulator) -> None:
    """That the workspaces before them were read by fewer threads is no hindrance."""
    project.program(f"""
        for n in range({2 * AT_ONCE}):
            team = Workspace(f"team-{{n}}")
            WorkspaceBudget(f"team-{{n}}", workspace_id=team, daily_limit_usd=7)
    """)
    project.up()
    simulator.log.clear()
    simulator.faults.add(attrs.evolve(NEVER_ANSWERED, path="*/budgets"))

    def budgets() -> set[str]:
        return {request.path for request in [*simulator.log] if request.fault}

    with running(project.using(**PATIENT), "refresh", f"--parallel={AT_ONCE}") as command:
        command.wait_until(lambda: len(budgets()) >= AT_ONCE)
        assert len(budgets()) == AT_ONCE
