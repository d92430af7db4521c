from __future__ import annotations

import uuid

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.host.dynamic_host import Host, Properties, StartHost
from tests.host.inputs import child, workspace


@pytest.fixture
def id(simulator: Simulator, slug: str) -> str:
    """A workspace with two budgets and two members."""
    id = simulator.organization.create_workspace(name=slug, slug=slug).id
    simulator.organization.set_budget(id, "monthly", 100)
    simulator.organization.set_budget(id, "daily", 5)
    people = simulator.organization.people[:2]
    simulator.organization.add_members(id, [person.id for person in people])
    return id


@pytest.fixture
def fresh(start_host: StartHost) -> Host:
    """A process that was told nothing yet."""
    return start_host()


def budget(id: str, **limits: float) -> Properties:
    limits = {f"{interval}_limit_usd": limit for interval, limit in limits.items()}
    return child(id, **limits)


def membership(id: str, *user_ids: str) -> Properties:
    return child(id, user_ids=list(user_ids))


def state(simulator: Simulator, id: str, *user_ids: str) -> Properties:
    people = [simulator.organization.person(user_id) for user_id in user_ids]
    members = [
        {"user_id": person.id, "email": person.email, "role": person.workspace_role}
        for person in people
    ]
    return {**membership(id, *user_ids), "members": members}


def slugs(simulator: Simulator) -> set[str]:
    return {workspace.slug for workspace in simulator.organization.workspaces}


def said(host: Host) -> list[str]:
    host.stop()
    return host.stdout[1:]


# Budgets


def test_a_budget_that_is_declared_stays(fresh: Host, simulator: Simulator, id: str) -> None:
    """An interval that moved to another resource is left alone by the old one's delete."""
    fresh.budgets.check(budget(id, daily=5))
    fresh.budgets.delete(id, budget(id, daily=5, monthly=100))
    assert simulator.organization.budgets(id) == {"daily": 5}
    assert said(fresh) == [
        f"budget of workspace {id}: daily left alone, "
        "because another resource of this stack declares it"
    ]


def test_a_budget_of_another_workspace_is_no_reason(
    fresh: Host, simulator: Simulator, id: str
) -> None:
    """Only the very interval of the very workspace is left alone."""
    fresh.budgets.check(budget(str(uuid.uuid4()), daily=5))
    fresh.budgets.check(budget(id, weekly=50))
    fresh.budgets.delete(id, budget(id, daily=5, monthly=100))
    assert simulator.organization.budgets(id) == {}
    assert said(fresh) == []


def test_budgets_are_deleted_by_a_plain_destroy(fresh: Host, simulator: Simulator, id: str) -> None:
    """A process that was told nothing deletes what the state declares."""
    outputs = budget(id, daily=5, monthly=100)
    assert fresh.budgets.refresh(id, outputs).outputs == outputs
    fresh.budgets.delete(id, outputs)
    assert simulator.organization.budgets(id) == {}


# Members


@pytest.mark.parametrize("by", ["user_ids", "emails"])
def test_a_member_that_is_declared_stays(
    fresh: Host, simulator: Simulator, id: str, by: str
) -> None:
    """Somebody who moved to another resource, by id or by email, keeps the workspace."""
    ada, grace = simulator.organization.people[:2]
    declared = {"user_ids": [ada.id]} if by == "user_ids" else {"emails": [ada.email.upper()]}
    fresh.memberships.check({"workspace_id": id, "exclusive": False, **declared})
    fresh.memberships.delete(id, state(simulator, id, ada.id, grace.id))
    assert simulator.organization.members(id) == [ada.id]
    assert said(fresh) == [
        f"membership of workspace {id}: {ada.id} left alone, "
        "because another resource of this stack declares it"
    ]


def test_a_member_of_another_workspace_is_no_reason(
    fresh: Host, simulator: Simulator, id: str
) -> None:
    """Being declared in one workspace keeps nobody in another."""
    ada, grace = simulator.organization.people[:2]
    fresh.memberships.check(membership(str(uuid.uuid4()), ada.id))
    fresh.memberships.delete(id, state(simulator, id, ada.id, grace.id))
    assert simulator.organization.members(id) == []
    assert said(fresh) == []


