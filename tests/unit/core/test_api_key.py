"""An API key: made, read, changed, moved, rotated, taken over and deleted."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from pulumi_openrouter.api.errors import ForbiddenError
from pulumi_openrouter.core.failures import NoSuchKeyError, SecretForHashError
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Keys, at_once, emails, failure
from tools.miniature_engine import State

FUTURE, LATER = "2999-01-31T00:00:00Z", "2999-02-28T00:00:00Z"
PAST = "2001-01-01T00:00:00Z"
DAY = 24 * 3600.0


@pytest.fixture
def keys(simulator: Simulator, new_run: NewRun) -> Keys:
    return Keys.of_team(simulator, new_run)


def secret_of(state: State | None) -> Any:
    assert state is not None
    return state.outputs.get("key")


# check

ZEROS = 64 * "0"
MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"limit_reset": "monthly"}, "limit_reset", "needs a limit"),
    ({"limit": -1}, "limit", "must be a finite number, 0 or greater, in USD"),
    ({"limit": 5, "limit_reset": "yearly"}, "limit_reset", "must be one of daily, weekly, monthly"),
    ({"expires_at": PAST}, "expires_at", "is in the past"),
    ({"expires_at": "2999-01-01"}, "expires_at", "must be a moment with its time zone"),
    ({"expires_at": "2999-01-01T00:00:00"}, "expires_at", "must be a moment with its time zone"),
    ({"expires_at": "0001-01-01T00:00:00+14:00"}, "expires_at", "must be a moment"),
    ({"expires_at": FUTURE, "lifetime_days": 3}, "lifetime_days", "beside expires_at"),
    ({"lifetime_days": 0}, "lifetime_days", "must be a whole number of days from 1 to 36500"),
    ({"rotate_after_days": 1.5}, "rotate_after_days", "must be a whole number of days"),
    ({"creator_email": "a@b.c", "creator_user_id": "u"}, "creator_email", "beside creator_user_id"),
    ({"keepers": {"a": 1}}, "keepers['a']", "must be text; got a number"),
    ({"keepers": ["a"]}, "keepers", "must be a mapping of texts; got a list"),
    ({"name": ""}, "name", "must be text that is not empty"),
    ({"name": None}, "name", "is missing"),
    ({"existing_hash": ZEROS, "expires_at": FUTURE}, "expires_at", "beside existing_hash"),
    ({"existing_hash": ZEROS, "keepers": {"a": "b"}}, "keepers", "beside existing_hash"),
    ({"existing_hash": ZEROS, "rotate_after_days": 3}, "rotate_after_days", "beside existing_hash"),
    ({"existing_hash": f"sk-or-v1-{ZEROS}"}, "existing_hash[0]", "and never the key itself"),
]


@pytest.mark.parametrize(("given", "place", "reason"), MISTAKES)
def test_a_mistake_is_told_with_its_property(
    keys: Keys, given: dict[str, Any], place: str, reason: str
) -> None:
    """One problem, at the property to be corrected, before anything is sent."""
    (problem,) = keys.check(**given)
    assert problem.property == place
    assert reason in problem.reason
    assert keys.sent() == []


def test_a_key_that_expired_is_no_mistake_later(keys: Keys) -> None:
    """A moment in the past is refused for a new key only."""
    state = State(ZEROS, keys.inputs(expires_at=PAST), keys.inputs(expires_at=PAST))
    assert keys.engine().check(keys.inputs(expires_at=PAST), state)[1] == []


# create


def test_a_key_is_made_by_one_request(keys: Keys) -> None:
    """What is declared is sent, and nothing else; the state has the secret too."""
    state = keys.up(limit=50, limit_reset="monthly", include_byok_in_limit=True, expires_at=FUTURE)
    assert keys.sent() == [
        f"POST /keys expires_at={FUTURE} include_byok_in_limit=True limit=50.0 limit_reset=monthly "
        "name=ci workspace_id=team"
    ]
    key = keys.only
    assert state.id == key.hash
    assert state.outputs == {
        **keys.inputs(limit=50, limit_reset="monthly", include_byok_in_limit=True),
        "expires_at": FUTURE,
        "hash": key.hash,
        "key": key.secret,
        "label": key.label,
        "created_at": key.created_at,
        "organization_id": keys.simulator.organization.id,
    }


def test_a_key_that_starts_disabled_takes_a_second_request(keys: Keys) -> None:
    """The API can't make a disabled key, so it is disabled at once; False sends nothing."""
    keys.up(disabled=True)
    assert keys.sent() == ["POST /keys name=ci workspace_id=team", "PATCH /keys/ci disabled=True"]
    assert keys.only.disabled
    keys.up(name="other", disabled=False)
    assert keys.sent() == ["POST /keys name=other workspace_id=team"]


