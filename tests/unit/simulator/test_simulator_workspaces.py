from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.support.workspaces import NULLABLE
from tests.unit.simulator.api import Api, Simulate

TEAM = {"name": "Team", "slug": "team"}
SETTINGS = {
    "description": "What it is for",
    "default_text_model": "openai/gpt-4o",
    "default_image_model": "openai/dall-e-3",
    "default_provider_sort": "price",
    "io_logging_api_key_ids": [3, 1],
    "io_logging_sampling_rate": 0.5,
    "is_data_discount_logging_enabled": False,
    "is_observability_broadcast_enabled": True,
    "is_observability_io_logging_enabled": True,
    "disabled_server_tools": ["openrouter:web_search", "openrouter:not_yet_known"],
}
NOT_NULLABLE = ["name", "slug", *(name for name in SETTINGS if name not in NULLABLE)]


def test_a_created_workspace_has_the_fields_sent_and_defaults_for_the_rest(api: Api) -> None:
    """POST answers 201 with the fields sent, ids of its own, and defaults for all others."""
    response = api.send("POST", "/workspaces", TEAM)
    data = response.json()["data"]
    assert response.status_code == 201
    assert UUID(data["id"]).version == 4
    assert UUID(data["default_guardrail_id"]).version == 5
    assert data["created_by"].startswith("user_")
    assert data["io_logging_sampling_rate"] == 1
    assert data["is_data_discount_logging_enabled"] is True
    assert {**data, **TEAM, **dict.fromkeys(NULLABLE)} == data


def test_every_setting_is_kept_as_sent(api: Api) -> None:
    """POST and then GET by id and by slug answer every setting as it was sent."""
    created = api.ok("POST", "/workspaces", {**TEAM, **SETTINGS})["data"]
    assert {**created, **TEAM, **SETTINGS} == created
    assert api.ok("GET", "/workspaces/team")["data"] == created
    assert api.ok("GET", f"/workspaces/{created['id']}")["data"] == created


def test_there_is_a_default_workspace(api: Api) -> None:
    """Every organization has a workspace with the slug default from the start."""
    listed = api.ok("GET", "/workspaces")
    assert [row["slug"] for row in listed["data"]] == ["default"]
    assert listed["total_count"] == 1


def test_a_taken_slug_is_refused(api: Api) -> None:
    """A second workspace with the same slug is a 400 that quotes the slug."""
    api.ok("POST", "/workspaces", TEAM)
    message = 'A workspace with the slug "team" already exists'
    assert api.error("POST", "/workspaces", {**TEAM, "name": "Other"}) == (400, message)
    assert api.error("PATCH", "/workspaces/default", {"slug": "team"}) == (400, message)


def test_a_taken_slug_can_be_a_conflict(simulate: Simulate) -> None:
    """With duplicate_slug_status the same refusal is a 409."""
    _, api = simulate(duplicate_slug_status=409)
    assert api.error("POST", "/workspaces", {"name": "x", "slug": "default"})[0] == 409


def test_a_workspace_may_keep_its_own_slug(api: Api) -> None:
    """PATCH with the slug that the workspace has already is no conflict."""
    api.ok("POST", "/workspaces", TEAM)
    assert api.ok("PATCH", "/workspaces/team", {"slug": "team"})["data"]["slug"] == "team"


def test_patch_leaves_absent_fields_alone(api: Api) -> None:
    """PATCH of one field changes that field and updated_at, and nothing else."""
    old = api.ok("POST", "/workspaces", {**TEAM, **SETTINGS})["data"]
    new = api.ok("PATCH", "/workspaces/team", {"name": "Renamed"})["data"]
    assert new == {**old, "name": "Renamed", "updated_at": new["updated_at"]}
    assert new["updated_at"] > old["created_at"]


def test_every_patch_is_seen_in_updated_at(api: Api) -> None:
    """Two PATCHes never have the same updated_at, even if they change nothing."""
    api.ok("POST", "/workspaces", TEAM)
    moments = [api.ok("PATCH", "/workspaces/team", {})["data"]["updated_at"] for _ in range(3)]
    assert moments == sorted(set(moments))


def test_a_slug_changes_in_place(api: Api) -> None:
    """PATCH of the slug keeps the id; the old slug is free again and names nothing."""
    old = api.ok("POST", "/workspaces", TEAM)["data"]
    new = api.ok("PATCH", "/workspaces/team", {"slug": "new"})["data"]
    assert new["id"] == old["id"]
    assert api.error("GET", "/workspaces/team") == (404, "Resource not found")
    assert api.ok("GET", "/workspaces/new")["data"] == new
    assert api.ok("POST", "/workspaces", TEAM)["data"]["id"] != old["id"]


@pytest.mark.parametrize("name", NULLABLE)
def test_null_clears_a_nullable_field(api: Api, name: str) -> None:
    """PATCH with null clears a field that can be null."""
    api.ok("POST", "/workspaces", {**TEAM, **SETTINGS})
    assert api.ok("PATCH", "/workspaces/team", {name: None})["data"][name] is None


