"""The log, the faults and the spending over HTTP, for tests in any language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.unit.simulator.api import Api


def control(simulator: Simulator, method: str, path: str, **more: Any) -> requests.Response:
    url = urljoin(simulator.base_url, f"/simulator/{path}")
    return requests.request(method, url, timeout=60, **more)


def test_a_fault_is_added_and_cleared(simulator: Simulator, api: Api) -> None:
    """A fault is the JSON of Fault; afterwards its request fails as if a test had added it."""
    fault = {"kind": "status", "method": "GET", "path": "/workspaces", "status": 502}
    assert control(simulator, "POST", "faults", json=fault).status_code == 204
    assert api.send("GET", "/workspaces").status_code == 502
    assert api.send("GET", "/workspaces").status_code == 200
    control(simulator, "POST", "faults", json={**fault, "times": None})
    assert control(simulator, "DELETE", "faults").status_code == 204
    assert api.send("GET", "/workspaces").status_code == 200


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({}, "kind"),
        ({"kind": "status", "methd": "GET"}, "methd"),
        ([], "fault"),
    ],
)
def test_a_wrong_fault_is_refused(simulator: Simulator, fault: Any, reason: str) -> None:
    """A 400 says what is wrong with it."""
    answer = control(simulator, "POST", "faults", json=fault)
    assert answer.status_code == 400
    assert reason in answer.text


def test_the_log_is_read_and_cleared(simulator: Simulator, api: Api) -> None:
    """Every request of the API is in it, in order, and none for the controls themselves."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=503))
    api.send("GET", "/workspaces", limit=1)
    api.send("POST", "/workspaces", {"name": "x", "slug": "x"})
    rows = control(simulator, "GET", "log").json()
    assert [(row["method"], row["path"], row["status"]) for row in rows] == [
        ("GET", "/workspaces", 503),
        ("POST", "/workspaces", 201),
    ]
    assert rows[0]["query"] == {"limit": "1"}
    assert rows[0]["fault"] == "status"
    assert rows[1]["body"] == {"name": "x", "slug": "x"}
    assert len(control(simulator, "GET", "log", params={"method": "POST"}).json()) == 1
    assert control(simulator, "GET", "log", params={"path": "/keys*"}).json() == []
    assert control(simulator, "DELETE", "log").status_code == 204
    assert simulator.log == []


def test_a_key_spends(simulator: Simulator) -> None:
    """Today, or days ago; with the organization's own provider key, or without."""
    key = simulator.organization.create_key("ci")
    body = {"key_hash": key.hash, "usd": 18.75}
    assert control(simulator, "POST", "spending", json=body).status_code == 204
    control(simulator, "POST", "spending", json={**body, "usd": 1, "days_ago": 40})
    control(simulator, "POST", "spending", json={**body, "usd": 2, "byok": True})
    usage = simulator.organization.usage(key)
    assert (usage["usage"], usage["usage_daily"], usage["byok_usage"]) == (19.75, 18.75, 2)


@pytest.mark.parametrize(
    ("body", "status"),
    [([], 400), ({"usd": 1}, 400), ({"key_hash": "none", "usd": 1}, 404)],
)
def test_a_wrong_spending_is_refused(simulator: Simulator, body: Any, status: int) -> None:
    """What is no spending, and that of a key that does not exist."""
    answer = control(simulator, "POST", "spending", json=body)
    assert (answer.status_code, "error" in answer.json()) == (status, True)
