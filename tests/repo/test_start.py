"""What a run loads before it sends anything: its time is that of the imports."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

HEAVY = {
    "cattrs",
    "difflib",
    "flask",
    "jsonschema",
    "requests",
    "rich",
    "urllib3",
    "werkzeug",
    "yaml",
}
PROGRAM = "from pulumi_openrouter import Workspace, WorkspaceBudget, WorkspaceMembership"
PREVIEW = """
from pulumi.dynamic import Config, ConfigureRequest
from pulumi_openrouter.host import provider
ours = provider("workspace")
ours.configure(ConfigureRequest(config=Config(raw_config={}, project_name="p")))
news = {"name": "n", "slug": "s", "adopt_existing": False, "force_destroy": False}
inputs = ours.check({}, news).inputs
assert ours.diff("id", {**inputs, "description": "old"}, inputs).changes
"""


def printed(script: str) -> Any:
    """What some code prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, "127.0.0.1:9"], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def loaded(code: str) -> set[str]:
    """The modules that some code loads where pulumi is loaded already."""
    return set(
        printed(
            "import sys, json, pulumi, pulumi.dynamic\n"
            f"before = set(sys.modules)\n{code}\n"
            "print(json.dumps(sorted(set(sys.modules) - before)))"
        )
    )


@pytest.mark.parametrize("code", [PROGRAM, PREVIEW], ids=["a program", "a preview's provider"])
def test_nothing_heavy_is_loaded_before_a_request(code: str) -> None:
    """Neither a program nor a preview loads the client, or a library that only it needs."""
    modules = loaded(code)
    assert {module.partition(".")[0] for module in modules} & HEAVY == set()
    assert [name for name in modules if name.startswith("pulumi_openrouter.simulator")] == []
    used = {name for name in modules if name.startswith("pulumi_openrouter.api.")}
    assert used <= {
        f"pulumi_openrouter.api.{name}"
        for name in ("base_url", "errors", "key", "limits", "member")
    }


def test_attrs_is_the_only_library_of_a_program() -> None:
    """What is loaded beside this package and Python's own is attrs."""
    names = {module.partition(".")[0] for module in loaded(PROGRAM)}
    assert names - sys.stdlib_module_names == {"attr", "attrs", "pulumi_openrouter"}