@pytest.mark.parametrize("name", NOT_NULLABLE)
def test_null_for_another_field_is_refused(api: Api, name: str) -> None:
    """PATCH with null for a field that can't be null is a 400 naming it."""
    status, message = api.error("PATCH", "/workspaces/default", {name: None})
    assert (status, message) == (400, f"Invalid request parameters: {name} must not be null")


def test_an_empty_list_clears_disabled_server_tools(api: Api) -> None:
    """[] clears disabled_server_tools as null does, and is answered as null."""
    api.ok("POST", "/workspaces", {**TEAM, **SETTINGS})
    cleared = api.ok("PATCH", "/workspaces/team", {"disabled_server_tools": []})["data"]
    assert cleared["disabled_server_tools"] is None


def test_an_empty_list_of_logged_keys_is_no_null(api: Api) -> None:
    """[] for io_logging_api_key_ids stays an empty list, as null means all keys."""
    changed = api.ok("PATCH", "/workspaces/default", {"io_logging_api_key_ids": []})["data"]
    assert changed["io_logging_api_key_ids"] == []


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("name", "", "must be at least 1 character(s) long"),
        ("name", "  ", "must be at least 1 character(s) long"),
        ("name", "x" * 101, "must be at most 100 characters long"),
        ("name", 7, "must be a string"),
        ("slug", "", "must be at least 1 character(s) long"),
        ("slug", "x" * 51, "must be at most 50 characters long"),
        ("slug", "Team", "must be lowercase alphanumeric segments separated by single hyphens"),
        ("slug", "a--b", "must be lowercase alphanumeric segments separated by single hyphens"),
        ("slug", "-a", "must be lowercase alphanumeric segments separated by single hyphens"),
        ("slug", "a\n", "must be lowercase alphanumeric segments separated by single hyphens"),
        ("description", "x" * 501, "must be at most 500 characters long"),
        ("default_text_model", 7, "must be a string"),
        ("default_image_model", True, "must be a string"),
        (
            "default_provider_sort",
            "cheapest",
            "must be one of price, throughput, latency, exacto",
        ),
        ("io_logging_api_key_ids", "1", "must be a list"),
        ("io_logging_api_key_ids", [1, "2"], "element 1 must be a number"),
        ("io_logging_api_key_ids", [1.5], "element 0 must be an integer"),
        ("io_logging_api_key_ids", [True], "element 0 must be a number"),
        ("io_logging_api_key_ids", [2**53], "element 0 must be an integer"),
        ("io_logging_sampling_rate", 0, "must be between 0.0001 and 1"),
        ("io_logging_sampling_rate", 1.01, "must be between 0.0001 and 1"),
        ("io_logging_sampling_rate", "1", "must be a number"),
        ("is_data_discount_logging_enabled", "yes", "must be a boolean"),
        ("is_observability_broadcast_enabled", 1, "must be a boolean"),
        ("is_observability_io_logging_enabled", [], "must be a boolean"),
        ("disabled_server_tools", "openrouter:bash", "must be a list"),
        (
            "disabled_server_tools",
            ["bash"],
            "element 0 must be a server tool such as openrouter:web_search",
        ),
        ("disabled_server_tools", [""], "element 0 must be at least 1 character(s) long"),
    ],
)
def test_a_value_against_the_schema_is_refused(
    api: Api, simulator: Simulator, name: str, value: Any, problem: str
) -> None:
    """POST and PATCH of a value that the schema excludes are a 400 naming the property."""
    expected = (400, f"Invalid request parameters: {name} {problem}")
    assert api.error("POST", "/workspaces", {**TEAM, name: value}) == expected
    assert api.error("PATCH", "/workspaces/default", {name: value}) == expected
    assert len(simulator.organization.workspaces) == 1


def test_all_problems_of_a_body_are_named(api: Api) -> None:
    """A body with several mistakes is answered with all of them."""
    status, message = api.error("POST", "/workspaces", {"name": "", "description": 7})
    assert status == 400
    assert message == (
        "Invalid request parameters: name must be at least 1 character(s) long; "
        "slug is required; description must be a string"
    )


@pytest.mark.parametrize("body", ["[]", "7", "nonsense", '{"name": NaN}', ""])
def test_a_body_that_is_no_object_is_refused(api: Api, body: str) -> None:
    """A body that is not a JSON object is a 400."""
    response = api.raw("POST", "/workspaces", body)
    assert response.status_code == 400
    assert "the body must be a JSON object" in response.json()["error"]["message"]


def test_unknown_properties_are_ignored(api: Api) -> None:
    """Properties that the API doesn't know, or that are read only, change nothing."""
    old = api.ok("POST", "/workspaces", {**TEAM, "self": 1, "id": "mine"})["data"]
    new = api.ok("PATCH", "/workspaces/team", {"ref": 1, "created_by": "me"})["data"]
    assert new == {**old, "updated_at": new["updated_at"]}


