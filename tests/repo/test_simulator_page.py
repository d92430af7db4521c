"""What docs/simulator.md tells people to do works."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_openrouter.simulator import Simulator
from tools.outputs import programs
from tools.paths import DOCS

PAGE = DOCS / "simulator.md"
STOP = "trap 'kill $!' EXIT\n"


def run(command: list[str], folder: Path) -> str:
    finished = subprocess.run(
        command, cwd=folder, text=True, capture_output=True, check=False, timeout=120
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_shell_starts_it_looks_at_it_and_lets_it_fail(tmp_path: Path) -> None:
    """The commands of the page do what it says, one after the other."""
    start, _, steer, spend = programs(PAGE, "sh")
    installed = start.replace("pip install", ": pip install")
    said = run(["sh", "-euc", STOP + installed + steer + spend], tmp_path)
    assert "default" in said
    assert '"code": 503' in said
    assert '"fault":"status"' in said
    assert "404" in said  # The key of the page is nobody's.


def test_the_program_of_the_page_runs(tmp_path: Path) -> None:
    """Its assertions hold."""
    (program,) = programs(PAGE)
    run([sys.executable, "-c", program], tmp_path)


def test_the_seed_of_the_page_loads(tmp_path: Path) -> None:
    """It makes what it says."""
    (text,) = programs(PAGE, "yaml")
    seed = tmp_path / "organization.yaml"
    seed.write_text(text)
    organization = Simulator(seed=seed).organization
    assert organization.budgets("research") == {"monthly": 200, "daily": 20}
    assert [key.name for key in organization.keys] == ["research-ci"]
    assert organization.person("root@example.com").workspace_role == "admin"
