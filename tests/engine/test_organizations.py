"""What another organization, or a plan that has ended, does to a state: nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tools.project import Project, settings_of

PROGRAM = """
    team = Workspace("team")
    WorkspaceBudget("budget", workspace_id=team, daily_limit_usd=1)
    WorkspaceMembership("members", workspace_id=team, emails=["ada@example.com"])
"""
NO_PLAN = Fault(kind=FaultKind.STATUS, path="*/budgets*", status=403, times=None)


@pytest.fixture
def other() -> Iterator[Simulator]:
    """Another organization, whose key somebody took by mistake."""
    with Simulator(random_seed=1) as running:
        yield running


def known(project: Project) -> dict[str, object]:
    """What the state has of each resource."""
    return {name: found["outputs"] for name, found in project.state().items()}


@pytest.mark.reliability(
    "refresh, up --refresh and destroy with the key of another organization, and a refresh with a "
    "wrong base URL, on the real engine",
    "nothing is changed, both organizations are named; what the engine forgets, because it goes "
    "with its workspace, the next up takes over without changing anything",
)
def test_another_organizations_key_leaves_the_state_as_it_is(
    project: Project, simulator: Simulator, other: Simulator
) -> None:
    """Whatever the command, and although nothing guards against it but the state."""
    project.program(PROGRAM)
    project.up()
    before = known(project)
    mistaken = project.using(**settings_of(other))
    for command in (mistaken.refresh, lambda **more: mistaken.up("--refresh", **more)):
        failed = command(check=False)
        assert failed.code
        assert f"the key belongs to organization {other.organization.id}" in failed.errors[0]
        assert simulator.organization.id in failed.errors[0]
        assert known(project) == before
    assert other.writes() == []
    wrong_path = project.using(OPENROUTER_BASE_URL=f"{simulator.base_url}/v1")
    assert wrong_path.refresh(check=False).code
    assert known(project) == before

    # The engine drops what goes with a workspace before it asks for the workspace's own deletion.
    destroyed = mistaken.destroy(check=False)
    assert f"the key belongs to organization {other.organization.id}" in destroyed.errors[0]
    assert "`pulumi up` of the same program takes them over" in destroyed.errors[0]
    assert {request.status for request in other.writes()} == {404}
    assert known(project) == {"team": before["team"]}
    simulator.log.clear()
    assert project.up().changes == {"budget": "create", "members": "create"}
    assert simulator.writes() == []
    assert known(project) == before


@pytest.mark.reliability(
    "the Enterprise plan ends under a stack with budgets, on the real engine",
    "refresh goes on, and the WorkspaceBudget can be removed, with a warning",
)
def test_budgets_can_be_dropped_once_the_plan_has_ended(
    project: Project, simulator: Simulator
) -> None:
    """Neither refresh nor the up without the budget fails, and both say what is not known."""
    project.program(PROGRAM)
    project.up()
    before = known(project)
    simulator.faults.add(NO_PLAN)
    refreshed = project.refresh()
    assert "Limits may no longer hold." in refreshed.output
    assert known(project) == before
    project.program("\n".join(line for line in PROGRAM.splitlines() if "budget" not in line))
    dropped = project.up()
    assert dropped.changes == {"budget": "delete"}
    assert "Limits may no longer hold." in dropped.output
    assert set(known(project)) == {"team", "members"}
