"""The contract of the API, and an organization on which every operation finds something."""

from __future__ import annotations

from typing import Any

import jsonschema
import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from pulumi_openrouter.simulator import Organization
from tools.paths import ROOT

FILE = ROOT / "tests" / "data" / "api-contract.yaml"
DOCUMENT = yaml.safe_load(FILE.read_text(encoding="utf-8"))
REGISTRY: Registry[Any] = Registry().with_resource("api", DRAFT202012.create_resource(DOCUMENT))

Operation = tuple[str, str]
# Each operation with the statuses that the document lists for it.
OPERATIONS: dict[Operation, set[int]] = {
    (method, path): {int(status) for status in operation["responses"]}
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method != "parameters"
}
BODIES: dict[Operation, dict[str, Any]] = {
    ("post", "/workspaces"): {"name": "New", "slug": "new"},
    ("patch", "/workspaces/{id}"): {"name": "Renamed", "disabled_server_tools": ["openrouter:x"]},
    ("put", "/workspaces/{id}/budgets/{interval}"): {"limit_usd": 5.5},
    ("post", "/workspaces/{id}/members/add"): {"user_ids": ["user_ada"]},
    ("post", "/workspaces/{id}/members/remove"): {"user_ids": ["user_ada"]},
    ("post", "/keys"): {"name": "x", "expires_at": "2999-01-01T00:00:00Z"},
    ("patch", "/keys/{hash}"): {"disabled": True},
    ("post", "/guardrails"): {"name": "new", "limit_usd": 5.5, "reset_interval": "daily"},
    ("patch", "/guardrails/{id}"): {"allowed_models": ["openai/gpt-4o"], "name": "renamed"},
    ("post", "/guardrails/{id}/assignments/keys"): {"key_hashes": ["none"]},
    ("post", "/guardrails/{id}/assignments/keys/remove"): {"key_hashes": ["none"]},
    ("post", "/guardrails/{id}/assignments/members"): {"member_user_ids": ["user_ada"]},
    ("post", "/guardrails/{id}/assignments/members/remove"): {"member_user_ids": ["user_ada"]},
    ("post", "/byok"): {"provider": "openai", "key": "sk-provider-1234567890"},
    ("patch", "/byok/{id}"): {"key": "sk-another-0987654321", "is_required": True},
}


def furnish(organization: Organization) -> None:
    """Something of everything: `team` has budgets and a member, `busy` a key of a member."""
    organization.add_member("ada@example.com", user_id="user_ada", role="admin")
    organization.add_member("alan@example.com", user_id="user_alan", scim=True)
    organization.create_key("x", creator="user_ada", expires_at="2999-01-01T00:00:00Z")
    organization.create_workspace(name="Team", slug="team", description="x")
    organization.set_budget("team", "lifetime", 50)
    organization.set_budget("team", "daily", 5)
    organization.add_members("team", ["user_ada", "user_alan"])
    organization.create_workspace(name="Busy", slug="busy")
    organization.add_members("busy", ["user_ada"])
    organization.create_key("y", workspace="busy", creator="user_ada")
    safe = organization.guardrails.create(name="safe", allowed_models=["openai/gpt-4o"])
    organization.guardrails.assign_keys(safe.id, [organization.keys[0].hash])
    organization.guardrails.assign_members(safe.id, ["user_alan"])
    organization.provider_keys.create(provider="azure", key="sk-provider-1234567890")


def ids(organization: Organization, path: str) -> list[str]:
    """What a path of the document with an id can be about."""
    if path.startswith("/guardrails"):
        default = organization.workspace("default").default_guardrail_id
        return [*(each.id for each in organization.guardrails.all), default]
    if path.startswith("/byok"):
        return [each.id for each in organization.provider_keys.all]
    return ["team", "default", "busy", organization.workspace("team").id]


def validate(instance: Any, schema: str) -> None:
    """Whether it is what the document says in such a place: `components/schemas/Workspace`."""
    validator = jsonschema.Draft202012Validator
    checked = validator(
        {"$ref": f"api#/{schema}"}, registry=REGISTRY, format_checker=validator.FORMAT_CHECKER
    )
    checked.validate(instance)
