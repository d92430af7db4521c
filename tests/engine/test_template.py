"""`pulumi new` with the folder template."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from pulumi_openrouter.simulator import Simulator
from tools.paths import ROOT
from tools.project import Project, environment_for

TEMPLATE = ROOT / "template"


def test_a_project_from_the_template_runs(tmp_path: Path, simulator: Simulator) -> None:
    """All that `pulumi new` leaves to do is to install what the project requires."""
    folder = tmp_path / "infra"
    folder.mkdir()
    project = Project(folder, environment_for(tmp_path, simulator))
    project.run(
        "new", str(TEMPLATE), "--yes", "--generate-only", "--name=mine", "--description=Ours"
    )
    assert yaml.safe_load((folder / "Pulumi.yaml").read_text())["name"] == "mine"
    assert {path.name for path in folder.iterdir()} == {path.name for path in TEMPLATE.iterdir()}
    (folder / ".venv").symlink_to(sys.prefix)
    project.run("stack", "init", "dev")
    assert project.up().changes["research"] == "create"
    assert simulator.organization.workspace("research").description == "Experiments"
