"""How budgets are read, deleted, and only looked at with `get`; what one run leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.api.errors import NotFoundError, ServerError
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.runs import NewRun
from tests.support.workspaces import NOBODY
from tests.unit.core.scenes import Budgets, answered, failure

EITHER_LIST = pytest.mark.parametrize(
    "quirks",
    [Quirks(empty_budgets_404=True), Quirks(empty_budgets_404=False)],
    ids=["empty list is 404", "empty list is 200"],
)
NO_FLAG = pytest.mark.parametrize("quirks", [Quirks(byok_in_answers=False)], ids=["no flag"])


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Budgets:
    return Budgets.of_team(simulator, new_run)


# read


def test_an_unchanged_read_changes_nothing(team: Budgets) -> None:
    """A refresh of what is as it was is one list, and leaves the state as it is."""
    state = team.up(daily=1, lifetime=4.5, byok=True)
    team.sent()
    assert team.refresh(state) == state
    assert team.sent() == ["GET budgets"]


def test_drift_is_shown_and_repaired(team: Budgets) -> None:
    """A refresh shows changed limits, removed ones and the flag; the next up repairs them."""
    state = team.up(daily=1, weekly=2, byok=True)
    team.given(byok=False, weekly=7)
    team.given(daily=None)
    drifted = team.refresh(state)
    assert drifted is not None
    assert drifted.outputs == team.outputs(weekly=7, byok=False)
    assert set(team.changed(drifted, daily=1, weekly=2, byok=True)) == {
        "daily_limit_usd",
        "weekly_limit_usd",
        "include_byok_in_budgets",
    }
    assert team.up(drifted, daily=1, weekly=2, byok=True) == state
    assert (team.live, team.byok) == ({"daily": 1, "weekly": 2}, True)


def test_a_read_keeps_to_the_declared(team: Budgets) -> None:
    """Intervals and a flag that nobody declares here are not in the state."""
    state = team.up(weekly=2)
    team.given(byok=True, lifetime=40, daily=1)
    assert team.refresh(state) == state


def test_exclusive_shows_the_undeclared(team: Budgets) -> None:
    """With exclusive, the intervals of others are drift, and the next up removes them."""
    state = team.up(weekly=2, exclusive=True)
    team.given(lifetime=40, daily=1)
    drifted = team.refresh(state)
    assert drifted is not None
    assert drifted.outputs == team.outputs(daily=1, weekly=2, lifetime=40, exclusive=True)
    team.sent()
    assert team.up(drifted, weekly=2, exclusive=True) == state
    assert team.written() == ["DELETE lifetime", "DELETE daily"]


@EITHER_LIST
def test_no_budgets_in_a_workspace_that_is_there_is_gone(team: Budgets) -> None:
    """Where every budget was removed the resource is gone, and the next up creates it again."""
    state = team.up(daily=1, monthly=3)
    team.given(daily=None, monthly=None)
    assert team.refresh(state) is None
    assert team.up(daily=1, monthly=3) == state


@pytest.mark.parametrize("exclusive", [False, True])
def test_no_declared_interval_left_is_gone(team: Budgets, exclusive: bool) -> None:
    """Where only intervals of others are left the resource is gone, with exclusive too."""
    state = team.up(daily=1, exclusive=exclusive)
    team.given(daily=None, monthly=30)
    assert team.refresh(state) is None


def test_a_workspace_that_is_gone_takes_its_budgets_along(team: Budgets) -> None:
    """A 404 of the list and of the workspace itself is gone."""
    state = team.up(daily=1)
    team.simulator.organization.delete_workspace(team.id)
    team.sent()
    assert team.refresh(state) is None
    assert team.sent() == ["GET budgets", "GET workspace"]


def test_a_404_of_the_list_alone_asks_for_the_workspace(team: Budgets) -> None:
    """A 404 of the list says nothing of the workspace, so that is asked for before all else."""
    state = team.up(daily=1)
    team.simulator.faults.add(answered(404, path="*/budgets"))
    team.simulator.faults.add(answered(403, path=f"/workspaces/{team.id}"))
    assert "403" in str(failure(lambda: team.refresh(state)))


@pytest.mark.parametrize("status", [400, 401])
def test_another_error_is_never_gone(team: Budgets, status: int) -> None:
    """Any other refusal of the list is an error, and drops nothing from the state."""
    state = team.up(daily=1)
    team.simulator.faults.add(answered(status, path="*/budgets"))
    assert str(status) in str(failure(lambda: team.refresh(state)))


def test_a_server_out_of_order_is_never_gone(team: Budgets) -> None:
    """A list that can't be had is an error; nothing was written, so nothing is unsettled."""
    state = team.up(daily=1)
    team.simulator.faults.add(answered(500, path="*/budgets", retry_after=60))
    error = failure(lambda: team.refresh(state))
    assert isinstance(error, ServerError)
    assert not error.unsettled


@NO_FLAG
def test_a_flag_that_is_not_answered_is_no_drift(team: Budgets) -> None:
    """Where answers carry no flag, the state keeps what was declared."""
    state = team.up(daily=1, byok=True)
    assert team.refresh(state) == state


# delete


def test_delete_removes_the_declared_alone(team: Budgets) -> None:
    """A destroy removes each declared interval, and leaves those of others."""
    team.given(lifetime=40, monthly=30)
    state = team.up(daily=1, weekly=2, byok=True)
    team.sent()
    team.destroy(state)
    assert team.sent() == ["DELETE daily", "DELETE weekly"]
    assert team.live == {"lifetime": 40, "monthly": 30}


