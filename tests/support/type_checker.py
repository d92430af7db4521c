"""What mypy says of a program whose wrong lines end in `# wrong: ` and the error's code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import attrs

from tools.paths import ROOT, SOURCES

MARK = "# wrong: "


@attrs.frozen
class Checked:
    """The lines of a program that are wrong, and those that mypy refused, each with the code."""

    wrong: set[tuple[str, str]]
    refused: set[tuple[str, str]]
    printed: str


def type_checked(folder: Path, program: str) -> Checked:
    """Let mypy --strict, as this project configures it, check a program in an empty folder."""
    (folder / "program.py").write_text(program)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"]
    done = subprocess.run(
        [*mypy, "--config-file", ROOT / "pyproject.toml", "--cache-dir", "cache", "program.py"],
        cwd=folder,
        env={"PATH": "", "MYPYPATH": str(SOURCES)},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.stderr == ""
    refused = re.findall(r"^program\.py:(\d+): error: .*\[([a-z-]+)\]$", done.stdout, re.M)
    wrong = {
        (str(number), line.partition(MARK)[2])
        for number, line in enumerate(program.splitlines(), start=1)
        if MARK in line
    }
    return Checked(wrong, {*refused}, done.stdout)
