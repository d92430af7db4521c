"""The oldest SDK of Pulumi that works, on the real engine; every other test has the newest."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_openrouter.internals import sdk_floor
from pulumi_openrouter.simulator import Simulator
from tests.engine.secret_addresses import assert_secret_addresses_stay_secret
from tools.project import Project, environment_for


@pytest.fixture
def project(tmp_path: Path, simulator: Simulator, oldest: Path) -> Project:
    """A project in the environment of the oldest."""
    environment = environment_for(tmp_path, simulator, PULUMI_PYTHON_CMD=str(oldest))
    return Project.create(tmp_path, environment, virtualenv=str(oldest.parent.parent))


def test_the_oldest_sdk_keeps_secrets(project: Project, simulator: Simulator) -> None:
    """As the newest does, though its host drops the properties that the engine shows nobody."""
    assert_secret_addresses_stay_secret(project, simulator)


def test_the_oldest_sdk_repairs_and_tells(project: Project, simulator: Simulator) -> None:
    """Drift is found and repaired, a refusal is told in its own words, and all is deleted."""
    organization = simulator.organization
    taken = organization.create_workspace(name="Taken", slug="taken")
    project.program("""
        from importlib import metadata
        Workspace("team", description="ours")
        pulumi.export("sdk", metadata.version("pulumi"))
    """)
    assert project.up().changes["team"] == "create"
    assert project.outputs() == {"sdk": f"{sdk_floor.FLOOR}.0"}
    organization.update_workspace("team", description="theirs")
    assert project.refresh().diffs["team"] == ["description", "updated_at"]
    assert project.up().changes == {"team": "update"}
    assert organization.workspace("team").description == "ours"

    project.program(
        f'Workspace("team", description="ours")\nWorkspace("taken")\n'
        f'Workspace.get("got", "{taken.id}")'
    )
    failed = project.up(check=False)
    assert [error for error in failed.errors if "OpenRouterError: creating workspace" in error]
    assert "Exception calling application" not in failed.output
    assert failed.steps["got"] == "read"
    project.destroy()
    assert [workspace.slug for workspace in organization.workspaces] == ["default", "taken"]
