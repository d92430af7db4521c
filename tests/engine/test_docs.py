"""What the pages in docs/ show and tell, on the real engine."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import PARTS
from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools import generate, outputs
from tools.paths import DOCS
from tools.project import Project

MADE_ELSEWHERE = {"faults", *(f"bench-{part}" for part in PARTS)}
"""By `make faults` and `make bench`."""


def test_the_outputs_in_the_pages_have_not_drifted() -> None:
    """What a page shows as output is what its commands print, and no output is left over."""
    made = outputs.made()
    for page in DOCS.glob("*.md"):
        text = page.read_text()
        blocks = generate.as_blocks(made.get(page, {}))
        assert generate.filled(text, blocks) == text
        known = {*blocks, *generate.WITHOUT_ENGINE.get(page, {})}
        assert {match["name"] for match in generate.BLOCK.finditer(text)} <= known | MADE_ELSEWHERE


@pytest.mark.reliability(
    "a TeamWorkspace moved to another stack by `pulumi state move`",
    "nothing is sent, and the next up of either stack changes nothing",
)
def test_a_team_workspace_moves_to_another_stack(project: Project, simulator: Simulator) -> None:
    """It takes its resources along, and neither the move nor an up afterwards sends anything."""
    moving = """TeamWorkspace("team", monthly_limit_usd=5, emails=["ada@example.com"])"""
    project.program(moving)
    project.up()
    sent(simulator)
    (urn,) = [
        resource["urn"]
        for resource in project.resources()
        if resource["urn"].endswith("openrouter:index:TeamWorkspace::team")
    ]
    project.run("stack", "init", "other", "--no-select")
    project.run("state", "move", "--yes", "--source", "test", "--dest", "other", urn)

    assert project.up("--stack", "other").changes == {}
    project.program("")
    assert project.up("--stack", "test").changes == {}
    assert sent(simulator) == []
    assert project.state() == {}
