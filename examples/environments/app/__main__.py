"""An application that finds its workspace by a stack reference and adds its own members."""

import pulumi

from pulumi_openrouter import WorkspaceMembership

# The application's dev uses the workspaces' dev. Outside Pulumi Cloud, the organization of every
# stack is called "organization", and get_organization() returns that.
workspaces = pulumi.StackReference(f"{pulumi.get_organization()}/environments/{pulumi.get_stack()}")
support = workspaces.require_output("workspace_ids").apply(lambda ids: str(ids["support"]))

# Not exclusive: the members that the other stack declares are left alone.
WorkspaceMembership("on-call", workspace_id=support, emails=["katherine@example.com"])

pulumi.export("workspace_id", support)
