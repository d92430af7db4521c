from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.unit.simulator.api import Api, Simulate

NOBODY = "00000000-0000-4000-8000-000000000000"
PAST, FUTURE = "2001-01-01T00:00:00Z", "2999-01-01T00:00:00.500Z"


@pytest.fixture(autouse=True)
def team(simulator: Simulator) -> str:
    return simulator.organization.create_workspace(name="Team", slug="team").id


def test_a_key_is_created_and_shown_once(api: Api, simulator: Simulator, team: str) -> None:
    """POST answers the key itself and its hash; later answers have the hash and a label only."""
    creator = simulator.organization.people[1].id
    simulator.organization.add_members(team, [creator])
    body = {
        "name": "ci",
        "workspace_id": team,
        "creator_user_id": creator,
        "limit": 50,
        "limit_reset": "monthly",
        "include_byok_in_limit": True,
        "expires_at": FUTURE,
    }
    response = api.send("POST", "/keys", body)
    created = response.json()
    assert response.status_code == 201
    assert created["data"]["hash"] == hashlib.sha256(created["key"].encode()).hexdigest()
    assert {**created["data"], **body, "expires_at": "2999-01-01T00:00:00.000000Z"} == (
        created["data"]
    )
    assert created["data"]["limit_remaining"] == 50
    shown = api.send("GET", f"/keys/{created['data']['hash']}")
    assert shown.json() == {"data": created["data"]}
    assert created["key"] not in shown.text


def test_a_key_lives_in_the_default_workspace_unless_told(api: Api, simulator: Simulator) -> None:
    """POST without a workspace makes a key in the default one."""
    created = api.ok("POST", "/keys", {"name": "x"})["data"]
    assert created["workspace_id"] == simulator.organization.workspace("default").id


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "name is required"),
        ({"name": ""}, "name must be at least 1 character(s) long"),
        ({"name": "x", "limit": "1"}, "limit must be a number"),
        ({"name": "x", "limit": -1}, "limit must be greater than or equal to 0"),
        ({"name": "x", "limit_reset": "yearly"}, "limit_reset must be one of"),
        ({"name": "x", "expires_at": "2030-01-01"}, "expires_at must be a timestamp"),
        ({"name": "x", "expires_at": "2030-01-01T00:00Z"}, "expires_at must be a timestamp"),
        ({"name": "x", "expires_at": "2030-13-01T00:00:00Z"}, "expires_at must be a timestamp"),
        (
            {"name": "x", "expires_at": "2030-01-01T00:00:00+01:00"},
            "expires_at must be a timestamp",
        ),
        ({"name": "x", "include_byok_in_limit": 1}, "include_byok_in_limit must be a boolean"),
        ({"name": "x", "workspace_id": "team"}, "workspace_id must be a UUID"),
        ({"name": "x", "workspace_id": f"{1:032x}"}, "workspace_id must be a UUID"),
        ({"name": "x", "workspace_id": NOBODY}, "workspace_id must be that of a workspace"),
        ({"name": "x", "creator_user_id": "user_stranger"}, "creator_user_id must be a member"),
    ],
)
def test_a_key_against_the_schema_is_refused(api: Api, body: dict[str, Any], message: str) -> None:
    """A POST of values that the schema excludes is a 400 naming the property."""
    status, answered = api.error("POST", "/keys", body)
    assert status == 400
    assert answered.startswith(f"Invalid request parameters: {message}")


def test_a_list_is_of_one_workspace_and_without_idle_keys(
    api: Api, simulator: Simulator, team: str
) -> None:
    """GET lists the active keys of the default workspace, or of the one asked for."""
    organization = simulator.organization
    organization.create_key("elsewhere")
    organization.create_key("active", workspace="team", expires_at=FUTURE)
    organization.create_key("off", workspace="team", disabled=True)
    organization.create_key("late", workspace="team", expires_at=PAST)

    def names(**query: str) -> list[str]:
        return [key["name"] for key in api.ok("GET", "/keys", **query)["data"]]

    assert names() == ["elsewhere"]
    assert names(workspace_id=team) == ["active"]
    assert names(workspace_id=team, include_disabled="true") == ["off", "active"]
    assert names(workspace_id=team, include_expired="true") == ["late", "active"]
    assert names(workspace_id=team, include_disabled="false") == ["active"]
    assert names(workspace_id=NOBODY) == []


def test_a_list_of_keys_is_read_page_by_page(api: Api, simulator: Simulator) -> None:
    """A page has a hundred keys, the newest first, and offset skips those already read."""
    for number in range(105):
        simulator.organization.create_key(f"key{number}")
    assert len(api.ok("GET", "/keys")["data"]) == 100
    assert [key["name"] for key in api.ok("GET", "/keys", offset=103)["data"]] == ["key1", "key0"]


