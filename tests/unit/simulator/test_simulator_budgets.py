from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.simulator import ApiError, Simulator
from tests.unit.simulator.api import Api, Simulate

BUDGETS = "/workspaces/default/budgets"
INTERVALS = ["lifetime", "monthly", "weekly", "daily"]


@pytest.mark.parametrize("interval", INTERVALS)
def test_a_budget_is_set_and_answered(api: Api, interval: str) -> None:
    """PUT answers the budget and the workspace's flag, as GET does; a lifetime never resets."""
    put = api.ok("PUT", f"{BUDGETS}/{interval}", {"limit_usd": 99.5})
    assert put["data"]["limit_usd"] == 99.5
    assert put["data"]["reset_interval"] == (None if interval == "lifetime" else interval)
    assert put["include_byok_in_budgets"] is False
    assert api.ok("GET", f"{BUDGETS}/{interval}") == put
    assert api.ok("GET", BUDGETS) == {**put, "data": [put["data"]]}


def test_there_is_one_budget_for_an_interval(api: Api) -> None:
    """A second PUT changes the limit of the same budget."""
    first = api.ok("PUT", f"{BUDGETS}/daily", {"limit_usd": 1})["data"]
    second = api.ok("PUT", f"{BUDGETS}/daily", {"limit_usd": 2})["data"]
    assert second == {**first, "limit_usd": 2, "updated_at": second["updated_at"]}
    assert second["updated_at"] > first["updated_at"]


@pytest.mark.parametrize(
    ("present", "put", "message"),
    [
        (
            {"weekly": 600},
            ("monthly", 500),
            "the monthly limit ($500) must be greater than the weekly limit ($600).",
        ),
        (
            {"monthly": 99.5},
            ("daily", 99.5),
            "the monthly limit ($99.5) must be greater than the daily limit ($99.5).",
        ),
        (
            {"lifetime": 100.0},
            ("weekly", 1000),
            "the lifetime limit ($100) must be greater than the weekly limit ($1000).",
        ),
        (
            {"lifetime": 40, "monthly": 30, "weekly": 20, "daily": 10},
            ("weekly", 5),
            "the weekly limit ($5) must be greater than the daily limit ($10).",
        ),
    ],
)
def test_limits_fall_with_the_interval(
    api: Api,
    simulator: Simulator,
    present: dict[str, float],
    put: tuple[str, float],
    message: str,
) -> None:
    """A PUT against the order is a 400 that names both limits, and changes nothing."""
    for interval, limit in present.items():
        simulator.organization.set_budget("default", interval, limit)
    assert api.error("PUT", f"{BUDGETS}/{put[0]}", {"limit_usd": put[1]}) == (
        400,
        f"Budget limits must be strictly decreasing as scope narrows: {message}",
    )
    assert simulator.organization.budgets("default") == present


def test_order_is_checked_against_what_is_there_at_that_moment(api: Api) -> None:
    """A limit that is refused beside another budget is accepted once that one is gone."""
    api.ok("PUT", f"{BUDGETS}/monthly", {"limit_usd": 10})
    assert api.error("PUT", f"{BUDGETS}/weekly", {"limit_usd": 20})[0] == 400
    api.ok("DELETE", f"{BUDGETS}/monthly")
    api.ok("PUT", f"{BUDGETS}/weekly", {"limit_usd": 20})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "limit_usd is required"),
        ({"limit_usd": None}, "limit_usd must not be null"),
        ({"limit_usd": 0}, "limit_usd must be greater than 0"),
        ({"limit_usd": -1}, "limit_usd must be greater than 0"),
        ({"limit_usd": "5"}, "limit_usd must be a number"),
        ({"limit_usd": True}, "limit_usd must be a number"),
        ({"limit_usd": 10**400}, "limit_usd must be finite"),
        (
            {"limit_usd": 1, "include_byok_in_budgets": "no"},
            "include_byok_in_budgets must be a boolean",
        ),
        (
            {"limit_usd": 1, "include_byok_in_budgets": None},
            "include_byok_in_budgets must not be null",
        ),
    ],
)
def test_a_budget_against_the_schema_is_refused(
    api: Api, body: dict[str, Any], message: str
) -> None:
    """A PUT of values that the schema excludes is a 400 naming the property."""
    expected = (400, f"Invalid request parameters: {message}")
    assert api.error("PUT", f"{BUDGETS}/daily", body) == expected


def test_an_infinite_limit_is_refused(api: Api) -> None:
    """A number too large for a double is a 400, as is the word Infinity."""
    for limit in ("1e400", "Infinity"):
        response = api.raw("PUT", f"{BUDGETS}/daily", f'{{"limit_usd": {limit}}}')
        assert response.status_code == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_interval_is_refused(api: Api, method: str) -> None:
    """An interval that is none of the four is a 400 naming it."""
    assert api.error(method, f"{BUDGETS}/yearly", {"limit_usd": 1}) == (
        400,
        "Invalid request parameters: interval must be one of daily, weekly, monthly, lifetime",
    )


