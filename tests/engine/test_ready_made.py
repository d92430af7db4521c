"""What a newcomer runs: the demo, the ready-made stack, the examples, the README."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_openrouter.simulator import Simulator
from pulumi_openrouter.testing.stack import NewStack
from tools import generate
from tools.project import ROOT, Project, environment_for

EXAMPLES = sorted(path.parent.name for path in (ROOT / "examples").glob("*/Pulumi.yaml"))


def copied(folder: Path, simulator: Simulator, *files: Path) -> Project:
    """A project with copies of the files, as if they lay in a checkout with its venv."""
    environment = environment_for(
        folder,
        OPENROUTER_MANAGEMENT_KEY=simulator.key,
        OPENROUTER_BASE_URL=simulator.base_url,
    )
    (folder / "state").mkdir()
    (folder / ".venv").symlink_to(sys.prefix)
    program = folder / "examples" / "copy"
    program.mkdir(parents=True)
    (program / ".venv").symlink_to(sys.prefix)
    for file in files:
        shutil.copy(file, program)
    return Project(program, environment)


def test_the_demo_does_what_it_says(tmp_path: Path) -> None:
    """The demo ends well, and every one of its steps is checked by itself."""
    environment = environment_for(tmp_path, TMPDIR=str(tmp_path))
    finished = subprocess.run(
        [sys.executable, ROOT / "demo" / "demo.py"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "Every step did what it says" in finished.stdout
    assert [path.name for path in tmp_path.iterdir()] == []


def test_the_demo_fails_when_a_step_does(tmp_path: Path) -> None:
    """Where pulumi does something else than the demo says, the demo ends with 1."""
    fake = tmp_path / "pulumi"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    environment = environment_for(tmp_path)
    finished = subprocess.run(
        [sys.executable, ROOT / "demo" / "demo.py"],
        env={**environment, "PATH": f"{tmp_path}{os.pathsep}{environment['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "The demo failed: expected that pulumi preview says" in finished.stderr


@pytest.mark.reliability(
    "up, preview and destroy of each example", "nothing left to do after up, nothing left behind"
)
@pytest.mark.openrouter(workspaces=2)
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs_as_it_stands(
    openrouter: Simulator, openrouter_stack: NewStack, name: str
) -> None:
    """An example goes up, has nothing more to do then, and is destroyed."""
    before = [workspace.slug for workspace in openrouter.organization.workspaces]
    stack = openrouter_stack(ROOT / "examples" / name, stack_name="dev")
    assert set(stack.up().changes.values()) == {"create"}
    openrouter.log.clear()
    assert stack.preview().changes == {}
    # A program that asks the organization does so in a preview too.
    assert openrouter.writes() == [] if name == "functions" else openrouter.log == []
    assert set(stack.destroy().changes.values()) == {"delete"}
    assert [workspace.slug for workspace in openrouter.organization.workspaces] == before


def test_the_ready_made_stack_reports_all_mistakes(tmp_path: Path, simulator: Simulator) -> None:
    """A configuration with mistakes is refused at preview, all of them with their places."""
    files = [ROOT / name for name in ("Pulumi.yaml", "__main__.py", "Pulumi.dev.yaml")]
    project = copied(tmp_path, simulator, *files)
    config = project.folder / "Pulumi.dev.yaml"
    config.write_text(
        config.read_text()
        .replace("daily_limit_usd: 5\n", "daily_limit_usd: 500\n")
        .replace("default_provider_sort: price", "default_provider_sort: best")
        .replace("members:", "member:")
    )
    project.run("stack", "init", "dev")
    refused = project.preview(check=False)
    assert refused.code != 0
    text = "\n".join(refused.errors)
    assert "Pulumi.dev.yaml has 3 mistakes" in text
    for place in ("member:", "default_provider_sort:", "budget.monthly_limit_usd:"):
        assert f"workspaces.research-dev.{place}" in text
    assert "Traceback" not in refused.output


def test_secret_configuration_stays_secret(tmp_path: Path, simulator: Simulator) -> None:
    """A secret value in the configuration is encrypted in the state, and works."""
    files = [ROOT / name for name in ("Pulumi.yaml", "__main__.py")]
    project = copied(tmp_path, simulator, *files)
    project.run("stack", "init", "test")
    secrets = {"description": "a confidential plan", "members[0]": "ada@example.com"}
    for name, value in secrets.items():
        project.run("config", "set", "--secret", "--path", f"workspaces.team.{name}", value)
    project.up()
    assert simulator.organization.workspace("team").description == "a confidential plan"
    assert simulator.organization.members("team") == [simulator.organization.people[0].id]
    state = project.run("stack", "export").stdout
    assert [value for value in secrets.values() if value in state] == []


def test_the_outputs_in_the_readme_have_not_drifted() -> None:
    """What README.md shows as output is what the engine prints."""
    for page, blocks in generate.WITH_ENGINE.items():
        text = page.read_text()
        assert generate.filled(text, blocks) == text