def test_a_lifetime_counts_from_the_creation(keys: Keys) -> None:
    """lifetime_days expires the key so many days after its creation, by the server's clock."""
    keys.simulator.organization.advance(10 * DAY)
    state = keys.up(lifetime_days=30)
    expires = keys.only.expires_at
    assert abs(expires - datetime.now(timezone.utc) - timedelta(days=40)) < timedelta(minutes=1)
    assert state.outputs["expires_at"] == expires.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_creator_is_found_by_email(keys: Keys) -> None:
    """The email is looked up, and the state has the user id beside it."""
    keys.simulator.organization.add_members(keys.id, [ada := id_of(keys, "ada")])
    state = keys.up(creator_email="Ada@Example.com")
    assert keys.only.creator_user_id == ada
    assert state.outputs["creator_user_id"] == ada
    assert state.outputs["creator_email"] == "ada@example.com"


def test_a_creator_whom_nobody_knows_is_told_without_the_address(keys: Keys) -> None:
    """The error names the property, for the address may be a secret; nothing is made."""
    error = failure(lambda: keys.up(creator_email="eve@example.com"))
    assert str(error).startswith("creator_email: nobody in the organization has this address")
    assert "eve" not in str(error)
    assert keys.live == []


def test_a_creator_from_outside_the_workspace_is_told(keys: Keys) -> None:
    """Where the API refuses a creator who is not in the workspace, the error says what to do."""
    error = failure(lambda: keys.up(creator_user_id=id_of(keys, "ada")))
    assert "the creator is not a member of the workspace" in str(error)
    assert "depends_on" in str(error)
    assert keys.live == []


def id_of(keys: Keys, name: str) -> str:
    return keys.simulator.organization.person(emails(name)[0]).id


# read


def test_a_refresh_finds_what_others_changed(keys: Keys) -> None:
    """What is declared and differs is drift; usage and what is not declared are none."""
    state = keys.up(limit=50, limit_reset="monthly", disabled=False)
    keys.simulator.organization.update_key(
        state.id, name="renamed", limit=5, disabled=True, include_byok_in_limit=True
    )
    found = keys.refresh(state)
    assert found is not None
    assert found.outputs == {**state.outputs, "name": "renamed", "limit": 5.0, "disabled": True}
    assert keys.changed(found, limit=50, limit_reset="monthly", disabled=False) == (
        "name",
        "limit",
        "disabled",
    )


def test_a_refresh_keeps_the_secret(keys: Keys) -> None:
    """The API never shows the key again, so the state keeps it."""
    state = keys.up()
    assert secret_of(keys.refresh(state)) == keys.only.secret


@pytest.mark.parametrize("change", [{"disabled": True}, {"expires_at": PAST}])
def test_a_key_out_of_use_is_still_there(keys: Keys, change: dict[str, Any]) -> None:
    """A disabled or expired key is found by its list, and is not made anew."""
    state = keys.up()
    organization = keys.simulator.organization
    if "disabled" in change:
        organization.update_key(state.id, **change)
    else:
        organization.advance(40 * DAY)
    assert keys.refresh(state) == state
    assert keys.changed(state) == ()


