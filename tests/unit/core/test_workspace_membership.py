"""What WorkspaceMembership sends to create and to change a set of members."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Members, answered, emails, entries, failure

LISTED = ["GET members"]
RESOLVED = ["GET organization/members"]
ASKED = ["GET workspace"]


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Members:
    return Members.of_team(simulator, new_run)


CROWD = pytest.mark.parametrize("people", [260])


def batches(team: Members, path: str) -> list[int]:
    """How many people each request named."""
    requests = team.simulator.requests("POST", f"*/members/{path}")
    return [len(request.body["user_ids"]) for request in requests]


# create


def test_only_who_is_missing_is_added(team: Members) -> None:
    """A create lists first, and adds only who is not there yet."""
    team.given("ada", "alan")
    state = team.up(user_ids=team.ids("ada", "grace", "edsger"))
    assert team.sent() == [*LISTED, "add edsger grace"]
    assert team.live == ["ada", "alan", "edsger", "grace"]
    assert state.outputs["user_ids"] == sorted(team.ids("ada", "grace", "edsger"))


def test_an_existing_team_is_taken_over_unwritten(team: Members) -> None:
    """A create that finds everybody there already writes nothing, and owns them."""
    team.given("ada", "grace", "alan")
    state = team.up(emails=emails("grace", "ada"))
    assert team.sent() == [*RESOLVED, *LISTED, *ASKED]
    assert entries(state) == [("ada@example.com", "admin"), ("grace@example.com", "member")]


def test_people_by_id_and_by_email_are_one_set(team: Members) -> None:
    """Somebody declared both by id and by email is one member, with that email."""
    state = team.up(user_ids=team.ids("ada", "grace"), emails=emails("ada", "alan"))
    assert team.sent() == [*RESOLVED, *LISTED, "add ada alan grace"]
    assert entries(state) == [
        (None, "member"),
        ("ada@example.com", "admin"),
        ("alan@example.com", "member"),
    ]


def test_members_tell_what_is_known(team: Members) -> None:
    """Each member has user_id, role, and the email where it was declared by one."""
    state = team.up(user_ids=team.ids("grace"), emails=["ADA@example.com"])
    expected = [
        {"user_id": team.id_of("ada"), "email": "ada@example.com", "role": "admin"},
        {"user_id": team.id_of("grace"), "role": "member"},
    ]
    assert state.outputs == team.outputs(
        user_ids=team.ids("grace"),
        emails=emails("ada"),
        members=sorted(expected, key=lambda member: member["user_id"]),
    )


def test_people_by_id_are_not_resolved(team: Members) -> None:
    """Where nobody is declared by email, the organization is not asked for."""
    team.up(team.up(user_ids=team.ids("ada")), user_ids=team.ids("ada", "grace"))
    assert team.sent() == [*LISTED, "add ada", *LISTED, "add grace"]


@CROWD
def test_many_are_added_in_batches(team: Members) -> None:
    """250 people are three requests of at most 100."""
    state = team.up(user_ids=team.crowd(0, 250))
    assert batches(team, "add") == [100, 100, 50]
    assert len(team.live) == len(state.outputs["members"]) == 250


@pytest.mark.parametrize("quirks", [Quirks(page_cap=2)], ids=["pages of two"])
def test_every_page_is_read(team: Members) -> None:
    """Members and the organization are read to the last page, however short the pages are."""
    team.given("ada", "grace", "alan")
    state = team.up(emails=emails("alan", "katherine", "edsger"))
    assert team.sent() == [*RESOLVED * 3, *LISTED * 2, "add edsger katherine"]
    assert len(entries(team.refresh(state))) == 3


def test_the_organization_is_asked_once_per_process(team: Members) -> None:
    """However many threads want to resolve emails, they share one look at the organization."""
    run = team.start()
    names = ["ada", "grace", "alan", "katherine", "edsger"] * 2
    with ThreadPoolExecutor(len(names)) as pool:
        states = list(pool.map(lambda name: team.up_in(run, emails=emails(name)), names))
    assert team.sent().count(*RESOLVED) == 1
    assert [entries(state)[0][0] for state in states] == emails(*names)


@pytest.mark.parametrize("declared", [{}, {"user_ids": ["user_x"]}])
def test_unknown_emails_are_named_together(team: Members, declared: dict[str, Any]) -> None:
    """One error names every email that nobody in the organization has; nothing is written."""
    team.given("ada")
    wanted = [*emails("nobody", "grace"), "ada@elsewhere.example"]
    error = failure(lambda: team.up(emails=wanted, **declared))
    first_line = str(error).splitlines()[0]
    assert first_line == "not in the organization: ada@elsewhere.example, nobody@example.com"
    assert not error.unsettled
    assert team.sent() == RESOLVED


def test_strangers_are_named(team: Members) -> None:
    """Where the API refuses strangers, the error names who of the declared they are."""
    wanted = ["user_stranger", *team.ids("ada"), "user_other"]
    error = failure(lambda: team.up(user_ids=wanted))
    assert "not members of the organization: user_other, user_stranger\n" in str(error)
    assert "Nobody was added." in str(error)
    assert not error.unsettled
    assert team.live == []


def test_a_workspace_that_is_not_there_is_said(team: Members) -> None:
    """Creating members of a workspace that is gone is an error that says what to run."""
    team.simulator.organization.delete_workspace(team.id)
    error = failure(lambda: team.up(user_ids=team.ids("ada")))
    assert "deleted outside" in str(error)
    assert "pulumi refresh" in str(error)
    assert team.sent() == [*LISTED, "GET workspace"]


# update


def test_no_change_is_no_update(team: Members) -> None:
    """The same program again, the emails in other case and order, sends nothing."""
    state = team.up(emails=emails("ada", "grace"))
    team.sent()
    assert team.up(state, emails=["GRACE@example.com", "Ada@example.com"]) == state
    assert team.sent() == []


def test_removals_go_before_additions(team: Members) -> None:
    """An update sends the difference alone, removals first, after a look at who is there."""
    state = team.up(emails=emails("ada", "grace", "alan"))
    team.sent()
    state = team.up(state, emails=emails("alan", "edsger"))
    assert team.sent() == [*RESOLVED, *LISTED, "remove ada grace", "add edsger"]
    assert entries(state) == [("alan@example.com", "member"), ("edsger@example.com", "member")]


def test_emails_that_the_old_members_answer_are_not_resolved(team: Members) -> None:
    """Who is a member already is known by email from the state."""
    state = team.up(emails=emails("ada", "grace", "alan"))
    team.sent()
    team.up(state, emails=emails("grace", "alan"))
    assert team.sent() == [*LISTED, "remove ada"]


def test_the_same_person_by_email_sends_nothing(team: Members) -> None:
    """From id to email, and back, is an update that writes nothing; the email stays known."""
    state = team.up(user_ids=team.ids("ada", "grace"))
    team.sent()
    by_email = team.up(state, user_ids=team.ids("grace"), emails=emails("ada"))
    assert team.sent() == RESOLVED
    by_id = team.up(by_email, user_ids=team.ids("ada", "grace"))
    assert team.sent() == []
    assert entries(by_email) == [(None, "member"), ("ada@example.com", "admin")]
    assert by_id.outputs["members"] == by_email.outputs["members"]
    assert "emails" not in by_id.outputs


def test_others_stay(team: Members) -> None:
    """Members whom nobody declares here are left alone by every update."""
    team.given("katherine", "alan")
    state = team.up(user_ids=team.ids("ada"))
    state = team.up(state, user_ids=team.ids("ada", "grace"))
    team.up(state, user_ids=team.ids("grace"))
    assert team.live == ["alan", "grace", "katherine"]


@CROWD
def test_many_are_exchanged_in_batches(team: Members) -> None:
    """Removals and additions beyond 100 are batches, and all removals are before."""
    state = team.up(user_ids=team.crowd(0, 130))
    team.sent()
    state = team.up(state, user_ids=team.crowd(130, 260))
    kinds = [line.split()[0] for line in team.written()]
    assert kinds == ["remove", "remove", "add", "add"]
    assert batches(team, "remove") == [100, 30]
    assert batches(team, "add") == [100, 30, 100, 30]
    assert sorted(team.simulator.organization.members(team.id)) == state.outputs["user_ids"]


@pytest.mark.reliability(
    "somebody taken out of a workspace by hand, and then an up that changes somebody else",
    "the up does what its preview showed: they stay out until a refresh shows it",
)
def test_an_unrelated_change_puts_nobody_in_again(team: Members) -> None:
    """Whoever was taken out meanwhile, and is still declared, comes back after a refresh alone."""
    state = team.up(emails=emails("ada", "grace"))
    team.taken("grace")
    team.sent()
    state = team.up(state, emails=emails("ada", "alan", "grace"))
    assert team.sent() == ["GET organization/members", *LISTED, "add alan"]
    assert team.live == ["ada", "alan"]
    refreshed = team.refresh(state)
    team.up(refreshed, emails=emails("ada", "alan", "grace"))
    assert team.live == ["ada", "alan", "grace"]


@CROWD
def test_who_was_added_meanwhile_is_not_added_again(team: Members) -> None:
    """Of many who are new in the program, only those who are not there yet are added."""
    state = team.up(user_ids=team.crowd(0, 10))
    team.simulator.organization.add_members(team.id, team.crowd(10, 60))
    team.sent()
    team.up(state, user_ids=team.crowd(0, 150))
    added = [request.body["user_ids"] for request in team.simulator.requests("POST", "*/add")]
    assert added[-1] == team.crowd(60, 150)
    assert sorted(team.simulator.organization.members(team.id)) == team.crowd(0, 150)


@pytest.mark.parametrize("news", [["ada", "grace"], ["grace"]])
def test_a_workspace_deleted_outside_asks_for_a_refresh(team: Members, news: list[str]) -> None:
    """An update of a workspace that is gone says that, and to run `pulumi refresh`."""
    state = team.up(user_ids=team.ids("ada", "alan"))
    team.simulator.organization.delete_workspace(team.id)
    error = failure(lambda: team.up(state, user_ids=team.ids(*news)))
    assert "deleted outside this stack" in str(error)
    assert "Run `pulumi refresh`" in str(error)


# exclusive


def test_exclusive_removes_the_others(team: Members) -> None:
    """A create with exclusive removes everybody else first."""
    team.given("ada", "alan", "edsger")
    state = team.up(emails=emails("ada", "grace"), exclusive=True)
    assert team.sent() == [*RESOLVED, *LISTED, "remove alan edsger", "add grace"]
    assert team.live == ["ada", "grace"]
    assert len(state.outputs["members"]) == 2


def test_exclusive_turned_on_removes_and_no_more(team: Members) -> None:
    """Turning exclusive on alone is one look and the removal of everybody else."""
    state = team.up(user_ids=team.ids("ada"))
    team.given("grace", "alan")
    team.sent()
    state = team.up(state, user_ids=team.ids("ada"), exclusive=True)
    assert team.sent() == [*LISTED, "remove alan grace"]
    assert entries(state) == [(None, "admin")]


def test_exclusive_turned_on_adds_who_is_missing(team: Members) -> None:
    """The look that turning exclusive on needs shows also who of the owned is missing."""
    state = team.up(user_ids=team.ids("ada", "grace"))
    team.taken("grace")
    team.sent()
    team.up(state, user_ids=team.ids("ada", "grace"), exclusive=True)
    assert team.sent() == [*LISTED, "add grace"]


def test_exclusive_turned_off_sends_nothing(team: Members) -> None:
    """Turning exclusive off alone is an update that sends nothing."""
    state = team.up(user_ids=team.ids("ada"), exclusive=True)
    team.sent()
    turned_off = team.up(state, user_ids=team.ids("ada"))
    assert turned_off.outputs == {**state.outputs, "exclusive": False}
    assert team.sent() == []


@pytest.mark.parametrize("declared", [{}, {"emails": []}, {"emails": [], "user_ids": []}])
def test_exclusive_with_nobody_removes_everybody(
    team: Members, declared: dict[str, list[str]]
) -> None:
    """Exclusive and nobody declared leaves an empty workspace, and is a resource all the same."""
    team.given("ada", "alan")
    state = team.up(None, exclusive=True, **declared)
    assert team.sent() == [*LISTED, "remove ada alan"]
    assert state.outputs == team.outputs(exclusive=True, members=[], **declared)
    assert team.refresh(state) == state


# the default workspace


def test_the_default_workspace_is_refused(team: Members) -> None:
    """Everybody is in the default workspace already: a create says that it can't be managed."""
    team.id = team.simulator.organization.workspace("default").id
    error = failure(lambda: team.up(emails=emails("ada")))
    assert "this is the default workspace" in str(error)
    assert "Remove this resource from the program." in str(error)
    assert team.sent() == [*RESOLVED, *LISTED, *ASKED]


