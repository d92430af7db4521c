"""The management key is found nowhere."""

from __future__ import annotations

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.project import Project

PROGRAM = """
    team = Workspace("team")
    Workspace("other", description="{description}")
    WorkspaceBudget("budget", workspace_id=team, daily_limit_usd={daily})
    WorkspaceMembership("members", workspace_id=team, emails={emails})
"""
SOUND = PROGRAM.format(description="d", daily=1, emails='["ada@example.com"]')
CHANGED = PROGRAM.format(description="e", daily=2, emails='["grace@example.com"]')


def use(project: Project, simulator: Simulator) -> None:
    """Succeed and fail with every command but destroy."""
    project.program(SOUND)
    project.up()

    echo = f"the key {simulator.key} is no good"
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="PATCH", status=401, message=echo, times=None),
        Fault(kind=FaultKind.STATUS, method="PUT", status=400, message=echo, times=None),
        Fault(kind=FaultKind.STATUS, path="*/remove", status=500, message=echo, times=None),
    )
    project.program(CHANGED)
    failed = project.using(OPENROUTER_TIMEOUT="1").up("--continue-on-error", check=False)
    for status in (401, 400, 500):
        assert f": {status} the key [key] is no good" in "".join(failed.errors)
    simulator.faults.clear()
    project.refresh()
    project.run("preview", "--diff")
    project.run("stack", "export")
    project.run("stack")
    project.run("config")


def test_a_key_in_the_environment_is_found_nowhere(project: Project, simulator: Simulator) -> None:
    """Not in what any command writes, not in the state, even with all secrets shown."""
    project = project.using(OPENROUTER_LOG="debug")
    use(project, simulator)
    project.run("stack", "export", "--show-secrets")
    project.destroy()
    said = "".join(project.transcript)
    assert "openrouter: POST /workspaces 201" in said
    for text in (said, *project.state_files()):
        assert simulator.key not in text


def test_a_key_in_the_configuration_is_only_found_encrypted(
    project: Project, simulator: Simulator
) -> None:
    """It must be set with --secret; refresh and destroy know it, and the environment wins."""
    project = project.using(OPENROUTER_LOG="debug", OPENROUTER_MANAGEMENT_KEY="")
    project.program(SOUND)
    project.run("config", "set", "openrouter:managementKey", "sk-or-mgmt-clear")
    (error, *_) = project.preview(check=False).errors
    assert "openrouter:managementKey is set without --secret" in error
    assert "pulumi config set --secret openrouter:managementKey" in error
    assert "sk-or-mgmt-clear" not in error
    project.run("config", "set", "--secret", "openrouter:managementKey", simulator.key)

    use(project, simulator)
    other = project.using(OPENROUTER_MANAGEMENT_KEY="sk-or-mgmt-other")
    refreshed = other.refresh(check=False)
    assert ": 401 User not found." in refreshed.errors[0]
    assert set(project.state()) == {"team", "other", "budget", "members"}
    project.destroy()
    said = "".join(project.transcript)
    assert "openrouter: DELETE /workspaces/" in said
    settings = (project.folder / "Pulumi.test.yaml").read_text()
    for text in (said, settings, *project.state_files()):
        assert simulator.key not in text
