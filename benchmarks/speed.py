"""Without latency: beside the floor, and beside a naive provider."""

from __future__ import annotations

import attrs

from benchmarks import libraries
from benchmarks.libraries import Libraries
from benchmarks.report import Goal, Row, Section
from benchmarks.stacks import (
    FLOOR,
    NAIVE,
    OURS,
    STEPS,
    Round,
    Shape,
    beyond_floor,
    median,
    rounds,
    seconds,
)

SIZES = {Shape(1): 11, Shape(20): 9, Shape(100): 5, Shape(50, True): 5, Shape(500): 5}
"""How many rounds each shape gets."""
MOST_RATIO = 1.05
MOST_EXTRA_MS = 50
SILENT = "preview"
"""The step that sends nothing."""


@attrs.frozen
class Steps:
    """What the steps took at one size."""

    shape: Shape
    found: list[Round]
    libraries: Libraries

    def rows(self) -> list[Row]:
        """A row for each step."""
        return [self._row(step) for step in STEPS]

    def goals(self) -> list[Goal]:
        """What each step may take: if it sends something, the libraries' time as well."""
        goals = [
            Goal(f"{self.shape}: {step}", self.ratio(step, self._sending(step)), MOST_RATIO)
            for step in STEPS
        ]
        if self.shape == Shape(1):
            extra = 1000 * beyond_floor(self.found, OURS, SILENT)
            goals.append(Goal(f"{self.shape}: preview, ms beyond the floor", extra, MOST_EXTRA_MS))
        return goals

    def ratio(self, step: str, sending: float = 0) -> float:
        """The median over the rounds of our time divided by the floor plus the time of sending."""
        return median(
            self.found,
            lambda took: took[OURS][step].seconds / (took[FLOOR][step].seconds + sending),
        )

    def _sending(self, step: str) -> float:
        return self.libraries.seconds(self.found[-1][OURS][step].requests)

    def _row(self, step: str) -> Row:
        last = self.found[-1]
        return [
            f"{self.shape}: {step}",
            len(self.found),
            seconds(self.found, FLOOR, step),
            seconds(self.found, OURS, step),
            f"{self.ratio(step):.3f}",
            f"{self.ratio(step, self._sending(step)):.3f}",
            seconds(self.found, NAIVE, step),
            last[OURS][step].requests,
            last[NAIVE][step].requests,
        ]


def measure(most_rounds: int | None) -> Section:
    """Each step at each size."""
    alone = libraries.measure()
    sizes = [
        Steps(
            shape,
            rounds((OURS, FLOOR, NAIVE), shape, min(count, most_rounds or count)),
            alone,
        )
        for shape, count in SIZES.items()
    ]
    ratios = [each.ratio(step) for each in sizes for step in STEPS]
    within = sum(ratio <= MOST_RATIO for ratio in ratios)
    head = [
        "stack",
        "rounds",
        "floor s",
        "here s",
        "here / floor",
        "here / floor and libraries",
        "naive s",
        "requests",
        "naive requests",
    ]
    note = (
        f"Goal for each step: at most {MOST_RATIO} of the floor and, where something is sent, of "
        f"what the libraries took alone in this run: {alone}. "
        f"Within {MOST_RATIO} of the floor alone: {within} of {len(ratios)} steps."
    )
    return Section(
        "Without latency",
        head,
        [row for each in sizes for row in each.rows()],
        [goal for each in sizes for goal in each.goals()],
        note,
    )
