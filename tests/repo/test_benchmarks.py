"""What `make bench` says, and what it compares with."""

from __future__ import annotations

import re

import pytest

from benchmarks import __main__ as bench
from benchmarks import floor
from benchmarks.report import Goal, Section
from pulumi_openrouter import Workspace, WorkspaceBudget, WorkspaceMembership
from pulumi_openrouter.core.fields import fields_of
from tools.paths import DOCS

REACHED, MISSED = Goal("a", 1.05, 1.05), Goal("b", 1.06, 1.05)
PAGE = (DOCS / "performance.md").read_text()


@pytest.mark.parametrize(("goal", "code"), [(REACHED, 0), (MISSED, 1)])
def test_a_missed_goal_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], goal: Goal, code: int
) -> None:
    """The command ends with 1 where something is more than it may be, and says what."""
    section = Section("T", ["x"], [["y"]], [goal])
    monkeypatch.setitem(bench.PARTS, "speed", lambda rounds: section)
    monkeypatch.setattr(bench, "machine", lambda: "a machine without Pulumi")
    assert bench.main(["speed"]) == code
    assert (str(goal) in capsys.readouterr().out) is bool(code)


def test_the_page_has_a_table_for_each_part() -> None:
    """docs/performance.md keeps what each part measured last, on which machine."""
    blocks = dict(re.findall(r"<!-- begin bench-(\w+) -->\n(.*?)<!-- end -->", PAGE, re.DOTALL))
    assert set(blocks) == set(bench.PARTS)
    for text in blocks.values():
        assert re.search(r"^Measured \d{4}-\d\d-\d\d: \d+ cores, .*Pulumi v", text, re.MULTILINE)


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The parts that there are, are named."""
    with pytest.raises(SystemExit):
        bench.main(["sped"])
    assert f"there is no part 'sped'; there are {', '.join(bench.PARTS)}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("properties", "resource"),
    [
        (floor.WORKSPACE, Workspace),
        (floor.BUDGET, WorkspaceBudget),
        (floor.MEMBERSHIP, WorkspaceMembership),
    ],
)
def test_the_floor_has_the_same_properties(properties: tuple[str, ...], resource: type) -> None:
    """With fewer, Pulumi would have less to do for it."""
    assert set(properties) == set(fields_of(resource))
