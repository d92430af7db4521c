"""The same teams in dev, staging, prod and the stack of a pull request; only the limits differ."""

import pulumi
from pulumi import ResourceOptions

from pulumi_openrouter import Environment

config = pulumi.Config()
scale = config.require_float("scale")
stack = pulumi.get_stack()
is_for_pull_request = stack.startswith("pr-")

environments = {
    team: Environment(
        team,
        name=f"{team.capitalize()} ({stack})",
        slug=f"{team}-{stack}",
        daily_limit_usd=10 * scale,
        monthly_limit_usd=100 * scale,
        members=emails,
        force_destroy=is_for_pull_request,
        opts=ResourceOptions(protect=stack == "prod"),
    )
    for team, emails in config.require_object("teams").items()
}

pulumi.export(
    "workspace_ids",
    {team: environment.workspace_id for team, environment in environments.items()},
)
