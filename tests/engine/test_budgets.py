"""Budgets that change together, fail half way, and are removed by somebody else."""

from __future__ import annotations

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.traffic import sent
from tools.project import NOWHERE, Project

BUDGETS = "/workspaces/<team>/budgets"


def test_budgets_change_together_or_not_at_all(project: Project, simulator: Simulator) -> None:
    """All go up or down in an order the API accepts, and what fails half way is put back."""
    organization = simulator.organization

    def declare(*limits: float, more: str = "") -> None:
        daily, weekly, monthly = limits
        project.program(f"""
            team = Workspace("team")
            WorkspaceBudget("budget", workspace_id=team, daily_limit_usd={daily},
                weekly_limit_usd={weekly}, monthly_limit_usd={monthly}, {more})
        """)

    declare(1, 5, 20, more="include_byok_in_budgets=False")
    project.up()
    sent(simulator)
    declare(10, 50, 200, more="include_byok_in_budgets=False")
    project.up()
    assert sent(simulator) == [
        f"GET {BUDGETS}",
        f"PUT {BUDGETS}/monthly",
        f"PUT {BUDGETS}/weekly",
        f"PUT {BUDGETS}/daily",
    ]
    declare(1, 5, 20, more="include_byok_in_budgets=False")
    project.up()
    assert sent(simulator, writes=True) == [
        f"PUT {BUDGETS}/daily",
        f"PUT {BUDGETS}/weekly",
        f"PUT {BUDGETS}/monthly",
    ]

    simulator.faults.add(
        Fault(
            kind=FaultKind.STATUS, method="PUT", path="*/weekly", status=400, message="no, thanks"
        )
    )
    declare(10, 50, 200, more="include_byok_in_budgets=True")
    (error, *_) = project.up(check=False).errors
    assert error.strip() == "OpenRouterError: updating budget of workspace 'team': 400 no, thanks"
    assert [request.body for request in simulator.writes()] == [
        {"limit_usd": 200, "include_byok_in_budgets": True},
        {"limit_usd": 50},
        {"limit_usd": 20, "include_byok_in_budgets": False},
    ]
    declare(1, 5, 20, more="include_byok_in_budgets=False")
    assert project.using(**NOWHERE).preview().changes == {}
    assert organization.budgets("team") == {"daily": 1, "weekly": 5, "monthly": 20}
    assert not organization.workspace("team").include_byok_in_budgets

    for interval in ("daily", "weekly", "monthly"):
        organization.delete_budget("team", interval)
    sent(simulator)
    organization.advance(120)
    project.refresh()
    # The API answers 404 for an existing workspace that has no budgets.
    assert sorted(sent(simulator)) == [
        "GET /workspaces",
        "GET /workspaces/<team>",
        f"GET {BUDGETS}",
    ]
    assert project.up().changes == {"budget": "create"}
    assert organization.budgets("team") == {"daily": 1, "weekly": 5, "monthly": 20}
