"""What the state keeps of the place where a resource is declared."""

from __future__ import annotations

import re
from typing import Any

from pulumi_openrouter.simulator import Simulator
from tools.project import Project, name_of

OURS = {"resource.py", "team_workspace.py"}
RUNNER = {"", "runpy.py"}
"""The frame before the program's outermost: a component is one frame nearer to it."""


def test_the_state_keeps_the_frames_of_the_program_alone(
    project: Project, simulator: Simulator
) -> None:
    """Neither Pulumi's own nor Python's: they would be most of the state, written at each step."""
    there = simulator.organization.create_workspace(name="There", slug="there")
    project.program(f"""
        def declare():
            team = Workspace("team")
            WorkspaceBudget("budget", workspace_id=team, daily_limit_usd=7)
            Workspace.get("got", id="{there.id}")
            TeamWorkspace("together")
        declare()
    """)
    project.up()
    found = [
        (name_of(resource["urn"]), [name for name in files(resource) if name not in OURS | RUNNER])
        for resource in project.resources()
        if "openrouter:" in resource["type"]
    ]
    # The component, and its workspace.
    names = ["budget", "got", "team", "together", "together"]
    assert sorted(found) == [(name, ["__main__.py", "__main__.py"]) for name in names]


def test_a_program_looks_for_no_garbage_in_what_pulumi_loaded(project: Project) -> None:
    """Under the language host, what was loaded before the first resource is left out of it."""
    project.program("""
        import gc
        before = gc.get_freeze_count()
        Workspace("team")
        pulumi.export("frozen", [before, gc.get_freeze_count()])
    """)
    project.up()
    before, after = project.outputs()["frozen"]
    assert before == 0
    assert after > 10_000


def files(resource: dict[str, Any]) -> list[str]:
    """The files of a resource's frames, the innermost first."""
    positions = [frame.get("sourcePosition", "") for frame in resource["stackTrace"]]
    return [re.sub(r".*/|#\d+$", "", position) for position in positions]