def test_a_key_moved_by_hand_is_drift(keys: Keys) -> None:
    """A key in another workspace is found by its hash, and the next up moves it back."""
    state = keys.up()
    elsewhere = keys.simulator.organization.create_workspace(name="Other", slug="other")
    keys.simulator.organization.update_key(state.id, workspace_id=elsewhere.id)
    found = keys.refresh(state)
    assert found is not None
    assert found.outputs["workspace_id"] == elsewhere.id
    keys.sent()
    keys.up(found)
    assert keys.sent() == ["PATCH /keys/ci workspace_id=team"]


def test_a_key_deleted_by_hand_is_gone(keys: Keys) -> None:
    """Only a 404 of that very key says so."""
    state = keys.up()
    keys.simulator.organization.delete_key(state.id)
    assert keys.refresh(state) is None


def test_a_key_whose_creator_leaves_stays(keys: Keys) -> None:
    """Whoever leaves the organization leaves the key behind: it is no drift, and works on."""
    keys.simulator.organization.add_members(keys.id, [id_of(keys, "ada")])
    state = keys.up(creator_email=emails("ada")[0])
    keys.simulator.organization.remove_member(emails("ada")[0])
    assert keys.refresh(state) == state
    assert keys.changed(state, creator_email=emails("ada")[0]) == ()


@pytest.mark.parametrize("quirks", [Quirks(scoped_key=True)], ids=["a scoped management key"])
def test_a_key_out_of_reach_is_not_gone(keys: Keys) -> None:
    """A management key that is limited to another workspace makes an error, and drops nothing."""
    theirs = keys.simulator.organization.key(keys.made())
    outputs = {**keys.outputs(name="theirs"), "label": theirs.label}
    error = failure(lambda: keys.refresh(State(theirs.hash, keys.inputs(), outputs)))
    assert isinstance(error, ForbiddenError)


def test_get_reads_everything_but_the_secret(keys: Keys) -> None:
    """A key is got by its hash, and refreshed like any other."""
    found = keys.get(keys.made(limit=5, limit_reset="weekly", expires_at=FUTURE))
    assert found.outputs["limit"] == 5.0
    assert found.outputs["expires_at"] == FUTURE
    assert "key" not in found.outputs
    assert keys.refresh(found) == found


def test_get_of_a_secret_sends_nothing(keys: Keys) -> None:
    """The key itself in place of its hash is refused without being sent or shown."""
    secret = keys.simulator.organization.key(keys.made()).secret
    error = failure(lambda: keys.get(secret))
    assert isinstance(error, SecretForHashError)
    assert secret not in str(error)
    assert keys.sent() == []


