"""That the list of deviations from the official OpenAPI document is true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from pulumi_openrouter.simulator import DEVIATIONS, Deviation, Quirks, Simulator
from tests.unit.simulator.api import Api
from tests.unit.simulator.document import OPERATIONS, furnish

# Both ways of these are in the document: a personal account is a 404 there, the flag is optional,
# and a creator is any member.
IN_THE_DOCUMENT = {
    *("personal_account", "byok_in_answers", "creators_are_members", "activity"),
    "provider_keys_go_along",
}
DOCUMENTED = Quirks.as_documented()
by_quirk = pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda found: found.quirk)


def statuses(api: Api, *paths: str, **query: Any) -> set[int]:
    return {api.send("GET", path, **query).status_code for path in paths}


def below_enterprise(simulator: Simulator, api: Api) -> bool:
    budgets = "/workspaces/team/budgets"
    return statuses(api, budgets, f"{budgets}/daily") == {403}


def no_budgets_is_404(simulator: Simulator, api: Api) -> bool:
    return statuses(api, "/workspaces/busy/budgets") == {404}


def spaces_are_dropped(simulator: Simulator, api: Api) -> bool:
    created = api.ok("POST", "/workspaces", {"name": " x ", "slug": "x", "description": " y "})
    return bool((created["data"]["name"], created["data"]["description"]) == ("x", "y"))


def slug_is_409(simulator: Simulator, api: Api) -> bool:
    return api.error("POST", "/workspaces", {"name": "x", "slug": "team"})[0] == 409


def inference_key_is_403(simulator: Simulator, api: Api) -> bool:
    return statuses(Api(simulator, simulator.inference_key), "/workspaces", "/keys") == {403}


def impossible_page_is_400(simulator: Simulator, api: Api) -> bool:
    paths = ("/workspaces", "/workspaces/team/members", "/organization/members")
    return statuses(api, *paths, limit=0) | statuses(api, *paths, offset="x") == {400}


def page_is_short(simulator: Simulator, api: Api) -> bool:
    page = api.ok("GET", "/workspaces/team/members", limit=2)
    return bool(len(page["data"]) < page["total_count"] == 2)


def too_many_is_429(simulator: Simulator, api: Api) -> bool:
    return 429 in statuses(api, *["/workspaces"] * 50)


def default_is_deleted(simulator: Simulator, api: Api) -> bool:
    simulator.organization.delete_key(simulator.organization.keys[0].hash)
    confirmed = "confirm_default_workspace_deletion=true"
    return api.send("DELETE", f"/workspaces/default?{confirmed}").status_code == 200


def key_in_use_is_told(simulator: Simulator, api: Api) -> bool:
    return statuses(api, "/key") == {200}


def another_workspace_is_refused(simulator: Simulator, api: Api) -> bool:
    return statuses(api, "/workspaces/team", "/workspaces/default") == {200, 403}


def newest_fields_are_known(simulator: Simulator, api: Api) -> bool:
    organization = simulator.organization
    team, tools = organization.workspace("team").id, ["openrouter:bash"]
    expired = organization.create_key("late", workspace="team", expires_at="2001-01-01T00:00:00Z")
    changed = api.ok("PATCH", "/workspaces/team", {"disabled_server_tools": tools})["data"]
    change = {"workspace_id": team, "disabled": False}
    moved = api.ok("PATCH", f"/keys/{organization.keys[0].hash}", change)["data"]
    listed = api.ok("GET", "/keys", workspace_id=team)["data"]
    seen = {
        changed.get("disabled_server_tools") == tools,
        organization.workspace("team").disabled_server_tools == tools,
        {"external_user", "last_used_at"} <= set(moved),
        moved["workspace_id"] == team,
        expired.hash not in [key["hash"] for key in listed],
    }
    assert len(seen) == 1, "all of them, or none"
    return bool(seen.pop())


PROBES: dict[str, Callable[[Simulator, Api], bool]] = {
    "enterprise": below_enterprise,
    "empty_budgets_404": no_budgets_is_404,
    "trim_text": spaces_are_dropped,
    "duplicate_slug_status": slug_is_409,
    "inference_key_status": inference_key_is_403,
    "impossible_page_400": impossible_page_is_400,
    "page_cap": page_is_short,
    "requests_per_second": too_many_is_429,
    "default_workspace_deletable": default_is_deleted,
    "scoped_key": another_workspace_is_refused,
    "current_key": key_in_use_is_told,
    "newest_fields": newest_fields_are_known,
}


def occurs(deviation: Deviation, quirks: Quirks) -> bool:
    with Simulator(quirks, members=0) as simulator:
        furnish(simulator.organization)
        api = Api(simulator)
        found = PROBES[deviation.quirk](simulator, api)
        api.close()
    return found


@by_quirk
def test_a_deviation_is_switched_by_its_quirk(deviation: Deviation) -> None:
    """Each deviation occurs with its switch on, and does not with it off."""
    switched = attrs.evolve(DOCUMENTED, **{deviation.quirk: deviation.deviates})
    assert occurs(deviation, switched)
    assert not occurs(deviation, DOCUMENTED)


@pytest.mark.parametrize(
    ("deviation", "pattern"),
    [(deviation, pattern) for deviation in DEVIATIONS for pattern in deviation.operations],
)
def test_a_status_that_is_listed_as_deviating_is_none_of_the_document(
    deviation: Deviation, pattern: str
) -> None:
    """Among the operations for which a status is listed are some of which the document has none."""
    listed = attrs.evolve(deviation, operations=(pattern,))
    assert any(
        listed.explains(status, method.upper(), path)
        for (method, path), documented in OPERATIONS.items()
        for status in {listed.status} - documented
        if status is not None
    )


def test_every_quirk_is_a_deviation_or_in_the_document() -> None:
    """A quirk that is added is listed as a deviation, unless the document has it either way."""
    listed = [deviation.quirk for deviation in DEVIATIONS]
    assert len(listed) == len(set(listed))
    assert {*listed, *IN_THE_DOCUMENT} == set(attrs.fields_dict(Quirks))
    assert set(PROBES) == set(listed)
