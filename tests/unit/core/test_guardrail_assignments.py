"""Whom a guardrail governs: who is assigned, who is freed, and who has another one."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Guardrails, emails, failure


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Guardrails:
    return Guardrails.of_team(simulator, new_run)


# create


def test_whom_it_governs_takes_a_request_for_each_kind(team: Guardrails) -> None:
    """Before anything is sent, a look at who has another guardrail."""
    state = team.up(keys=[team.key("ci"), team.key("cron")], emails=emails("ada", "grace"))
    assert team.sent() == [
        "GET /organization/members",
        "GET /guardrails",
        "GET /guardrails/assignments/keys",
        "GET /guardrails/assignments/members",
        "POST /guardrails name=safe",
        "POST /guardrails/safe/assignments/keys ci cron",
        "POST /guardrails/safe/assignments/members ada grace",
    ]
    assert team.live == {"safe": ["ci", "cron", "ada", "grace"]}
    assert {row["email"] for row in state.outputs["members"]} == set(emails("ada", "grace"))


@pytest.mark.parametrize("people", [260])
def test_hundreds_are_assigned_in_batches(team: Guardrails) -> None:
    """A hundred to a request; the list of those that are there is paged."""
    hashes = [team.key(f"key-{number}") for number in range(250)]
    everybody = [person.id for person in team.simulator.organization.people]
    state = team.up(keys=hashes, user_ids=everybody)
    sizes = [
        len(request.body.get("key_hashes") or request.body.get("member_user_ids"))
        for request in team.simulator.requests("POST", "*/assignments/*")
    ]
    assert sizes == [100, 100, 50, 100, 100, 60]
    found = team.refresh(state)
    assert found is not None
    assert found.outputs == state.outputs


def test_keys_that_are_deleted_leave_gaps_in_pages(team: Guardrails) -> None:
    """Pages that are short, or empty in the middle, hide nobody."""
    hashes = [team.key(f"key-{number}") for number in range(250)]
    state = team.up(keys=hashes)
    for gone in hashes[50:220]:
        team.simulator.organization.delete_key(gone)
    found = team.refresh(state)
    assert found is not None
    assert found.outputs["keys"] == sorted(hashes[:50] + hashes[220:])


@pytest.mark.parametrize("quirks", [Quirks(page_cap=1)], ids=["pages of one row"])
def test_short_pages_of_members_hide_nobody(team: Guardrails) -> None:
    """Lists of members are paged by what came back."""
    state = team.up(emails=emails("ada", "grace", "alan"))
    found = team.refresh(state)
    assert found is not None
    assert found.outputs == state.outputs


# who can't be assigned


def test_a_key_that_another_guardrail_has_is_named_and_not_moved(team: Guardrails) -> None:
    """OpenRouter would move it without a word."""
    ci, strict = team.key("ci"), team.given("strict")
    team.simulator.organization.guardrails.assign_keys(strict, [ci])
    error = failure(lambda: team.up(keys=[ci]))
    assert "ci (sk-or-v1-" in str(error)
    assert f"has guardrail 'strict' ({strict})" in str(error)
    assert team.written() == []
    assert team.live == {"strict": ["ci"]}


def test_a_member_that_another_guardrail_has_is_named_and_not_moved(team: Guardrails) -> None:
    """A guardrail in another workspace is not in the way."""
    guardrails, strict = team.simulator.organization.guardrails, team.given("strict")
    elsewhere = guardrails.create(name="elsewhere").id
    guardrails.assign_members(elsewhere, [team.id_of("ada"), team.id_of("grace")])
    guardrails.assign_members(strict, [team.id_of("ada")])
    error = failure(lambda: team.up(emails=emails("ada", "grace")))
    assert "ada@example.com (user_" in str(error)
    assert "grace@example.com" not in str(error)
    assert "has guardrail 'strict'" in str(error)
    assert team.written() == []
    team.up(emails=emails("grace"))
    assert team.live == {"elsewhere": ["ada", "grace"], "strict": ["ada"], "safe": ["grace"]}


def test_unknown_hashes_are_told(team: Guardrails) -> None:
    """The API skips them silently; nothing is left of the guardrail."""
    unknown = "f" * 64
    error = failure(lambda: team.up(keys=[team.key("ci"), unknown]))
    assert f"knows no API key with this hash: {unknown}\n" in str(error)
    assert not error.unsettled
    assert team.live == {}


def test_a_key_of_another_workspace_is_told(team: Guardrails) -> None:
    """The API's 400 does not say which."""
    far = team.key("far", "default")
    error = failure(lambda: team.up(keys=[team.key("ci"), far]))
    assert f"not in the workspace of the guardrail: API key {far}\n" in str(error)
    assert team.live == {}


def test_who_is_not_in_the_workspace_is_told(team: Guardrails) -> None:
    """With what makes the order right where the membership is in the same program."""
    team.simulator.organization.remove_members(team.id, [team.id_of("ada")])
    error = failure(lambda: team.up(emails=emails("ada", "grace")))
    assert "not members of the workspace: ada@example.com (user_" in str(error)
    assert "depends_on" in str(error)
    assert team.live == {}


def test_who_is_not_in_the_organization_is_told_before_anything_is_sent(team: Guardrails) -> None:
    """All of them at once."""
    error = failure(lambda: team.up(emails=[*emails("ada"), "x@y.zz", "z@y.zz"]))
    assert "not in the organization: x@y.zz, z@y.zz" in str(error)
    assert team.written() == []


