"""The ready-made policies, on resources of the shape that Pulumi's policy host hands over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pulumi_openrouter.policies import RULES, TYPE_PREFIX

UUID = "3b9e4d0e-0d4f-4d5c-9f6a-1b1f6f0a2c11"


def resource(kind: str, name: str, of: Any = None, /, stack: str = "dev", **props: Any) -> Any:
    """A resource; `of` is the workspace that it is given."""
    return SimpleNamespace(
        name=name,
        urn=f"urn:pulumi:{stack}::shop::{TYPE_PREFIX}{kind}::{name}",
        resource_type=TYPE_PREFIX + kind,
        props=props,
        property_dependencies={"workspace_id": [of]} if of else {},
    )


def found(rule: str, *resources: Any, **config: Any) -> list[str]:
    """What a policy objects to."""
    (chosen,) = [each for each in RULES if each.name == rule]
    return [violation.reason for violation in chosen.violations([*resources], config)]


LAB = resource("Workspace", "lab")
OTHER = SimpleNamespace(
    name="bucket",
    urn="urn:pulumi:dev::shop::aws:s3:Bucket::bucket",
    resource_type="aws:s3:Bucket",
    props={"monthly_limit_usd": 5, "emails": ["eve@evil.example"]},
    property_dependencies={"workspace_id": [LAB]},
)


def test_every_workspace_has_a_monthly_limit() -> None:
    """That of a WorkspaceBudget which is given this workspace, whatever its name."""
    monthly = resource("WorkspaceBudget", "limits", LAB, monthly_limit_usd=5)
    daily = resource("WorkspaceBudget", "lab", LAB, daily_limit_usd=5)
    assert found("monthly-limit", LAB, monthly, OTHER) == []
    assert found("monthly-limit", LAB, daily, OTHER) == ["workspace lab has no monthly limit"]


def test_a_workspace_may_be_given_by_its_uuid() -> None:
    """As with a budget that is declared by the id."""
    workspace = resource("Workspace", "lab", id=UUID)
    budget = resource("WorkspaceBudget", "b", workspace_id=UUID, monthly_limit_usd=5)
    other = resource("WorkspaceBudget", "b", workspace_id="other", monthly_limit_usd=5)
    assert found("monthly-limit", workspace, budget) == []
    assert found("monthly-limit", workspace, other) == ["workspace lab has no monthly limit"]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("WorkspaceBudget", "daily_limit_usd"),
        ("ApiKey", "limit"),
        ("Guardrail", "limit_usd"),
        ("WorkspaceDefaultGuardrail", "limit_usd"),
    ],
)
def test_no_limit_is_above_the_figure(kind: str, field: str) -> None:
    """Without a figure, any limit is right."""
    props: dict[str, Any] = {field: 1000.5}
    high = resource(kind, "x", **props)
    assert found("highest-limit", high, usd=1000) == [f"{field} of x is $1,000.5, above $1,000"]
    assert found("highest-limit", high, usd=1000.5) == []
    assert found("highest-limit", high) == []


def test_members_have_an_address_of_the_domains() -> None:
    """Those who do not are counted, for an address may be a secret."""
    people = resource("WorkspaceMembership", "m", emails=["ada@Acme.example", "eve@evil.example"])
    key = resource("ApiKey", "k", creator_email="eve@sub.acme.example")
    assert found("member-domains", people, key, OTHER, domains=["@acme.example"]) == [
        "1 person is not of acme.example in WorkspaceMembership m",
        "1 person is not of acme.example in ApiKey k",
    ]
    assert found("member-domains", people, key) == []


@pytest.mark.parametrize(
    ("stack", "flag", "config", "count"),
    [
        ("prod", True, {}, 1),
        ("prod-eu", None, {}, 1),
        ("prod", False, {}, 0),
        ("dev", True, {}, 0),
        ("live", True, {"stacks": ["li*"]}, 1),
        ("prod", True, {"stacks": ["li*"]}, 0),
    ],
)
def test_protected_stacks_do_not_log_for_a_discount(
    stack: str, flag: bool | None, config: dict[str, Any], count: int
) -> None:
    """It must be switched off: a new workspace has it on."""
    props = {} if flag is None else {"is_data_discount_logging_enabled": flag}
    workspace = resource("Workspace", "lab", stack=stack, **props)
    assert len(found("no-discount-logging", workspace, **config)) == count


def test_every_key_has_a_limit_and_expires() -> None:
    """At a moment, or after so many days."""
    assert found("key-limit-and-expiry", resource("ApiKey", "k")) == [
        "API key k has no limit and no expiry"
    ]
    assert found("key-limit-and-expiry", resource("ApiKey", "k", limit=0)) == [
        "API key k has no expiry"
    ]
    assert found("key-limit-and-expiry", resource("ApiKey", "k", limit=5, lifetime_days=9)) == []


def test_every_workspace_has_a_default_guardrail() -> None:
    """A guardrail of another kind is none."""
    reason = "workspace lab has no default guardrail"
    assert found("default-guardrail", LAB, resource("Guardrail", "g", LAB)) == [reason]
    assert found("default-guardrail", LAB, resource("WorkspaceDefaultGuardrail", "g", LAB)) == []
