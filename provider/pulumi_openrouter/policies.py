"""Policies for stacks with OpenRouter in them, ready-made; they need the extra `policy`.

A policy pack of Pulumi's is a folder with a `PulumiPolicy.yaml` and this program:

    from pulumi_openrouter import policies

    policies.pack()

Each policy takes its severity, and its figures or names, from the configuration of the pack.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import attrs
from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

TYPE_PREFIX = "pulumi-python:dynamic/openrouter:"
PROTECTED_STACKS = ["prod", "prod-*", "production"]
"""Slugs of stacks that are protected unless the configuration names others."""
LIMITS = {
    "WorkspaceBudget": tuple(
        f"{interval}_limit_usd" for interval in ("daily", "weekly", "monthly", "lifetime")
    ),
    "ApiKey": ("limit",),
    "Guardrail": ("limit_usd",),
    "WorkspaceDefaultGuardrail": ("limit_usd",),
}
"""The properties that are limits in USD, by kind of resource."""
EMAILS = ("emails", "creator_email", "allowed_emails")
"""The properties that name people by email."""

KEY_NEEDS = {"limit": ("limit",), "expiry": ("expires_at", "lifetime_days")}
"""The properties of a key of which each of these takes one."""

Config = Mapping[str, Any]


@attrs.frozen
class Violation:
    """What a policy objects to."""

    resource: PolicyResource
    reason: str


@attrs.frozen
class Rule:
    """One policy: what it demands, what it can be configured with, and how it finds violations."""

    name: str
    doc: str
    violations: Callable[[list[PolicyResource], Config], Iterator[Violation]]
    settings: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    """The JSON schema of each setting."""

    def policy(self) -> StackValidationPolicy:
        """The policy for Pulumi."""
        schema = PolicyConfigSchema(properties=_plain(self.settings)) if self.settings else None
        return StackValidationPolicy(self.name, self.doc, self._validate, config_schema=schema)

    def _validate(self, args: StackValidationArgs, report: ReportViolation) -> None:
        for violation in self.violations(args.resources, args.get_config()):
            report(violation.reason, violation.resource.urn)


def pack(
    name: str = "openrouter", enforcement_level: EnforcementLevel = EnforcementLevel.MANDATORY
) -> PolicyPack:
    """Register a policy pack of all these policies.

    Args:
        name: the pack's name.
        enforcement_level: that of each policy whose configuration says nothing else.
    """
    return PolicyPack(
        name=name,
        enforcement_level=enforcement_level,
        policies=[rule.policy() for rule in RULES],
    )


# what each policy objects to


def _without_monthly_limit(resources: list[PolicyResource], config: Config) -> Iterator[Violation]:
    limited = _workspaces_of(resources, "WorkspaceBudget", "monthly_limit_usd")
    for workspace in _of_kind(resources, "Workspace"):
        if workspace.urn not in limited:
            yield Violation(workspace, f"workspace {workspace.name} has no monthly limit")


def _too_high(resources: list[PolicyResource], config: Config) -> Iterator[Violation]:
    most = config.get("usd", math.inf)
    for resource in _of_kind(resources, *LIMITS):
        for field in LIMITS[_kind(resource)]:
            limit = resource.props.get(field)
            if isinstance(limit, (int, float)) and limit > most:
                reason = f"{field} of {resource.name} is ${limit:,g}, above ${most:,g}"
                yield Violation(resource, reason)


def _strangers(resources: list[PolicyResource], config: Config) -> Iterator[Violation]:
    domains = {str(domain).lower().lstrip("@") for domain in config.get("domains") or ()}
    for resource in resources if domains else ():
        # By their number, for an address may be a secret.
        strange = [
            email for email in _emails(resource) if email.rpartition("@")[2].lower() not in domains
        ]
        if strange:
            people = "1 person is" if len(strange) == 1 else f"{len(strange)} people are"
            allowed = ", ".join(sorted(domains))
            reason = f"{people} not of {allowed} in {_kind(resource)} {resource.name}"
            yield Violation(resource, reason)


def _logging(resources: list[PolicyResource], config: Config) -> Iterator[Violation]:
    patterns = config.get("stacks") or PROTECTED_STACKS
    for workspace in _of_kind(resources, "Workspace"):
        stack = workspace.urn.partition("::")[0].rpartition(":")[2]
        is_protected = any(fnmatchcase(stack, pattern) for pattern in patterns)
        flag = workspace.props.get("is_data_discount_logging_enabled")
        if is_protected and flag is not False:
            yield Violation(
                workspace,
                f"workspace {workspace.name} may log for a discount: "
                "set is_data_discount_logging_enabled=False",
            )


def _endless_keys(resources: list[PolicyResource], config: Config) -> Iterator[Violation]:
    for key in _of_kind(resources, "ApiKey"):
        missing = [
            what
            for what, fields in {
                "limit": ["limit"],
                "expiry": ["expires_at", "lifetime_days"],
            }.items()
            if all(key.props.get(field) is None for field in fields)
        ]
        if missing:
            yield Violation(key, f"API key {key.name} has no {' and no '.join(missing)}")


def _without_guardrail(resources: list[PolicyResource], config: Config) -> Iterator[Violation]:
    guarded = _workspaces_of(resources, "WorkspaceDefaultGuardrail")
    for workspace in _of_kind(resources, "Workspace"):
        if workspace.urn not in guarded:
            yield Violation(workspace, f"workspace {workspace.name} has no default guardrail")


RULES = (
    Rule("monthly-limit", "Every workspace has a monthly limit.", _without_monthly_limit),
    Rule(
        "highest-limit",
        "No limit of a workspace, an API key or a guardrail is above a figure.",
        _too_high,
        {"usd": {"type": "number", "description": "The highest limit in USD; without it, any is."}},
    ),
    Rule(
        "member-domains",
        "Members, and whoever a key is for, have an address of these domains.",
        _strangers,
        {
            "domains": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Such as acme.example; without them, any is right.",
            }
        },
    ),
    Rule(
        "no-discount-logging",
        "No workspace of a protected stack logs for a discount.",
        _logging,
        {
            "stacks": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Names of stacks, with * and ?; by default "
                f"{', '.join(PROTECTED_STACKS)}.",
            }
        },
    ),
    Rule("key-limit-and-expiry", "Every API key has a limit and expires.", _endless_keys),
    Rule("default-guardrail", "Every workspace has a default guardrail.", _without_guardrail),
)
"""All policies."""


# resources


def _kind(resource: PolicyResource) -> str:
    return resource.resource_type.removeprefix(TYPE_PREFIX)


def _of_kind(resources: Iterable[PolicyResource], *kinds: str) -> list[PolicyResource]:
    types = {TYPE_PREFIX + kind for kind in kinds}
    return [resource for resource in resources if resource.resource_type in types]


def _workspaces_of(
    resources: list[PolicyResource], kind: str, field: str | None = None
) -> set[str]:
    """The URNs of the workspaces that have such a resource, and in it such a property."""
    children = _of_kind(resources, kind)
    if field is not None:
        children = [child for child in children if child.props.get(field) is not None]
    return {urn for child in children for urn in _workspace_of(resources, child)}


def _workspace_of(resources: list[PolicyResource], child: PolicyResource) -> list[str]:
    """The URN of the workspace that a child is given, as an Output of it or by its UUID."""
    if given := child.property_dependencies.get("workspace_id"):
        return [workspace.urn for workspace in _of_kind(given, "Workspace")]
    workspace_id = child.props.get("workspace_id")
    workspaces = _of_kind(resources, "Workspace")
    return [each.urn for each in workspaces if workspace_id == _known_id(each)]


def _known_id(workspace: PolicyResource) -> Any:
    """Its UUID; nothing for a new one in a preview, which refuses to tell it."""
    try:
        return workspace.props.get("id") or ""
    except UnknownValueError:
        return ""


def _emails(resource: PolicyResource) -> Iterator[str]:
    if not resource.resource_type.startswith(TYPE_PREFIX):
        return
    for field in EMAILS:
        value = resource.props.get(field)
        # The policy host hands over sequences of its own.
        is_list = isinstance(value, Sequence) and not isinstance(value, str)
        listed: Iterable[Any] = value if is_list else [value]  # type: ignore[assignment]
        yield from (email for email in listed if isinstance(email, str) and "@" in email)


def _plain(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: dict(schema) for name, schema in settings.items()}
