"""Which versions are tried, and how they are found."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tools import matrix, venvs
from tools.venvs import Versions

WORKS = "#!/bin/sh\necho {version}\n"
SHIM = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_every_pair_of_ages_meets() -> None:
    """Old and new of Python, the SDK and the other packages, each pair in some environment."""
    ages = [
        (cell.python == "new", cell.oldest_packages, cell.oldest_sdk)
        for cell in matrix.cells(["old", "between", "new"])
    ]
    for first, second in itertools.combinations(range(3), 2):
        assert len({(age[first], age[second]) for age in ages}) == 4


@pytest.mark.parametrize("extra", ["tests", "dev"])
def test_every_requirement_says_its_minimum(extra: str) -> None:
    """What says none could be any version, and most would not work."""
    without = [found.name for found in matrix.minimums(extra) if not matrix.minimum_of(found)]
    assert without == []


def test_a_minimum_that_was_not_tried_is_told() -> None:
    """Another package may ask for more than pyproject.toml does; then its minimum is not true."""
    declared = {found.name.lower(): found for found in matrix.minimums("tests")}
    installed = {
        name.replace("_", "-"): str(matrix.minimum_of(found)) for name, found in declared.items()
    }
    oldest = venvs.oldest("python")
    assert matrix.Tried(oldest, installed, 1, 0).is_good
    lifted = matrix.Tried(oldest, {**installed, "attrs": "99.1"}, 1, 0)
    assert lifted.untrue == [f"attrs 99.1 was tried, not {matrix.minimum_of(declared['attrs'])}"]
    assert not lifted.is_good
    newest = Versions("python", oldest_packages=False, oldest_sdk=True)
    assert matrix.Tried(newest, {**installed, "attrs": "99.1"}, 1, 0).is_good


def test_a_shim_that_runs_nothing_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then pyenv is asked where that version is; a version that nobody has is none."""
    at = tmp_path / "versions" / "3.10.99"
    script(at / "bin" / "python", WORKS.format(version="3.10.99"))
    script(tmp_path / "bin" / "python3.10", SHIM)
    script(tmp_path / "bin" / "python3.13", WORKS.format(version="3.13.1"))
    asked = f'#!/bin/sh\n[ "$*" = "prefix 3.10" ] && echo {at}\n'
    script(tmp_path / "bin" / "pyenv", asked)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}")
    monkeypatch.setattr(venvs, "UV", [str(tmp_path / "bin" / "python3.10")])
    assert venvs.pythons() == [str(at / "bin" / "python"), str(tmp_path / "bin" / "python3.13")]
