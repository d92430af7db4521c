"""Provider keys (BYOK) of the simulated API."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.unit.simulator.api import Api, Simulate

KEY = {"key": "sk-provider-1234567890", "provider": "openai"}


def test_the_key_itself_is_never_answered(api: Api, simulator: Simulator) -> None:
    """Answers have a masked label, and whatever was not given at its default."""
    created = api.ok("POST", "/byok", KEY)["data"]
    assert KEY["key"] not in str(created)
    assert created["label"] == "sk-...7890"
    assert created["workspace_id"] == simulator.organization.workspace("default").id
    assert (created["disabled"], created["allowed_models"], created["sort_order"]) == (
        False,
        None,
        0,
    )
    assert api.ok("GET", f"/byok/{created['id']}")["data"] == created


def test_a_key_rotates_in_place(api: Api, simulator: Simulator) -> None:
    """PATCH of `key` changes it and its label, and nothing else."""
    old = api.ok("POST", "/byok", KEY)["data"]
    new = api.ok("PATCH", f"/byok/{old['id']}", {"key": "sk-provider-another"})["data"]
    assert new == {**old, "label": "sk-...ther"}
    assert simulator.organization.provider_keys.get(old["id"]).key == "sk-provider-another"


def test_lists_are_of_one_workspace_and_provider(api: Api, simulator: Simulator) -> None:
    """Without a workspace they are those of the default one; global keys are in no such list."""
    team = simulator.organization.create_workspace(name="Team", slug="team").id
    api.ok("POST", "/byok", KEY)
    ours = [
        api.ok("POST", "/byok", {**KEY, "provider": provider, "workspace_id": team})["data"]
        for provider in ("openai", "azure")
    ]
    simulator.organization.provider_keys.create_for_all(**KEY)
    assert api.ok("GET", "/byok", workspace_id=team)["data"] == ours
    assert api.ok("GET", "/byok", workspace_id=team, provider="azure")["data"] == ours[1:]
    assert api.ok("GET", "/byok")["total_count"] == 1
    simulator.organization.delete_workspace("team")
    assert api.error("GET", f"/byok/{ours[0]['id']}")[0] == 404


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"key": ""}, "key must be at least 1"),
        ({"is_fallback": True, "is_byok_only": True}, "is_byok_only can't be combined"),
        ({"allowed_api_key_hashes": []}, "allowed_api_key_hashes must have 1 to 100 elements"),
        ({"allowed_api_key_hashes": ["f" * 64]}, "Some API key hashes do not belong"),
        ({"declared_region": "mars"}, "declared_region must be one of"),
    ],
)
def test_a_key_that_is_not_right_is_refused(api: Api, fields: dict[str, Any], problem: str) -> None:
    """Each field is checked as the schema says."""
    status, message = api.error("POST", "/byok", {**KEY, **fields})
    assert status == 400
    assert problem in message


def test_what_excludes_each_other_is_seen_over_changes(api: Api) -> None:
    """A key that is a fallback can't become the only one by a later change."""
    created = api.ok("POST", "/byok", {**KEY, "is_fallback": True})["data"]
    assert api.error("PATCH", f"/byok/{created['id']}", {"is_byok_only": True})[0] == 400
    assert api.ok("DELETE", f"/byok/{created['id']}") == {"deleted": True}


@pytest.mark.parametrize("goes_along", [True, False])
def test_a_workspace_takes_its_keys_along_or_not(simulate: Simulate, goes_along: bool) -> None:
    """Nobody wrote down which: the provider is right either way."""
    simulator, api = simulate(provider_keys_go_along=goes_along)
    team = simulator.organization.create_workspace(name="Team", slug="team").id
    created = api.ok("POST", "/byok", {**KEY, "workspace_id": team})["data"]
    simulator.organization.delete_workspace("team")
    assert (api.send("GET", f"/byok/{created['id']}").status_code == 404) is goes_along
