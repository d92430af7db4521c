"""A budget for the workspace of each team, whoever made it, and an overview of all workspaces."""

import pulumi

from pulumi_openrouter import (
    WorkspaceBudget,
    get_organization_members,
    get_workspace,
    get_workspace_budgets_output,
    get_workspace_members,
    get_workspaces,
)

OWNER = "ada@example.com"
PREFIX = "team-"

if OWNER not in {(person.email or "").lower() for person in get_organization_members()}:
    raise pulumi.RunError(f"{OWNER}, who answers for the budgets, is not in the organization.")

workspaces = get_workspaces()
budgets = {
    workspace.slug: WorkspaceBudget(
        workspace.slug, workspace_id=workspace.id, monthly_limit_usd=100
    )
    for workspace in workspaces
    if workspace.slug.startswith(PREFIX)
}

pulumi.export("created_at", get_workspace("default").created_at)
pulumi.export("members", {each.slug: len(get_workspace_members(each.id)) for each in workspaces})
# All limits, including those set by others. The id is known only once the budget exists.
pulumi.export(
    "limits",
    {
        slug: get_workspace_budgets_output(budget.id).apply(lambda found: found.limits)
        for slug, budget in budgets.items()
    },
)