def test_the_default_workspace_is_refused_with_exclusive_too(team: Members) -> None:
    """The 403 for removing members of the default workspace is said in words."""
    team.id = team.simulator.organization.workspace("default").id
    error = failure(lambda: team.up(emails=emails("ada"), exclusive=True))
    assert "this is the default workspace" in str(error)
    assert not error.unsettled


def test_the_default_workspace_takes_nobody(team: Members) -> None:
    """The 403 for adding members to the default workspace is said in words."""
    team.id = team.simulator.organization.workspace("default").id
    error = failure(lambda: team.up(user_ids=["user_stranger"]))
    assert "this is the default workspace" in str(error)


def test_a_403_of_another_workspace_is_the_apis(team: Members) -> None:
    """A 403 that has nothing to do with the default workspace is reported as it is."""
    team.simulator.faults.add(answered(403, path="*/members/add", message="Not you"))
    error = failure(lambda: team.up(user_ids=team.ids("ada")))
    assert str(error) == "403 Not you"


@pytest.mark.parametrize("quirks", [Quirks(personal_account=True)])
def test_a_personal_account_has_nobody_to_look_up(team: Members) -> None:
    """Emails under a key of no organization are an error that says so."""
    error = failure(lambda: team.up(emails=["ada@example.com"]))
    assert "This key belongs to a personal account" in str(error)
