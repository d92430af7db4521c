"""Thousands of workspaces: where the time goes, and what the engine's own switches change."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import attrs
import psutil

from benchmarks.report import Goal, Row, Section
from benchmarks.stacks import OURS, Shape, Stack
from pulumi_openrouter.simulator import Simulator

MOST_MEBIBYTES = 150
PAUSE = 0.2
NO_CHECKPOINTS = {"PULUMI_SKIP_CHECKPOINTS": "true"}
NO_BACKUPS = {"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true"}
ONE_STACK: list[tuple[int, dict[str, str]]] = [
    (1000, {}),
    (1000, NO_BACKUPS),
    (2000, {}),
    (2000, NO_CHECKPOINTS),
]
STACKS, OF_EACH = 20, 100


def measure(most_rounds: int | None) -> list[Section]:
    """One large stack, and many small ones at once."""
    return [_one_stack(), _many_stacks()]


def _one_stack() -> Section:
    """A stack of each size: created, previewed, refreshed, destroyed."""
    rows: list[Row] = []
    goals: list[Goal] = []
    for count, switch in ONE_STACK:
        with Stack.ready(OURS, Shape(count)) as stack, Peak.watched() as peak:
            stack.declare("create")
            took = [stack.run(command, **switch) for command in ("up", "preview", "refresh")]
            size = len(stack.project.run("stack", "export").stdout.encode()) / count
            took.append(stack.run("destroy", **NO_CHECKPOINTS))
        seconds = [each.seconds for each in took]
        mebibytes = f"{peak.mebibytes:.0f}"
        name = _named(count, switch)
        rows.append([name, *seconds, took[2].requests, f"{size:,.0f}", mebibytes])
        goals.append(Goal(f"{name}: MiB of the provider", peak.mebibytes, MOST_MEBIBYTES))
    head = ["workspaces", "create s", "preview s", "refresh s", "destroy s, without checkpoints"]
    head += ["requests of the refresh", "bytes of exported state for each"]
    head += ["MiB of the provider, at the most"]
    return Section("One large stack, once each", head, rows, goals)


def _named(count: int, switch: dict[str, str]) -> str:
    return ", ".join([f"{count:,}", *(f"`{name}={value}`" for name, value in switch.items())])


def _many_stacks() -> Section:
    """Stacks side by side in one organization."""
    rows: list[Row] = []
    shapes = [Shape(OF_EACH, prefix=f"stack-{n}") for n in range(STACKS)]
    with contextlib.ExitStack() as until_the_end, Simulator() as simulator:
        stacks = [
            until_the_end.enter_context(Stack.ready(OURS, shape, simulator=simulator))
            for shape in shapes
        ]
        for stack in stacks:
            stack.declare("create")
        for command in ("up", "refresh", "destroy"):
            simulator.log.clear()
            began = time.perf_counter()
            with ThreadPoolExecutor(STACKS) as threads:
                list(threads.map(functools.partial(_run, command), stacks))
            rows.append([command, time.perf_counter() - began, len(simulator.log)])
    title = f"{STACKS} stacks of {OF_EACH} workspaces at once, in one organization"
    return Section(title, ["command", "s for all", "requests"], rows)


def _run(command: str, stack: Stack) -> None:
    """Run a command on one of several stacks, which share the simulator's log."""
    stack.project.run(command, "--yes", "--skip-preview")


@attrs.define
class Peak:
    """The most memory that was seen in a provider's process."""

    mebibytes: float = 0

    @classmethod
    @contextlib.contextmanager
    def watched(cls) -> Iterator[Peak]:
        """Keep looking until the block ends."""
        peak = cls()
        is_over = threading.Event()
        watch = threading.Thread(target=peak._watch, args=(is_over,))
        watch.start()
        try:
            yield peak
        finally:
            is_over.set()
            watch.join()

    def _watch(self, is_over: threading.Event) -> None:
        while not is_over.wait(PAUSE):
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "pulumi.dynamic" in process.cmdline():
                        used = process.memory_info().rss / 2**20
                        self.mebibytes = max(self.mebibytes, used)
