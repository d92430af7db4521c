"""Measure, print, and compare with the goals: `python -m benchmarks [PART ...]`."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable, Sequence

from benchmarks import capacity, counts, latency, profile, scale, speed, start
from benchmarks.report import Section, machine
from tools import generate
from tools.paths import DOCS

Measured = Section | list[Section]
PARTS: dict[str, Callable[[int | None], Measured]] = {
    "requests": counts.measure,
    "start": start.measure,
    "simulator": capacity.measure,
    "profile": profile.measure,
    "latency": latency.measure,
    "speed": speed.measure,
    "scale": scale.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts; returns 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (all)")
    parser.add_argument("--rounds", type=int, help="at most so many rounds of each")
    parser.add_argument("--write", action="store_true", help="bring docs/performance.md up to date")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.parts) - set(PARTS)):
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    missed = 0
    for name in options.parts or PARTS:
        measured = PARTS[name](options.rounds)
        sections = measured if isinstance(measured, list) else [measured]
        text = "\n\n".join(str(section) for section in sections)
        print(f"{text}\n", flush=True)
        missed += sum(len(section.missed) for section in sections)
        if options.write:
            _keep(f"bench-{name}", text)
    print(f"{machine()}; goals missed: {missed}")
    return 1 if missed else 0


def _keep(block: str, text: str) -> None:
    """Write one part into docs/performance.md."""
    page = DOCS / "performance.md"
    measured = f"{text}\n\nMeasured {datetime.date.today()}: {machine()}."
    page.write_text(generate.filled(page.read_text(), {block: lambda: measured}))


if __name__ == "__main__":
    sys.exit(main())
