"""Without latency: beside the floor, and beside a naive provider."""

from __future__ import annotations

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

SIZES = {Shape(1): 7, Shape(20): 5, Shape(100): 3, Shape(50, True): 3, Shape(500): 3}
"""How many rounds are taken of each."""
MOST_RATIO = 1.05
MOST_EXTRA_MS = 50


def measure(most_rounds: int | None) -> Section:
    """Each step at each size."""
    rows: list[Row] = []
    goals: list[Goal] = []
    for shape, count in SIZES.items():
        found = rounds((OURS, FLOOR, NAIVE), shape, min(count, most_rounds or count))
        rows += [_row(shape, step, found) for step in STEPS]
        goals += _goals(shape, found)
    head = [
        "stack",
        "rounds",
        "floor s",
        "here s",
        "here / floor",
        "naive s",
        "requests",
        "naive requests",
    ]
    note = f"Goal for each step: at most {MOST_RATIO} of the floor."
    return Section("Without latency", head, rows, goals, note)


def _row(shape: Shape, step: str, found: list[Round]) -> Row:
    last = found[-1]
    return [
        f"{shape}: {step}",
        len(found),
        seconds(found, FLOOR, step),
        seconds(found, OURS, step),
        f"{_ratio(step, found):.3f}",
        seconds(found, NAIVE, step),
        last[OURS][step].requests,
        last[NAIVE][step].requests,
    ]


def _ratio(step: str, found: list[Round]) -> float:
    return median(found, lambda took: took[OURS][step].seconds / took[FLOOR][step].seconds)


def _goals(shape: Shape, found: list[Round]) -> list[Goal]:
    goals = [
        Goal(f"{shape}: {step}, here / floor", _ratio(step, found), MOST_RATIO) for step in STEPS
    ]
    if shape == Shape(1):
        extra = 1000 * beyond_floor(found, OURS, "preview")
        goals.append(Goal(f"{shape}: preview, ms beyond the floor", extra, MOST_EXTRA_MS))
    return goals
