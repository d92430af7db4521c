"""What is left of members when an operation fails half way, and when some can't be removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pulumi_openrouter.api.errors import BadRequestError
from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import (
    Faults,
    Members,
    answered,
    emails,
    every_loss,
    failure,
    killed,
    refused,
)
from tools.miniature_engine import State

WRITES: dict[str, Any] = {"path": "*/members/*"}
LOSSES = every_loss(**WRITES)
ANY_LOSS = pytest.mark.parametrize("faults", LOSSES.values(), ids=LOSSES)
CROWD = pytest.mark.parametrize("people", [260])
HAS_KEYS = "has active API keys in this workspace, delete those first"
BY_SCIM = "managed over SCIM, remove them in your identity provider"


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Members:
    return Members.of_team(simulator, new_run)


# some can't be removed


def test_members_with_keys_stay_and_are_named(team: Members) -> None:
    """Everybody else is removed, nobody is added, and the error names who stays, and why."""
    state = team.up(emails=emails("ada", "grace", "alan"))
    team.simulator.organization.create_key("k", team.id, creator=team.id_of("grace"))
    team.sent()
    error = failure(lambda: team.up(state, emails=emails("ada", "edsger")))
    assert team.written() == ["remove alan grace", "remove alan"]
    assert team.live == ["ada", "grace"]
    assert f"grace@example.com ({team.id_of('grace')}): {HAS_KEYS}" in str(error)
    assert "alan" not in str(error)
    assert error.unsettled


def test_members_of_an_identity_provider_stay_and_are_named(team: Members) -> None:
    """A member managed over SCIM stays, and is named by id where no email is known."""
    team.simulator.organization.add_member("scim@example.com", scim=True)
    state = team.up(user_ids=team.ids("ada", "scim"))
    error = failure(lambda: team.destroy(state))
    assert team.live == ["scim"]
    assert f": {team.id_of('scim')}: {BY_SCIM}" in str(error)
    assert error.unsettled


def test_both_reasons_are_told_at_once(team: Members) -> None:
    """Members held by keys and by SCIM are one error, each with its reason."""
    organization = team.simulator.organization
    organization.add_member("scim@example.com", scim=True)
    state = team.up(emails=emails("ada", "grace", "alan", "scim"))
    for name in ("ada", "alan"):
        organization.create_key("k", team.id, creator=team.id_of(name))
    team.sent()
    error = str(failure(lambda: team.destroy(state)))
    assert team.written() == ["remove ada alan grace scim", "remove grace scim", "remove grace"]
    assert team.live == ["ada", "alan", "scim"]
    for name, why in {"ada": HAS_KEYS, "alan": HAS_KEYS, "scim": BY_SCIM}.items():
        assert f"{name}@example.com ({team.id_of(name)}): {why}" in error


def test_what_was_removed_beside_the_blocked_is_found_by_refresh(team: Members) -> None:
    """After a refresh the state has who stayed; once they may go, the same program succeeds."""
    state = team.up(emails=emails("ada", "grace", "alan"))
    key = team.simulator.organization.create_key("k", team.id, creator=team.id_of("grace"))
    failure(lambda: team.up(state, emails=emails("ada", "edsger")))
    refreshed = team.refresh(state)
    assert refreshed is not None
    assert refreshed.outputs["emails"] == emails("ada", "grace")
    team.simulator.organization.update_key(key.hash, disabled=True)
    team.up(refreshed, emails=emails("ada", "edsger"))
    assert team.live == ["ada", "edsger"]


@CROWD
def test_every_batch_is_tried_beside_the_blocked(team: Members) -> None:
    """Blocked members of one batch don't hold back the others; however many, all are named."""
    state = team.up(user_ids=team.crowd(0, 250))
    blocked = team.crowd(90, 120)
    for user_id in blocked:
        team.simulator.organization.create_key("k", team.id, creator=user_id)
    error = str(failure(lambda: team.up(state, user_ids=team.crowd(250, 260))))
    assert sorted(team.simulator.organization.members(team.id)) == blocked
    assert all(f"{user_id}: {HAS_KEYS}" in error for user_id in blocked)


def test_exclusive_names_the_blocked_strangers(team: Members) -> None:
    """Others whom exclusive can't remove are named, and a create adds nobody beside them."""
    team.given("grace", "alan")
    team.simulator.organization.create_key("k", team.id, creator=team.id_of("grace"))
    error = failure(lambda: team.up(user_ids=team.ids("ada"), exclusive=True))
    assert f"{team.id_of('grace')}: {HAS_KEYS}" in str(error)
    assert team.live == ["grace"]


def test_a_look_does_not_forget_the_emails(team: Members) -> None:
    """Where the members are listed before, the blocked are named by email all the same."""
    state = team.up(emails=emails("ada", "grace"))
    team.simulator.organization.create_key("k", team.id, creator=team.id_of("grace"))
    error = failure(lambda: team.up(state, emails=emails("ada"), exclusive=True))
    assert f"grace@example.com ({team.id_of('grace')}): {HAS_KEYS}" in str(error)