def test_the_byok_flag_belongs_to_the_workspace(api: Api) -> None:
    """The flag set with one interval is answered with every other, and by the workspace."""
    api.ok("PUT", f"{BUDGETS}/monthly", {"limit_usd": 10, "include_byok_in_budgets": True})
    weekly = api.ok("PUT", f"{BUDGETS}/weekly", {"limit_usd": 5})
    assert weekly["include_byok_in_budgets"] is True
    assert api.ok("GET", BUDGETS)["include_byok_in_budgets"] is True
    assert api.ok("GET", "/workspaces/default")["data"]["include_byok_in_budgets"] is True
    api.ok("PUT", f"{BUDGETS}/weekly", {"limit_usd": 5, "include_byok_in_budgets": False})
    assert api.ok("GET", f"{BUDGETS}/monthly")["include_byok_in_budgets"] is False


def test_a_refused_put_leaves_the_byok_flag(api: Api) -> None:
    """A PUT against the order does not set the flag either."""
    api.ok("PUT", f"{BUDGETS}/monthly", {"limit_usd": 10})
    body = {"limit_usd": 20, "include_byok_in_budgets": True}
    assert api.error("PUT", f"{BUDGETS}/weekly", body)[0] == 400
    assert api.ok("GET", BUDGETS)["include_byok_in_budgets"] is False


def test_answers_can_be_without_the_byok_flag(simulate: Simulate) -> None:
    """Without byok_in_answers neither budgets nor workspaces carry the flag."""
    _, api = simulate(byok_in_answers=False)
    put = api.ok("PUT", f"{BUDGETS}/daily", {"limit_usd": 1, "include_byok_in_budgets": True})
    for answer in (put, api.ok("GET", BUDGETS), api.ok("GET", f"{BUDGETS}/daily")):
        assert "include_byok_in_budgets" not in answer
    assert "include_byok_in_budgets" not in api.ok("GET", "/workspaces/default")["data"]
    assert "include_byok_in_budgets" not in api.ok("GET", "/workspaces")["data"][0]


def test_deleting_a_budget_that_is_not_there_succeeds(api: Api) -> None:
    """DELETE answers deleted whether there was a budget or not."""
    api.ok("PUT", f"{BUDGETS}/daily", {"limit_usd": 1})
    for _ in range(2):
        assert api.ok("DELETE", f"{BUDGETS}/daily") == {"deleted": True}
    assert api.error("GET", f"{BUDGETS}/daily") == (404, "Resource not found")


def test_no_budgets_are_a_404_as_in_the_live_api(api: Api) -> None:
    """The list of a workspace that has no budget is a 404, though the workspace is there."""
    assert api.error("GET", BUDGETS) == (404, "Resource not found")


def test_no_budgets_are_an_empty_list_as_in_the_schema(simulate: Simulate) -> None:
    """Without empty_budgets_404 the list of a workspace that has no budget is empty."""
    _, api = simulate(empty_budgets_404=False)
    assert api.ok("GET", BUDGETS) == {"data": [], "include_byok_in_budgets": False}
    assert api.error("GET", "/workspaces/none/budgets") == (404, "Resource not found")


def test_budgets_are_listed_from_the_widest_to_the_narrowest(
    api: Api, simulator: Simulator
) -> None:
    """The order of the list does not depend on the order of the PUTs."""
    for limit, interval in enumerate(reversed(INTERVALS), start=1):
        simulator.organization.set_budget("default", interval, limit)
    listed = api.ok("GET", BUDGETS)["data"]
    assert [budget["limit_usd"] for budget in listed] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/daily"), ("PUT", "/daily"), ("DELETE", "/daily")],
)
def test_budgets_need_the_enterprise_plan(simulate: Simulate, method: str, path: str) -> None:
    """Without the Enterprise plan every budget operation is a 403."""
    _, api = simulate(enterprise=False)
    assert api.error(method, BUDGETS + path, {"limit_usd": 1}) == (
        403,
        "Workspace budgets require the Enterprise plan.",
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "/daily"), ("PUT", "/daily"), ("DELETE", "/daily")],
)
def test_budgets_of_no_workspace_are_a_404(api: Api, method: str, path: str) -> None:
    """Every budget operation on a workspace that is not there is a 404."""
    answer = api.error(method, f"/workspaces/none/budgets{path}", {"limit_usd": 1})
    assert answer == (404, "Resource not found")


def test_budgets_change_behind_the_back_by_the_same_rules(simulator: Simulator) -> None:
    """The organization object sets and deletes budgets, in the order that the API demands."""
    organization = simulator.organization
    organization.set_budget("default", "daily", 5, include_byok=True)
    assert organization.workspace("default").include_byok_in_budgets
    with pytest.raises(ApiError, match=r"the weekly limit \(\$4\) must be greater"):
        organization.set_budget("default", "weekly", 4)
    organization.delete_budget("default", "daily")
    assert organization.budgets("default") == {}
