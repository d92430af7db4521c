"""An application: its workspace is found by a stack reference, its people are its own."""

import pulumi

from pulumi_openrouter import WorkspaceMembership

# dev of the application takes dev of the workspaces. Without Pulumi Cloud the organization of
# every stack is called "organization"; get_organization() knows.
workspaces = pulumi.StackReference(f"{pulumi.get_organization()}/environments/{pulumi.get_stack()}")
support = workspaces.require_output("workspace_ids").apply(lambda ids: str(ids["support"]))

# Not exclusive: the members that the other stack declares are left alone.
WorkspaceMembership("on-call", workspace_id=support, emails=["katherine@example.com"])

pulumi.export("workspace_id", support)
