from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.unit.simulator.api import Api, Simulate

ADD = "/workspaces/team/members/add"
REMOVE = "/workspaces/team/members/remove"


@pytest.fixture(autouse=True)
def _team(simulator: Simulator) -> None:
    simulator.organization.create_workspace(name="Team", slug="team")


@pytest.fixture
def ids(simulator: Simulator) -> list[str]:
    return [person.id for person in simulator.organization.people]


def test_the_organization_lists_its_members(api: Api, ids: list[str]) -> None:
    """GET /organization/members answers ids, names, emails and roles; the first is the admin."""
    listed = api.ok("GET", "/organization/members")
    assert listed["total_count"] == 5
    assert listed["data"][0] == {
        "id": ids[0],
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "role": "org:admin",
    }
    assert {person["role"] for person in listed["data"][1:]} == {"org:member"}


def test_a_personal_account_has_no_members(simulate: Simulate) -> None:
    """GET /organization/members of a personal account is a 404."""
    _, api = simulate(personal_account=True)
    assert api.error("GET", "/organization/members") == (404, "Resource not found")


def test_members_are_added_with_their_organization_role(api: Api, ids: list[str]) -> None:
    """Those added are answered and listed, with the role they have in the organization."""
    added = api.ok("POST", ADD, {"user_ids": ids[:2]})
    assert added["added_count"] == 2
    assert [(m["user_id"], m["role"]) for m in added["data"]] == [
        (ids[0], "admin"),
        (ids[1], "member"),
    ]
    assert api.ok("GET", "/workspaces/team/members") == {"data": added["data"], "total_count": 2}


def test_adding_is_idempotent(api: Api, ids: list[str]) -> None:
    """Adding somebody again, or twice in one call, keeps the one membership."""
    first = api.ok("POST", ADD, {"user_ids": [ids[0], ids[0]]})
    again = api.ok("POST", ADD, {"user_ids": [ids[0], ids[1]]})
    assert first["added_count"] == 1
    assert again["data"][0] == first["data"][0]
    assert api.ok("GET", "/workspaces/team/members")["total_count"] == 2


def test_a_stranger_keeps_everybody_out(api: Api, simulator: Simulator, ids: list[str]) -> None:
    """One id that is not in the organization is a 400, and nobody is added."""
    assert api.error("POST", ADD, {"user_ids": [ids[0], "user_stranger"]}) == (
        400,
        "Some users are not members of the organization",
    )
    assert simulator.organization.members("team") == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "user_ids is required"),
        ({"user_ids": None}, "user_ids must not be null"),
        ({"user_ids": []}, "user_ids must have 1 to 100 elements"),
        ({"user_ids": ["user"] * 101}, "user_ids must have 1 to 100 elements"),
        ({"user_ids": "user"}, "user_ids must be a list"),
        ({"user_ids": ["user", 7]}, "user_ids element 1 must be a string"),
    ],
)
@pytest.mark.parametrize("path", [ADD, REMOVE])
def test_a_call_takes_one_to_a_hundred_ids(
    api: Api, path: str, body: dict[str, Any], message: str
) -> None:
    """A list of ids that the schema excludes is a 400 naming it."""
    assert api.error("POST", path, body) == (400, f"Invalid request parameters: {message}")


def test_a_hundred_members_are_added_and_removed_in_one_call(simulator: Simulator) -> None:
    """A call with a hundred ids carries them all out."""
    organization = simulator.organization
    ids = [organization.add_member(f"m{number}@example.com").id for number in range(100)]
    api = Api(simulator)
    assert api.ok("POST", ADD, {"user_ids": ids})["added_count"] == 100
    assert api.ok("POST", REMOVE, {"user_ids": ids}) == {"removed_count": 100}


def test_everybody_is_in_the_default_workspace(
    api: Api, simulator: Simulator, ids: list[str]
) -> None:
    """The default workspace lists all of the organization, newcomers too, with stable ids."""
    newcomer = simulator.organization.add_member("new@example.com").id
    listed = api.ok("GET", "/workspaces/default/members")
    assert [member["user_id"] for member in listed["data"]] == [*ids, newcomer]
    assert api.ok("GET", "/workspaces/default/members") == listed


