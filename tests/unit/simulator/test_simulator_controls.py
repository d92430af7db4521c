"""The log and the faults over HTTP, for tests in any language."""

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
