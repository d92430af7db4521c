"""Only a 404 for the object itself means gone."""

from __future__ import annotations

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tools.project import Project

FAULTS = {
    "401": Fault(kind=FaultKind.STATUS, status=401, times=None),
    "403": Fault(kind=FaultKind.STATUS, status=403, times=None),
    "500": Fault(kind=FaultKind.STATUS, status=500, times=None),
    "404 with an HTML page": Fault(kind=FaultKind.HTML, status=404, times=None),
}


def known(project: Project) -> dict[str, list[object]]:
    """All that a state knows of the resources, without the engine's own notes."""
    facts = ("id", "inputs", "outputs", "deletedWith")
    return {name: [found.get(fact) for fact in facts] for name, found in project.state().items()}


def test_a_refresh_that_fails_drops_nothing_from_the_state(
    project: Project, simulator: Simulator
) -> None:
    """Refused, broken, another server's 404, not there at all: errors, and the state stays."""
    project.program("""
        team = Workspace("team")
        WorkspaceBudget("budget", workspace_id=team, daily_limit_usd=1)
        WorkspaceMembership("members", workspace_id=team, emails=["ada@example.com"])
    """)
    project.up()
    before = known(project)
    impatient = project.using(OPENROUTER_TIMEOUT="1")
    assert set(before) == {"team", "budget", "members"}

    for answer, fault in FAULTS.items():
        simulator.faults.add(fault)
        refreshed = impatient.refresh(check=False)
        simulator.faults.clear()
        assert refreshed.code
        assert f": {answer}" in refreshed.errors[0]
        assert "Traceback" not in refreshed.output
        assert known(project) == before

    simulator.pause()
    refreshed = impatient.refresh(check=False)
    assert ": no connection: connection refused (127.0.0.1:" in refreshed.errors[0]
    assert known(project) == before
