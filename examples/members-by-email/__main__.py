"""Teams by email, one of them exclusive: nobody else stays in its workspace."""

import pulumi

from pulumi_openrouter import Workspace, WorkspaceMembership

TEAMS = {
    "platform": ["ada@example.com", "grace@example.com"],
    "security": ["alan@example.com"],
}

for team, emails in TEAMS.items():
    workspace = Workspace(team, name=team.capitalize())
    membership = WorkspaceMembership(
        team, workspace_id=workspace, emails=emails, exclusive=team == "security"
    )
    pulumi.export(team, membership.members)
