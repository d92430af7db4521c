"""Limits for a day, a week, a month and in all, for two environments of different sizes."""

from pulumi_openrouter import Workspace, WorkspaceBudget

SCALES = {"staging": 1, "production": 10}

for environment, scale in SCALES.items():
    workspace = Workspace(f"shop-{environment}", name=f"Shop ({environment})")
    WorkspaceBudget(
        f"shop-{environment}",
        workspace_id=workspace,
        daily_limit_usd=5 * scale,
        weekly_limit_usd=25 * scale,
        monthly_limit_usd=80 * scale,
        lifetime_limit_usd=500 * scale,
        include_byok_in_budgets=True,
        exclusive=True,
    )
