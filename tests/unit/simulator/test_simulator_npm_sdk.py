"""OpenRouter's SDK for JavaScript, which checks every answer, drives the simulator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from pulumi_openrouter.simulator import Simulator
from tools.paths import ROOT

FOLDER = ROOT / "tests" / "npm"


@pytest.fixture
def node() -> str:
    """Node, with the SDK where it looks for packages."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no `node` on PATH")
    if not (FOLDER / "node_modules" / "@openrouter" / "sdk").is_dir():
        pytest.skip("OpenRouter's SDK for JavaScript is not installed: run `make npm`")
    return found


def test_the_sdk_manages_keys(simulator: Simulator, node: str) -> None:
    """create, get, update, list and delete of API keys work with the SDK."""
    organization = simulator.organization
    team = organization.create_workspace(name="Team", slug="team").id
    variables = {
        "OPENROUTER_BASE_URL": simulator.base_url,
        "OPENROUTER_MANAGEMENT_KEY": simulator.key,
        "WORKSPACE_ID": team,
    }
    done = subprocess.run(
        [node, "keys.mjs"],
        cwd=FOLDER,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    created, updated = said["created"]["data"], said["updated"]["data"]
    assert said["created"]["key"].startswith("sk-or-v1-")
    assert (created["name"], created["workspaceId"], created["limit"]) == ("ci", team, 5)
    assert (created["limitReset"], created["expiresAt"]) == ("monthly", "2999-01-31T00:00:00.000Z")
    assert said["got"]["data"] == created
    assert (updated["disabled"], updated["limit"], updated["limitReset"]) == (True, None, "monthly")
    assert said["listed"]["data"] == [updated]
    assert said["deleted"] == {"deleted": True}
    assert organization.keys == []
    methods = [request.method for request in simulator.log]
    assert methods == ["POST", "GET", "PATCH", "GET", "DELETE"]
