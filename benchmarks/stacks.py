"""Stacks of a given size, and the commands that are timed on them."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import attrs

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tools.paths import ROOT
from tools.project import Project, environment_for

OURS, FLOOR, NAIVE = "pulumi_openrouter", "benchmarks.floor", "benchmarks.naive"
STEPS = ("create", "preview", "refresh", "update", "destroy")
PEOPLE = 20
PATIENCE = 1800.0


@attrs.frozen
class Shape:
    """What a stack declares."""

    workspaces: int
    has_children: bool = False
    prefix: str = "team"
    """What the names of its workspaces begin with."""

    def __str__(self) -> str:
        more = f", each with 4 budgets and {PEOPLE} members" if self.has_children else ""
        return f"{self.workspaces} workspace{'s' * (self.workspaces > 1)}{more}"

    def program(self, module: str, description: str) -> str:
        """A program that declares it with the resources of a module."""
        emails = [f"member{n}@example.com" for n in range(7, 7 + PEOPLE)]
        children = f"""
    WorkspaceBudget(f"{self.prefix}-{{n}}", workspace_id=team, daily_limit_usd=1,
        weekly_limit_usd=5, monthly_limit_usd=20, lifetime_limit_usd=100)
    WorkspaceMembership(f"{self.prefix}-{{n}}", workspace_id=team, emails={emails})
"""
        return f"""\
from {module} import Workspace, WorkspaceBudget, WorkspaceMembership
for n in range({self.workspaces}):
    team = Workspace(f"{self.prefix}-{{n}}", default_provider_sort="price",
        description={description!r})
{children if self.has_children else ""}"""


@attrs.frozen
class Took:
    """What a command took: the whole process, from its start to its end."""

    seconds: float
    requests: int


@attrs.frozen
class Stack:
    """A stack of a shape, with the resources of a module, and the simulator it talks to."""

    project: Project
    simulator: Simulator
    module: str
    shape: Shape
    parallel: int | None = None

    @classmethod
    @contextlib.contextmanager
    def ready(
        cls,
        module: str,
        shape: Shape,
        *,
        latency: float = 0,
        parallel: int | None = None,
        simulator: Simulator | None = None,
    ) -> Iterator[Stack]:
        """An empty stack; every answer of its simulator comes `latency` seconds late."""
        with contextlib.ExitStack() as until_the_end:
            folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory()))
            if simulator is None:
                simulator = until_the_end.enter_context(Simulator(members=7 + PEOPLE))
            if latency:
                late = Fault(kind=FaultKind.LATENCY, seconds=latency, times=None)
                simulator.faults.add(late)
            settings = environment_for(folder, simulator, PYTHONPATH=str(ROOT))
            # A user's machine has bytecode for what is installed.
            del settings["PYTHONDONTWRITEBYTECODE"]
            project = attrs.evolve(Project.create(folder, settings), patience=PATIENCE)
            yield cls(project, simulator, module, shape, parallel)

    def declare(self, description: str) -> None:
        """Write the program, which gives every workspace this description."""
        text = self.shape.program(self.module, description)
        (self.project.folder / "__main__.py").write_text(text)

    def take(self, step: str) -> Took:
        """Run one of `STEPS`."""
        if step in ("create", "update"):
            self.declare(step)
        command = "up" if step in ("create", "update") else step
        return self.run(command)

    def run(self, command: str, **environment: str) -> Took:
        """Run and time a command."""
        options = [] if command == "preview" else ["--yes", "--skip-preview"]
        options += [f"--parallel={self.parallel}"] if self.parallel else []
        self.simulator.log.clear()
        began = time.perf_counter()
        self.project.using(**environment).run(command, *options)
        return Took(time.perf_counter() - began, len(self.simulator.log))


Round = Mapping[str, Mapping[str, Took]]
"""What each step took with each module."""


def rounds(
    modules: tuple[str, ...],
    shape: Shape,
    count: int,
    *,
    steps: tuple[str, ...] = STEPS,
    latency: float = 0,
    parallel: int | None = None,
) -> list[Round]:
    """Take the steps with each module in turn, `count` times."""
    found: list[Round] = []
    for number in range(count):
        taken: dict[str, dict[str, Took]] = {}
        # A different module begins each time, so that none always has the warmer machine.
        first = number % len(modules)
        for module in modules[first:] + modules[:first]:
            with Stack.ready(module, shape, latency=latency, parallel=parallel) as stack:
                taken[module] = {step: stack.take(step) for step in steps}
        found.append(taken)
    return found


def median(found: list[Round], of: Callable[[Round], float]) -> float:
    """The median over the rounds of a number that each round gives."""
    return statistics.median(of(each) for each in found)


def seconds(found: list[Round], module: str, step: str) -> float:
    """The median time of a step."""
    return median(found, lambda took: took[module][step].seconds)


def beyond_floor(found: list[Round], module: str, step: str) -> float:
    """The median of the seconds that a step takes beyond the floor in the same round."""
    return median(found, lambda took: beyond(took, module, step))


def beyond(took: Round, module: str, step: str) -> float:
    """The seconds that a step took beyond the floor in this round."""
    return took[module][step].seconds - took[FLOOR][step].seconds
