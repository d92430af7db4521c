"""The core serves any host: whole lives of the resources where Pulumi can't be imported."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from pulumi_openrouter.simulator import Simulator

LIFE = """
import json, sys

class NoPulumi:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pulumi", "grpc", "dill"):
            raise ImportError(f"{name} is not to be imported")

sys.meta_path.insert(0, NoPulumi())
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.core.workspace_budget import WorkspaceBudgetLifecycle
from pulumi_openrouter.core.workspace_membership import WorkspaceMembershipLifecycle

kind, key, base_url, given, then = *sys.argv[1:4], *map(json.loads, sys.argv[4:])
LIFECYCLES = (WorkspaceLifecycle, WorkspaceBudgetLifecycle, WorkspaceMembershipLifecycle)
(lifecycle_class,) = [found for found in LIFECYCLES if found.noun == kind]

def new_run():
    return lifecycle_class(Context(lambda: Client(key, base_url)))

lifecycle = new_run()
inputs, problems = lifecycle.check({}, {**given, "slug": 5, "exclusive": "maybe"})
assert problems, "nothing was wrong"
inputs, problems = lifecycle.check({}, given)
assert problems == [], problems
found = lifecycle.create(inputs)
assert lifecycle.read(found.id, found.outputs).outputs == found.outputs
changed, problems = lifecycle.check(inputs, then)
assert problems == [], problems
assert lifecycle.diff(found.id, found.outputs, inputs).changed == ()
assert lifecycle.diff(found.id, found.outputs, changed).changed
outputs = lifecycle.update(found.id, found.outputs, changed)
live = lifecycle.read(found.id, outputs)
assert lifecycle.diff(found.id, live.outputs, changed).changed == ()
new_run().delete(found.id, live.outputs)
assert not any(name.partition(".")[0] == "pulumi" for name in sys.modules)
"""


@pytest.mark.parametrize("kind", ["workspace", "budget", "membership"])
def test_a_whole_life_needs_no_pulumi(simulator: Simulator, kind: str) -> None:
    """From check to delete, in a process in which Pulumi does not exist."""
    organization = simulator.organization
    there = organization.create_workspace(name="There", slug="there")
    ada, grace = (f"{name}@example.com" for name in ("ada", "grace"))
    lives: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "workspace": (
            {"name": "Team", "slug": "team", "adopt_existing": False, "force_destroy": False},
            {"description": "d"},
        ),
        "budget": (
            {"workspace_id": there.id, "daily_limit_usd": 5, "exclusive": False},
            {"daily_limit_usd": 7, "monthly_limit_usd": 50},
        ),
        "membership": (
            {"workspace_id": there.id, "emails": [ada], "exclusive": False},
            {"emails": [ada, grace]},
        ),
    }
    given, change = lives[kind]
    arguments = [kind, simulator.key, simulator.base_url, *map(json.dumps, (given, given | change))]
    done = subprocess.run(
        [sys.executable, "-c", LIFE, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [each.slug for each in organization.workspaces] == ["default", "there"]
    assert organization.budgets("there") == {}
    assert organization.members("there") == []
