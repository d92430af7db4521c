"""Every answer of the simulator against the contract of the API, status by status.

The document is behind the API. What the simulator answers beyond it, or otherwise, is listed in
`DEVIATIONS`; the properties that it adds are in `BEYOND`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.unit.simulator.api import Api
from tests.unit.simulator.document import BODIES, DOCUMENT, OPERATIONS, furnish, ids, validate

BEYOND = {
    "Workspace": {"disabled_server_tools"},
    "ApiKey": {"external_user", "last_used_at"},
}
# Where a list of each kind of object is answered.
LISTS = {
    "Workspace": "/workspaces",
    "Budget": "/workspaces/team/budgets",
    "Membership": "/workspaces/team/members",
    "Person": "/organization/members",
    "ApiKey": "/keys",
    "Guardrail": "/guardrails",
    "KeyAssignment": "/guardrails/assignments/keys",
    "MemberAssignment": "/guardrails/assignments/members",
    "ProviderKey": "/byok",
}

Case = tuple[str, str, int]
CASES: list[Case] = [
    (method, path, status)
    for (method, path), statuses in OPERATIONS.items()
    for status in sorted(statuses)
]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulator with something of everything in it."""
    with Simulator(members=0) as started:
        furnish(started.organization)
        yield started


def real_path(simulator: Simulator, path: str, found: bool = True) -> str:
    """A path of the document with values, of things that are there or not."""
    if not found:
        return path.format(id="none", hash="none", interval="daily")
    organization = simulator.organization
    id, key_hash = ids(organization, path)[0], organization.keys[0].hash
    return path.format(id=id, hash=key_hash, interval="daily")


def exchange(simulator: Simulator, method: str, path: str, status: int) -> requests.Response:
    """The answer to a request made so that it is answered with this status."""
    api, body = Api(simulator), BODIES.get((method, path))
    query: dict[str, Any] = {}
    real = real_path(simulator, path, found=status != 404)
    if status == 401:
        api = Api(simulator, "bad")
    elif status == 403:
        api = Api(simulator, simulator.inference_key)
    elif status in (409, 429, 500):
        simulator.faults.add(Fault(kind=FaultKind.STATUS, status=status))
    elif status == 400:
        real, body, query = malformed(simulator, method, path)
    return api.send(method.upper(), real, body, **query)


def malformed(
    simulator: Simulator, method: str, path: str
) -> tuple[str, dict[str, Any] | None, dict[str, Any]]:
    """A request that the API answers with 400."""
    if (method, path) == ("get", "/keys"):
        return path, None, {"workspace_id": "team"}
    if method == "get" and "{interval}" not in path:
        return path, None, {"limit": 0}
    if (method, path) == ("delete", "/workspaces/{id}"):
        simulator.organization.create_key("x", workspace="team")
        return "/workspaces/team", None, {}
    if "{interval}" in path:
        return "/workspaces/team/budgets/yearly", {"limit_usd": 1}, {}
    return real_path(simulator, path), {"name": 7, "user_ids": []}, {}


def schema_of(method: str, path: str, status: int) -> str:
    response: str = DOCUMENT["paths"][path][method]["responses"][str(status)]["$ref"]
    return f"{response.removeprefix('#/')}/content/application~1json/schema"


@pytest.mark.parametrize(("method", "path", "status"), CASES)
def test_every_answer_of_every_operation_fits_the_schema(
    simulator: Simulator, method: str, path: str, status: int
) -> None:
    """Each status that the document lists for an operation is answered, in the form it says."""
    if (path, status) == ("/organization/members", 404):
        with Simulator(Quirks(personal_account=True)) as personal:
            response = Api(personal).send(method.upper(), path)
    else:
        response = exchange(simulator, method, path, status)
    assert response.status_code == status, response.text
    validate(response.json(), schema_of(method, path, status))


def test_the_list_of_no_budgets_fits_the_schema_both_ways() -> None:
    """The empty list of the schema and the 404 of the live API are both answers it allows."""
    path = "/workspaces/{id}/budgets"
    for quirk, status in ((False, 200), (True, 404)):
        with Simulator(Quirks(empty_budgets_404=quirk)) as simulator:
            response = Api(simulator).send("GET", "/workspaces/default/budgets")
        assert response.status_code == status
        validate(response.json(), schema_of("get", path, status))


@pytest.mark.parametrize(("quirks", "expected"), [(Quirks(), BEYOND), (Quirks.as_documented(), {})])
def test_what_goes_beyond_the_schema_is_listed(
    quirks: Quirks, expected: dict[str, set[str]]
) -> None:
    """The properties answered beyond the document are those in BEYOND, and none as documented."""
    with Simulator(quirks, members=0) as simulator:
        furnish(simulator.organization)
        api = Api(simulator)
        beyond = {
            name: set(api.ok("GET", path)["data"][0])
            - set(DOCUMENT["components"]["schemas"][name]["properties"])
            for name, path in LISTS.items()
        }
    assert {name: extra for name, extra in beyond.items() if extra} == expected