def test_whole_numbers_may_come_with_a_fraction_of_zero(api: Api) -> None:
    """1.0 is the integer 1, as in every JSON API written in JavaScript."""
    response = api.send("PATCH", "/workspaces/default", {"io_logging_api_key_ids": [7.0]})
    assert '"io_logging_api_key_ids":[7]' in response.text


def test_names_and_descriptions_are_trimmed(api: Api) -> None:
    """The spaces around a name and a description are dropped, and don't count."""
    body = {"name": f"  {'x' * 100} ", "slug": "team", "description": " y "}
    data = api.ok("POST", "/workspaces", body)["data"]
    assert (data["name"], data["description"]) == ("x" * 100, "y")


def test_trimming_can_be_switched_off(simulate: Simulate) -> None:
    """Without trim_text a name stays as sent."""
    _, api = simulate(trim_text=False)
    assert api.ok("POST", "/workspaces", {**TEAM, "name": " x "})["data"]["name"] == " x "


def test_a_workspace_is_deleted(api: Api) -> None:
    """DELETE answers deleted, and from then on every operation on it is a 404."""
    data = api.ok("POST", "/workspaces", TEAM)["data"]
    assert api.ok("DELETE", f"/workspaces/{data['id']}") == {"deleted": True}
    for method in ("GET", "DELETE"):
        assert api.error(method, f"/workspaces/{data['id']}") == (404, "Resource not found")
    assert api.error("PATCH", "/workspaces/team", {}) == (404, "Resource not found")


def test_deletion_takes_budgets_memberships_and_idle_keys_along(
    api: Api, simulator: Simulator
) -> None:
    """Nothing of a deleted workspace is left for the next one with its slug."""
    organization = simulator.organization
    api.ok("POST", "/workspaces", TEAM)
    organization.set_budget("team", "daily", 5)
    organization.add_members("team", [organization.people[0].id])
    organization.create_key("idle", workspace="team", disabled=True)
    api.ok("DELETE", "/workspaces/team")
    api.ok("POST", "/workspaces", TEAM)
    assert organization.budgets("team") == {}
    assert organization.members("team") == []
    assert organization.keys == []


def test_active_keys_hold_a_workspace(api: Api, simulator: Simulator) -> None:
    """DELETE of a workspace with an active key is a 400; disabled and expired keys don't count."""
    organization = simulator.organization
    api.ok("POST", "/workspaces", TEAM)
    organization.create_key("off", workspace="team", disabled=True)
    organization.create_key("late", workspace="team", expires_at="2001-01-01T00:00:00Z")
    active = organization.create_key("active", workspace="team", expires_at="2999-01-01T00:00:00Z")
    assert api.error("DELETE", "/workspaces/team") == (
        400,
        "Workspaces with active API keys cannot be deleted; remove the keys first.",
    )
    organization.delete_key(active.hash)
    assert api.ok("DELETE", "/workspaces/team") == {"deleted": True}


@pytest.mark.parametrize("query", [{}, {"confirm_default_workspace_deletion": "true"}])
def test_the_default_workspace_stays(api: Api, query: dict[str, str]) -> None:
    """DELETE of the default workspace is a 403, confirmed or not."""
    assert api.error("DELETE", "/workspaces/default", **query) == (
        403,
        "The default workspace cannot be deleted.",
    )


def test_the_default_workspace_can_be_made_deletable(simulate: Simulate) -> None:
    """With default_workspace_deletable, a confirmed DELETE of it succeeds, and keys need a home."""
    simulator, api = simulate(default_workspace_deletable=True)
    assert api.error("DELETE", "/workspaces/default")[0] == 403
    api.ok("DELETE", "/workspaces/default", confirm_default_workspace_deletion="true")
    assert simulator.organization.workspaces == []
    assert api.ok("GET", "/keys") == {"data": []}
    assert api.error("POST", "/keys", {"name": "x"})[0] == 400


def test_the_default_workspace_keeps_its_nature_under_another_slug(api: Api) -> None:
    """Renaming the default workspace makes it no more deletable."""
    api.ok("PATCH", "/workspaces/default", {"slug": "main", "name": "Main"})
    assert api.error("DELETE", "/workspaces/main")[0] == 403


def test_changes_behind_the_back_follow_the_same_rules(simulator: Simulator, api: Api) -> None:
    """The organization object changes what the API answers, and logs nothing."""
    organization = simulator.organization
    created = organization.create_workspace(name="Team", slug="team", description=" x ")
    organization.update_workspace("team", name="Renamed", slug="renamed")
    assert simulator.log == []
    assert api.ok("GET", "/workspaces/renamed")["data"]["name"] == "Renamed"
    assert created.name == "Team"
    assert created.description == "x"
    organization.create_key("active", workspace="renamed")
    organization.delete_workspace("renamed")
    assert [workspace.slug for workspace in organization.workspaces] == ["default"]
