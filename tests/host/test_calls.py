from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.host.dynamic_host import Host, HostError, Kind, Properties
from tests.host.inputs import api_key, child, workspace

Declare = Callable[[str], tuple[str, Properties]]


@pytest.fixture
def id(simulator: Simulator, slug: str) -> str:
    """A workspace that is there already."""
    return simulator.organization.create_workspace(name=slug, slug=slug).id


@pytest.fixture
def emails(simulator: Simulator) -> list[str]:
    """Two members of the organization."""
    return [person.email for person in simulator.organization.people[:2]]


def sent(simulator: Simulator, part: str) -> list[tuple[str, Any]]:
    """What was written with this in its path or body."""
    return [
        (request.method, request.body)
        for request in list(simulator.log)
        if request.method != "GET" and (part in request.path or part in str(request.body))
    ]


def inputs_of(kind: Kind, inputs: Properties) -> Properties:
    """What the engine hands on after a check."""
    checked = kind.check(inputs)
    assert checked.failures == []
    return checked.inputs


# A life


def test_the_life_of_a_workspace(host: Host, simulator: Simulator, slug: str) -> None:
    """A workspace is created, refreshed, updated and deleted as the engine does it."""
    inputs = inputs_of(host.workspaces, workspace(slug, description="old"))
    id, outputs = host.workspaces.create(inputs)
    assert id == simulator.organization.workspace(slug).id
    assert {key: outputs[key] for key in inputs} == inputs

    simulator.organization.update_workspace(id, description="drift")
    read = host.workspaces.refresh(id, outputs)
    assert (read.id, read.outputs["description"]) == (id, "drift")
    assert read.inputs == {**inputs, "description": "drift"}
    assert host.workspaces.diff(id, read.outputs, inputs).changes

    news = inputs_of(host.workspaces, workspace(slug))
    outputs = host.workspaces.update(id, read.outputs, news)
    assert "description" not in outputs
    assert sent(simulator, id) == [("PATCH", {"description": None})]
    assert not host.workspaces.diff(id, outputs, news).changes


def test_the_life_of_an_api_key(host: Host, simulator: Simulator, id: str) -> None:
    """A key is created, refreshed, changed, rotated and deleted as the engine does it."""
    inputs = inputs_of(host.keys, api_key(id, limit=5, limit_reset="daily"))
    key_hash, outputs = host.keys.create(inputs)
    key = simulator.organization.key(key_hash)
    assert outputs["key"] == key.secret
    assert {name: outputs[name] for name in inputs} == inputs

    simulator.organization.update_key(key_hash, limit=7)
    read = host.keys.refresh(key_hash, outputs)
    assert read.inputs == {**inputs, "limit": 7}
    assert read.outputs == {**outputs, "limit": 7}
    assert host.keys.diff(key_hash, read.outputs, inputs).changes

    outputs = host.keys.update(key_hash, read.outputs, inputs)
    assert outputs["key"] == key.secret
    assert simulator.organization.key(key_hash).limit == 5
    rotated = inputs_of(host.keys, api_key(id, limit=5, keepers={"leaked": "yes"}))
    assert host.keys.diff(key_hash, outputs, rotated).replaces == ["keepers"]

    host.keys.delete(key_hash, outputs)
    assert key_hash not in {each.hash for each in simulator.organization.keys}


def test_the_life_of_a_budget(host: Host, simulator: Simulator, id: str) -> None:
    """Budgets are created, refreshed and updated as the engine does it."""
    inputs = inputs_of(host.budgets, child(id, daily_limit_usd=5, monthly_limit_usd=100))
    created, outputs = host.budgets.create(inputs)
    owner = {"organization_id": simulator.organization.id}
    assert (created, outputs) == (id, {**inputs, **owner})

    simulator.organization.set_budget(id, "daily", 7)
    read = host.budgets.refresh(id, outputs)
    assert read.inputs == {**inputs, "daily_limit_usd": 7}
    assert read.outputs == {**read.inputs, **owner}
    assert host.budgets.diff(id, read.outputs, inputs).changes

    assert host.budgets.update(id, read.outputs, inputs) == {**inputs, **owner}
    assert simulator.organization.budgets(id) == {"monthly": 100, "daily": 5}


