"""A team's workspace and budget; tests/test_stack.py tests it."""

import pulumi

from pulumi_openrouter import Workspace, WorkspaceBudget

config = pulumi.Config()

team = Workspace("team", description="Experiments")
WorkspaceBudget(
    "team",
    workspace_id=team,
    daily_limit_usd=config.get_float("daily") or 5,
    monthly_limit_usd=50,
)

pulumi.export("slug", team.slug)