@pytest.mark.parametrize("action", ["add", "remove"])
def test_members_of_the_default_workspace_are_fixed(api: Api, ids: list[str], action: str) -> None:
    """Adding to and removing from the default workspace is a 403."""
    answer = api.error("POST", f"/workspaces/default/members/{action}", {"user_ids": ids[:1]})
    assert answer == (403, "Cannot modify members of the default workspace")


def test_members_are_removed(api: Api, simulator: Simulator, ids: list[str]) -> None:
    """Those removed are gone; whoever is no member is no error, and not counted."""
    simulator.organization.add_members("team", ids[:2])
    removed = api.ok("POST", REMOVE, {"user_ids": [ids[0], ids[4], "user_stranger"]})
    assert removed == {"removed_count": 1}
    assert simulator.organization.members("team") == [ids[1]]


def test_members_with_active_keys_stay(api: Api, simulator: Simulator, ids: list[str]) -> None:
    """Removing creators of active keys in this workspace is a 400 naming them; nobody leaves."""
    organization = simulator.organization
    organization.add_members("team", ids)
    for creator in ids[:2]:
        organization.create_key("used", workspace="team", creator=creator)
    organization.create_key("elsewhere", creator=ids[2])
    organization.create_key("off", workspace="team", creator=ids[2], disabled=True)
    assert api.error("POST", REMOVE, {"user_ids": ids}) == (
        400,
        "The following members have active API keys in this workspace and cannot be removed: "
        f"{ids[0]}, {ids[1]}. Their keys must be deleted first.",
    )
    assert organization.members("team") == ids
    assert api.ok("POST", REMOVE, {"user_ids": ids[2:]}) == {"removed_count": 3}


def test_members_managed_by_scim_stay(api: Api, simulator: Simulator, ids: list[str]) -> None:
    """Removing SCIM-managed members is a 403 naming them, and nobody leaves."""
    organization = simulator.organization
    managed = organization.add_member("managed@example.com", scim=True).id
    organization.add_members("team", [ids[0], managed])
    assert api.error("POST", REMOVE, {"user_ids": [ids[0], managed]}) == (
        403,
        f"The following members are SCIM-managed and cannot be removed directly: {managed}. "
        "Changes must be made in your identity provider.",
    )
    assert organization.members("team") == [ids[0], managed]


def test_whoever_is_not_in_the_workspace_blocks_nothing(
    api: Api, simulator: Simulator, ids: list[str]
) -> None:
    """A SCIM-managed person or key creator who is no member of the workspace is no obstacle."""
    organization = simulator.organization
    managed = organization.add_member("managed@example.com", scim=True).id
    organization.create_key("used", workspace="team", creator=ids[0])
    answer = api.ok("POST", REMOVE, {"user_ids": [ids[0], managed]})
    assert answer == {"removed_count": 0}


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", "/add"), ("POST", "/remove")])
def test_members_of_no_workspace_are_a_404(api: Api, method: str, path: str) -> None:
    """Every member operation on a workspace that is not there is a 404."""
    answer = api.error(method, f"/workspaces/none/members{path}", {"user_ids": ["x"]})
    assert answer == (404, "Resource not found")


def test_leaving_the_organization_is_leaving_every_workspace(
    api: Api, simulator: Simulator, ids: list[str]
) -> None:
    """Whoever is removed from the organization is in no workspace any more."""
    simulator.organization.add_members("team", ids[:2])
    simulator.organization.remove_member("ADA@example.com")
    assert simulator.organization.members("team") == [ids[1]]
    assert api.error("POST", ADD, {"user_ids": [ids[0]]})[0] == 400


def test_members_change_behind_the_back(simulator: Simulator) -> None:
    """The organization object removes even members whom the API would not let go."""
    organization = simulator.organization
    managed = organization.add_member("x@example.com", role="admin", scim=True, user_id="user_x")
    assert organization.add_members("team", ["user_x"])[0].role == "admin"
    organization.create_key("used", workspace="team", creator=managed.id)
    assert organization.remove_members("team", ["user_x"]) == 1
    assert organization.members("team") == []
