"""An engine that is killed in the middle of its work."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.project import Project

PATIENCE = 60.0


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once it holds; fail if it never does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def hosts_of(folder: Path) -> list[psutil.Process]:
    """The dynamic hosts that run programs of the folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if "pulumi.dynamic" in process.cmdline() and process.cwd() == str(folder):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def end(processes: list[psutil.Process]) -> None:
    """End what a killed engine left behind: its language host does not watch it."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def test_the_provider_of_a_killed_engine_stops_and_writes_no_more(
    project: Project, simulator: Simulator
) -> None:
    """After kill -9 of pulumi its provider ends, retries nothing, and the next up converges."""
    project.program("""team = Workspace("team")""")
    hang = Fault(
        kind=FaultKind.TIMEOUT_BEFORE, method="POST", path="/workspaces", seconds=60, times=None
    )
    simulator.faults.add(hang)
    engine = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: bool(simulator.requests("POST")))
    assert hosts_of(project.folder)
    started = psutil.Process(engine.pid).children(recursive=True)
    engine.kill()
    engine.wait()
    wait_until(lambda: not hosts_of(project.folder))
    assert len(simulator.requests("POST")) == 1
    end(started)

    simulator.faults.clear()
    project.run("cancel", "--yes")
    project.up()
    slugs = [workspace.slug for workspace in simulator.organization.workspaces]
    assert slugs == ["default", "team"]
    assert project.up().changes == {}
