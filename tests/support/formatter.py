"""What Ruff says of a program that was written for people to keep."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

NEEDS_RUFF = pytest.mark.skipif(
    importlib.util.find_spec("ruff") is None, reason="Ruff is not in this environment"
)


def complaints(program: str) -> str:
    """Those of its formatter and its linter; empty where there are none."""
    return "".join(
        _said(program, *action) for action in (("format", "--check", "--diff"), ("check",))
    )


def _said(program: str, *action: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", "ruff", *action, "--isolated", "--quiet", "-"],
        input=program,
        text=True,
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    said = finished.stdout + finished.stderr
    return (said or "refused without a word") if finished.returncode else ""