@pytest.mark.parametrize("workspace_id", ["team", ""])
def test_a_list_of_an_impossible_workspace_is_refused(api: Api, workspace_id: str) -> None:
    """GET with a workspace_id that is no UUID is a 400 naming it."""
    assert api.error("GET", "/keys", workspace_id=workspace_id) == (
        400,
        "Invalid request parameters: workspace_id must be a UUID",
    )


def test_a_key_is_changed(api: Api, simulator: Simulator) -> None:
    """PATCH changes name, disabled and limits, leaves the rest, and notes the moment."""
    key_hash = simulator.organization.create_key("x").hash
    old = api.ok("GET", f"/keys/{key_hash}")["data"]
    change = {"name": "y", "disabled": True, "limit": 5}
    new = api.ok("PATCH", f"/keys/{key_hash}", change)["data"]
    assert new == {**old, **change, "limit_remaining": 5, "updated_at": new["updated_at"]}
    assert new["updated_at"] is not None


@pytest.mark.parametrize("body", [{}, {"expires_at": FUTURE, "label": "x"}])
def test_a_change_of_nothing_is_refused(
    api: Api, simulator: Simulator, body: dict[str, Any]
) -> None:
    """A PATCH without a field that can be changed is a 400."""
    key_hash = simulator.organization.create_key("x").hash
    answered = api.error("PATCH", f"/keys/{key_hash}", body)
    assert answered == (400, "No update fields provided")


def test_a_key_that_blocks_a_deletion_can_be_moved(
    api: Api, simulator: Simulator, team: str
) -> None:
    """PATCH of workspace_id moves a key, after which its old workspace can be deleted."""
    key = simulator.organization.create_key("x", workspace="team")
    assert api.error("DELETE", "/workspaces/team")[0] == 400
    default_id = simulator.organization.workspace("default").id
    moved = api.ok("PATCH", f"/keys/{key.hash}", {"workspace_id": default_id})["data"]
    assert (moved["hash"], moved["workspace_id"]) == (key.hash, default_id)
    api.ok("DELETE", f"/workspaces/{team}")
    assert api.error("PATCH", f"/keys/{key.hash}", {"workspace_id": team})[0] == 400


def test_a_disabled_key_lets_its_workspace_go(api: Api, simulator: Simulator) -> None:
    """A workspace whose keys are disabled over the API can be deleted."""
    key = simulator.organization.create_key("x", workspace="team")
    api.ok("PATCH", f"/keys/{key.hash}", {"disabled": True})
    api.ok("DELETE", "/workspaces/team")


def test_a_key_is_deleted(api: Api, simulator: Simulator) -> None:
    """DELETE answers deleted, and from then on every operation on the key is a 404."""
    path = f"/keys/{simulator.organization.create_key('x').hash}"
    assert api.ok("DELETE", path) == {"deleted": True}
    for method in ("GET", "PATCH", "DELETE"):
        assert api.error(method, path, {}) == (404, "Resource not found")


def test_the_key_in_use_is_described(api: Api, simulator: Simulator) -> None:
    """GET /key tells whose the key is, and that it administers."""
    data = api.ok("GET", "/key")["data"]
    assert data["organization_id"] == simulator.organization.id
    assert data["is_management_key"] is True
    assert data["label"].startswith("sk-or-mgmt-")
    assert simulator.key not in str(data)


@pytest.mark.parametrize("kind", ["built in", "created"])
def test_an_inference_key_is_described_too(simulator: Simulator, kind: str, team: str) -> None:
    """GET /key answers any key that spends, with the workspace it spends in."""
    created = simulator.organization.create_key("x", workspace="team")
    key = simulator.inference_key if kind == "built in" else created.secret
    data = Api(simulator, key).ok("GET", "/key")["data"]
    home = simulator.organization.workspace("default").id if kind == "built in" else team
    assert (data["is_management_key"], data["workspace_id"]) == (False, home)


def test_a_personal_account_has_no_organization(simulate: Simulate) -> None:
    """GET /key of a personal account answers null for its organization."""
    _, api = simulate(personal_account=True)
    assert api.ok("GET", "/key")["data"]["organization_id"] is None


def test_keys_expire_by_the_clock_of_the_organization(simulator: Simulator, api: Api) -> None:
    """Set forward, it lets a key expire, which then spends nothing and holds nothing back."""
    organization = simulator.organization
    expires_at = organization.clock() + timedelta(hours=1)
    key = organization.create_key("x", workspace="team", expires_at=expires_at)
    assert organization.key_in_use(key.secret) == key
    organization.advance(3600)
    assert organization.key_in_use(key.secret) is None
    api.ok("DELETE", "/workspaces/team")
