"""What the simulator was asked."""

from __future__ import annotations

from pulumi_openrouter.simulator import Simulator


def sent(simulator: Simulator, *, writes: bool = False) -> list[str]:
    """The requests since the last look, without the ids that differ from run to run."""
    ids = {workspace.id: workspace.slug for workspace in simulator.organization.workspaces}
    found = [
        f"{request.method} {request.path}"
        for request in simulator.log
        if not writes or request.method != "GET"
    ]
    simulator.log.clear()
    for id, slug in ids.items():
        found = [line.replace(id, f"<{slug}>") for line in found]
    return found
