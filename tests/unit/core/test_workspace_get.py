"""Workspaces that a stack only reads."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.support.runs import NewRun, Run
from tests.support.workspaces import (
    NOBODY,
    READ_ONLY,
    SETTINGS,
    create,
    destroy,
    error_of,
    get,
    is_gone,
    refresh,
    requests,
    slugs,
)


def test_get_reads_every_field(simulator: Simulator, run: Run) -> None:
    """All that the API tells is an output, and nothing that only a managed resource has."""
    workspace = simulator.organization.create_workspace(name="Team", slug="team", **SETTINGS)
    simulator.log.clear()
    found = get(run, workspace.id)
    assert found.id == workspace.id
    assert {**found.outputs, "name": "Team", "slug": "team", **SETTINGS} == found.outputs
    assert set(found.outputs) == {"name", "slug", *SETTINGS, *READ_ONLY}
    assert not run.workspaces.is_managed(found.outputs)
    assert requests(simulator) == [("GET", "/workspaces")]


def test_refresh_of_a_get_reads_every_field_again(simulator: Simulator, run: Run) -> None:
    """A field set since the last look appears, one that was cleared goes."""
    workspace = simulator.organization.create_workspace(name="Team", slug="team", description="d")
    first = get(run, workspace.id)
    simulator.organization.update_workspace("team", description=None, default_text_model="m")
    again = refresh(run, first)
    assert "description" not in again.outputs
    assert again.outputs["default_text_model"] == "m"


def test_get_by_slug_is_refused_with_the_id(simulator: Simulator, run: Run) -> None:
    """A slug is not an id: the error names the UUID that belongs there."""
    workspace = simulator.organization.create_workspace(name="Team", slug="team")
    error = error_of(get, run, "team")
    assert str(error) == f"get takes the UUID, not the slug: that is {workspace.id}"


@pytest.mark.parametrize("ref", [NOBODY, "nobody"])
def test_get_of_nothing_is_an_error(run: Run, ref: str) -> None:
    """A workspace that does not exist can't be had."""
    assert str(error_of(get, run, ref)) == "there is no such workspace"


def test_a_get_that_is_gone_is_dropped_by_refresh(simulator: Simulator, run: Run) -> None:
    """What was read before and is deleted since leaves the state."""
    workspace = simulator.organization.create_workspace(name="Team", slug="team")
    found = get(run, workspace.id)
    simulator.organization.delete_workspace("team")
    assert is_gone(run, found)


def test_a_get_declares_nothing(simulator: Simulator, new_run: NewRun) -> None:
    """A workspace that is only read in a run may be deleted by that run."""
    found = create(new_run())
    run = new_run()
    assert get(run, found.id).id == found.id
    assert destroy(run, found) == []
    assert slugs(simulator) == ["default"]
