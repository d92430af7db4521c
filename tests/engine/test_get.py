"""Objects that a stack reads and does not manage."""

from __future__ import annotations

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import Project

NOBODY = "00000000-0000-4000-8000-000000000000"
NOTHING = "there is no such workspace"


def test_what_is_read_is_typed_and_never_deleted(project: Project, simulator: Simulator) -> None:
    """A get brings every field and a known id; what is declared on top of it is cleaned up."""
    organization = simulator.organization
    organization.create_workspace(
        name="Theirs", slug="theirs", io_logging_api_key_ids=[7], description="d"
    )
    workspace = organization.workspace("theirs")
    organization.set_budget("theirs", "daily", 1.5, include_byok=True)
    ada = organization.people[0]
    organization.add_members("theirs", [ada.id])
    project.program(f"""
        theirs = Workspace.get("workspace", "{workspace.id}")
        budget = WorkspaceBudget.get("budget", "{workspace.id}")
        members = WorkspaceMembership.get("members", "{workspace.id}")
        later = pulumi.ResourceOptions(depends_on=[budget, members])
        WorkspaceBudget("our-budget", workspace_id=theirs, weekly_limit_usd=9, opts=later)
        WorkspaceMembership(
            "our-members", workspace_id=theirs, emails=["grace@example.com"], opts=later
        )
        pulumi.export("id", theirs.id)
        pulumi.export("slug", theirs.slug)
        pulumi.export("keys", theirs.io_logging_api_key_ids.apply(repr))
        pulumi.export("daily", budget.daily_limit_usd)
        pulumi.export("byok", budget.include_byok_in_budgets)
        pulumi.export("emails", members.members.apply(lambda found: [each.email for each in found]))
    """)
    planned = project.preview()
    assert planned.changes == {
        "shop-test": "create",
        "our-budget": "create",
        "our-members": "create",
    }
    project.up()
    assert project.outputs() == {
        "id": workspace.id,
        "slug": "theirs",
        "keys": "[7]",
        "daily": 1.5,
        "byok": True,
        "emails": [ada.email],
    }
    assert organization.budgets("theirs") == {"daily": 1.5, "weekly": 9}
    assert project.preview().changes == {}
    sent(simulator)

    project.destroy()
    assert sorted(sent(simulator)) == [
        "DELETE /workspaces/<theirs>/budgets/weekly",
        "GET /workspaces/<theirs>/members",
        "POST /workspaces/<theirs>/members/remove",
    ]
    assert organization.budgets("theirs") == {"daily": 1.5}
    assert organization.members("theirs") == [ada.id]


def test_get_wants_the_uuid_of_something_that_exists(
    project: Project, simulator: Simulator
) -> None:
    """A get of nothing is an error, at preview already; that of a slug names the UUID."""
    organization = simulator.organization
    organization.create_workspace(name="Team", slug="team")
    organization.set_budget("team", "daily", 1)
    id = organization.workspace("team").id
    project.program(f"""Workspace.get("nothing", "{NOBODY}")""")
    (error, *_) = project.preview(check=False).errors
    assert error.strip().endswith(f"OpenRouterError: reading workspace {NOBODY}: {NOTHING}")

    project.program(f"""
        for kind in (Workspace, WorkspaceBudget, WorkspaceMembership):
            kind.get(f"{{kind.__name__}} of nothing", "{NOBODY}")
            kind.get(f"{{kind.__name__}} by slug", "team")
    """)
    errors = project.up("--continue-on-error", check=False).errors
    for kind in ("workspace", "budget of workspace", "membership of workspace"):
        assert f"OpenRouterError: reading {kind} {NOBODY}: {NOTHING}\n\n" in errors
        slug = f"{kind} team: get takes the UUID, not the slug: that is {id}"
        assert f"OpenRouterError: reading {slug}\n\n" in errors
