"""A TeamWorkspace on the real engine."""

from __future__ import annotations

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import NOWHERE, Project

ONE_BY_ONE = """
    team = Workspace("team", description="d")
    WorkspaceBudget("team", workspace_id=team, monthly_limit_usd=500)
    WorkspaceMembership("team", workspace_id=team, emails=["ada@example.com"])
"""
TOGETHER = """
    team = TeamWorkspace("team", description="d", monthly_limit_usd={limit}, emails={emails},
        opts=pulumi.ResourceOptions(protect={protect}))
    pulumi.export("id", team.workspace_id)
    pulumi.export("slug", team.slug)
"""


def together(
    project: Project, *, limit: int = 500, protect: bool = False, who: str = "ada"
) -> None:
    emails = [f"{name}@example.com" for name in who.split()]
    project.program(TOGETHER.format(limit=limit, emails=emails, protect=protect))


def test_a_team_workspace_takes_in_what_was_declared_one_by_one(
    project: Project, simulator: Simulator
) -> None:
    """Nothing is sent for it, what changes is changed in place, and one request deletes all."""
    project.program(ONE_BY_ONE)
    project.up()
    sent(simulator)

    together(project)
    assert project.using(**NOWHERE).preview().changes == {"team": "create"}
    project.up()
    assert sent(simulator) == []
    id = simulator.organization.workspace("team").id
    assert project.outputs() == {"id": id, "slug": "team"}
    assert project.preview().changes == {}

    together(project, limit=600, who="ada grace")
    project.up()
    assert simulator.organization.budgets("team") == {"monthly": 600}
    assert len(simulator.organization.members("team")) == 2
    sent(simulator)
    project.destroy()
    assert sent(simulator) == [f"DELETE /workspaces/{id}"]


def test_the_options_of_a_team_workspace_hold_for_all_of_it(
    project: Project, simulator: Simulator
) -> None:
    """Protected, none of its resources is deleted."""
    together(project, protect=True)
    project.up()
    sent(simulator)
    refused = project.destroy(check=False)
    assert refused.code != 0
    assert sent(simulator, writes=True) == []
    together(project)
    project.up()
    project.destroy()
    assert [found.slug for found in simulator.organization.workspaces] == ["default"]