def test_members_are_removed_by_a_plain_destroy(fresh: Host, simulator: Simulator, id: str) -> None:
    """A process that was told nothing removes whom the state declares, and nobody else."""
    ada, grace = simulator.organization.people[:2]
    fresh.memberships.delete(id, state(simulator, id, ada.id))
    assert simulator.organization.members(id) == [grace.id]


# Workspaces


def test_a_workspace_that_was_compared_stays(
    fresh: Host, simulator: Simulator, id: str, slug: str
) -> None:
    """What this run declares, it keeps: another resource may stand for the same object."""
    fresh.workspaces.check(workspace(slug), workspace(slug))
    fresh.workspaces.diff(id, workspace(slug), workspace(slug))
    fresh.workspaces.delete(id, workspace(slug))
    assert slug in slugs(simulator)
    assert said(fresh) == [
        f"workspace '{slug}' is left alone: another resource of this stack declares it "
        "(budgets and members that were dropped with it stay)"
    ]


def test_a_workspace_that_was_adopted_stays(
    fresh: Host, simulator: Simulator, id: str, slug: str
) -> None:
    """A resource renamed without an alias adopts its workspace, and its old self leaves it."""
    adopting = workspace(slug, adopt_existing=True)
    fresh.workspaces.check(adopting)
    assert fresh.workspaces.create(adopting)[0] == id
    fresh.workspaces.delete(id, workspace(slug))
    assert slug in slugs(simulator)
    assert simulator.requests("DELETE", f"/workspaces/{id}") == []


def test_a_workspace_that_was_only_refreshed_goes(
    fresh: Host, simulator: Simulator, id: str, slug: str
) -> None:
    """Refresh compares too, and a destroy that refreshes first still deletes."""
    read = fresh.workspaces.refresh(id, workspace(slug))
    fresh.workspaces.diff(id, read.outputs, workspace(slug))
    fresh.workspaces.delete(id, read.outputs)
    assert slug not in slugs(simulator)
    assert said(fresh) == []


def test_a_workspace_that_was_refreshed_and_then_compared_stays(
    fresh: Host, simulator: Simulator, id: str, slug: str
) -> None:
    """After a refresh in the same process, up checks and compares once more: that counts."""
    read = fresh.workspaces.refresh(id, workspace(slug))
    fresh.workspaces.diff(id, read.outputs, workspace(slug))
    fresh.workspaces.check(workspace(slug), workspace(slug))
    fresh.workspaces.diff(id, read.outputs, workspace(slug))
    fresh.workspaces.delete(id, read.outputs)
    assert slug in slugs(simulator)


def test_a_workspace_that_is_replaced_goes(
    fresh: Host, simulator: Simulator, id: str, slug: str
) -> None:
    """A replacement is checked once more without its past: then its old object may go."""
    fresh.workspaces.check(workspace(slug), workspace(slug))
    fresh.workspaces.diff(id, workspace(slug), workspace(slug))
    fresh.workspaces.check(workspace(slug))
    fresh.workspaces.delete(id, workspace(slug))
    assert slug not in slugs(simulator)


def test_a_workspace_is_deleted_by_a_plain_destroy(
    fresh: Host, simulator: Simulator, id: str, slug: str
) -> None:
    """A process that was told nothing deletes the workspace with all that it has."""
    fresh.workspaces.delete(id, workspace(slug))
    assert slug not in slugs(simulator)
    assert said(fresh) == []


def test_another_process_remembers_nothing(
    start_host: StartHost, simulator: Simulator, id: str, slug: str
) -> None:
    """What one run declared, the next may delete."""
    earlier = start_host()
    earlier.workspaces.check(workspace(slug), workspace(slug))
    earlier.workspaces.diff(id, workspace(slug), workspace(slug))
    start_host().workspaces.delete(id, workspace(slug))
    assert slug not in slugs(simulator)
