"""Environments made by pip, uv and poetry, as strangers have them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pulumi_openrouter.simulator import Simulator
from tools import venvs
from tools.paths import ROOT
from tools.project import Project, environment_for

PYPROJECT = """
[project]
name = "infra"
version = "0"
requires-python = ">=3.10,<4"
dependencies = ["pulumi-openrouter @ {wheel}"]

[tool.poetry]
package-mode = false
"""
PROGRAM = """
import sys

import pulumi

from pulumi_openrouter import Workspace

Workspace("team", description="ours")
pulumi.export("prefix", sys.prefix)
"""
OURS = str(Path(sys.prefix) / "bin")
"""Where this Python has its programs; a shell without it stands for one outside any environment."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the index would have."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", f"--outdir={folder}", "."]
    run(build, ROOT, os.environ)
    (built,) = folder.iterdir()
    return built


@pytest.fixture
def project(tmp_path: Path, simulator: Simulator) -> Project:
    """A project in a shell that is in no environment."""
    environment = environment_for(tmp_path, simulator)
    del environment["PULUMI_PYTHON_CMD"]
    outside = [each for each in environment["PATH"].split(os.pathsep) if each != OURS]
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "__main__.py").write_text(PROGRAM)
    return Project(folder, {**environment, "PATH": os.pathsep.join(outside)})


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def install(project: Project, *command: str) -> None:
    """Make the environment, with the settings by which this machine reaches the index."""
    run([*command], project.folder, {**os.environ, **project.environment})


def describe(project: Project, **options: str) -> None:
    """Write Pulumi.yaml."""
    settings: dict[str, Any] = {"name": "infra", "runtime": {"name": "python", "options": options}}
    (project.folder / "Pulumi.yaml").write_text(json.dumps(settings))
    project.run("stack", "init", "dev")


def lives(project: Project, simulator: Simulator, prefix: str | Path, *runner: str) -> None:
    """An up in the environment `prefix`, which `runner` enters, and a destroy outside it."""
    options = ["--yes", "--skip-preview", "--non-interactive"]
    run([*runner, "pulumi", "up", *options], project.folder, project.environment)
    assert Path(project.outputs()["prefix"]).resolve() == Path(prefix).resolve()
    assert simulator.organization.workspace("team").description == "ours"
    project.destroy()
    assert [each.slug for each in simulator.organization.workspaces] == ["default"]


def test_a_venv_that_is_not_on_path(project: Project, simulator: Simulator) -> None:
    """Where no program runs, the setting `virtualenv` alone leads to it."""
    describe(project, toolchain="pip", virtualenv=".venv")
    (project.folder / ".venv").symlink_to(sys.prefix)
    lives(project, simulator, sys.prefix, "env", f"PATH={OURS}:{project.environment['PATH']}")


def test_uv(project: Project, simulator: Simulator, wheel: Path) -> None:
    """`uv run pulumi up`; where no program runs, the setting `toolchain` alone leads to it.

    The language host that is built here asks pip what is installed, which uv leaves out unless it
    is seeded.
    """
    describe(project, toolchain="uv")
    (project.folder / "pyproject.toml").write_text(PYPROJECT.format(wheel=wheel.as_uri()))
    install(project, *venvs.UV, "venv", "--quiet", "--seed", f"--python={sys.executable}")
    install(project, *venvs.UV, "sync", "--quiet", "--inexact")
    lives(project, simulator, project.folder / ".venv", *venvs.UV, "run", "--no-sync")


def test_poetry(project: Project, simulator: Simulator, wheel: Path, tmp_path: Path) -> None:
    """`poetry run pulumi up`; where no program runs, poetry is asked for its environment.

    What is in it comes from uv: not every index that a machine reaches has what poetry asks for.
    """
    folders = {f"UV_TOOL_{name}": str(tmp_path / name) for name in ("DIR", "BIN_DIR")}
    run([*venvs.UV, "tool", "install", "--quiet", "poetry"], tmp_path, {**os.environ, **folders})
    path = f"{tmp_path / 'BIN_DIR'}:{project.environment['PATH']}"
    project = project.using(PATH=path, POETRY_VIRTUALENVS_PATH=str(tmp_path / "environments"))
    describe(project, toolchain="poetry")
    (project.folder / "pyproject.toml").write_text(PYPROJECT.format(wheel=wheel.as_uri()))
    install(project, "poetry", "env", "use", sys.executable)
    (made,) = (tmp_path / "environments").glob("infra-*")
    install(project, *venvs.UV, "pip", "install", "--quiet", f"--python={made}", str(wheel))
    lives(project, simulator, made, "poetry", "run")