def test_the_life_of_a_membership(
    host: Host, simulator: Simulator, id: str, emails: list[str]
) -> None:
    """Members are added, refreshed and updated as the engine does it."""
    inputs = inputs_of(host.memberships, child(id, emails=emails))
    created, outputs = host.memberships.create(inputs)
    assert created == id
    assert sorted(member["email"] for member in outputs["members"]) == sorted(emails)

    simulator.organization.remove_members(id, simulator.organization.members(id)[:1])
    read = host.memberships.refresh(id, outputs)
    assert read.inputs is not None
    assert len(read.inputs["emails"]) == 1
    assert host.memberships.diff(id, read.outputs, inputs).changes

    host.memberships.update(id, read.outputs, inputs)
    assert len(simulator.organization.members(id)) == 2


def test_a_refresh_that_finds_nothing_new_leaves_the_inputs(
    host: Host, id: str, slug: str, emails: list[str]
) -> None:
    """Where the API has what is declared, the engine keeps the inputs that it has."""
    declared = [
        (host.workspaces, workspace(f"{slug}-too", description="here")),
        (host.budgets, child(id, daily_limit_usd=5)),
        (host.memberships, child(id, emails=emails)),
    ]
    for kind, given in declared:
        created, outputs = kind.create(inputs_of(kind, given))
        read = kind.refresh(created, outputs)
        assert (read.id, read.inputs) == (created, None)
        assert read.outputs == outputs


def test_no_change_sends_nothing(host: Host, simulator: Simulator, id: str, slug: str) -> None:
    """An update that changes what never reaches the API is no request."""
    olds = workspace(slug)
    news = workspace(slug, force_destroy=True)
    assert host.workspaces.update(id, olds, news) == news
    assert sent(simulator, id) == []


def test_whole_numbers_are_sent_as_integers(host: Host, simulator: Simulator, slug: str) -> None:
    """The engine's doubles become integers again before the API sees them."""
    inputs = inputs_of(host.workspaces, workspace(slug, io_logging_api_key_ids=[2, 1]))
    host.workspaces.create(inputs)
    ((_, body),) = sent(simulator, slug)
    assert repr(body["io_logging_api_key_ids"]) == "[1, 2]"


# Gone


def test_what_is_gone_has_no_id(host: Host, simulator: Simulator, id: str, slug: str) -> None:
    """A refresh of something that is gone answers an empty id, whichever resource it is."""
    simulator.organization.delete_workspace(id)
    members = {"members": [{"user_id": "user_a"}]}
    for read in (
        host.workspaces.refresh(id, workspace(slug)),
        host.budgets.refresh(id, child(id, daily_limit_usd=5)),
        host.memberships.refresh(id, {**child(id, user_ids=["user_a"]), **members}),
    ):
        assert (read.id, read.outputs) == ("", {})


def test_another_404_is_not_gone(host: Host, simulator: Simulator, id: str) -> None:
    """While the workspace is there, a 404 of its members drops nothing from the state."""
    path = f"/workspaces/{id}/members"
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=404, path=path, times=None))
    simulator.organization.advance(120)
    with pytest.raises(HostError, match="404, though the workspace is there: try again"):
        host.memberships.refresh(id, {**child(id, user_ids=["user_a"]), "members": []})


def test_deleting_what_is_gone_succeeds(
    host: Host, simulator: Simulator, id: str, slug: str
) -> None:
    """A delete of something that is gone already is no error, whichever resource it is."""
    simulator.organization.delete_workspace(id)
    members = {"members": [{"user_id": "user_a"}]}
    host.memberships.delete(id, {**child(id, user_ids=["user_a"]), **members})
    host.budgets.delete(id, child(id, daily_limit_usd=5))
    host.workspaces.delete(id, workspace(slug))


# get


