"""The example that hands a key to where an application reads it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tools.paths import EXAMPLES
from tools.project import Project, environment_for

SECRET_MARK = "4dabf18193072939515e22adb298388d"
"""What the engine calls an encrypted value in a state."""
SERVICE = "billing-service"
DAY_SECONDS = 24 * 3600.0


@pytest.fixture
def project(tmp_path: Path, simulator: Simulator) -> Project:
    files = [path for path in (EXAMPLES / "hand-a-key-on").iterdir() if path.is_file()]
    environment = environment_for(tmp_path, simulator, OPENROUTER_LOG="debug")
    found = Project.copied(tmp_path, environment, *files)
    found.run("stack", "init", "dev")
    return found


@pytest.fixture
def file(project: Project) -> Path:
    """Where the application finds its key."""
    return project.folder / "secrets" / "openrouter.key"


def content_in_state(project: Project) -> Any:
    (found,) = [
        resource["outputs"]["content"]
        for resource in project.resources()
        if resource["type"].endswith(":Resource")
    ]
    return found


@pytest.mark.reliability(
    "a key handed to a file by another provider, rotated while its deletion fails, and destroyed",
    "the file has mode 600 and always a key that works; the key is in clear nowhere else",
)
def test_the_application_has_a_key_that_works_at_any_time(
    project: Project, simulator: Simulator, file: Path
) -> None:
    """A due key is replaced in the file before it is deleted, and is in clear nowhere else."""
    organization = simulator.organization
    organization.advance(-31 * DAY_SECONDS)
    project.up()
    (old,) = organization.keys
    assert file.read_text() == old.secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SECRET_MARK in content_in_state(project)

    # As if a month had gone by.
    organization.advance(31 * DAY_SECONDS)
    refused = Fault(kind=FaultKind.STATUS, method="DELETE", status=403, times=None)
    simulator.faults.add(refused)
    assert project.preview("--diff").steps[f"{SERVICE}-key"] == "update"
    failed = project.up(check=False)
    assert failed.code != 0
    new = organization.keys[-1]
    assert file.read_text() == new.secret != old.secret
    assert organization.keys == [old, new]

    simulator.faults.clear()
    project.up()
    assert organization.keys == [new]
    assert file.read_text() == new.secret
    assert project.preview("--refresh").changes == {}

    project.refresh()
    project.run("stack", "export")
    project.run("stack", "output")
    project.destroy()
    assert not file.exists()
    assert organization.keys == []
    for text in (*project.transcript, *project.state_files()):
        assert old.secret not in text
        assert new.secret not in text


def test_a_file_that_somebody_changed_is_written_again(
    project: Project, simulator: Simulator, file: Path
) -> None:
    """A refresh finds a file that was changed or deleted, and an up repairs it."""
    project.up()
    (key,) = simulator.organization.keys
    for spoil in (lambda: file.write_text("spoilt"), file.unlink):
        spoil()
        project.refresh()
        project.up()
        assert file.read_text() == key.secret
    assert simulator.organization.keys == [key]
