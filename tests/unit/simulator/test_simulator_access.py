from __future__ import annotations

from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from pulumi_openrouter.simulator import ApiError, Simulator
from pulumi_openrouter.simulator.rate_limit import RateLimit
from tests.unit.simulator.api import Api, Simulate

OPERATIONS = [
    ("GET", "/workspaces"),
    ("POST", "/workspaces"),
    ("GET", "/workspaces/default/members"),
    ("GET", "/organization/members"),
    ("GET", "/keys"),
    ("DELETE", "/keys/none"),
]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic eDp5"}])
@pytest.mark.parametrize(("method", "path"), [*OPERATIONS, ("GET", "/key")])
def test_a_request_without_a_key_is_refused(
    simulator: Simulator, method: str, path: str, headers: dict[str, str]
) -> None:
    """Without a bearer token every operation is a 401 that says so."""
    response = requests.request(method, simulator.base_url + path, headers=headers, timeout=60)
    assert response.status_code == 401
    error = {"code": 401, "message": "Missing Authentication header"}
    assert response.json() == {"error": error}


@pytest.mark.parametrize(("method", "path"), [*OPERATIONS, ("GET", "/key")])
def test_an_unknown_key_is_refused(simulator: Simulator, method: str, path: str) -> None:
    """With a key that is nobody's every operation is a 401."""
    assert Api(simulator, "sk-or-mgmt-no").error(method, path) == (401, "User not found.")


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_an_inference_key_does_not_administer(
    simulate: Simulate, method: str, path: str, status: int
) -> None:
    """A key that spends gets 403, or 401, from every operation that administers."""
    simulator, _ = simulate(inference_key_status=status)
    message = "Only management keys can perform this operation"
    for key in (simulator.inference_key, simulator.organization.create_key("x").secret):
        assert Api(simulator, key).error(method, path) == (status, message)


def test_an_idle_key_is_unknown(simulator: Simulator) -> None:
    """A disabled key is refused as an unknown one is."""
    key = simulator.organization.create_key("x", disabled=True)
    assert Api(simulator, key.secret).error("GET", "/key")[0] == 401


@pytest.mark.parametrize("path", ["/", "/nothing", "/workspaces/a/b/c/d", "/../other"])
def test_an_unknown_path_is_a_404(api: Api, path: str) -> None:
    """A path that the API does not have is a 404 of the same shape and message as any other."""
    assert api.error("GET", path) == (404, "Resource not found")


def test_a_method_that_a_path_does_not_have_is_refused(api: Api) -> None:
    """A method without an operation is a 405 in the shape of every error."""
    assert api.error("PUT", "/workspaces") == (405, "Method Not Allowed")


@pytest.mark.parametrize(("path", "status"), [("/workspaces", 200), ("/nothing", 404)])
def test_every_answer_has_a_date(api: Api, path: str, status: int) -> None:
    """Answers and errors alike are JSON and carry the server's time."""
    response = api.send("GET", path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    assert parsedate_to_datetime(response.headers["Date"]).tzinfo is timezone.utc


@pytest.mark.parametrize("path", ["/workspaces", "/organization/members"])
def test_a_list_is_read_page_by_page(simulate: Simulate, path: str) -> None:
    """A page has limit rows from offset on, fifty unless told, and total_count counts them all."""
    simulator, api = simulate(members=60)
    for number in range(59):
        simulator.organization.create_workspace(name="x", slug=f"x{number}")
    everything = api.ok("GET", path, limit=100)["data"]
    assert len(everything) == 60
    assert api.ok("GET", path) == {"data": everything[:50], "total_count": 60}
    assert api.ok("GET", path, offset=58, limit=1)["data"] == [everything[58]]
    assert api.ok("GET", path, offset=60) == {"data": [], "total_count": 60}


@pytest.mark.parametrize(
    ("path", "rows"),
    [("/workspaces", 1), ("/organization/members", 5), ("/workspaces/default/members", 5)],
)
def test_a_page_can_be_shorter_than_asked_for(simulate: Simulate, path: str, rows: int) -> None:
    """With page_cap a page has no more rows than that, and total_count counts them all."""
    _, api = simulate(page_cap=2)
    page = api.ok("GET", path, limit=100)
    assert (len(page["data"]), page["total_count"]) == (min(rows, 2), rows)


def test_a_page_of_keys_can_be_short_too(simulate: Simulate) -> None:
    """page_cap holds for the list of keys, which has no limit of its own."""
    simulator, api = simulate(page_cap=2)
    for number in range(3):
        simulator.organization.create_key(f"key{number}")
    assert len(api.ok("GET", "/keys")["data"]) == 2
    assert len(api.ok("GET", "/keys", offset=2)["data"]) == 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": 0}, "limit must be an integer from 1 to 100"),
        ({"limit": 101}, "limit must be an integer from 1 to 100"),
        ({"limit": "ten"}, "limit must be an integer from 1 to 100"),
        ({"offset": -1}, "offset must be an integer from 0 to 9007199254740991"),
        ({"offset": "٣"}, "offset must be an integer from 0 to 9007199254740991"),
        ({"offset": "9" * 5000}, "offset must be an integer from 0 to 9007199254740991"),
        ({"offset": "1.5"}, "offset must be an integer from 0 to 9007199254740991"),
    ],
)
def test_an_impossible_page_is_refused(api: Api, query: dict[str, Any], message: str) -> None:
    """A limit or offset out of range is a 400 naming it."""
    expected = (400, f"Invalid request parameters: {message}")
    assert api.error("GET", "/workspaces", **query) == expected


def test_too_many_requests_in_a_second_are_refused(simulate: Simulate) -> None:
    """With requests_per_second the rest of a second's requests are 429 with Retry-After."""
    _, api = simulate(requests_per_second=1)
    answers = [api.send("GET", "/workspaces") for _ in range(50)]
    assert answers[0].status_code == 200
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].headers["Retry-After"] == "1"
    assert refused[0].json()["error"]["message"] == "Rate limit exceeded"


def test_the_rate_limit_forgets_after_a_second() -> None:
    """Each second has its own count."""
    now = 7.0
    limit = RateLimit(2, clock=lambda: now)
    for _ in range(2):
        limit.check()
    with pytest.raises(ApiError, match="429: Rate limit exceeded"):
        limit.check()
    now = 8.0
    limit.check()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9999999])
def test_whoever_waits_as_long_as_asked_is_let_through(share: float) -> None:
    """Retry-After is honest, however far the second had gone that the request was refused in."""
    now = begun = 1234.56789
    limit = RateLimit(5, clock=lambda: now)
    for _ in range(20):
        now = begun = begun + 3
        for _ in range(5):
            limit.check()
        now = begun + share
        with pytest.raises(ApiError) as refused:
            limit.check()
        now += int(refused.value.headers["Retry-After"])
        limit.check()


def test_an_empty_id_in_a_path_is_a_404(simulator: Simulator, api: Api) -> None:
    """A path with nothing where an id should be is unknown, not redirected."""
    assert api.error("GET", "/workspaces//members") == (404, "Resource not found")
    assert [entry.status for entry in simulator.log] == [404]
