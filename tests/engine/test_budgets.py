"""Budgets that change together, fail half way, and are removed by somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.reliability(
    "a limit raised by hand, then an up of an update plan that changes another limit",
    "the up sends what the plan shows and nothing else; the raised limit stays until a refresh",
)
def test_an_up_does_what_its_plan_says(
    project: Project, simulator: Simulator, tmp_path: Path
) -> None:
    """What somebody changed meanwhile, and the program left alone, is not sent."""
    organization = simulator.organization
    declared = """
        WorkspaceBudget("budget", workspace_id=Workspace("team"), monthly_limit_usd=100,
            daily_limit_usd={daily}, opts=pulumi.ResourceOptions(ignore_changes=[{ignored}]))
    """
    project.program(declared.format(daily=5, ignored=""))
    project.up()
    organization.set_budget("team", "monthly", 700)
    project.program(declared.format(daily=6, ignored=""))
    plan = str(tmp_path / "plan.json")
    planning = project.using(PULUMI_EXPERIMENTAL="true")
    planning.run("preview", "--save-plan", plan)
    sent(simulator)
    planning.run("up", "--yes", "--skip-preview", "--plan", plan)
    assert sent(simulator) == [f"GET {BUDGETS}", f"PUT {BUDGETS}/daily"]
    assert organization.budgets("team") == {"monthly": 700, "daily": 6}

    project.refresh()
    project.program(declared.format(daily=7, ignored="'monthly_limit_usd'"))
    project.up()
    assert organization.budgets("team") == {"monthly": 700, "daily": 7}
    assert project.preview().changes == {}
