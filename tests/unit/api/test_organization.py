"""Whose organization a key may change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import WrongOrganizationError
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator

TEAM = {"name": "Team", "slug": "team"}


def client_for(simulator: Simulator, organization_id: str | None) -> Client:
    return Client(simulator.key, simulator.base_url, organization_id=organization_id, timeout=5)


def asked(simulator: Simulator) -> list[str]:
    return [f"{request.method} {request.path}" for request in simulator.log]


def test_the_right_organization_is_changed(simulator: Simulator) -> None:
    """The key is looked at once, before the first change."""
    client = client_for(simulator, simulator.organization.id)
    client.list_workspaces()
    client.create_workspace(TEAM)
    client.delete_workspace("team")
    assert asked(simulator) == [
        "GET /workspaces",
        "GET /key",
        "POST /workspaces",
        "DELETE /workspaces/team",
    ]


def test_many_threads_look_once(simulator: Simulator) -> None:
    """All wait for the one answer."""
    client = client_for(simulator, simulator.organization.id)
    with ThreadPoolExecutor(8) as threads:
        bodies = [{"name": "Team", "slug": f"team-{n}"} for n in range(8)]
        list(threads.map(client.create_workspace, bodies))
    assert asked(simulator).count("GET /key") == 1


def test_another_organization_is_not_changed(simulator: Simulator) -> None:
    """The error names both, and nothing was sent; reading is allowed."""
    client = client_for(simulator, "org_prod")
    client.list_workspaces()
    for _ in range(2):
        with pytest.raises(WrongOrganizationError) as caught:
            client.create_workspace(TEAM)
        told = f"the key belongs to organization {simulator.organization.id}, not to org_prod"
        assert str(caught.value).startswith(told)
    assert simulator.writes() == []


@pytest.mark.parametrize("quirks", [Quirks(personal_account=True)], ids=["personal account"])
def test_a_personal_account_is_no_organization(simulator: Simulator) -> None:
    """Its key is refused as well."""
    with pytest.raises(WrongOrganizationError, match="belongs to a personal account, not to org_x"):
        client_for(simulator, "org_x").create_workspace(TEAM)


def test_a_look_that_failed_is_made_again(simulator: Simulator) -> None:
    """Where nobody can tell whose key it is, nothing is changed; later it may be."""
    client = client_for(simulator, simulator.organization.id)
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403, path="/key"))
    with pytest.raises(Exception, match="403"):
        client.create_workspace(TEAM)
    assert simulator.writes() == []
    assert client.create_workspace(TEAM).slug == "team"


def test_without_an_organization_nobody_looks(simulator: Simulator) -> None:
    """Unless one is named, the key may change its own."""
    client_for(simulator, None).create_workspace(TEAM)
    assert asked(simulator) == ["POST /workspaces"]
