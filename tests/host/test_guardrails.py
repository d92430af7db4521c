"""Guardrails and provider keys over the real dynamic host."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.host.dynamic_host import UNKNOWN, Host, HostError, Kind, Properties, StartHost
from tests.host.inputs import child

PROVIDER_KEY = "sk-provider-1234567890"
FILTERS = [{"pattern": "ACME-[0-9]+", "action": "redact"}]


@pytest.fixture
def team(simulator: Simulator, slug: str) -> str:
    """A workspace in which everybody is."""
    organization = simulator.organization
    made = organization.create_workspace(name=slug, slug=slug)
    organization.add_members(made.id, [person.id for person in organization.people])
    return made.id


def inputs_of(kind: Kind, inputs: Properties) -> Properties:
    """What the engine hands on after a check."""
    checked = kind.check(inputs)
    assert checked.failures == []
    return checked.inputs


def test_the_life_of_a_guardrail(
    host: Host, start_host: StartHost, simulator: Simulator, team: str
) -> None:
    """It is created, refreshed, updated and deleted as the engine does it: not in one run."""
    organization = simulator.organization
    ci = organization.create_key("ci", team).hash
    given = child(
        team,
        name="safe",
        allowed_models=["acme/swift"],
        limit_usd=5,
        reset_interval="daily",
        content_filters=FILTERS,
        keys=[ci],
        emails=["ada@example.com"],
    )
    inputs = inputs_of(host.guardrails, given)
    created, outputs = host.guardrails.create(inputs)
    assert {name: outputs[name] for name in inputs} == inputs
    assert not host.guardrails.diff(created, outputs, inputs).changes
    read = host.guardrails.refresh(created, outputs)
    assert (read.outputs, read.inputs) == (outputs, None)

    organization.guardrails.update(created, content_filters=None)
    read = host.guardrails.refresh(created, outputs)
    assert read.inputs == {name: inputs[name] for name in inputs if name != "content_filters"}
    assert host.guardrails.diff(created, read.outputs, inputs).changes

    host.guardrails.update(created, read.outputs, inputs)
    assert organization.guardrails.get(created).content_filters == [FILTERS[0]]
    host.guardrails.delete(created, outputs)
    assert len(organization.guardrails.of(team)) == 1
    start_host().guardrails.delete(created, outputs)
    assert organization.guardrails.of(team) == []


def test_the_life_of_a_default_guardrail(
    host: Host, start_host: StartHost, simulator: Simulator, team: str
) -> None:
    """What it declares is there from create to delete; the guardrail itself is always there."""
    inputs = inputs_of(host.default_guardrails, {"workspace_id": team, "enforce_zdr_other": True})
    created, outputs = host.default_guardrails.create(inputs)
    assert created == simulator.organization.workspace(team).default_guardrail_id
    read = host.default_guardrails.refresh(created, outputs)
    assert (read.outputs, read.inputs) == (outputs, None)
    start_host().default_guardrails.delete(created, outputs)
    assert simulator.organization.guardrails.get(created).enforce_zdr_other is None


def test_the_life_of_a_provider_key(host: Host, simulator: Simulator, team: str) -> None:
    """Its key is sent, never answered, and put in place of the old one."""
    keys = simulator.organization.provider_keys
    given = {"workspace_id": team, "provider": "openai", "key": PROVIDER_KEY, "name": "own"}
    inputs = inputs_of(host.provider_keys, given)
    created, outputs = host.provider_keys.create(inputs)
    assert outputs["key"] == PROVIDER_KEY
    read = host.provider_keys.refresh(created, outputs)
    assert (read.outputs, read.inputs) == (outputs, None)
    host.provider_keys.update(created, outputs, {**inputs, "key": "sk-another-0987654321"})
    assert keys.get(created).key == "sk-another-0987654321"
    host.provider_keys.delete(created, outputs)
    assert keys.of(team) == []


def test_what_is_unknown_passes_and_the_rest_is_checked(host: Host) -> None:
    """Unknown values deep in a list do not switch off the checks of the others."""
    checked = host.guardrails.check(
        child(
            UNKNOWN,
            name="safe",
            keys=[UNKNOWN, "sk-or-v1-secret"],
            content_filters=[
                {"pattern": UNKNOWN, "action": "redact"},
                {"pattern": "(a+)+", "action": UNKNOWN},
            ],
        )
    )
    assert [property_name for property_name, _ in checked.failures] == [
        "content_filters[1].pattern",
        "keys[1]",
    ]


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("guardrails", {"exclusive": False}),
        ("default_guardrails", {}),
        ("provider_keys", {"provider": "openai", "key": PROVIDER_KEY, "name": "own"}),
    ],
)
def test_another_workspace_replaces(host: Host, kind: str, inputs: dict[str, Any]) -> None:
    """None of these can be moved, and an unknown workspace is another one."""
    olds = {"workspace_id": "11111111-2222-3333-4444-555555555555", **inputs}
    found = getattr(host, kind).diff("id", olds, {**olds, "workspace_id": UNKNOWN})
    assert found.replaces == ["workspace_id"]


def test_errors_name_the_guardrail(host: Host, simulator: Simulator, team: str) -> None:
    """By its name, with what was being done to it and what to do next."""
    inputs = inputs_of(host.guardrails, child(team, name="safe", keys=["f" * 64]))
    with pytest.raises(HostError) as caught:
        host.guardrails.create(inputs)
    assert caught.value.lines == [
        "OpenRouterError: creating guardrail 'safe': OpenRouter knows no API key with this hash: "
        + "f" * 64,
        "`pulumi-openrouter show --json` prints the hashes.",
    ]
    assert simulator.organization.guardrails.of(team) == []
