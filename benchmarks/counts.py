"""Exactly how many requests each step takes on the real engine."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.report import Goal, Row, Section
from benchmarks.stacks import OURS, Shape, Stack
from pulumi_openrouter.internals.workers import MAX_THREADS
from pulumi_openrouter.simulator import Simulator

CROWD = 250
WORKSPACE = 'team = Workspace("team", description={0!r})\n'
LADDER = 'WorkspaceBudget("team", workspace_id=team, {0})\n'
KEYS = "for n in range({0}): ApiKey(f'k{{n}}', workspace_id=team, limit={1})\n"
MEMBERS = 'WorkspaceMembership("team", workspace_id=team, emails=[{0}])\n'
LIMITS = "daily_limit_usd={0}, weekly_limit_usd={1}, monthly_limit_usd={2}, lifetime_limit_usd={3}"
EMAILS = ", ".join(f'"member{n}@example.com"' for n in range(7, 7 + CROWD))


def measure(most_rounds: int | None) -> list[Section]:
    """The requests of one step after another on one stack, and the connections of a large one."""
    return [_exactly(), _connections()]


def _exactly() -> Section:
    rows: list[Row] = []
    goals: list[Goal] = []
    with (
        Simulator(members=CROWD + 7) as simulator,
        Stack.ready(OURS, Shape(1), simulator=simulator) as stack,
    ):
        for what, expected, found in _things(stack):
            rows.append([what, expected, found])
            goals.append(Goal(f"{what}: requests more or less", abs(found - expected), 0))
    return Section("Requests on the real engine", ["what", "expected", "sent"], rows, goals)


def _things(stack: Stack) -> Iterator[tuple[str, int, int]]:
    """Each step, how many requests it should take, and how many it sent."""
    one, other = WORKSPACE.format("one"), WORKSPACE.format("other")
    ladder = LADDER.format(LIMITS.format(1, 5, 20, 100))
    higher = LADDER.format(LIMITS.format(2, 6, 30, 200))
    members = MEMBERS.format(EMAILS)

    def took(program: str, command: str = "up") -> int:
        stack.project.program(program)
        return stack.run(command).requests

    pages = -(-(CROWD + 7) // 100)
    yield "preview of a workspace", 0, took(one, "preview")
    yield "create of a workspace: whose key it is, 1 POST", 2, took(one)
    yield "up without a change", 0, took(one)
    yield "update of a workspace", 1, took(other)
    yield "refresh of a workspace", 1, took(other, "refresh")
    yield "create of a ladder of four: whose key it is, 1 list, 4 PUT", 6, took(other + ladder)
    yield "update of all four: 1 list, 4 PUT", 5, took(other + higher)
    yield "preview of all", 0, took(other + ladder, "preview")
    yield (
        f"create of {CROWD} members by email: whose key it is, 1 list, "
        f"{pages} pages of the organization, 3 adds",
        5 + pages,
        took(other + higher + members),
    )
    yield "up without a change of any", 0, took(other + higher + members)
    yield from _of_keys(stack, WORKSPACE.format("other"))
    yield "destroy of all: the workspace takes them along", 1, took("", "destroy")


def _of_keys(stack: Stack, workspace: str) -> Iterator[tuple[str, int, int]]:
    """The same for API keys alone."""

    def took(count: int, limit: int, command: str = "up") -> int:
        stack.project.program(workspace + KEYS.format(count, limit))
        return stack.run(command).requests

    stack.project.program(workspace)
    stack.run("up")
    yield "preview of 100 API keys", 0, took(100, 5, "preview")
    yield "create of 100 API keys: whose key it is, 100 POST", 101, took(100, 5)
    yield "up without a change of 100 API keys", 0, took(100, 5)
    yield "update of 100 API keys", 100, took(100, 7)
    yield "refresh of 100 API keys and a workspace: a page of each", 2, took(100, 7, "refresh")
    yield "destroy of 100 API keys", 100, took(0, 7)


def _connections() -> Section:
    """At most one for each call under way, kept for the next call."""
    shape, parallel = Shape(200), 16
    rows: list[Row] = []
    goals: list[Goal] = []
    with Stack.ready(OURS, shape, parallel=parallel) as stack:
        for step in ("create", "refresh", "update", "destroy"):
            before = stack.simulator.connections_opened
            took = stack.take(step)
            opened = stack.simulator.connections_opened - before
            rows.append([step, took.requests, opened])
            goals.append(Goal(f"{step}: connections", opened, min(parallel, MAX_THREADS)))
    title = f"Connections, {shape}, --parallel {parallel}"
    return Section(title, ["step", "requests", "connections opened"], rows, goals)
