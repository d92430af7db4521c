"""The requests that reached the simulator."""

from __future__ import annotations

from pulumi_openrouter.simulator import Simulator


def sent(simulator: Simulator, *, writes: bool = False) -> list[str]:
    """The requests since the last look, whose key it is aside, and without ids that vary."""
    ids = {workspace.id: workspace.slug for workspace in simulator.organization.workspaces}
    found = [
        f"{request.method} {request.path}"
        for request in simulator.log
        if request.path != "/key" and not (writes and request.method == "GET")
    ]
    simulator.log.clear()
    for id, slug in ids.items():
        found = [line.replace(id, f"<{slug}>") for line in found]
    return found
