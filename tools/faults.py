"""Run all reliability tests, and print what was tried and what came of it.

Each line is a test with the mark `@pytest.mark.reliability(tried, outcome)`. If all of them pass,
the table in docs/reliability.md is updated.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import attrs

from tools import generate
from tools.paths import ROOT

MARK = "reliability"


@attrs.frozen
class Line:
    """One line of the table: a test function."""

    tried: str
    outcome: str
    path: Path
    function: str

    @property
    def name(self) -> str:
        """Its name in test reports, without cases."""
        return ".".join([*self.path.with_suffix("").parts, self.function])

    def shown(self, cases: int | None) -> str:
        """The line in Markdown; None leaves the number of cases out."""
        count = "" if cases is None else f"{cases:,}"
        test = f"[{self.path.stem}](../{self.path.as_posix()})"
        return f"| {self.tried} | {self.outcome} | {count} | {test} |"


HEAD = ["| what was tried | what came of it | cases | test |", "|---|---|--:|---|"]


def lines() -> list[Line]:
    """All tests with the mark, in the order of files and lines."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [line for file in files for line in _lines_of(file)]


def _lines_of(file: Path) -> Iterator[Line]:
    for function in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(function, ast.FunctionDef):
            for decorator in function.decorator_list:
                if isinstance(decorator, ast.Call) and _is_mark(decorator.func):
                    tried, outcome = (ast.literal_eval(text) for text in decorator.args)
                    yield Line(tried, outcome, file.relative_to(ROOT), function.name)


def _is_mark(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == MARK


def run() -> tuple[int, Counter[str]]:
    """Run the tests; returns pytest's exit code, and the number of passed cases of each test."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-n", "auto", "--dist", "worksteal", "-q", f"--junitxml={report}"]
        command = [sys.executable, "-m", "pytest", "-m", MARK, *options]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        return code, _passed(ElementTree.parse(report).getroot())


def _passed(report: ElementTree.Element) -> Counter[str]:
    passed: Counter[str] = Counter()
    for case in report.iter("testcase"):
        if all(case.find(end) is None for end in ("failure", "error", "skipped")):
            counted = case.find("properties/property[@name='cases']")
            name = f"{case.get('classname')}.{case.get('name', '').partition('[')[0]}"
            passed[name] += 1 if counted is None else int(counted.get("value", 0))
    return passed


def main() -> int:
    """Print the table, and update the page if everything passed."""
    code, passed = run()
    found = [line.shown(passed[line.name]) for line in lines()]
    table = "\n".join([*HEAD, *found])
    print(f"\n{table}\n\n{passed.total():,} cases")
    if code == 0:
        page = generate.RELIABILITY
        page.write_text(generate.filled(page.read_text(), {"faults": lambda: table}))
    return code


if __name__ == "__main__":
    sys.exit(main())
