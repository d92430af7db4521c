"""An engine that is killed while it makes, rotates or deletes an API key."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.engine.killing import Boundary, Victim, kill, running
from tools.project import Project

pytestmark = pytest.mark.timeout(600)
"""Each runs some dozens of commands: on a busy machine that takes its time."""

PROGRAM = """
    team = Workspace("team")
    ApiKey("ci", workspace_id=team, disabled=True, keepers={{"month": "{month}"}})
"""
POST, PATCH = Boundary("POST", "/keys", 1), Boundary("PATCH", "/keys/*", 1)
DELETE = Boundary("DELETE", "/keys/*", 1)


@pytest.fixture
def stack(project: Project) -> Project:
    """A stack with a workspace, whose state survives a kill between two writes."""
    backend = project.environment["PULUMI_BACKEND_URL"] + "?metadata=skip"
    project = project.using(PULUMI_BACKEND_URL=backend, PULUMI_STACK="test")
    project.program('Workspace("team")')
    project.up()
    return project


def killed(
    stack: Project, simulator: Simulator, request: Boundary, command: str, *, applied: bool
) -> None:
    """Run a command, and kill the engine at a request."""
    simulator.faults.add(request.held(applied=applied))
    simulator.log.clear()
    with running(stack, command) as started:
        started.wait_until(lambda: any(each.fault for each in [*simulator.log]))
        kill(started, Victim.ENGINE)
    simulator.faults.clear()
    stack.run("cancel", "--yes")


def known_key(stack: Project) -> str:
    """The hash of the key in the state."""
    return str(stack.state()["ci"]["id"])


@pytest.mark.reliability(
    "kill -9 of pulumi at each request of an API key's creation, before and after it was applied",
    "the next up makes the declared key; at most one that was never used is left, and told",
)
@pytest.mark.parametrize(
    ("request_", "applied", "left"),
    [(POST, False, 0), (POST, True, 1), (PATCH, False, 1), (PATCH, True, 1)],
    ids=["POST, not applied", "POST, applied", "PATCH, not applied", "PATCH, applied"],
)
def test_a_killed_creation_leaves_one_key_that_nobody_used(
    stack: Project, simulator: Simulator, request_: Boundary, applied: bool, left: int
) -> None:
    """No state can know a key whose answer was never read: it is the one that was never used."""
    stack.program(PROGRAM.format(month="1"))
    killed(stack, simulator, request_, "up", applied=applied)
    stack.up()
    keys = {key.hash: key for key in simulator.organization.keys}
    assert keys.pop(known_key(stack)).disabled
    assert len(keys) == left
    assert all(key.last_used_at is None for key in keys.values())


@pytest.mark.reliability(
    "kill -9 of pulumi when a rotation deletes the old API key, and when a destroy deletes it",
    "the next up, or destroy, deletes it",
)
def test_a_killed_deletion_is_finished_by_the_next_command(
    stack: Project, simulator: Simulator
) -> None:
    """The old key of a rotation stays in the state until it is gone."""
    stack.program(PROGRAM.format(month="1"))
    stack.up()
    stack.program(PROGRAM.format(month="2"))
    killed(stack, simulator, DELETE, "up", applied=False)
    assert len(simulator.organization.keys) == 2
    stack.up()
    assert [key.hash for key in simulator.organization.keys] == [known_key(stack)]
    killed(stack, simulator, DELETE, "destroy", applied=True)
    stack.destroy()
    assert simulator.organization.keys == []
