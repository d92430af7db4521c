"""A workspace, what it may spend, and who is in it."""

import pulumi

from pulumi_openrouter import Workspace, WorkspaceBudget, WorkspaceMembership

research = Workspace("research", description="Experiments", default_provider_sort="price")

WorkspaceBudget("research", workspace_id=research, daily_limit_usd=20, monthly_limit_usd=200)

WorkspaceMembership(
    "research", workspace_id=research, emails=["ada@example.com", "grace@example.com"]
)

pulumi.export("workspace_id", research.id)
