"""Every answer of the simulator against the official OpenAPI document, status by status.

The document is older than the API. What the simulator answers beyond it is listed in `BEYOND`:
these properties are known from the official Python SDK 1.3.84, and all of them are additions.
Not in the document at all: GET /key; 403 for budget operations on a plan below Enterprise and for
an inference key on operations that list no 403; 400 for an impossible page; 405; and the 409 that
a taken slug may be answered with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.unit.simulator.api import Api

FILE = Path(__file__).parents[2] / "data" / "openapi-workspaces.json"
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
REGISTRY: Registry[Any] = Registry().with_resource("api", DRAFT202012.create_resource(DOCUMENT))
BEYOND = {
    "Workspace": {"disabled_server_tools"},
    "ApiKey": {"external_user", "last_used_at"},
}

Operation = tuple[str, str]
Case = tuple[str, str, str]
CASES: list[Case] = [
    (method, path, status)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    for status in operation["responses"]
]
BODIES: dict[Operation, dict[str, Any]] = {
    ("post", "/workspaces"): {"name": "New", "slug": "new"},
    ("patch", "/workspaces/{id}"): {"name": "Renamed", "disabled_server_tools": ["openrouter:x"]},
    ("put", "/workspaces/{id}/budgets/{interval}"): {"limit_usd": 5.5},
    ("post", "/workspaces/{id}/members/add"): {"user_ids": ["user_ada"]},
    ("post", "/workspaces/{id}/members/remove"): {"user_ids": ["user_ada"]},
    ("post", "/keys"): {"name": "x", "expires_at": "2999-01-01T00:00:00Z"},
    ("patch", "/keys/{hash}"): {"disabled": True},
}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator with something of everything in it."""
    with Simulator(members=0) as started:
        organization = started.organization
        organization.add_member("ada@example.com", user_id="user_ada", role="admin")
        organization.create_workspace(name="Team", slug="team", description="x")
        organization.set_budget("team", "lifetime", 50)
        organization.set_budget("team", "daily", 5)
        organization.add_members("team", ["user_ada"])
        organization.create_key("x", creator="user_ada", expires_at="2999-01-01T00:00:00Z")
        yield started


def real_path(simulator: Simulator, path: str, found: bool = True) -> str:
    """A path of the document with values, of things that are there or not."""
    key_hash = simulator.organization.keys[0].hash
    if not found:
        return path.format(id="none", hash="none", interval="daily")
    return path.format(id="team", hash=key_hash, interval="daily")


def exchange(simulator: Simulator, method: str, path: str, status: str) -> requests.Response:
    """The answer to a request made so that it is answered with this status."""
    api, body = Api(simulator), BODIES.get((method, path))
    query: dict[str, Any] = {}
    real = real_path(simulator, path, found=status != "404")
    if status == "401":
        api = Api(simulator, "bad")
    elif status == "403":
        api = Api(simulator, simulator.inference_key)
    elif status in ("429", "500"):
        simulator.faults.add(Fault(kind=FaultKind.STATUS, status=int(status)))
    elif status == "400":
        real, body, query = malformed(simulator, method, path)
    return api.send(method.upper(), real, body, **query)


def malformed(
    simulator: Simulator, method: str, path: str
) -> tuple[str, dict[str, Any] | None, dict[str, Any]]:
    """A request that the API answers with 400."""
    if (method, path) == ("get", "/keys"):
        return path, None, {"workspace_id": "team"}
    if (method, path) == ("delete", "/workspaces/{id}"):
        simulator.organization.create_key("x", workspace="team")
        return "/workspaces/team", None, {}
    if "{interval}" in path:
        return "/workspaces/team/budgets/yearly", {"limit_usd": 1}, {}
    return real_path(simulator, path), {"name": 7, "user_ids": []}, {}


def schema_of(method: str, path: str, status: str) -> dict[str, Any]:
    escaped = path.replace("~", "~0").replace("/", "~1")
    steps = ["paths", escaped, method, "responses", status, "content", "application~1json"]
    return {"$ref": "api#/" + "/".join([*steps, "schema"])}


def validate(instance: Any, schema: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator
    validator(schema, registry=REGISTRY, format_checker=validator.FORMAT_CHECKER).validate(instance)


@pytest.mark.parametrize(("method", "path", "status"), CASES)
def test_every_answer_of_every_operation_fits_the_schema(
    simulator: Simulator, method: str, path: str, status: str
) -> None:
    """Each status that the document lists for an operation is answered, in the form it says."""
    if (path, status) == ("/organization/members", "404"):
        with Simulator(Quirks(personal_account=True)) as personal:
            response = Api(personal).send(method.upper(), path)
    else:
        response = exchange(simulator, method, path, status)
    assert response.status_code == int(status), response.text
    validate(response.json(), schema_of(method, path, status))


def test_the_list_of_no_budgets_fits_the_schema_both_ways() -> None:
    """The empty list of the schema and the 404 of the live API are both answers it allows."""
    path = "/workspaces/{id}/budgets"
    for quirk, status in ((False, "200"), (True, "404")):
        with Simulator(Quirks(empty_budgets_404=quirk)) as simulator:
            response = Api(simulator).send("GET", "/workspaces/default/budgets")
        assert response.status_code == int(status)
        validate(response.json(), schema_of("get", path, status))


def test_what_goes_beyond_the_schema_is_listed(simulator: Simulator) -> None:
    """The properties answered beyond the document are exactly those in BEYOND."""
    api = Api(simulator)
    schemas = DOCUMENT["components"]["schemas"]
    key_schema = DOCUMENT["paths"]["/keys"]["get"]["responses"]["200"]["content"]
    key_properties = key_schema["application/json"]["schema"]["properties"]["data"]["items"]
    person = DOCUMENT["paths"]["/organization/members"]["get"]["responses"]["200"]["content"]
    person_properties = person["application/json"]["schema"]["properties"]["data"]["items"]
    rows = {
        "Workspace": ("/workspaces", schemas["Workspace"]),
        "Budget": ("/workspaces/team/budgets", schemas["WorkspaceBudget"]),
        "Membership": ("/workspaces/team/members", schemas["WorkspaceMember"]),
        "Person": ("/organization/members", person_properties),
        "ApiKey": ("/keys", key_properties),
    }
    beyond = {
        name: set(api.ok("GET", path)["data"][0]) - set(schema["properties"])
        for name, (path, schema) in rows.items()
    }
    assert {name: extra for name, extra in beyond.items() if extra} == BEYOND
