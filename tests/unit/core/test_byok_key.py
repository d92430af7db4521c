"""What ByokKey sends to create, to change and to read a key at a provider."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import ProviderKeys, answered, emails, failure

ANOTHER = "sk-another-0987654321"


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> ProviderKeys:
    return ProviderKeys.of_team(simulator, new_run)


def person(team: ProviderKeys, name: str) -> str:
    return team.simulator.organization.person(f"{name}@example.com").id


def test_a_key_is_made_by_one_request(team: ProviderKeys) -> None:
    """What is declared is sent, and nothing else; the state has what identifies it."""
    state = team.up(is_required=True, declared_zdr=True)
    assert team.sent() == [
        f"POST /byok declared_zdr=True is_required=True key={team.KEY} name=ours provider=openai"
    ]
    assert state.id == team.only.id
    assert state.outputs == team.inputs(
        is_required=True,
        declared_zdr=True,
        label="sk-...7890",
        created_at=team.only.created_at,
        organization_id=team.simulator.organization.id,
    )


def test_another_key_is_put_in_place(team: ProviderKeys) -> None:
    """One PATCH that sends nothing else; the same key again sends nothing."""
    state = team.up(name="ours", is_fallback=True)
    team.sent()
    assert team.changed(state, name="ours", is_fallback=True) == ()
    state = team.up(state, key=ANOTHER, is_fallback=True)
    assert team.sent() == [f"PATCH /byok/ours key={ANOTHER}"]
    assert team.only.key == ANOTHER
    assert state.outputs["label"] == "sk-...4321"


def test_what_is_dropped_is_cleared_or_left(team: ProviderKeys) -> None:
    """Null for what can be null; a flag keeps its value."""
    state = team.up(allowed_models=["acme/swift"], declared_region="us", disabled=True)
    team.sent()
    team.up(state)
    assert team.sent() == ["PATCH /byok/ours allowed_models=None declared_region=None"]
    assert team.only.disabled is True


def test_who_may_use_it_is_named_by_resource_hash_and_email(team: ProviderKeys) -> None:
    """The API knows ids and hashes alone; a refresh finds what was declared."""
    ci = team.simulator.organization.create_key("ci", workspace="team").hash
    declared: dict[str, Any] = {
        "allowed_emails": emails("ada"),
        "allowed_user_ids": [person(team, "grace")],
        "allowed_keys": [ci],
    }
    state = team.up(**declared)
    assert team.only.allowed_user_ids == sorted([person(team, "ada"), person(team, "grace")])
    assert team.only.allowed_api_key_hashes == [ci]
    found = team.refresh(state)
    assert found is not None
    assert found.outputs == state.outputs
    team.sent()
    team.up(state, **{**declared, "allowed_emails": emails("alan")})
    ids = sorted([person(team, "alan"), person(team, "grace")])
    assert team.written() == [f"PATCH /byok/ours allowed_user_ids={ids}"]


def test_who_else_was_allowed_is_drift(team: ProviderKeys) -> None:
    """The list is replaced whole, so that it is this stack's as a whole."""
    state = team.up(allowed_emails=emails("ada"))
    both = [person(team, "ada"), person(team, "alan")]
    team.simulator.organization.provider_keys.update(state.id, allowed_user_ids=both)
    found = team.refresh(state)
    assert found is not None
    assert team.changed(found, allowed_emails=emails("ada")) == ()
    team.simulator.organization.provider_keys.update(state.id, allowed_user_ids=both[1:])
    found = team.refresh(state)
    assert found is not None
    assert team.changed(found, allowed_emails=emails("ada")) == ("allowed_emails",)


def test_a_key_that_somebody_replaced_is_put_back(team: ProviderKeys) -> None:
    """The key itself can't be read, but its label can: another one is another key."""
    state = team.up()
    team.simulator.organization.provider_keys.update(state.id, key=ANOTHER)
    found = team.refresh(state)
    assert found is not None
    assert team.changed(found) == ("key",)
    team.sent()
    team.up(found)
    assert team.sent() == [f"PATCH /byok/ours key={team.KEY}"]


def test_models_in_any_spelling_are_no_difference(team: ProviderKeys) -> None:
    """As with guardrails, should the API answer canonical slugs."""
    state = team.up(allowed_models=["acme/swift"])
    team.simulator.organization.provider_keys.update(
        state.id, allowed_models=["acme/swift-2026-03-01"]
    )
    found = team.refresh(state)
    assert found is not None
    assert found.outputs["allowed_models"] == ["acme/swift"]


