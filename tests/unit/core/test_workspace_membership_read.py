"""How members are read, deleted, and only looked at with `get`; what one run leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support.runs import NewRun
from tests.support.workspaces import NOBODY
from tests.unit.core.scenes import Members, answered, emails, entries, failure

PERSONAL = pytest.mark.parametrize("quirks", [Quirks(personal_account=True)], ids=["personal"])


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Members:
    return Members.of_team(simulator, new_run)


# read


def test_an_unchanged_read_changes_nothing(team: Members) -> None:
    """A refresh of what is as it was is one list, and leaves the state as it is."""
    state = team.up(user_ids=team.ids("ada"), emails=emails("grace", "alan"))
    team.sent()
    assert team.refresh(state) == state
    assert team.sent() == ["GET members"]


def test_who_is_missing_is_drift(team: Members) -> None:
    """A refresh drops who is not there any more, by id and by email; the next up adds them."""
    declared: dict[str, Any] = {"user_ids": team.ids("ada"), "emails": emails("grace", "alan")}
    state = team.up(**declared)
    team.taken("ada", "alan")
    drifted = team.refresh(state)
    assert entries(drifted) == [("grace@example.com", "member")]
    assert drifted is not None
    assert (drifted.outputs["user_ids"], drifted.outputs["emails"]) == ([], emails("grace"))
    assert team.changed(drifted, **declared) == ("user_ids", "emails")
    team.sent()
    assert team.up(drifted, **declared) == state
    assert team.written() == ["add ada alan"]


def test_nobody_left_is_drift_and_not_gone(team: Members) -> None:
    """Where everybody declared was removed, the resource is there, and the next up adds them."""
    state = team.up(emails=emails("ada"))
    team.taken("ada")
    drifted = team.refresh(state)
    assert drifted is not None
    assert drifted.outputs == team.outputs(emails=[], members=[])


def test_a_read_keeps_to_the_declared(team: Members) -> None:
    """Members whom nobody declares here are not in the state."""
    state = team.up(emails=emails("ada"))
    team.given("grace", "alan")
    assert team.refresh(state) == state


def test_a_new_role_is_read(team: Members) -> None:
    """The role of a member is what the server says now, and no difference to the program."""
    state = team.up(emails=emails("grace"))
    organization = team.simulator.organization
    organization.add_member("grace@example.com", role="admin", user_id=team.id_of("grace"))
    team.given("grace")
    refreshed = team.refresh(state)
    assert entries(refreshed) == [("grace@example.com", "admin")]
    assert refreshed is not None
    assert team.changed(refreshed, emails=emails("grace")) == ()


def test_strangers_are_drift_where_exclusive(team: Members) -> None:
    """With exclusive, members whom nobody declares show up by id, and the next up removes them."""
    state = team.up(emails=emails("ada"), exclusive=True)
    team.given("grace", "alan")
    drifted = team.refresh(state)
    assert drifted is not None
    assert drifted.outputs["user_ids"] == sorted(team.ids("grace", "alan"))
    assert drifted.outputs["emails"] == emails("ada")
    assert team.changed(drifted, emails=emails("ada"), exclusive=True) == ("user_ids",)
    team.sent()
    assert team.up(drifted, emails=emails("ada"), exclusive=True) == state
    assert team.sent() == ["GET members", "remove alan grace"]


def test_an_exclusive_update_removes_who_came_since(team: Members) -> None:
    """With exclusive nobody else stays, whether or not a refresh has seen them."""
    state = team.up(emails=emails("ada"), exclusive=True)
    team.given("alan")
    team.up(state, emails=emails("ada", "grace"), exclusive=True)
    assert team.live == ["ada", "grace"]


def test_a_workspace_that_is_gone_takes_its_members_along(team: Members) -> None:
    """A 404 of the list and of the workspace itself is gone."""
    state = team.up(emails=emails("ada"))
    team.simulator.organization.delete_workspace(team.id)
    team.sent()
    assert team.refresh(state) is None
    assert team.sent() == ["GET members", "GET workspace"]


def test_a_404_of_the_list_alone_is_an_error(team: Members) -> None:
    """Where the workspace is there, a list that is not found drops nothing from the state."""
    state = team.up(emails=emails("ada"))
    team.simulator.faults.add(answered(404, path="*/members"))
    error = failure(lambda: team.refresh(state))
    assert str(error) == "404, though the workspace is there: try again"


@pytest.mark.parametrize("status", [400, 401, 403])
def test_another_error_is_never_gone(team: Members, status: int) -> None:
    """Any other refusal of the list is an error, and drops nothing from the state."""
    state = team.up(emails=emails("ada"))
    team.simulator.faults.add(answered(status, path="*/members"))
    assert str(status) in str(failure(lambda: team.refresh(state)))


def test_a_workspace_that_can_not_be_asked_for_is_never_gone(team: Members) -> None:
    """Where the list answers 404 and the workspace something else, that is the error."""
    state = team.up(emails=emails("ada"))
    team.simulator.faults.add(answered(404, path="*/members"))
    team.simulator.faults.add(answered(403, path=f"/workspaces/{team.id}"))
    assert "403" in str(failure(lambda: team.refresh(state)))


# delete


def test_delete_removes_the_owned_alone(team: Members) -> None:
    """A destroy removes who is declared, and nobody else."""
    team.given("katherine")
    state = team.up(user_ids=team.ids("grace"), emails=emails("ada"))
    team.sent()
    team.destroy(state)
    assert team.sent() == ["GET members", "remove ada grace"]
    assert team.live == ["katherine"]


def test_delete_of_an_exclusive_set_removes_the_owned_alone(team: Members) -> None:
    """Who came after the last run stays, with exclusive too."""
    state = team.up(emails=emails("ada"), exclusive=True)
    team.given("alan")
    team.destroy(state)
    assert team.live == ["alan"]


def test_delete_of_nobody_sends_nothing(team: Members) -> None:
    """A set that came to be empty is destroyed without a request."""
    state = team.up(exclusive=True)
    team.sent()
    team.destroy(state)
    assert team.sent() == []


def test_delete_of_what_is_gone_succeeds(team: Members) -> None:
    """Members and a workspace that are gone already are no error."""
    state = team.up(emails=emails("ada", "grace"))
    team.taken("ada")
    team.destroy(state)
    assert team.live == []
    team.simulator.organization.delete_workspace(team.id)
    team.destroy(state)


# what one run declares


def test_a_renamed_resource_keeps_its_members(team: Members) -> None:
    """The delete of the old name leaves alone whom the new one declares in this run, and says."""
    state = team.up(emails=emails("ada", "grace"), user_ids=team.ids("alan"))
    run = team.start()
    team.up_in(run, emails=emails("ada"), user_ids=team.ids("alan"))
    team.sent()
    team.engine(run).destroy(state)
    assert team.sent() == ["GET members", "remove grace"]
    kept = ", ".join(sorted(team.ids("ada", "alan")))
    assert run.said == [
        f"membership of workspace {team.id}: {kept} left alone, "
        "because another resource of this stack declares it"
    ]


@pytest.mark.parametrize("first_by_email", [False, True])
@pytest.mark.parametrize("second_by_email", [False, True])
def test_a_member_moved_to_another_resource_stays(
    team: Members, first_by_email: bool, second_by_email: bool
) -> None:
    """Somebody moved between resources, by id or by email on either side, is never removed."""

    def declared(by_email: bool, *names: str) -> dict[str, list[str]]:
        return {"emails": emails(*names)} if by_email else {"user_ids": team.ids(*names)}

    state = team.up(**declared(first_by_email, "ada", "grace"))
    run = team.start()
    team.up_in(run, **declared(second_by_email, "grace"))
    team.sent()
    team.up_in(run, state, **declared(first_by_email, "ada"))
    assert team.written() == []
    assert team.live == ["ada", "grace"]
    assert [line for line in run.said if f"{team.id_of('grace')} left alone" in line]


def test_exclusive_leaves_whom_this_run_declares(team: Members) -> None:
    """Nor does exclusive remove somebody whom another resource of this run declares."""
    run = team.start()
    team.up_in(run, emails=emails("grace"))
    team.given("alan")
    team.up_in(run, user_ids=team.ids("ada"), exclusive=True)
    assert team.live == ["ada", "grace"]
    assert [line for line in run.said if f"{team.id_of('grace')} left alone" in line]


def test_nobody_is_resolved_where_nobody_is_removed(team: Members) -> None:
    """Emails that others declare are only looked at when somebody is to be removed."""
    state = team.up(user_ids=team.ids("ada"))
    run = team.start()
    team.engine(run).check(team.inputs(emails=emails("grace")))
    team.sent()
    team.up_in(run, state, user_ids=team.ids("ada", "alan"))
    assert team.sent() == ["GET members", "add alan"]


def test_another_workspace_is_another_object(team: Members) -> None:
    """When the members move to another workspace, they are removed from the old one."""
    state = team.up(emails=emails("ada"))
    other = team.simulator.organization.create_workspace(name="Other", slug="other").id
    run = team.start()
    moved = team.engine(run).up(team.inputs(emails=emails("ada"), workspace_id=other), state)
    assert moved.id == other
    assert team.live == []
    assert team.simulator.organization.members(other) == team.ids("ada")
    assert run.said == []


# get


def test_get_reads_everything(team: Members) -> None:
    """A resource from get has everybody with id, role and email, whoever manages them."""
    team.given("grace", "ada")
    assert team.get().outputs == {
        "workspace_id": team.id,
        "user_ids": sorted(team.ids("ada", "grace")),
        "emails": emails("ada", "grace"),
        "members": sorted(
            [
                {"user_id": team.id_of("ada"), "role": "admin", "email": "ada@example.com"},
                {"user_id": team.id_of("grace"), "role": "member", "email": "grace@example.com"},
            ],
            key=lambda member: member["user_id"],
        ),
    }


@PERSONAL
def test_get_does_without_emails_where_there_are_none(team: Members) -> None:
    """Where the organization can't be asked for, the members are known by id alone."""
    team.given("ada")
    found = team.get()
    assert found.outputs["emails"] == []
    assert entries(found) == [(None, "admin")]


