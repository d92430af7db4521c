"""Each resource from preview to destroy, with the exact requests that are sent."""

from __future__ import annotations

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import NOWHERE, Project


def test_a_workspace_goes_from_preview_to_destroy(project: Project, simulator: Simulator) -> None:
    """A workspace is previewed offline, created, left alone, changed, repaired and deleted."""
    project.program("""
        team = Workspace("Research Team", description="d", io_logging_api_key_ids=[3, 1, 1])
        pulumi.export("id", team.id)
        pulumi.export("ids", team.io_logging_api_key_ids)
        pulumi.export("sampling", team.io_logging_sampling_rate)
    """)
    assert project.using(**NOWHERE).preview().changes == {
        "shop-test": "create",
        "Research Team": "create",
    }
    assert sent(simulator) == []

    project.up()
    assert sent(simulator) == ["POST /workspaces"]
    workspace = simulator.organization.workspace("research-team")
    assert (workspace.name, workspace.description) == ("Research Team", "d")
    assert project.outputs() == {"id": workspace.id, "ids": [1, 3]}

    assert project.up().changes == {}
    assert sent(simulator) == []

    project.program("""team = Workspace("Research Team", io_logging_api_key_ids=[1, 3])""")
    assert project.using(**NOWHERE).preview("--diff").steps["Research Team"] == "update"
    project.up()
    assert sent(simulator) == ["PATCH /workspaces/<research-team>"]
    assert simulator.organization.workspace("research-team").description is None

    simulator.organization.update_workspace("research-team", io_logging_api_key_ids=[9])
    refreshed = project.refresh()
    assert refreshed.diffs["Research Team"] == ["io_logging_api_key_ids", "updated_at"]
    assert sent(simulator) == ["GET /workspaces"]
    assert project.using(**NOWHERE).preview().diffs["Research Team"] == ["io_logging_api_key_ids"]
    project.up()
    assert sent(simulator) == ["PATCH /workspaces/<research-team>"]
    assert simulator.organization.workspace("research-team").io_logging_api_key_ids == [1, 3]

    id = workspace.id
    project.destroy()
    assert sent(simulator) == [f"DELETE /workspaces/{id}"]


def test_budgets_go_from_preview_to_destroy(project: Project, simulator: Simulator) -> None:
    """Budgets are created as a ladder, raised, lowered, swapped, repaired and removed."""
    simulator.organization.create_workspace(name="Team", slug="team")
    id = simulator.organization.workspace("team").id

    def declare(**limits: object) -> None:
        given = ", ".join(f"{name}={value!r}" for name, value in limits.items())
        project.program(f"""WorkspaceBudget("team", workspace_id="{id}", {given})""")

    declare(daily_limit_usd=10, weekly_limit_usd=50, monthly_limit_usd=100, lifetime_limit_usd=900)
    assert project.using(**NOWHERE).preview().changes == {"shop-test": "create", "team": "create"}
    project.up()
    budgets = "/workspaces/<team>/budgets"
    assert sent(simulator) == [
        f"GET {budgets}",
        f"PUT {budgets}/daily",
        f"PUT {budgets}/weekly",
        f"PUT {budgets}/monthly",
        f"PUT {budgets}/lifetime",
    ]
    assert project.up().changes == {}
    assert sent(simulator) == []

    declare(daily_limit_usd=100, weekly_limit_usd=500, monthly_limit_usd=1000)
    project.up()
    assert sent(simulator, writes=True) == [
        f"DELETE {budgets}/lifetime",
        f"PUT {budgets}/monthly",
        f"PUT {budgets}/weekly",
        f"PUT {budgets}/daily",
    ]
    declare(daily_limit_usd=1, weekly_limit_usd=5, include_byok_in_budgets=True)
    project.up()
    assert sent(simulator, writes=True) == [
        f"DELETE {budgets}/monthly",
        f"PUT {budgets}/daily",
        f"PUT {budgets}/weekly",
    ]
    declare(daily_limit_usd=1, weekly_limit_usd=5, include_byok_in_budgets=False)
    project.up()
    assert sent(simulator, writes=True) == [f"PUT {budgets}/daily"]
    assert simulator.organization.budgets("team") == {"daily": 1, "weekly": 5}

    simulator.organization.set_budget("team", "weekly", 7)
    assert project.refresh().diffs["team"] == ["weekly_limit_usd"]
    project.up()
    assert simulator.organization.budgets("team") == {"daily": 1, "weekly": 5}
    sent(simulator)

    project.destroy()
    assert sorted(sent(simulator)) == [f"DELETE {budgets}/daily", f"DELETE {budgets}/weekly"]


def test_members_go_from_preview_to_destroy(project: Project, simulator: Simulator) -> None:
    """Members are added by email and by id, exchanged, repaired and removed."""
    organization = simulator.organization
    organization.create_workspace(name="Team", slug="team")
    id = organization.workspace("team").id
    ada, grace, alan = organization.people[:3]

    project.program(f"""
        team = WorkspaceMembership("team", workspace_id="{id}", user_ids=["{alan.id}"],
            emails=["{ada.email.upper()}", "{grace.email}", "{ada.email}"])
        pulumi.export("members", team.members)
    """)
    assert project.using(**NOWHERE).preview().changes == {"shop-test": "create", "team": "create"}
    project.up()
    members = "/workspaces/<team>/members"
    assert sent(simulator) == [
        "GET /organization/members",
        f"GET {members}",
        f"POST {members}/add",
    ]
    assert sorted(organization.members("team")) == sorted([ada.id, grace.id, alan.id])
    assert {member["user_id"] for member in project.outputs()["members"]} == {
        ada.id,
        grace.id,
        alan.id,
    }
    assert project.up().changes == {}
    assert sent(simulator) == []

    project.program(f"""
        WorkspaceMembership("team", workspace_id="{id}", emails=["{grace.email}", "{ada.email}"])
    """)
    project.up()
    assert sent(simulator) == [f"GET {members}", f"POST {members}/remove"]

    organization.remove_members("team", [ada.id])
    assert project.refresh().diffs["team"] == ["emails", "members"]
    project.up()
    assert sorted(organization.members("team")) == sorted([ada.id, grace.id])
    sent(simulator)

    project.destroy()
    assert sent(simulator) == [f"GET {members}", f"POST {members}/remove"]


def test_a_refresh_that_finds_nothing_new_keeps_the_state(
    project: Project, simulator: Simulator
) -> None:
    """Inputs and outputs of each resource stay as they are where the API has the same."""
    email = simulator.organization.people[1].email
    project.program(f"""
        team = Workspace("team", description="d", disabled_server_tools=["openrouter:web_search"])
        WorkspaceBudget("limit", workspace_id=team, daily_limit_usd=5)
        WorkspaceMembership("crew", workspace_id=team, emails=["{email}"])
    """)
    project.up()
    before = project.state()
    assert before.keys() == {"team", "limit", "crew"}
    project.refresh()
    after = project.state()
    for name, resource in before.items():
        assert after[name]["inputs"] == resource["inputs"]
        assert after[name]["outputs"] == resource["outputs"]