@pytest.mark.parametrize("change", [{"workspace_id": True}, {"provider": "azure"}])
def test_another_workspace_or_provider_is_another_key(
    team: ProviderKeys, change: dict[str, Any]
) -> None:
    """The API can't change these."""
    if "workspace_id" in change:
        other = team.simulator.organization.create_workspace(name="Other", slug="other")
        change = {"workspace_id": other.id}
    state = team.up()
    found = team.engine().calls.diff(state, team.inputs(**change))
    assert found.replaces == tuple(change)


def test_a_key_that_is_gone_is_gone(team: ProviderKeys) -> None:
    """In refresh, update and destroy."""
    state = team.up()
    team.simulator.organization.provider_keys.delete(state.id)
    assert team.refresh(state) is None
    assert "the provider key no longer exists" in str(failure(lambda: team.up(state, name="x")))
    team.destroy(state)


def test_get_reads_all_but_the_key(team: ProviderKeys) -> None:
    """A key for every workspace can be read too."""
    made = team.simulator.organization.provider_keys.create_for_all(
        key=team.KEY, provider="azure", name="global"
    )
    outputs = team.get(made.id).outputs
    assert (outputs["name"], outputs["provider"], outputs["label"]) == (
        "global",
        "azure",
        made.label,
    )
    assert "key" not in outputs
    assert "workspace_id" not in outputs
    assert "no provider key" in str(failure(lambda: team.get(team.id)))


# lost answers


@pytest.mark.reliability(
    "the creation of a provider key whose answer is lost in three ways",
    "the one that it made is found, and its key sent once more; none is there twice",
)
@pytest.mark.parametrize("kind", [FaultKind.CUT_AFTER, FaultKind.TRUNCATED, FaultKind.WRONG_SHAPE])
def test_a_key_whose_answer_was_lost_is_found(team: ProviderKeys, kind: FaultKind) -> None:
    """It is ours if it can be nobody else's; its key is sent again, since nothing tells it."""
    team.simulator.faults.add(Fault(kind=kind, method="POST", path="/byok"))
    state = team.up()
    assert state.id == team.only.id
    assert [line.partition(" ")[0] for line in team.sent()] == ["POST", "GET", "PATCH"]


def test_a_key_that_was_not_made_is_made(team: ProviderKeys) -> None:
    """The look finds none, so the request is sent again."""
    team.simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, method="POST", path="/byok"))
    team.up()
    assert [line.partition(" ")[0] for line in team.sent()] == ["POST", "GET", "POST"]


def test_several_that_it_could_be_are_named(team: ProviderKeys) -> None:
    """Nothing is deleted where nobody can tell."""
    keys = team.simulator.organization.provider_keys
    team.simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER, method="POST", path="/byok"))
    theirs = keys.create(key="x", provider="openai", name="ours", workspace_id=team.id)
    error = failure(lambda: team.up())
    assert theirs.id in str(error)
    assert len(keys.all) == 2


def test_no_error_shows_the_key(team: ProviderKeys) -> None:
    """Not even where the API repeats it."""
    state = team.up()
    for method, operation in (
        ("POST", lambda: team.up(key=ANOTHER)),
        ("PATCH", lambda: team.up(state, key=ANOTHER)),
    ):
        team.simulator.faults.add(answered(400, method=method, message=f"bad key {ANOTHER}"))
        error = failure(operation)
        assert str(error) == "400 bad key [secret]"


@pytest.mark.parametrize("key", ["", " ", 5, ["x"]])
def test_a_key_that_is_none_is_not_printed(team: ProviderKeys, key: Any) -> None:
    """The engine prints the value of a property that is named, and nothing for an element."""
    (problem,) = team.check(key=key)
    assert problem.property == "key[0]"


def test_what_contradicts_each_other_is_told(team: ProviderKeys) -> None:
    """At preview, each at its property."""
    problems = team.check(
        is_fallback=True,
        is_byok_only=True,
        allowed_models=[],
        allowed_user_ids=[f"user_{number}" for number in range(60)],
        allowed_emails=[f"p{number}@example.com" for number in range(41)],
        allowed_keys=["sk-or-v1-secret"],
    )
    assert {problem.property for problem in problems} == {
        "allowed_models",
        "allowed_keys[0]",
        "is_byok_only",
        "allowed_user_ids",
    }
    assert "sk-or" not in str(problems)
