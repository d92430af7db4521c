"""With a slow API: what counts is how many requests are under way at once."""

from __future__ import annotations

import functools
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks.report import Goal, Row, Section
from benchmarks.stacks import (
    FLOOR,
    NAIVE,
    OURS,
    STEPS,
    Shape,
    beyond,
    beyond_floor,
    median,
    rounds,
    seconds,
)
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator

WORKSPACES = 100
SECONDS = 0.1
PEER_SECONDS = 0.15
PARALLEL = 32
REFRESH_PARALLEL = 8
PEER_PARALLEL = 10
WITH_CHILDREN = Shape(WORKSPACES, True)
MOST_SPENT = 1.3
"""With half of the threads it would be 1.7."""


def measure(most_rounds: int | None) -> list[Section]:
    """Beside the naive provider, beside what Terraform sends, and a refresh of everything."""
    count = min(3, most_rounds or 3)
    return [_beside_naive(count), _beside_terraform(count), _refresh(count)]


def _beside_naive(count: int) -> Section:
    """The time beyond the floor is spent on requests."""
    shape = Shape(WORKSPACES)
    found = rounds((OURS, FLOOR, NAIVE), shape, count, latency=SECONDS, parallel=PARALLEL)
    rows: list[Row] = [
        [
            step,
            seconds(found, FLOOR, step),
            beyond_floor(found, OURS, step),
            beyond_floor(found, NAIVE, step),
            found[-1][OURS][step].requests,
        ]
        for step in STEPS
    ]
    share = median(found, lambda took: beyond(took, OURS, "create") / beyond(took, NAIVE, "create"))
    goals = [Goal("create: here beyond the floor / naive beyond the floor", share, 1 / 3)]
    head = ["step", "floor s", "here: s beyond it", "naive: s beyond it", "requests"]
    title = f"{shape}, {SECONDS * 1000:.0f} ms a request, --parallel {PARALLEL}"
    return Section(title, head, rows, goals)


TERRAFORM: dict[str, list[str]] = {
    "create": ["POST"],
    "preview": ["GET"],
    "refresh": ["GET"],
    "update": ["GET", "PATCH"],
    "destroy": ["GET", "DELETE"],
}
"""What a Terraform provider sends for each workspace: it looks before it changes anything."""


def _beside_terraform(count: int) -> Section:
    """Terraform's requests, ten at a time and without Terraform, beside the time spent here."""
    shape = Shape(WORKSPACES)
    found = rounds((OURS, FLOOR), shape, count, latency=PEER_SECONDS, parallel=PARALLEL)
    peer = _replayed()
    rows: list[Row] = []
    goals: list[Goal] = []
    for step in STEPS:
        beyond = beyond_floor(found, OURS, step)
        rows.append([step, beyond, peer[step], found[-1][OURS][step].requests, _sent(step)])
        share = 0.5 if step in ("preview", "refresh") else 1.0
        goals.append(Goal(f"{step}: s beyond the floor", beyond, peer[step] * share))
    title = f"{shape}, {PEER_SECONDS * 1000:.0f} ms a request, beside Terraform's requests"
    head = ["step", "here: s beyond the floor", "Terraform's alone: s", "requests", "Terraform's"]
    return Section(title, head, rows, goals)


def _sent(step: str) -> int:
    return len(TERRAFORM[step]) * WORKSPACES


def _replayed() -> dict[str, float]:
    """The seconds that Terraform's requests take."""
    with (
        Simulator() as simulator,
        requests.Session() as session,
        ThreadPoolExecutor(PEER_PARALLEL) as threads,
    ):
        session.headers.update(simulator.headers)
        late = Fault(kind=FaultKind.LATENCY, seconds=PEER_SECONDS, times=None)
        simulator.faults.add(late)
        took = {}
        for step in STEPS:
            began = time.perf_counter()
            replay = functools.partial(_replay, session, simulator.base_url, step)
            list(threads.map(replay, range(WORKSPACES)))
            took[step] = time.perf_counter() - began
        return took


def _replay(session: requests.Session, base_url: str, step: str, number: int) -> None:
    body = {"name": "T", "slug": f"t-{number}"}
    for method in TERRAFORM[step]:
        path = "" if method == "POST" else f"/t-{number}"
        sent = body if method in ("POST", "PATCH") else None
        answer = session.request(method, f"{base_url}/workspaces{path}", json=sent)
        answer.raise_for_status()


def _refresh(count: int) -> Section:
    """How few requests read everything, and whether they are under way at once."""
    found = rounds(
        (OURS, FLOOR),
        WITH_CHILDREN,
        count,
        steps=("create", "refresh"),
        latency=SECONDS,
        parallel=REFRESH_PARALLEL,
    )
    sent = found[-1][OURS]["refresh"].requests
    limit = 2 + 2 * WORKSPACES
    least = limit * SECONDS / REFRESH_PARALLEL
    spent = beyond_floor(found, OURS, "refresh")
    goals = [
        Goal("requests of a refresh", sent, limit),
        Goal("s beyond the floor / those of the requests", spent / least, MOST_SPENT),
    ]
    rows: list[Row] = [
        [str(WITH_CHILDREN), seconds(found, FLOOR, "refresh"), spent, least, sent, limit]
    ]
    head = ["refresh of", "floor s", "here: s beyond it", "its requests alone: s", "requests"]
    head += ["2 + one for each budget set and membership"]
    title = (
        f"A refresh of everything, {SECONDS * 1000:.0f} ms a request, --parallel {REFRESH_PARALLEL}"
    )
    return Section(title, head, rows, goals)