def test_a_refusal_that_names_nobody_is_the_apis(team: Members) -> None:
    """A refusal to remove that is about nobody in the batch is reported as it is."""
    state = team.up(user_ids=team.ids("ada"))
    message = f"The following members are odd: {team.id_of('ada')}x."
    team.simulator.faults.add(answered(400, path="*/members/remove", message=message))
    error = failure(lambda: team.destroy(state))
    assert str(error) == f"400 {message}"
    assert not error.unsettled


def test_a_refusal_that_can_not_be_explained_is_the_apis(team: Members) -> None:
    """Where the look for the reason fails too, the refusal itself is what is reported."""
    state = team.up(user_ids=team.ids("ada"))
    team.simulator.faults.add(
        answered(403, path="*/members/remove", message="Not you"),
        answered(401, path=f"/workspaces/{team.id}"),
    )
    assert str(failure(lambda: team.destroy(state))) == "403 Not you"


@pytest.mark.parametrize("quirks", [Quirks(personal_account=True)], ids=["personal account"])
def test_strangers_that_can_not_be_looked_up_are_the_apis(team: Members) -> None:
    """Where there is no organization to look at, the API's own refusal is reported."""
    error = failure(lambda: team.up(user_ids=["user_stranger"]))
    assert isinstance(error, BadRequestError)
    assert "Some users are not members of the organization" in str(error)


# half way


def exchange(team: Members) -> tuple[State, Callable[[], object]]:
    """A state of 150 members, and the update to 150 others of which two are there already.

    It removes 110 in two batches, and adds 108 in two batches after one look.
    """
    state = team.up(user_ids=team.crowd(0, 150))
    team.simulator.organization.add_members(team.id, team.crowd(258, 260))
    team.sent()
    return state, lambda: team.up(state, user_ids=team.crowd(110, 260))


AT_ANY = pytest.mark.parametrize("nth", [1, 2, 3, 4])


@CROWD
def test_the_exchange_is_the_one_that_these_tests_fail_on(team: Members) -> None:
    """Without a fault, the update takes the requests that the tests below spoil."""
    _, update = exchange(team)
    update()
    assert team.sent()[0] == "GET members"
    requests = team.simulator.requests("POST", "*/members/*")[-4:]
    assert [
        (request.path.split("/")[-1], len(request.body["user_ids"])) for request in requests
    ] == [
        ("remove", 100),
        ("remove", 10),
        ("add", 100),
        ("add", 8),
    ]


@CROWD
@AT_ANY
def test_a_refused_batch_puts_back_the_earlier_ones(team: Members, nth: int) -> None:
    """Who was removed is there again, who was added is not, and who was there before stays."""
    _, update = exchange(team)
    before = set(team.simulator.organization.members(team.id))
    team.simulator.faults.add(*refused(**WRITES)(nth))
    assert not failure(update).unsettled
    assert set(team.simulator.organization.members(team.id)) == before
    update()
    assert sorted(team.simulator.organization.members(team.id)) == team.crowd(110, 260)


@CROWD
def test_who_was_missing_is_not_put_back(team: Members) -> None:
    """Where the members are listed before, an owned one who is gone already is not restored."""
    state = team.up(user_ids=team.crowd(0, 10))
    team.simulator.organization.remove_members(team.id, team.crowd(0, 1))
    team.simulator.faults.add(*refused(path="*/members/add")(2))
    failure(lambda: team.up(state, user_ids=team.crowd(10, 150)))
    assert sorted(team.simulator.organization.members(team.id)) == team.crowd(1, 10)


@CROWD
@AT_ANY
@ANY_LOSS
def test_a_batch_without_an_answer_is_put_back_too(team: Members, nth: int, faults: Faults) -> None:
    """Whichever answer is lost, everybody is where they were, but the error asks to refresh."""
    _, update = exchange(team)
    before = set(team.simulator.organization.members(team.id))
    team.simulator.faults.add(*faults(nth))
    assert failure(update).unsettled
    assert set(team.simulator.organization.members(team.id)) == before
    update()
    assert sorted(team.simulator.organization.members(team.id)) == team.crowd(110, 260)


@CROWD
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("faults", [refused(**WRITES), LOSSES["cut after"]], ids=["refused", "cut"])
def test_a_create_that_fails_leaves_nobody(team: Members, nth: int, faults: Faults) -> None:
    """A create that fails takes out whom it added, and nobody who was there before."""
    there = team.crowd(0, 5)
    team.simulator.organization.add_members(team.id, there)
    team.simulator.faults.add(*faults(nth))
    failure(lambda: team.up(user_ids=team.crowd(0, 250)))
    assert sorted(team.simulator.organization.members(team.id)) == there
    team.up(user_ids=team.crowd(0, 250))
    assert sorted(team.simulator.organization.members(team.id)) == team.crowd(0, 250)


def test_strangers_put_back_whom_exclusive_removed(team: Members) -> None:
    """Where the declared can't be added, the others whom exclusive removed are back."""
    team.given("grace", "alan")
    error = failure(lambda: team.up(user_ids=["user_stranger"], exclusive=True))
    assert "user_stranger" in str(error)
    assert not error.unsettled
    assert team.live == ["alan", "grace"]


