"""What is printed: tables, and the goals that must hold."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence

import attrs

Row = Sequence[object]


@attrs.frozen
class Goal:
    """A number that must not exceed its limit."""

    what: str
    found: float
    at_most: float

    @property
    def holds(self) -> bool:
        """Whether the goal is reached."""
        return self.found <= self.at_most

    def __str__(self) -> str:
        return f"{self.what}: {_short(self.found)}, and may be {_short(self.at_most)}"


@attrs.frozen
class Section:
    """One table, what it is about, and its goals."""

    title: str
    head: Row
    rows: list[Row]
    goals: list[Goal] = attrs.field(factory=list)
    note: str = ""

    def __str__(self) -> str:
        lines = [f"### {self.title}", ""]
        lines += [_line(self.head), "|---|" + "--:|" * (len(self.head) - 1)]
        lines += [_line(row) for row in self.rows]
        if self.note:
            lines += ["", self.note]
        if self.goals:
            lines += ["", self._verdict(), *(f"- {goal}" for goal in self.missed)]
        return "\n".join(lines)

    @property
    def missed(self) -> list[Goal]:
        """The goals that are not reached."""
        return [goal for goal in self.goals if not goal.holds]

    def _verdict(self) -> str:
        reached = len(self.goals) - len(self.missed)
        return f"Goals reached: {reached} of {len(self.goals)}." + " Missed:" * bool(self.missed)


def machine() -> str:
    """The machine and the versions that were measured."""
    pulumi = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, Pulumi {pulumi.stdout.strip()}"
    )


def _line(row: Row) -> str:
    cells = [_short(cell) if isinstance(cell, float) else str(cell) for cell in row]
    return f"| {' | '.join(cells)} |"


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 or number == int(number) else f"{number:.3g}"
