"""The client's operations on guardrails and provider keys, against the simulator."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import NotFoundError, OpenRouterError, RequestError
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import Answer

PROVIDER_KEY = "sk-provider-1234567890"


@pytest.fixture
def team(simulator: Simulator) -> str:
    return simulator.organization.create_workspace(name="Team", slug="team").id


def test_a_guardrail_lives(client: Client, simulator: Simulator, team: str) -> None:
    """createGuardrail, getGuardrail, listGuardrails, updateGuardrail and deleteGuardrail."""
    guardrails = client.guardrails
    body = {"name": "safe", "workspace_id": team, "allowed_models": ["acme/swift"]}
    created = guardrails.create(body)
    assert created.allowed_models == ["acme/swift-2026-03-01"]
    assert guardrails.get(created.id) == created
    assert guardrails.list_in(team) == [created]
    changed = guardrails.update(created.id, {"allowed_models": None, "description": "d"})
    assert (changed.allowed_models, changed.description) == (None, "d")
    guardrails.delete(created.id)
    assert guardrails.find(created.id) is None
    assert simulator.organization.guardrails.all == []


def test_keys_and_members_are_assigned(client: Client, simulator: Simulator, team: str) -> None:
    """The assignments of one guardrail and of all are listed, made and taken away."""
    organization, guardrails = simulator.organization, client.guardrails
    safe = guardrails.create({"name": "safe", "workspace_id": team})
    hashes = [organization.create_key("ci", team).hash for _ in range(3)]
    ada = organization.person("ada@example.com").id
    organization.add_members(team, [ada])
    assert guardrails.assign_keys(safe.id, [*hashes, "unknown"]) == 3
    assert guardrails.assign_members(safe.id, [ada]) == 1
    organization.delete_key(hashes[0])
    assert [row.key_hash for row in guardrails.list_keys(safe.id)] == hashes[1:]
    assert guardrails.list_keys() == guardrails.list_keys(safe.id)
    assert [row.user_id for row in guardrails.list_members(safe.id)] == [ada]
    assert guardrails.list_members() == guardrails.list_members(safe.id)
    assert guardrails.unassign_keys(safe.id, hashes[1:]) == 2
    assert guardrails.unassign_members(safe.id, [ada]) == 1


def test_the_catalogue_is_asked_without_the_key(serve: Serve) -> None:
    """getModels goes without Authorization: with a key, the answer may be filtered."""
    rows = [{"id": "x/y", "canonical_slug": "x/y-1"}, {"id": "x/z"}]
    server = serve(Answer({"data": rows}))
    client = Client("sk-or-mgmt-test", server.base_url)
    assert [model.canonical_slug for model in client.guardrails.list_models()] == ["x/y-1", None]
    (seen,) = server.seen
    assert "Authorization" not in seen.headers
    assert seen.target.endswith("/models?output_modalities=all")


def test_a_provider_key_lives(client: Client, simulator: Simulator, team: str) -> None:
    """createBYOKKey, getBYOKKey, listBYOKKeys, updateBYOKKey and deleteBYOKKey."""
    byok = client.byok
    created = byok.create({"key": PROVIDER_KEY, "provider": "openai", "workspace_id": team})
    assert PROVIDER_KEY not in repr(created)
    assert byok.get(created.id) == created
    assert byok.list_in(team) == byok.list_in(team, "openai") == [created]
    assert byok.list_in(team, "azure") == []
    assert byok.update(created.id, {"disabled": True}).disabled is True
    byok.delete(created.id)
    assert byok.find(created.id) is None
    assert simulator.organization.provider_keys.all == []


@pytest.mark.parametrize(
    ("family", "body"),
    [
        ("guardrails", {"name": "safe"}),
        ("byok", {"key": PROVIDER_KEY, "provider": "openai"}),
    ],
)
def test_a_creation_whose_answer_is_lost_is_not_repeated(
    client: Client, simulator: Simulator, family: str, body: dict[str, Any]
) -> None:
    """Nothing would keep a second one from being made: whoever asked must look first."""
    simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER, method="POST"))
    with pytest.raises(RequestError) as caught:
        getattr(client, family).create(body)
    assert caught.value.unsettled
    assert PROVIDER_KEY not in str(caught.value)
    assert len(simulator.writes()) == 1


@pytest.mark.parametrize("guardrail_id", ["", ".", ".."])
def test_an_id_that_is_another_path_is_refused(client: Client, guardrail_id: str) -> None:
    """Nothing is sent to where dots would lead."""
    with pytest.raises(OpenRouterError, match="is not the id of a guardrail"):
        client.guardrails.get(guardrail_id)
    with pytest.raises(OpenRouterError, match="is not the id of a provider key"):
        client.byok.get(guardrail_id)


def test_no_such_object_is_a_404(client: Client) -> None:
    """get raises what find turns into None."""
    for family in (client.guardrails, client.byok):
        with pytest.raises(NotFoundError):
            family.get("none")
