"""Run the tests on the oldest and the newest of what programs may bring along, and print a table.

Python, Pulumi's SDK and the other packages, each at its oldest and its newest: four environments
try every pair of these. Each runs all tests of the layers `unit` and `host`, and the smallest on
the engine.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import attrs
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools import generate, venvs
from tools.paths import README, ROOT
from tools.venvs import Versions

OF_DEV = (
    "tests/unit/simulator/test_simulator_schemathesis.py",
    "tests/unit/simulator/test_simulator_sdk.py",
    "tests/unit/test_policies.py",
)
"""Those that need what the extra `dev` has beyond `tests`."""
LEFT_OUT = [f"--ignore={file}" for file in OF_DEV]
SMALLEST = ("tests/engine/test_get.py", "tests/engine/test_lifecycle.py")
TESTS = ("tests/unit", "tests/host", *SMALLEST, *LEFT_OUT)
PART = ("tests/unit/api", "tests/unit/internals", "tests/host", "tests/engine/test_get.py")
"""Those of `--part`: what touches Pulumi's SDK or another package, in three minutes each."""
HEAD = ["| Python | Pulumi's SDK | other packages | tests |", "|---|---|---|--:|"]
MAX_LINE_CHARS = 100
FAILURES = ("failure", "error")


@attrs.frozen
class Tried:
    """One environment, and what came of the tests in it."""

    versions: Versions
    installed: dict[str, str]
    passed: int
    code: int
    """What pytest ended with."""

    @property
    def untrue(self) -> list[str]:
        """The declared minimums that are not what was tried."""
        return list(_untrue_minimums(self.versions, self.installed))

    @property
    def is_good(self) -> bool:
        """Whether tests passed, none failed, and the minimums are true."""
        return self.passed > 0 and self.code == 0 and not self.untrue

    def __str__(self) -> str:
        packages = "oldest" if self.versions.oldest_packages else "newest"
        if self.versions.extra == "dev":
            packages = "oldest, for the tests of the simulator"
        outcome = f"{self.passed:,} passed" if self.code == 0 else "failed"
        versions = f"{self.installed['python']} | {self.installed['pulumi']}"
        return f"| {versions} | {packages} | {outcome} |"


def cells(pythons: Sequence[str]) -> list[Versions]:
    """Environments in which every pair of ages meets."""
    first, last = pythons[0], pythons[-1]
    return [
        venvs.oldest(first),
        Versions(first, oldest_packages=False, oldest_sdk=False),
        Versions(last, oldest_packages=True, oldest_sdk=False),
        Versions(last, oldest_packages=False, oldest_sdk=True),
    ]


def tried(versions: Versions, tests: Sequence[str], workers: str) -> Tried:
    """Make the environment, and run the tests in it."""
    python = venvs.make(versions)
    installed = _installed(python)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-n", workers, "--dist=worksteal", f"--junitxml={report}"]
        command = [str(python), "-m", "pytest", *options, *tests]
        done = subprocess.run(command, cwd=ROOT, env=venvs.environment(python), check=False)
        return Tried(versions, installed, _passed(report), done.returncode)


def _installed(python: Path) -> dict[str, str]:
    """The version of each package, and that of Python."""
    listed = venvs.said(*venvs.UV, "pip", "list", "--format=json", f"--python={python}")
    packages = {row["name"]: row["version"] for row in json.loads(listed or "[]")}
    return {**packages, "python": venvs.version_of(str(python)) or ""}


def _passed(report: Path) -> int:
    cases = ElementTree.parse(report).getroot().iter("testcase") if report.exists() else ()
    ends = (*FAILURES, "skipped")
    return sum(all(case.find(end) is None for end in ends) for case in cases)


def _untrue_minimums(versions: Versions, installed: dict[str, str]) -> Iterator[str]:
    """The oldest of all is what is declared, unless another package asks for more.

    A newer SDK does ask for more.
    """
    is_oldest = versions.oldest_packages and versions.oldest_sdk
    for requirement in minimums(versions.extra) if is_oldest else ():
        name = canonicalize_name(requirement.name)
        if Version(installed[name]) != minimum_of(requirement):
            yield f"{requirement.name} {installed[name]} was tried, not {minimum_of(requirement)}"


def minimums(extra: str) -> list[Requirement]:
    """What pyproject.toml asks for, as far as an environment with this extra is to try it."""
    of_tests = _required("tests")
    if extra == "tests":
        return list(of_tests.values())
    return [found for name, found in _required(extra).items() if name not in of_tests]


def _required(extra: str) -> dict[str, Requirement]:
    declared = map(Requirement, metadata.requires("pulumi-openrouter") or [])
    return {
        requirement.name: requirement
        for requirement in declared
        if requirement.name != "pulumi-openrouter"
        and (requirement.marker is None or requirement.marker.evaluate({"extra": extra}))
    }


def minimum_of(requirement: Requirement) -> Version | None:
    """The oldest version that a requirement allows; None: it does not say."""
    bounds = {spec.operator: spec.version for spec in requirement.specifier}
    found = bounds.get(">=") or bounds.get("==")
    return Version(found) if found else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests; returns 1 if something failed or a minimum is not true."""
    parser = argparse.ArgumentParser(prog="python -m tools.matrix", description=__doc__)
    parser.add_argument("--part", action="store_true", help="fewer tests")
    parser.add_argument("--minimums", action="store_true", help="these, with the oldest alone")
    parser.add_argument("--write", action="store_true", help="bring README.md up to date")
    parser.add_argument("--workers", default="auto", help="how many tests run at once")
    options = parser.parse_args(arguments)
    wanted = cells(venvs.pythons())
    tests = PART if options.part or options.minimums else TESTS
    runs = [(versions, tests) for versions in wanted[: 1 if options.minimums else None]]
    if not options.minimums:
        runs.append((attrs.evolve(wanted[0], extra="dev"), OF_DEV))
    found = []
    for versions, of_these in runs:
        found.append(tried(versions, of_these, options.workers))
        print(found[-1], *found[-1].untrue, sep="\n", flush=True)
    if not all(each.is_good for each in found):
        return 1
    if options.write:
        _keep([*HEAD, *map(str, found)], tests)
    return 0


def _keep(table: Sequence[str], tests: Sequence[str]) -> None:
    """Write the table into README.md."""
    folders = ", ".join(f"`{each}`" for each in tests if not each.startswith("--"))
    when = f"Tried on {datetime.date.today()} with Pulumi {_engine()}: {folders}."
    text = "\n".join([*table, "", *textwrap.wrap(when, MAX_LINE_CHARS)])
    README.write_text(generate.filled(README.read_text(), {"versions": lambda: text}))


def _engine() -> str:
    return venvs.said(shutil.which("pulumi") or "pulumi", "version") or "?"


if __name__ == "__main__":
    sys.exit(main())
