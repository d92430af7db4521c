"""The same teams in dev, staging, prod and the stack of a pull request; only the limits differ."""

import pulumi
from pulumi import ResourceOptions

from pulumi_openrouter import TeamWorkspace

config = pulumi.Config()
scale = config.require_float("scale")
stack = pulumi.get_stack()
is_for_pull_request = stack.startswith("pr-")

teams = {
    name: TeamWorkspace(
        name,
        name=f"{name.capitalize()} ({stack})",
        slug=f"{name}-{stack}",
        daily_limit_usd=10 * scale,
        monthly_limit_usd=100 * scale,
        emails=emails,
        force_destroy=is_for_pull_request,
        opts=ResourceOptions(protect=stack == "prod"),
    )
    for name, emails in config.require_object("teams").items()
}

pulumi.export(
    "workspace_ids",
    {name: team.workspace_id for name, team in teams.items()},
)