def test_get_of_a_workspace_without_members_is_an_empty_list(team: Members) -> None:
    """A workspace without members is a workspace all the same."""
    assert team.get().outputs == {
        "workspace_id": team.id,
        "user_ids": [],
        "emails": [],
        "members": [],
    }


def test_get_of_the_default_workspace_reads_the_organization(team: Members) -> None:
    """The default workspace can be looked at: everybody is in it."""
    team.id = team.simulator.organization.workspace("default").id
    assert len(team.get().outputs["members"]) == 5


def test_get_of_a_slug_names_the_uuid(team: Members) -> None:
    """A get takes the UUID only: given a slug, the error tells it."""
    error = str(failure(lambda: team.get("team")))
    assert error == f"get takes the UUID, not the slug: that is {team.id}"


@pytest.mark.parametrize("id", [NOBODY, "nobody"])
def test_get_of_a_missing_workspace_raises(team: Members, id: str) -> None:
    """A get of no workspace is an error, never an empty answer."""
    assert str(failure(lambda: team.get(id))) == "there is no such workspace"


def test_a_get_is_refreshed(team: Members) -> None:
    """A refresh of a resource from get reads everybody anew."""
    team.given("ada")
    state = team.get()
    team.taken("ada")
    team.given("grace")
    assert entries(team.refresh(state)) == [("grace@example.com", "member")]


def test_a_get_whose_workspace_is_gone_is_gone(team: Members) -> None:
    """A refresh of a get whose workspace is gone finds it gone."""
    state = team.get()
    team.simulator.organization.delete_workspace(team.id)
    assert team.refresh(state) is None
