"""Guardrails of the simulated API: fields, models, assignments, and the default one."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.simulator import Guardrail, Organization, Simulator
from tests.unit.simulator.api import Api

INVALID = "Invalid request parameters: "


@pytest.fixture
def team(simulator: Simulator) -> str:
    return simulator.organization.create_workspace(name="Team", slug="team").id


@pytest.fixture
def safe(simulator: Simulator, team: str) -> Guardrail:
    return simulator.organization.guardrails.create(name="safe", workspace_id=team)


def key_of(organization: Organization, workspace: str) -> str:
    return organization.create_key("ci", workspace).hash


def test_what_a_guardrail_does_not_have_is_ignored(api: Api, safe: Guardrail) -> None:
    """A body can't choose the id of what it makes."""
    made = api.ok("POST", "/guardrails", {"name": "x", "guardrail_id": safe.id, "id": safe.id})
    assert made["data"]["id"] != safe.id


def test_a_guardrail_without_a_workspace_is_in_the_default_one(api: Api, team: str) -> None:
    """Create and list without workspace_id are about the default workspace alone."""
    created = api.ok("POST", "/guardrails", {"name": "x"})["data"]
    api.ok("POST", "/guardrails", {"name": "y", "workspace_id": team})
    listed = api.ok("GET", "/guardrails")
    assert (listed["data"], listed["total_count"]) == ([created], 1)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "name is required"),
        ({"name": "x" * 201}, "name must be at most 200 characters long"),
        ({"name": "x", "allowed_models": []}, "allowed_models must have 1 or more elements"),
        ({"name": "x", "allowed_data_regions": ["mars"]}, "allowed_data_regions element 0 must be"),
        (
            {"name": "x", "include_byok_in_budgets": None},
            "include_byok_in_budgets must not be null",
        ),
        ({"name": "x", "limit_usd": 5}, "limit_usd and reset_interval must be given together"),
        ({"name": "x", "content_filters": [{"pattern": "a"}]}, "content_filters element 0 must"),
        (
            {"name": "x", "content_filter_builtins": [{"slug": "ip", "action": "block"}]},
            "content_filter_builtins element 0 must be one of",
        ),
        (
            {
                "name": "x",
                "content_filter_builtins": [
                    {"slug": "email", "action": "block", "scan_scope": "user_only"}
                ],
            },
            "content_filter_builtins element 0 scan_scope is only for regex-prompt-injection",
        ),
    ],
)
def test_a_guardrail_that_is_not_right_is_refused(
    api: Api, body: dict[str, Any], problem: str
) -> None:
    """Each field is checked as the schema says, and named."""
    status, message = api.error("POST", "/guardrails", body)
    assert status == 400
    assert message.startswith(INVALID + problem)


@pytest.mark.parametrize("body", [{"limit_usd": 5}, {"reset_interval": None}])
def test_a_change_of_the_limit_brings_its_interval(
    api: Api, safe: Guardrail, body: dict[str, Any]
) -> None:
    """limit_usd and reset_interval are changed together, and cleared together."""
    assert api.error("PATCH", f"/guardrails/{safe.id}", body)[0] == 400


@pytest.mark.parametrize("pattern", ["(?=x)", "(?<!x)y", r"(a)\1", "(a+)+", "(?:a*b)*", "("])
def test_a_pattern_that_openrouter_does_not_run_is_refused(api: Api, pattern: str) -> None:
    """Lookaround, back-references, nested quantifiers, and what is no pattern at all."""
    filters = [{"pattern": pattern, "action": "block"}]
    status, message = api.error("POST", "/guardrails", {"name": "x", "content_filters": filters})
    assert status == 400
    assert message.startswith("invalid_regex_pattern: ")


def test_keys_are_moved_silently_and_unknown_ones_skipped(
    api: Api, simulator: Simulator, team: str, safe: Guardrail
) -> None:
    """Whoever has another guardrail loses it; the count tells what is unknown."""
    other = simulator.organization.guardrails.create(name="other", workspace_id=team)
    ci = key_of(simulator.organization, "team")
    for guardrail in (other, safe):
        body = {"key_hashes": [ci, "unknown", ci]}
        path = f"/guardrails/{guardrail.id}/assignments/keys"
        assert api.ok("POST", path, body) == {"assigned_count": 1}
    (row,) = api.ok("GET", "/guardrails/assignments/keys")["data"]
    assert (row["guardrail_id"], row["key_hash"], row["key_name"]) == (safe.id, ci, "ci")
    path = f"/guardrails/{other.id}/assignments/keys/remove"
    assert api.ok("POST", path, {"key_hashes": [ci]}) == {"unassigned_count": 0}


