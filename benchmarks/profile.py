"""Where the provider's own time goes: each call for 500 workspaces, in one process, profiled."""

from __future__ import annotations

import cProfile
import pstats
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.apart import served
from benchmarks.report import Row, Section
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.host import Provider, provider

WORKSPACES = 500
HTTP = ("/requests/", "/urllib3/", "/http/", "/email/", "/socket.py")
OWN = "/pulumi_openrouter/"
HEAD = ["call", "ms for all", "this package", "requests, urllib3", "else, waiting too"]


def measure(most_rounds: int | None) -> Section:
    """The calls in the order of a workspace's life; the simulator is another process."""
    with served() as simulator:
        client = Client(simulator.key, simulator.base_url)
        rows = [_row(name, profile) for name, profile in _calls(client)]
    title = f"Profile of the provider, {WORKSPACES} workspaces, one call after the other"
    return Section(title, HEAD, rows)


def _calls(client: Client) -> Iterator[tuple[str, cProfile.Profile]]:
    ours, names = _provider(client), [f"team-{n}" for n in range(WORKSPACES)]
    declared = {name: _declared(name, "one") for name in names}
    changed = {name: _declared(name, "two") for name in names}
    made: dict[str, Any] = {}

    def create(name: str) -> None:
        made[name] = ours.create(declared[name])

    def each(call: Callable[[str], object]) -> cProfile.Profile:
        with cProfile.Profile() as profile:
            for name in names:
                call(name)
        return profile

    yield "check", each(lambda name: ours.check({}, declared[name]))
    yield "create", each(create)
    yield "diff", each(lambda name: ours.diff(made[name].id, made[name].outs, changed[name]))
    yield "read", each(lambda name: ours.read(made[name].id, made[name].outs))
    yield (
        "update",
        each(lambda name: ours.update(made[name].id, made[name].outs, changed[name])),
    )
    # A run never deletes what it declares, so another run does.
    ours = _provider(client)
    yield "delete", each(lambda name: ours.delete(made[name].id, made[name].outs))


def _provider(client: Client) -> Provider:
    found = provider("workspace")
    found.lifecycle = WorkspaceLifecycle(Context(lambda: client))
    return found


def _declared(name: str, description: str) -> dict[str, Any]:
    flags = {"adopt_existing": False, "force_destroy": False}
    return {"name": name, "slug": name, "description": description, **flags}


def _row(name: str, profile: cProfile.Profile) -> Row:
    spent: Counter[str] = Counter()
    statistics: Any = pstats.Stats(profile)
    for (file, _, _), (_, _, seconds, _, _) in statistics.stats.items():
        spent[_place(file)] += seconds
    total = sum(spent.values())
    shares = [f"{spent[place] / total:.0%}" for place in ("own", "http", "elsewhere")]
    return [name, total * 1000, *shares]


def _place(file: str) -> str:
    if OWN in file:
        return "own"
    return "http" if any(part in file for part in HTTP) else "elsewhere"
