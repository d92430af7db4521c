"""An application that finds its workspace by a stack reference, with its own members and key."""

import pulumi

from pulumi_openrouter import ApiKey, WorkspaceMembership

# The application's dev uses the workspaces' dev. Outside Pulumi Cloud, the organization of every
# stack is called "organization", and get_organization() returns that.
workspaces = pulumi.StackReference(f"{pulumi.get_organization()}/environments/{pulumi.get_stack()}")
support = workspaces.require_output("workspace_ids").apply(lambda ids: str(ids["support"]))

# Not exclusive: the members that the other stack declares are left alone.
WorkspaceMembership("on-call", workspace_id=support, emails=["katherine@example.com"])

# Not in the stack of the workspaces: prod protects those, and what is protected can't be rotated.
key = ApiKey(
    "app",
    workspace_id=support,
    limit=50,
    limit_reset="monthly",
    rotate_after_days=30,
    lifetime_days=90,
)

pulumi.export("workspace_id", support)
pulumi.export("key", key.key)
