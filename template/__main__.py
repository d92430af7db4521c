"""The workspaces of an OpenRouter organization."""

import pulumi

from pulumi_openrouter import Workspace

research = Workspace("research", description="Experiments")

# What it may spend (with the Enterprise plan), and who is in it:
# WorkspaceBudget("research", workspace_id=research, monthly_limit_usd=200)
# WorkspaceMembership("research", workspace_id=research, emails=["ada@example.com"])

pulumi.export("workspace_id", research.id)