def test_who_is_elsewhere_is_refused(api: Api, simulator: Simulator, safe: Guardrail) -> None:
    """A key of another workspace, and a user who is not in it, are 400 in the API's words."""
    path = f"/guardrails/{safe.id}/assignments"
    foreign = key_of(simulator.organization, "default")
    stranger = simulator.organization.person("ada@example.com").id
    assert api.error("POST", f"{path}/keys", {"key_hashes": [foreign]}) == (
        400,
        "Some keys do not belong to the same workspace as the guardrail",
    )
    assert api.error("POST", f"{path}/members", {"member_user_ids": [stranger]}) == (
        400,
        "Some users are not members of the workspace",
    )


def test_a_member_has_a_guardrail_in_each_workspace(
    api: Api, simulator: Simulator, safe: Guardrail
) -> None:
    """Being assigned in one workspace changes nothing in another."""
    organization = simulator.organization
    ada = organization.person("ada@example.com").id
    organization.add_members("team", [ada])
    elsewhere = organization.guardrails.create(name="elsewhere")
    for guardrail in (safe, elsewhere):
        body = {"member_user_ids": [ada]}
        api.ok("POST", f"/guardrails/{guardrail.id}/assignments/members", body)
    rows = api.ok("GET", "/guardrails/assignments/members")["data"]
    assert {row["guardrail_id"] for row in rows} == {safe.id, elsewhere.id}
    organization.remove_members("team", [ada])
    assert organization.guardrails.members(safe.id) == []


def test_deleted_keys_are_counted_but_not_listed(
    api: Api, simulator: Simulator, safe: Guardrail
) -> None:
    """A page may be short, or empty, in the middle of the list."""
    organization = simulator.organization
    hashes = [key_of(organization, "team") for _ in range(5)]
    organization.guardrails.assign_keys(safe.id, hashes)
    for gone in hashes[:3]:
        organization.delete_key(gone)
    path = f"/guardrails/{safe.id}/assignments/keys"
    pages = [api.ok("GET", path, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [len(page["data"]) for page in pages] == [0, 1, 1]
    assert {page["total_count"] for page in pages} == {5}


def test_a_key_that_moves_keeps_its_guardrail(simulator: Simulator, safe: Guardrail) -> None:
    """The assignment moves along with a key that is moved to another workspace."""
    organization = simulator.organization
    ci = key_of(organization, "team")
    organization.guardrails.assign_keys(safe.id, [ci])
    organization.update_key(ci, workspace_id=organization.workspace("default").id)
    assert organization.guardrails.keys(safe.id) == [ci]


def test_a_workspace_takes_its_guardrails_along(
    api: Api, simulator: Simulator, safe: Guardrail
) -> None:
    """Deleting a guardrail drops its assignments, deleting a workspace its guardrails."""
    organization = simulator.organization
    organization.guardrails.assign_keys(safe.id, [key_of(organization, "team")])
    organization.delete_workspace("team")
    assert not organization.guardrails.all
    assert not organization.guardrails.key_rows()
    assert api.error("GET", f"/guardrails/{safe.id}")[0] == 404


def test_the_default_guardrail_begins_with_its_first_change(
    api: Api, simulator: Simulator, team: str
) -> None:
    """Until then it is a 404 and in no list; it can be neither assigned nor deleted."""
    default = simulator.organization.workspace("team").default_guardrail_id
    path = f"/guardrails/{default}"
    assert api.error("GET", path)[0] == api.error("DELETE", path + "x")[0] == 404
    assert api.ok("GET", "/guardrails", workspace_id=team)["data"] == []
    changed = api.ok("PATCH", path, {"enforce_zdr_other": True})["data"]
    assert (changed["id"], changed["workspace_id"]) == (default, team)
    assert api.ok("GET", path)["data"] == changed
    assert api.ok("GET", "/guardrails", workspace_id=team)["data"] == [changed]
    for kind, field in (("keys", "key_hashes"), ("members", "member_user_ids")):
        status, message = api.error("POST", f"{path}/assignments/{kind}", {field: ["x"]})
        assert status == 400
        assert message.startswith(f"Cannot assign {kind} to a default guardrail.")
    assert api.error("DELETE", path)[0] == 403


def test_the_catalogue_needs_no_key(simulator: Simulator) -> None:
    """GET /models tells the canonical slug of each model to anybody."""
    listed = Api(simulator, "bad").ok("GET", "/models", output_modalities="all")["data"]
    canonical = {row["id"]: row["canonical_slug"] for row in listed}
    assert canonical["acme/swift"] == canonical["acme/swift:free"] == "acme/swift-2026-03-01"
