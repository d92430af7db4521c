"""What no command shows of addresses that are secret, whatever the SDK."""

from __future__ import annotations

from pulumi_openrouter.simulator import Simulator
from tools.project import Project


def assert_secret_addresses_stay_secret(project: Project, simulator: Simulator) -> None:
    """In errors and notes, in the state and in previews there is no secret address in clear."""
    ada, grace = "ada@example.com", "grace@example.com"
    simulator.organization.create_workspace(name="Team", slug="team")

    def declare(people: str) -> None:
        project.program(f"""
            team = Workspace("team", adopt_existing=True)
            WorkspaceMembership("members", workspace_id=team, emails={people})
        """)

    def are_encrypted() -> bool:
        project.run("preview", "--diff")
        found = project.state()["members"]["outputs"]
        return all("ciphertext" in found[name] for name in ("emails", "members"))

    declare(f'pulumi.Output.secret(["{grace}", "nobody@example.com", "{ada}"])')
    (error, *_) = project.up(check=False).errors
    assert "not in the organization: emails[2]" in error

    declare(f'["{grace}", pulumi.Output.secret("{ada}")]')
    project.up()
    assert are_encrypted()
    simulator.organization.create_key(
        "held", workspace="team", creator=simulator.organization.person(ada).id
    )
    declare(f'pulumi.Output.secret(["{grace}"])')
    (error, *_) = project.up(check=False).errors
    assert "these members can't be removed: emails[0] (user_" in error
    project.refresh()
    assert are_encrypted()

    for text in ("".join(project.transcript), *project.state_files()):
        assert "@example.com" not in text
