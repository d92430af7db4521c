"""Whose organization a key may change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import (
    BadAnswerError,
    ForbiddenError,
    NotFoundError,
    WrongOrganizationError,
)
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import Answer

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


# Whose key it is


def test_a_key_tells_its_organization_once(simulator: Simulator) -> None:
    """However many threads want to know, and whatever is changed, the API is asked once."""
    client = client_for(simulator, simulator.organization.id)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: client.owner.organization_id(), range(8)))
    client.create_workspace(TEAM)
    client.owner.check()
    assert set(found) == {simulator.organization.id}
    assert asked(simulator) == ["GET /key", "POST /workspaces"]


@pytest.mark.parametrize("quirks", [Quirks(personal_account=True)], ids=["personal account"])
def test_a_personal_account_is_remembered_as_well(simulator: Simulator) -> None:
    """That there is no organization is an answer like any other."""
    client = client_for(simulator, None)
    assert [client.owner.organization_id(), client.owner.organization_id()] == [None, None]
    assert asked(simulator) == ["GET /key"]


@pytest.mark.parametrize("fault", [FaultKind.STATUS, FaultKind.ERROR_IN_200])
def test_a_question_that_failed_is_asked_again(simulator: Simulator, fault: FaultKind) -> None:
    """No failure is taken for an answer."""
    simulator.faults.add(Fault(kind=fault, status=403, path="/key"))
    client = client_for(simulator, None)
    with pytest.raises(ForbiddenError):
        client.owner.organization_id()
    assert client.owner.organization_id() == simulator.organization.id


SILENT = Quirks(current_key=False)


@pytest.mark.parametrize("quirks", [SILENT], ids=["no GET /key"])
def test_an_api_that_does_not_tell_is_told_from_a_wrong_base_url(simulator: Simulator) -> None:
    """A 404 of GET /key is an error in both cases, and another question tells which it is."""
    client = client_for(simulator, None)
    wrong = Client(simulator.key, simulator.base_url + "/more", timeout=5)
    for each, reaches in ((client, True), (wrong, False)):
        with pytest.raises(NotFoundError):
            each.owner.organization_id()
        assert each.owner.reaches_api() is reaches
        assert each.owner.reaches_api() is reaches


@pytest.mark.parametrize("quirks", [SILENT], ids=["no GET /key"])
def test_who_had_an_answer_needs_no_question(simulator: Simulator) -> None:
    """Any success proves that the base URL is right."""
    client = client_for(simulator, None)
    client.get_workspace("default")
    assert client.owner.reaches_api()
    assert asked(simulator) == ["GET /workspaces/default"]


def test_who_has_no_answer_does_not_guess(simulator: Simulator, serve: Serve) -> None:
    """A refusal for another reason, or a page, tells neither."""
    client = client_for(simulator, None)
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403))
    with pytest.raises(ForbiddenError):
        client.owner.reaches_api()
    page = serve(Answer(b"<html>", 404, content_type="text/html"))
    with pytest.raises(BadAnswerError):
        Client(simulator.key, page.base_url).owner.reaches_api()
    assert client.owner.reaches_api()