@CROWD
def test_strangers_in_a_later_batch_take_the_earlier_one_out_again(team: Members) -> None:
    """That nobody was added is true of every batch."""
    wanted = [*team.crowd(0, 150), "user_~", "zoe"]
    error = failure(lambda: team.up(user_ids=wanted))
    assert str(error).startswith("not members of the organization: user_~, zoe\nNobody was added.")
    assert team.simulator.organization.members(team.id) == []


def test_a_refused_addition_puts_back_the_removals(team: Members) -> None:
    """An update whose additions fail puts back whom it removed."""
    state = team.up(emails=emails("ada", "grace"))
    team.sent()
    team.simulator.faults.add(*refused(path="*/members/add")(1))
    error = failure(lambda: team.up(state, emails=emails("ada", "alan")))
    assert not error.unsettled
    assert team.written() == ["remove grace", "add alan", "add grace"]
    assert team.live == ["ada", "grace"]


def test_who_was_there_before_is_not_taken_out_again(team: Members) -> None:
    """An addition without an answer is put back, except for who was there already."""
    state = team.up(emails=emails("ada"))
    team.given("alan")
    team.simulator.faults.add(*LOSSES["cut after"](1))
    declared = emails("ada", "alan", "grace")
    assert failure(lambda: team.up(state, emails=declared)).unsettled
    assert team.live == ["ada", "alan"]
    team.up(state, emails=declared)
    assert team.live == ["ada", "alan", "grace"]


@CROWD
@pytest.mark.parametrize("nth", [2, 3, 4])
def test_what_can_not_be_put_back_is_said(team: Members, nth: int) -> None:
    """Where the restore is refused too, the error asks to refresh, and a refresh shows it."""
    state, update = exchange(team)
    team.simulator.faults.add(answered(400, nth=nth, times=None, **WRITES))
    assert failure(update).unsettled
    team.simulator.faults.clear()
    refreshed = team.refresh(state)
    assert refreshed is not None
    assert len(refreshed.outputs["members"]) < 150
    team.up(refreshed, user_ids=team.crowd(0, 150))
    assert set(team.crowd(0, 150)) <= set(team.simulator.organization.members(team.id))


@CROWD
@pytest.mark.parametrize("nth", [1, 2])
def test_a_delete_that_fails_puts_everybody_back(team: Members, nth: int) -> None:
    """A destroy that fails leaves the state, so it leaves the members too."""
    state = team.up(user_ids=team.crowd(0, 150))
    team.simulator.faults.add(*refused(path="*/members/remove")(nth))
    assert not failure(lambda: team.destroy(state)).unsettled
    assert sorted(team.simulator.organization.members(team.id)) == team.crowd(0, 150)


@CROWD
@pytest.mark.parametrize("nth", [1, 2])
@ANY_LOSS
def test_a_delete_without_an_answer_puts_everybody_back(
    team: Members, nth: int, faults: Faults
) -> None:
    """A destroy whose answer is lost puts everybody back, and asks to refresh."""
    state = team.up(user_ids=team.crowd(0, 150))
    team.simulator.faults.add(*faults(nth))
    assert failure(lambda: team.destroy(state)).unsettled
    assert sorted(team.simulator.organization.members(team.id)) == team.crowd(0, 150)


def test_a_workspace_that_goes_during_the_delete_is_success(team: Members) -> None:
    """A 404 of the workspace is no error of a destroy."""
    state = team.up(user_ids=team.ids("ada"))
    team.simulator.organization.delete_workspace(team.id)
    team.sent()
    team.destroy(state)
    assert team.sent() == ["GET members", "GET workspace"]


def test_another_404_for_the_removal_is_an_error(team: Members) -> None:
    """Where the workspace is there, a 404 drops nobody from the state."""
    state = team.up(user_ids=team.ids("ada"))
    team.simulator.faults.add(answered(404, times=None, **WRITES))
    error = failure(lambda: team.destroy(state))
    assert "404, though the workspace is there" in str(error)
    assert team.live == ["ada"]


def test_emails_that_can_not_be_resolved_stop_all(team: Members) -> None:
    """Where the organization can't be asked, nothing is written, and the next run asks again."""
    run = team.start()
    team.simulator.faults.add(answered(403, path="/organization/members"))
    error = failure(lambda: team.up_in(run, emails=emails("ada")))
    assert "403" in str(error)
    assert not error.unsettled
    assert team.written() == []
    team.up_in(run, emails=emails("ada"))
    assert team.live == ["ada"]


@CROWD
@AT_ANY
@pytest.mark.parametrize("applied", [False, True])
def test_an_update_that_was_killed_is_finished_by_the_next(
    team: Members, nth: int, applied: bool
) -> None:
    """Wherever the process ends, the same program run again ends with who is declared."""
    state, _ = exchange(team)
    wanted = team.crowd(110, 260)
    killed(lambda run: team.up_in(run, state, user_ids=wanted), team.start(), nth, applied=applied)
    after = team.up(state, user_ids=wanted)
    assert sorted(team.simulator.organization.members(team.id)) == wanted
    assert team.refresh(after) == after
