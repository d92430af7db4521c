"""The official Python SDK, which parses every answer strictly, drives the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from openrouter import OpenRouter, components, errors

from pulumi_openrouter.simulator import Simulator


@pytest.fixture
def sdk(simulator: Simulator) -> Iterator[OpenRouter]:
    with OpenRouter(api_key=simulator.key, server_url=simulator.base_url) as client:
        yield client


def test_the_sdk_manages_workspaces(sdk: OpenRouter, simulator: Simulator) -> None:
    """list, create, get, update and delete work with the SDK, and so do its typed answers."""
    created = sdk.workspaces.create(
        name="Team",
        slug="team",
        description="x",
        default_provider_sort="price",
        disabled_server_tools=["openrouter:web_search"],
        io_logging_api_key_ids=[1, 2],
        io_logging_sampling_rate=0.5,
    ).data
    assert created.disabled_server_tools == ["openrouter:web_search"]
    assert sdk.workspaces.get(id="team").data == created
    listed = sdk.workspaces.list()
    assert listed is not None
    assert [row.slug for row in listed.result.data] == ["default", "team"]
    assert listed.result.total_count == 2
    updated = sdk.workspaces.update(id=created.id, slug="new", description=None).data
    assert (updated.id, updated.slug, updated.description) == (created.id, "new", None)
    assert updated.io_logging_sampling_rate == 0.5
    assert sdk.workspaces.delete(id="new").DELETED
    assert len(simulator.organization.workspaces) == 1


def test_the_sdk_manages_budgets(sdk: OpenRouter) -> None:
    """set_budget, get_budget, list_budgets and delete_budget work with the SDK."""
    put = sdk.workspaces.set_budget(
        workspace_ref="default", interval="lifetime", limit_usd=99.5, include_byok_in_budgets=True
    )
    assert (put.data.limit_usd, put.data.reset_interval) == (99.5, None)
    assert put.include_byok_in_budgets is True
    daily = sdk.workspaces.set_budget(workspace_ref="default", interval="daily", limit_usd=5)
    assert sdk.workspaces.get_budget(workspace_ref="default", interval="daily").data == daily.data
    assert sdk.workspaces.list_budgets(workspace_ref="default").data == [put.data, daily.data]
    assert sdk.workspaces.delete_budget(workspace_ref="default", interval="daily").DELETED


def test_the_sdk_manages_members(sdk: OpenRouter, simulator: Simulator) -> None:
    """bulk_add_members, list_members and bulk_remove_members work with the SDK."""
    simulator.organization.create_workspace(name="Team", slug="team")
    people = sdk.organization.list_members()
    assert people is not None
    ids = [person.id for person in people.result.data]
    added = sdk.workspaces.bulk_add_members(id="team", user_ids=ids)
    assert added.added_count == 5
    listed = sdk.workspaces.list_members(id="team")
    assert listed is not None
    assert [(member.user_id, member.role) for member in listed.result.data] == [
        (user_id, "admin" if user_id == ids[0] else "member") for user_id in ids
    ]
    removed = sdk.workspaces.bulk_remove_members(id="team", user_ids=ids[1:])
    assert removed.removed_count == 4


def test_the_sdk_manages_keys(sdk: OpenRouter, simulator: Simulator) -> None:
    """create, get, update, list and delete of API keys work with the SDK, and so does a move."""
    organization = simulator.organization
    team, other = (organization.create_workspace(name=slug, slug=slug).id for slug in ("a", "b"))
    expires_at = datetime(2999, 1, 31, tzinfo=timezone.utc)
    created = sdk.api_keys.create(
        name="ci",
        workspace_id=team,
        limit=5,
        limit_reset="monthly",
        include_byok_in_limit=True,
        expires_at=expires_at,
    )
    key, key_hash = created.data, created.data.hash
    assert created.key.startswith("sk-or-v1-")
    assert (key.name, key.workspace_id, key.limit, key.limit_reset) == ("ci", team, 5, "monthly")
    assert (key.include_byok_in_limit, key.expires_at) == (True, expires_at)
    got = sdk.api_keys.get(hash=key_hash).data
    assert (got.hash, got.limit_remaining, got.creator_user_id) == (key_hash, 5, None)
    moved = sdk.api_keys.update(hash=key_hash, disabled=True, limit=None, workspace_id=other).data
    assert (moved.disabled, moved.limit, moved.workspace_id) == (True, None, other)
    assert sdk.api_keys.list(workspace_id=other).data == []
    everything = sdk.api_keys.list(workspace_id=other, include_disabled=True)
    assert [each.hash for each in everything.data] == [key_hash]
    assert sdk.api_keys.delete(hash=key_hash).DELETED
    assert organization.keys == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_sdk_reads_the_key_in_use(sdk: OpenRouter, simulator: Simulator) -> None:
    """get_current_key_metadata parses the answer of GET /key."""
    data = sdk.api_keys.get_current_key_metadata().data
    assert data.is_management_key is True
    assert data.organization_id == simulator.organization.id


def test_the_sdk_knows_the_errors(sdk: OpenRouter, simulator: Simulator) -> None:
    """Error answers become the SDK's typed errors, with the API's message."""
    with pytest.raises(errors.NotFoundResponseError, match="Resource not found"):
        sdk.workspaces.get(id="none")
    with pytest.raises(errors.BadRequestResponseError, match="already exists"):
        sdk.workspaces.create(name="x", slug="default")
    with pytest.raises(errors.ForbiddenResponseError, match="cannot be deleted"):
        sdk.workspaces.delete(id="default")
    with (
        OpenRouter(api_key="bad", server_url=simulator.base_url) as stranger,
        pytest.raises(errors.UnauthorizedResponseError),
    ):
        stranger.workspaces.list()


def test_the_sdk_manages_guardrails(sdk: OpenRouter, simulator: Simulator) -> None:
    """list, create, get, update and delete of guardrails work with the SDK."""
    team = simulator.organization.create_workspace(name="Team", slug="team")
    created = sdk.guardrails.create(
        name="safe",
        workspace_id=team.id,
        limit_usd=50,
        reset_interval="monthly",
        allowed_models=["acme/swift", "acme/swift-2026-03-01", "acme/swift:free"],
        enforce_zdr_openai=True,
        allowed_data_regions=["europe"],
        content_filters=[
            components.ContentFilterEntry(pattern="ACME-[0-9]+", action="redact", label="[NO]")
        ],
        content_filter_builtins=[
            components.ContentFilterBuiltinEntryInput(slug="email", action="redact"),
            components.ContentFilterBuiltinEntryInput(
                slug="regex-prompt-injection", action="block"
            ),
        ],
    ).data
    assert created.allowed_models == ["acme/swift-2026-03-01", "acme/swift-2026-03-01:free"]
    filters = created.content_filter_builtins
    assert filters
    assert [(each.label, each.scan_scope) for each in filters] == [
        ("[EMAIL]", None),
        (None, "all_messages"),
    ]
    assert sdk.guardrails.get(id=created.id).data == created
    listed = sdk.guardrails.list(workspace_id=team.id)
    assert listed is not None
    assert listed.result.data == [created]
    updated = sdk.guardrails.update(
        id=created.id, name="safer", limit_usd=None, reset_interval=None
    ).data
    assert (updated.name, updated.limit_usd) == ("safer", None)
    assert updated.allowed_models == created.allowed_models
    assert sdk.guardrails.delete(id=created.id).DELETED
    assert simulator.organization.guardrails.all == []


def test_the_sdk_assigns_keys_and_members(sdk: OpenRouter, simulator: Simulator) -> None:
    """The assignments of one guardrail, and of all, are listed and changed with the SDK."""
    organization = simulator.organization
    guardrail = organization.guardrails.create(name="safe")
    key = organization.create_key("ci")
    ada = organization.person("ada@example.com").id
    assert (
        sdk.guardrails.bulk_assign_keys(
            id=guardrail.id, key_hashes=[key.hash, "unknown"]
        ).assigned_count
        == 1
    )
    assert (
        sdk.guardrails.bulk_assign_members(id=guardrail.id, member_user_ids=[ada]).assigned_count
        == 1
    )
    of_one = sdk.guardrails.list_guardrail_key_assignments(id=guardrail.id)
    of_all = sdk.guardrails.list_key_assignments()
    assert of_one is not None
    assert of_all is not None
    assert [row.key_hash for row in of_one.result.data] == [key.hash]
    assert of_all.result == of_one.result
    members = sdk.guardrails.list_guardrail_member_assignments(id=guardrail.id)
    everybody = sdk.guardrails.list_member_assignments()
    assert members is not None
    assert everybody is not None
    assert [row.user_id for row in members.result.data] == [ada]
    assert everybody.result == members.result
    gone = sdk.guardrails.bulk_unassign_keys(id=guardrail.id, key_hashes=[key.hash])
    left = sdk.guardrails.bulk_unassign_members(id=guardrail.id, member_user_ids=[ada])
    assert (gone.unassigned_count, left.unassigned_count) == (1, 1)


def test_the_sdk_manages_provider_keys(sdk: OpenRouter, simulator: Simulator) -> None:
    """list, create, get, update and delete of provider keys work with the SDK."""
    team = simulator.organization.create_workspace(name="Team", slug="team")
    created = sdk.byok.create(
        key="sk-provider-1234567890",
        provider="openai",
        workspace_id=team.id,
        allowed_models=["acme/swift"],
        declared_zdr=True,
    ).data
    assert "provider-123" not in created.label
    assert sdk.byok.get(id=created.id).data == created
    listed = sdk.byok.list(workspace_id=team.id, provider="openai")
    assert listed is not None
    assert listed.result.data == [created]
    updated = sdk.byok.update(id=created.id, key="sk-another-0987654321", name="ours").data
    assert (updated.name, updated.label) == ("ours", "sk-...4321")
    assert sdk.byok.delete(id=created.id).DELETED
    assert simulator.organization.provider_keys.all == []
