"""What differs between the oldest SDK of Pulumi that works and the newest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.host.dynamic_host import Host, HostError
from tests.host.inputs import workspace
from tools import venvs
from tools.paths import SOURCES

TOO_OLD = "3.215.0"


@pytest.fixture(params=["the oldest", "the newest"])
def either(request: pytest.FixtureRequest, environment: dict[str, str]) -> Iterator[Host]:
    """A host of each, called by the same engine."""
    is_oldest = request.param == "the oldest"
    python = str(request.getfixturevalue("oldest")) if is_oldest else sys.executable
    with Host(environment, python=python) as running:
        yield running


def test_errors_are_words_alone(either: Host, slug: str) -> None:
    """Neither the host nor gRPC adds anything to them."""
    either.workspaces.create(workspace(slug))
    with pytest.raises(HostError) as refused:
        either.workspaces.create(workspace(slug))
    assert refused.value.lines[0].startswith(f"OpenRouterError: creating workspace '{slug}': ")
    with pytest.raises(HostError) as wrong:
        either.workspaces.create({})
    (line,) = wrong.value.lines[:1]
    assert line.startswith("OpenRouterError: creating workspace : internal error (KeyError): ")


def test_a_refresh_brings_what_moved_as_inputs(
    either: Host, simulator: Simulator, slug: str
) -> None:
    """The next preview compares with them, and repairs."""
    id, outputs = either.workspaces.create(workspace(slug))
    simulator.organization.update_workspace(id, name="Moved")
    read = either.workspaces.refresh(id, outputs)
    assert read.inputs is not None
    assert read.inputs["name"] == read.outputs["name"] == "Moved"


def test_a_get_reads(either: Host, simulator: Simulator) -> None:
    """It answers with everything that there is."""
    id = simulator.organization.workspace("default").id
    assert either.workspaces.get(id).outputs["slug"] == "default"


def test_an_sdk_below_the_floor_is_refused_at_import(tmp_path: Path) -> None:
    """The error names the version that there is, and the one that it takes."""
    install = [*venvs.UV, "pip", "install", "--quiet", "--no-deps", f"--target={tmp_path}"]
    subprocess.run([*install, f"pulumi=={TOO_OLD}"], check=True)
    done = subprocess.run(
        [sys.executable, "-c", "from pulumi_openrouter import Workspace"],
        env={"PYTHONPATH": os.pathsep.join([str(tmp_path), str(SOURCES)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()[-1:]
    assert line.startswith(
        "pulumi.errors.RunError: pulumi-openrouter needs pulumi 3.216 or newer, "
    )
    assert f"but {TOO_OLD} is installed" in line
