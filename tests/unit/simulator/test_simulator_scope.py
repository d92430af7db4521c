"""A management key that is limited to one workspace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_openrouter.simulator import Quirks, Simulator
from tests.unit.simulator.api import Api


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(Quirks(scoped_key=True)) as started:
        yield started


@pytest.fixture
def elsewhere(simulator: Simulator) -> str:
    return simulator.organization.create_workspace(name="Team", slug="team").id


def test_it_sees_its_own_workspace(api: Api, simulator: Simulator, elsewhere: str) -> None:
    """With its keys; GET /key says which one that is."""
    home = simulator.organization.workspace("default").id
    assert api.ok("GET", "/key")["data"]["workspace_id"] == home
    assert [row["id"] for row in api.ok("GET", "/workspaces")["data"]] == [home]
    key_hash = api.ok("POST", "/keys", {"name": "ci", "workspace_id": home})["data"]["hash"]
    assert api.ok("GET", f"/keys/{key_hash}")["data"]["workspace_id"] == home
    assert api.ok("GET", "/keys", workspace_id=home)["data"]
    assert elsewhere != home


@pytest.mark.parametrize(
    ("method", "path", "body", "query"),
    [
        ("POST", "/workspaces", {"name": "New", "slug": "new"}, {}),
        ("GET", "/workspaces/team", None, {}),
        ("PATCH", "/workspaces/team", {"name": "x"}, {}),
        ("GET", "/workspaces/team/budgets", None, {}),
        ("POST", "/workspaces/team/members/add", {"user_ids": ["x"]}, {}),
        ("GET", "/keys", None, {"workspace_id": "{team}"}),
        ("POST", "/keys", {"name": "ci", "workspace_id": "{team}"}, {}),
        ("GET", "/keys/{key}", None, {}),
        ("DELETE", "/keys/{key}", None, {}),
        ("GET", "/guardrails", None, {"workspace_id": "{team}"}),
    ],
)
def test_it_gets_403_for_any_other(
    api: Api,
    simulator: Simulator,
    elsewhere: str,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    query: dict[str, str],
) -> None:
    """Whatever is in another workspace is refused, not missing."""
    names = {"team": elsewhere, "key": simulator.organization.create_key("x", "team").hash}

    def filled(values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value.format(**names) if isinstance(value, str) else value
            for name, value in values.items()
        }

    given = filled(body) if body else None
    status, _ = api.error(method, path.format(**names), given, **filled(query))
    assert status == 403
