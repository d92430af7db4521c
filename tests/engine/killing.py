"""Kill a pulumi command or its provider while one of its requests is held back."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path

import attrs
import psutil

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.waiting import PATIENCE, PAUSE, wait_until
from tools.project import Project

HELD = 600.0
LATE = 2.0
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Victim(Enum):
    """Who is killed."""

    ENGINE = "pulumi"
    PROVIDER = "provider"


@attrs.frozen(order=True)
class Boundary:
    """One request that a command sends: the n-th of this method and path (a glob)."""

    method: str
    path: str
    nth: int

    @property
    def writes(self) -> bool:
        """Whether it can change anything."""
        return self.method != "GET"

    def held(self, *, applied: bool) -> Fault:
        """Leave it without an answer, carried out or not."""
        kind = FaultKind.TIMEOUT_AFTER if applied else FaultKind.TIMEOUT_BEFORE
        return Fault(kind=kind, method=self.method, path=self.path, nth=self.nth, seconds=HELD)

    def late(self) -> Fault:
        """Carry it out late enough to interrupt the command first."""
        return Fault(
            kind=FaultKind.LATENCY, method=self.method, path=self.path, nth=self.nth, seconds=LATE
        )


def boundaries(simulator: Simulator) -> list[Boundary]:
    """Each request since the last call, for ids that differ next time."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for request in simulator.log:
        # Not `*`, which would match a longer path too.
        key = (request.method, UUID.sub(lambda match: "?" * len(match[0]), request.path))
        seen[key] += 1
        found.append(Boundary(*key, seen[key]))
    simulator.log.clear()
    return found


@attrs.define
class Command:
    """A pulumi command at work."""

    process: subprocess.Popen[bytes]
    _output: Path
    _started: list[psutil.Process] = attrs.field(factory=list)

    @property
    def output(self) -> str:
        """What it has written to stdout and stderr so far."""
        return self._output.read_text()

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds, and remember the processes of the command."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(PAUSE)
        self._started = psutil.Process(self.process.pid).children(recursive=True)

    def started(self, program: str) -> list[psutil.Process]:
        """The processes of the command that run this program, or Python module."""
        found = []
        for process in self._started:
            with contextlib.suppress(psutil.NoSuchProcess):
                if program in [Path(argument).name for argument in process.cmdline()]:
                    found.append(process)
        return found

    def wait(self) -> int:
        """Wait for its end, and return its exit code."""
        return self.process.wait(PATIENCE)

    def interrupt(self) -> None:
        """Ctrl-C, as a terminal sends it: to the whole group of processes."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> None:
        """End the command and what it started."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.end_started()

    def end_started(self) -> None:
        """End what a killed engine leaves: language host and program don't watch it."""
        for process in self._started:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


@contextlib.contextmanager
def running(project: Project, *arguments: str) -> Iterator[Command]:
    """Run a command while the block runs, and then end whatever it started."""
    output = project.folder.parent / "interrupted.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            ["pulumi", *arguments, "--yes", "--skip-preview", "--non-interactive"],
            cwd=project.folder,
            env=project.environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    command = Command(process, output)
    try:
        yield command
    finally:
        command.end()


def kill(command: Command, victim: Victim) -> float:
    """kill -9; returns the seconds until the provider ended. The command ends, too."""
    providers = command.started("pulumi.dynamic")
    language_hosts = command.started("pulumi-language-python")
    assert providers
    assert language_hosts
    killed = time.monotonic()
    for process in [command.process] if victim is Victim.ENGINE else providers:
        process.kill()
    wait_for_end(providers)
    seconds = time.monotonic() - killed
    if victim is Victim.PROVIDER:
        # By now the engine has given up, and would wait some seconds for the program to end.
        wait_for_end(language_hosts)
        command.end_started()
    assert command.wait() != 0
    return seconds


def wait_for_end(processes: list[psutil.Process]) -> None:
    """Wait until all have ended, whether or not their parents have noticed."""
    wait_until(lambda: all(has_ended(process) for process in processes))


def has_ended(process: psutil.Process) -> bool:
    """Whether it has stopped running."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
