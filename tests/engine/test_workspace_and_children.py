"""A workspace with its budgets and members: renamed, deleted together, deleted by hand."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import NOWHERE, Project

TEAM = """
team = Workspace("team", slug="{slug}", description="{description}")
WorkspaceBudget("budget", workspace_id=team, daily_limit_usd=1, monthly_limit_usd=20)
WorkspaceMembership("members", workspace_id=team, emails=["ada@example.com", "grace@example.com"])
pulumi.export("id", team.id)
"""
CREATED = [
    "GET /organization/members",
    "GET /workspaces/<team>/budgets",
    "GET /workspaces/<team>/members",
    "POST /workspaces",
    "POST /workspaces/<team>/members/add",
    "PUT /workspaces/<team>/budgets/daily",
    "PUT /workspaces/<team>/budgets/monthly",
]


def test_a_slug_changes_in_place_and_one_request_deletes_all(
    project: Project, simulator: Simulator
) -> None:
    """A new slug is one PATCH that touches no child; destroying all is one DELETE."""
    organization = simulator.organization
    project.program(TEAM.format(slug="team", description="d"))
    assert set(project.using(**NOWHERE).preview().changes.values()) == {"create"}
    project.up()
    assert sorted(sent(simulator)) == CREATED
    id = organization.workspace("team").id

    project.program(TEAM.format(slug="crew", description="d"))
    planned = project.using(**NOWHERE).preview("--diff")
    assert planned.changes == {"team": "update"}
    assert planned.diffs["team"] == ["slug"]
    assert project.up().changes == {"team": "update"}
    assert [request.body for request in simulator.log] == [{"slug": "crew"}]
    assert sent(simulator) == ["PATCH /workspaces/<crew>"]
    assert organization.workspace("crew").id == id
    assert organization.budgets("crew") == {"daily": 1, "monthly": 20}
    assert len(organization.members("crew")) == 2

    project.destroy()
    assert sent(simulator) == [f"DELETE /workspaces/{id}"]
    assert project.state() == {}


@pytest.mark.parametrize("slug", ['"default"', 'kept.id.apply(lambda id: "default")'])
def test_children_of_a_workspace_that_stays_are_deleted_by_themselves(
    project: Project, simulator: Simulator, slug: str
) -> None:
    """A retained workspace and the default one outlive the stack, their children do not."""
    organization = simulator.organization
    project.program(f"""
        kept = Workspace("kept", opts=pulumi.ResourceOptions(retain_on_delete=True))
        WorkspaceBudget("kept-budget", workspace_id=kept, daily_limit_usd=1)
        WorkspaceMembership("members", workspace_id=kept, emails=["ada@example.com"])
        default = Workspace("everybody", name="Default", slug={slug}, adopt_existing=True)
        WorkspaceBudget("default-budget", workspace_id=default, weekly_limit_usd=2)
    """)
    project.up()
    assert organization.budgets("default") == {"weekly": 2}
    sent(simulator)

    destroyed = project.destroy()
    assert "workspace 'default' can't be deleted: this stack only forgets it" in destroyed.output
    assert sorted(sent(simulator, writes=True)) == [
        "DELETE /workspaces/<default>/budgets/weekly",
        "DELETE /workspaces/<kept>/budgets/daily",
        "POST /workspaces/<kept>/members/remove",
    ]
    assert organization.budgets("kept") == organization.budgets("default") == {}
    assert organization.members("kept") == []
    assert project.state() == {}


def test_a_workspace_deleted_by_hand_comes_back_with_its_children(
    project: Project, simulator: Simulator
) -> None:
    """Only refresh notices that it is gone; then up makes it anew, and its children follow."""
    organization = simulator.organization
    project.program(TEAM.format(slug="team", description="d"))
    project.up()
    organization.delete_workspace("team")
    sent(simulator)
    assert project.up().changes == {}
    assert sent(simulator) == []

    project.program(TEAM.format(slug="team", description="changed"))
    (error, *_) = project.up(check=False).errors
    assert "updating workspace 'team': the workspace no longer exists" in error
    assert "Run `pulumi refresh`" in error
    refreshed = project.refresh()
    assert set(project.state()) == set(), refreshed.steps
    sent(simulator)
    project.up()
    assert sorted(sent(simulator)) == CREATED

    organization.delete_workspace("team")
    old = project.outputs()["id"]
    project.refresh("--target", project.urn("Workspace", "team"))
    assert set(project.state()) == {"budget", "members"}
    sent(simulator)
    project.up()
    # What is left of the old ones is asked to go, and need not be there.
    assert {request.status for request in simulator.log if old in request.path} == {404}
    new = organization.workspace("team").id
    assert new != old
    assert {resource["id"] for resource in project.state().values()} == {new}
    assert organization.budgets("team") == {"daily": 1, "monthly": 20}
    assert len(organization.members("team")) == 2
    assert project.up().changes == {}
