"""A workspace, what it may spend, who is in it, and a key for its first service."""

import pulumi

from pulumi_openrouter import ApiKey, Workspace, WorkspaceBudget, WorkspaceMembership

research = Workspace("research", description="Experiments", default_provider_sort="price")

WorkspaceBudget("research", workspace_id=research, daily_limit_usd=20, monthly_limit_usd=200)

WorkspaceMembership(
    "research", workspace_id=research, emails=["ada@example.com", "grace@example.com"]
)

bot = ApiKey("research-bot", workspace_id=research, limit=50, limit_reset="monthly")

pulumi.export("workspace_id", research.id)
pulumi.export("key", bot.key)
