"""The stacks that benchmarks measure do what they are measured for."""

from __future__ import annotations

import pytest

from benchmarks.stacks import FLOOR, NAIVE, OURS, STEPS, Shape, Stack

SHAPE = Shape(2, True)
SENT = {
    # Each workspace: itself, a list and four limits, a list and the members; once: the people,
    # and whose key it is.
    OURS: {"create": 18, "preview": 0, "refresh": 5, "update": 2, "destroy": 2},
    FLOOR: dict.fromkeys(STEPS, 0),
    NAIVE: {"create": 14, "preview": 0, "refresh": 6, "update": 2, "destroy": 12},
}


@pytest.mark.parametrize("module", SENT)
def test_each_module_declares_the_same(module: str) -> None:
    """Every step ends well, and sends what the table of its kind of provider says."""
    with Stack.ready(module, SHAPE) as stack:
        organization = stack.simulator.organization
        sent = {}
        for step in STEPS:
            sent[step] = stack.take(step).requests
            if step == "update" and module != FLOOR:
                assert organization.workspace("team-1").description == "update"
                assert len(organization.members("team-1")) == 20
                assert organization.budgets("team-1")["daily"] == 1
        assert sent == SENT[module]
        assert [found.slug for found in organization.workspaces] == ["default"]