def test_delete_of_what_is_gone_succeeds(team: Budgets) -> None:
    """Budgets and a workspace that are gone already are no error."""
    state = team.up(daily=1, weekly=2)
    team.given(daily=None)
    team.destroy(state)
    assert team.live == {}
    team.simulator.organization.delete_workspace(team.id)
    team.sent()
    team.destroy(state)
    assert team.sent() == ["DELETE daily", "GET workspace"]


# what one run declares


def test_a_renamed_resource_keeps_its_budgets(team: Budgets) -> None:
    """The delete of the old name leaves alone what the new one declares in this run, and says."""
    state = team.up(daily=1, weekly=2, monthly=3)
    run = team.start()
    team.up_in(run, daily=1, weekly=2)
    team.sent()
    team.engine(run).destroy(state)
    assert team.sent() == ["DELETE monthly"]
    assert run.said == [
        f"budget of workspace {team.id}: daily, weekly left alone, "
        "because another resource of this stack declares it"
    ]


def test_an_interval_moved_to_another_resource_stays(team: Budgets) -> None:
    """An update leaves alone an interval that another resource of this run declares."""
    state = team.up(daily=1, weekly=2)
    run = team.start()
    team.up_in(run, weekly=2)
    team.up_in(run, state, daily=1)
    assert team.live == {"daily": 1, "weekly": 2}
    assert [line for line in run.said if "weekly left alone" in line]


def test_exclusive_leaves_what_this_run_declares(team: Budgets) -> None:
    """Nor does exclusive remove an interval that another resource of this run declares."""
    run = team.start()
    team.up_in(run, weekly=2)
    team.given(monthly=3)
    team.up_in(run, daily=1, exclusive=True)
    assert team.live == {"daily": 1, "weekly": 2}
    assert [line for line in run.said if "weekly left alone" in line]


def test_another_workspace_is_another_object(team: Budgets) -> None:
    """When the budgets move to another workspace, the old one's are removed."""
    state = team.up(daily=1)
    other = team.simulator.organization.create_workspace(name="Other", slug="other").id
    run = team.start()
    moved = team.engine(run).up(team.inputs(daily=1, workspace_id=other), state)
    assert moved.id == other
    assert team.live == {}
    assert team.simulator.organization.budgets(other) == {"daily": 1}
    assert run.said == []


def test_a_later_run_remembers_nothing(team: Budgets) -> None:
    """A destroy in a process of its own removes what the up before it declared."""
    team.destroy(team.up(daily=1, weekly=2))
    assert team.live == {}


# get


def test_get_reads_everything(team: Budgets) -> None:
    """A resource from get has every interval and the flag, whoever manages them."""
    team.given(byok=True, lifetime=40, monthly=30.5)
    assert team.get().outputs == {
        "workspace_id": team.id,
        "lifetime_limit_usd": 40,
        "monthly_limit_usd": 30.5,
        "include_byok_in_budgets": True,
    }
    assert team.sent() == ["GET budgets"]


@NO_FLAG
def test_get_has_no_flag_where_none_is_answered(team: Budgets) -> None:
    """A flag that the API does not answer is not made up."""
    team.given(daily=1)
    assert team.get().outputs == {"workspace_id": team.id, "daily_limit_usd": 1}


@EITHER_LIST
def test_get_where_there_are_no_budgets_raises(team: Budgets) -> None:
    """A get of a workspace without budgets is an error that says so."""
    assert str(failure(team.get)) == "the workspace has no budgets"
    assert team.sent() == ["GET budgets", "GET workspace"]


@pytest.mark.parametrize("budgets", [{}, {"daily": 1}])
def test_get_of_a_slug_names_the_uuid(team: Budgets, budgets: dict[str, Any]) -> None:
    """A get takes the UUID only: given a slug, the error tells it, with and without budgets."""
    team.given(**budgets)
    error = str(failure(lambda: team.get("team")))
    assert error == f"get takes the UUID, not the slug: that is {team.id}"


@pytest.mark.parametrize("id", [NOBODY, "nobody"])
def test_get_of_a_missing_workspace_raises(team: Budgets, id: str) -> None:
    """A get of no workspace is an error, never an empty answer."""
    assert str(failure(lambda: team.get(id))) == "there is no such workspace"


def test_get_is_an_error_where_the_list_is_one(team: Budgets) -> None:
    """A list that breaks off for good is an error of the get."""
    team.simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, path="*/budgets"))
    team.simulator.faults.add(answered(401, path="*/budgets", nth=2))
    assert "401" in str(failure(team.get))


def test_a_get_is_refreshed(team: Budgets) -> None:
    """A refresh of a resource from get reads everything anew, intervals that are new too."""
    team.given(monthly=30)
    state = team.get()
    team.given(monthly=None, daily=1)
    team.sent()
    refreshed = team.refresh(state)
    assert refreshed is not None
    assert refreshed.outputs == {
        "workspace_id": team.id,
        "daily_limit_usd": 1,
        "include_byok_in_budgets": False,
    }
    assert team.sent() == ["GET budgets"]


@EITHER_LIST
@pytest.mark.parametrize("workspace_too", [False, True])
def test_a_get_whose_object_is_gone_is_gone(team: Budgets, workspace_too: bool) -> None:
    """A refresh of a get whose budgets, or whose workspace, are gone finds it gone."""
    team.given(daily=1)
    state = team.get()
    team.given(daily=None)
    if workspace_too:
        team.simulator.organization.delete_workspace(team.id)
    assert team.refresh(state) is None


def test_the_404_of_a_write_is_no_success(team: Budgets) -> None:
    """Where a PUT answers 404, and the workspace is there, the error says just that."""
    team.simulator.faults.add(answered(404, method="PUT"))
    error = failure(lambda: team.up(daily=1))
    assert not isinstance(error, NotFoundError)
    assert str(error) == "404, though the workspace is there: try again"