# update


def test_who_leaves_goes_before_who_comes(team: Guardrails) -> None:
    """The difference is sent, removals first, the content last."""
    ci, cron = team.key("ci"), team.key("cron")
    state = team.up(keys=[ci], emails=emails("ada", "grace"))
    team.sent()
    team.up(state, keys=[cron], emails=emails("grace", "alan"), description="d")
    assert team.written() == [
        "POST /guardrails/safe/assignments/keys/remove ci",
        "POST /guardrails/safe/assignments/members/remove ada",
        "POST /guardrails/safe/assignments/keys cron",
        "POST /guardrails/safe/assignments/members alan",
        "PATCH /guardrails/safe description=d",
    ]


def test_the_same_people_by_another_name_are_no_request(team: Guardrails) -> None:
    """An email in place of a user id is an update that sends nothing."""
    state = team.up(user_ids=[team.id_of("ada")])
    state = team.up(state, emails=emails("ada"))
    team.sent()
    assert team.changed(state, emails=emails("Ada")) == ()
    team.up(state, user_ids=[team.id_of("ada")])
    assert team.sent() == []


def test_what_is_assigned_by_others_stays(team: Guardrails) -> None:
    """A stack owns whom it declares, and nobody else."""
    state = team.up(keys=[team.key("ci")])
    team.simulator.organization.guardrails.assign_keys(state.id, [team.key("theirs")])
    state = team.up(state, keys=[])
    assert team.live == {"safe": ["theirs"]}
    found = team.refresh(state)
    assert found is not None
    assert found.outputs["keys"] == []


def test_exclusive_lets_nobody_else_stay(team: Guardrails) -> None:
    """A refresh shows who else is there, and an up takes them out."""
    ci = team.key("ci")
    state = team.up(keys=[ci], exclusive=True)
    guardrails = team.simulator.organization.guardrails
    guardrails.assign_keys(state.id, [team.key("theirs")])
    guardrails.assign_members(state.id, [team.id_of("ada")])
    found = team.refresh(state)
    assert found is not None
    assert len(found.outputs["keys"]) == 2
    assert found.outputs["user_ids"] == [team.id_of("ada")]
    team.up(found, keys=[ci], exclusive=True)
    assert team.live == {"safe": ["ci"]}


def test_who_was_taken_out_comes_back_after_a_refresh(team: Guardrails) -> None:
    """An up does what its preview showed; the refresh brings the rest into view."""
    ci, cron = team.key("ci"), team.key("cron")
    state = team.up(keys=[ci])
    team.simulator.organization.guardrails.unassign_keys(state.id, [ci])
    state = team.up(state, keys=[ci, cron])
    assert team.live == {"safe": ["cron"]}
    found = team.refresh(state)
    assert found is not None
    team.up(found, keys=[ci, cron])
    assert team.live == {"safe": ["ci", "cron"]}


def test_a_key_that_moved_to_another_workspace_is_still_there(team: Guardrails) -> None:
    """Its guardrail moved along: it is read as the API says."""
    ci = team.key("ci")
    state = team.up(keys=[ci])
    organization = team.simulator.organization
    organization.update_key(ci, workspace_id=organization.workspace("default").id)
    found = team.refresh(state)
    assert found is not None
    assert found.outputs["keys"] == [ci]


# two guardrails of one stack


@pytest.mark.reliability(
    "two guardrails of a stack that exchange their keys, the one or the other updated first",
    "one up ends as both declare, and nobody else's guardrail loses a key",
)
@pytest.mark.parametrize("first", ["A", "B"])
def test_two_guardrails_exchange_their_keys_in_one_run(team: Guardrails, first: str) -> None:
    """Whichever is updated first: it takes what the other one no longer declares."""
    key = {name: team.key(name.lower()) for name in ("A", "B")}
    states = {name: team.up(name=name, keys=[key[name]]) for name in key}
    run = team.start()
    engine = team.engine(run)
    other = {"A": "B", "B": "A"}
    steps = {
        name: engine.plan(team.inputs(name=name, keys=[key[other[name]]]), states[name])
        for name in key
    }
    for name in (first, other[first]):
        engine.carry_out(steps[name], states[name])
    assert team.live == {"A": ["b"], "B": ["a"]}


def test_a_key_moves_to_a_new_guardrail_in_one_run(team: Guardrails) -> None:
    """The new one is made first, and takes what the old one gives up."""
    ci = team.key("ci")
    old = team.up(name="old", keys=[ci])
    run = team.start()
    engine = team.engine(run)
    step = engine.plan(team.inputs(name="old", keys=[]), old)
    team.up_in(run, name="new", keys=[ci])
    engine.carry_out(step, old)
    assert team.live == {"old": [], "new": ["ci"]}


def test_who_is_in_two_guardrails_of_a_program_is_told_at_preview(team: Guardrails) -> None:
    """The second one says which key, which person, and in which place."""
    engine = team.engine(team.start())
    ci, ada = team.key("ci"), team.id_of("ada")
    both = {"keys": [ci], "user_ids": [ada], "emails": emails("grace")}
    assert engine.check(team.inputs(name="A", **both))[1] == []
    problems = engine.check(team.inputs(name="B", **both))[1]
    assert [problem.property for problem in problems] == ["keys[0]", "user_ids[0]", "emails[0]"]
    assert all("another guardrail of this program" in problem.reason for problem in problems)
    assert ci not in problems[0].reason
