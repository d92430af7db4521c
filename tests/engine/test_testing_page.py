"""What docs/testing.md shows works, as somebody would write it down from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.outputs import programs
from tools.paths import DOCS

PAGE = DOCS / "testing.md"


def path_without_venv() -> str:
    """PATH with Pulumi and without the environment that pytest is installed in."""
    ours = Path(sys.executable).parent
    folders = os.environ["PATH"].split(os.pathsep)
    kept = os.pathsep.join(folder for folder in folders if Path(folder) != ours)
    assert shutil.which("pulumi", path=kept)
    assert shutil.which("pytest", path=kept) != str(ours / "pytest")
    return kept


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The blocks of the page as files."""
    for number, program in enumerate(programs(PAGE)):
        (tmp_path / f"test_{number}.py").write_text(program)
    (seed,) = programs(PAGE, "yaml")
    (tmp_path / "organization.yaml").write_text(seed)
    return tmp_path


def test_the_page_runs_without_the_environment_on_path(folder: Path) -> None:
    """pytest by its path is enough: the programs run in its Python, and nothing else is needed."""
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:schemathesis"],
        cwd=folder,
        env={**os.environ, "PATH": path_without_venv()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "8 passed" in finished.stdout