# update


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ({"limit": 5}, {"limit": 7}, "limit=7.0"),
        ({"limit": 5}, {"limit": 0}, "limit=0.0"),
        ({"limit": 5, "limit_reset": "daily"}, {"limit": 5}, "limit_reset=None"),
        ({"limit": 5, "limit_reset": "daily"}, {}, "limit=None limit_reset=None"),
        ({}, {"disabled": True}, "disabled=True"),
        ({"disabled": True}, {"disabled": False}, "disabled=False"),
        ({}, {"name": "cd"}, "name=cd"),
    ],
)
def test_a_change_sends_what_differs(
    keys: Keys, before: dict[str, Any], after: dict[str, Any], sent: str
) -> None:
    """One PATCH of the difference, null for what is cleared; the secret stays in the state."""
    state = keys.up(**before)
    keys.sent()
    changed = keys.up(state, **after)
    assert keys.sent() == [f"PATCH /keys/{keys.only.name} {sent}"]
    assert secret_of(changed) == keys.only.secret
    assert keys.refresh(changed) == changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"rotate_after_days": 30}),
        ({"rotate_after_days": 30}, {}),
        ({"disabled": False}, {}),
        ({"include_byok_in_limit": True}, {}),
    ],
)
def test_a_change_that_the_api_never_sees_sends_nothing(
    keys: Keys, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """A local setting, or one that can't be cleared, is only noted in the state."""
    state = keys.up(**before)
    keys.sent()
    changed = keys.up(state, **after)
    assert keys.sent() == []
    assert changed.id == state.id
    assert changed.outputs["keepers"] == {}
    assert keys.changed(changed, **after) == ()


def test_another_workspace_moves_the_key(keys: Keys) -> None:
    """The key keeps its id and its secret."""
    state = keys.up()
    elsewhere = keys.simulator.organization.create_workspace(name="Other", slug="other")
    moved = keys.up(state, workspace_id=elsewhere.id)
    assert (moved.id, secret_of(moved)) == (state.id, secret_of(state))
    assert keys.only.workspace_id == elsewhere.id


def test_an_update_of_a_key_that_is_gone_says_so(keys: Keys) -> None:
    """It was deleted outside the stack, and a refresh helps."""
    state = keys.up()
    keys.simulator.organization.delete_key(state.id)
    assert "the API key no longer exists" in str(failure(lambda: keys.up(state, limit=5)))


# replacement


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"expires_at": FUTURE}),
        ({"expires_at": FUTURE}, {"expires_at": LATER}),
        ({"expires_at": FUTURE}, {}),
        ({}, {"lifetime_days": 30}),
        ({"lifetime_days": 30}, {"lifetime_days": 31}),
        ({"lifetime_days": 30}, {}),
        ({}, {"keepers": {"a": "1"}}),
        ({"keepers": {"a": "1"}}, {"keepers": {"a": "2"}}),
        ({"keepers": {"a": "1"}}, {}),
    ],
)
def test_a_new_key_is_made_before_the_old_one_goes(
    keys: Keys, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """What the API can't change asks for a new key, made before the old one is deleted."""
    state = keys.up(**before)
    keys.sent()
    replaced = keys.up(state, **after)
    assert [line.split()[0] for line in keys.sent()] == ["POST", "DELETE"]
    assert replaced.id != state.id
    assert secret_of(replaced) == keys.only.secret


@pytest.mark.parametrize(
    "spelling",
    [
        "2999-01-31T01:00:00+01:00",
        "2999-01-31T01:00:00+0100",
        "2999-01-31T00:00Z",
        "2999-01-31T00:00:00.5Z",
        "2999-01-31T00:00:00.123456789Z",
    ],
)
def test_the_spelling_of_a_moment_makes_no_difference(keys: Keys, spelling: str) -> None:
    """Any zone is turned into UTC with seconds, in the request and in the state."""
    state = keys.up(expires_at=spelling)
    assert state.outputs["expires_at"] == FUTURE
    assert keys.changed(state, expires_at=FUTURE) == ()
    assert keys.refresh(state) == state


def test_an_id_in_place_of_the_email_changes_nothing(keys: Keys) -> None:
    """The creator by user id instead of by email is the same creator."""
    ada = id_of(keys, "ada")
    keys.simulator.organization.add_members(keys.id, [ada])
    state = keys.up(creator_email=emails("ada")[0])
    keys.sent()
    changed = keys.up(state, creator_user_id=ada)
    assert (keys.sent(), changed.id) == ([], state.id)
    assert keys.changed(changed, creator_user_id=ada) == ()


def test_a_key_is_due_by_its_age(keys: Keys) -> None:
    """From the day on that rotate_after_days names, an up makes a new key; none before."""
    keys.simulator.organization.advance(-29 * DAY)
    state = keys.up(rotate_after_days=30)
    keys.simulator.organization.advance(29 * DAY)
    assert keys.changed(state, rotate_after_days=30) == ()
    old = State(state.id, state.inputs, {**state.outputs, "created_at": days_ago(30)})
    assert keys.changed(old, rotate_after_days=30) == ("rotate_after_days",)
    assert keys.up(old, rotate_after_days=30).id != state.id


def test_a_refresh_does_not_call_it_drift(keys: Keys) -> None:
    """What is only due is no difference where the program does not run."""
    state = keys.up(rotate_after_days=30)
    old = State(state.id, state.inputs, {**state.outputs, "created_at": days_ago(30)})
    difference = keys.of(keys.start()).diff(old.id, old.outputs, old.inputs)
    assert (difference.changed, difference.replaces) == ((), ())


def days_ago(days: int) -> str:
    return (datetime.now(timezone.utc) - timedelta(days=days)).isoformat()


# existing_hash


def test_a_key_that_exists_is_taken_over(keys: Keys) -> None:
    """Only what is declared and differs is sent; the name stays unless it is given."""
    theirs = keys.made(limit=5)
    run = keys.start()
    state = keys.up_in(run, name=None, existing_hash=theirs, limit=5, disabled=True)
    assert keys.written() == ["PATCH /keys/theirs disabled=True"]
    assert state.id == theirs
    assert "key" not in state.outputs
    assert "name" not in state.outputs
    assert run.said == [
        "API key 'theirs': taken over and changed: disabled; the key itself can't be read, so "
        "there is no output `key`"
    ]
    assert keys.refresh(state) == state


def test_a_key_elsewhere_is_moved_and_that_is_told(keys: Keys) -> None:
    """Another workspace than the key has moves it."""
    theirs = keys.simulator.organization.create_key("theirs").hash
    run = keys.start()
    keys.up_in(run, existing_hash=theirs, name=None)
    assert keys.only.workspace_id == keys.id
    assert "moved here from workspace" in run.said[0]


def test_a_key_taken_over_is_deleted_with_the_stack(keys: Keys) -> None:
    """From then on it is the stack's own."""
    keys.destroy(keys.up(existing_hash=keys.made(), name=None))
    assert keys.live == []


def test_a_hash_of_no_key_is_told(keys: Keys) -> None:
    """Nothing is made in its place."""
    error = failure(lambda: keys.up(existing_hash="0" * 64, name=None))
    assert isinstance(error, NoSuchKeyError)
    assert keys.live == []


def test_a_key_is_taken_over_once(keys: Keys) -> None:
    """The second resource of a run fails, also where both come at the same moment."""
    theirs, run = keys.made(), keys.start()
    keys.simulator.faults.add(
        Fault(kind=FaultKind.LATENCY, method="GET", path="/keys/*", times=None, seconds=0.1)
    )
    failed = at_once(2, lambda: keys.up_in(run, existing_hash=theirs))
    assert [str(error) for error in failed] == [
        "another resource of this stack declares the API key already\n"
        "Remove one of the two, or give it another existing_hash."
    ]


def test_dropping_existing_hash_keeps_the_key(keys: Keys) -> None:
    """It only said where the key came from."""
    theirs = keys.made()
    state = keys.up(existing_hash=theirs)
    assert keys.up(state).id == theirs


def test_another_existing_hash_is_another_key(keys: Keys) -> None:
    """The old one is deleted after the new one is taken over."""
    state = keys.up(existing_hash=keys.made("one"))
    other = keys.made("two")
    assert keys.up(state, existing_hash=other).id == other
    assert len(keys.live) == 1


def test_a_resource_renamed_without_an_alias_keeps_the_key(keys: Keys) -> None:
    """The engine deletes last, and this run declares the same key again."""
    theirs, run = keys.made(), keys.start()
    state = keys.up(existing_hash=theirs)
    keys.up_in(run, existing_hash=theirs)
    keys.engine(run).destroy(state)
    assert keys.only.hash == theirs
    assert "is left alone" in run.said[-1]


# delete


def test_a_key_is_deleted_by_one_request(keys: Keys) -> None:
    """And one that is gone already is no error."""
    state = keys.up()
    keys.sent()
    keys.destroy(state)
    assert keys.live == []
    keys.destroy(state)
    assert len(keys.sent()) == 2