def test_get_reads_everything_of_a_workspace(
    host: Host, simulator: Simulator, id: str, slug: str
) -> None:
    """A get brings every field that has a value, and nothing that only a program sets."""
    simulator.organization.update_workspace(id, description="here")
    read = host.workspaces.get(id)
    assert (read.id, read.inputs) == (id, None)
    assert (read.outputs["slug"], read.outputs["description"]) == (slug, "here")
    assert read.outputs["io_logging_sampling_rate"] == 1
    assert {"adopt_existing", "force_destroy"}.isdisjoint(read.outputs)
    assert host.workspaces.refresh(id, read.outputs) == read


def test_get_reads_everything_of_a_budget(host: Host, simulator: Simulator, id: str) -> None:
    """A get brings every interval that has a limit, and the flag."""
    simulator.organization.set_budget(id, "daily", 5, include_byok=True)
    simulator.organization.set_budget(id, "lifetime", 50)
    read = host.budgets.get(id)
    assert read.outputs == {
        "workspace_id": id,
        "daily_limit_usd": 5,
        "lifetime_limit_usd": 50,
        "include_byok_in_budgets": True,
    }
    assert host.budgets.refresh(id, read.outputs) == read


def test_get_reads_everything_of_a_membership(
    host: Host, simulator: Simulator, id: str, emails: list[str]
) -> None:
    """A get brings every member, with email and role."""
    people = simulator.organization.people[:2]
    simulator.organization.add_members(id, [person.id for person in people])
    read = host.memberships.get(id)
    assert sorted(read.outputs["user_ids"]) == sorted(person.id for person in people)
    assert read.outputs["emails"] == sorted(emails)
    assert {member["email"]: member["role"] for member in read.outputs["members"]} == {
        person.email: person.workspace_role for person in people
    }
    assert host.memberships.refresh(id, read.outputs) == read


def test_refresh_of_a_get_whose_object_is_gone(
    host: Host, simulator: Simulator, id: str, slug: str
) -> None:
    """What a get once read and is gone by now has an empty id."""
    simulator.organization.set_budget(id, "daily", 5)
    got = [(kind, kind.get(id)) for kind in (host.workspaces, host.budgets, host.memberships)]
    simulator.organization.delete_workspace(id)
    for kind, read in got:
        assert kind.refresh(id, read.outputs).id == ""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("workspaces", "reading workspace {id}: there is no such workspace"),
        ("budgets", "reading budget of workspace {id}: there is no such workspace"),
        ("memberships", "reading membership of workspace {id}: there is no such workspace"),
    ],
)
def test_get_of_what_is_missing_is_an_error(host: Host, name: str, line: str) -> None:
    """A get of an object that is not there is an error: an empty id would go unnoticed."""
    id = str(uuid.uuid4())
    kind: Kind = getattr(host, name)
    with pytest.raises(HostError) as caught:
        kind.get(id)
    assert caught.value.lines == ["OpenRouterError: " + line.format(id=id)]


@pytest.mark.parametrize("name", ["workspaces", "budgets", "memberships"])
def test_get_of_a_slug_names_the_uuid(
    host: Host, simulator: Simulator, id: str, slug: str, name: str
) -> None:
    """A slug is not what get takes, and the error says what to write instead."""
    simulator.organization.set_budget(id, "daily", 5)
    kind: Kind = getattr(host, name)
    with pytest.raises(HostError) as caught:
        kind.get(slug)
    (line,) = caught.value.lines
    assert line.endswith(f"get takes the UUID, not the slug: that is {id}")


# Many at once


def test_many_creates_at_once(host: Host, simulator: Simulator, slug: str) -> None:
    """More creates at once than the host has threads all succeed, each with its own object."""
    slugs = [f"{slug}-{number}" for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        created = list(pool.map(host.workspaces.create, [workspace(slug) for slug in slugs]))
    assert [outputs["slug"] for _, outputs in created] == slugs
    assert [simulator.organization.workspace(slug).id for slug in slugs] == [
        id for id, _ in created
    ]
