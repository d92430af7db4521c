"""What a guardrail may contain, field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from . import errors, validation
from .validation import Check, Rule, boolean, list_of, one_of, positive, text, uuid

INTERVALS = ("daily", "weekly", "monthly")
REGIONS = ("global", "europe", "us")
ACTIONS = ("redact", "block", "flag")
PROMPT_INJECTION = "regex-prompt-injection"
BUILTINS = (
    *("email", "phone", "ssn", "credit-card", "ip-address"),
    *("secrets", "person-name", "address", PROMPT_INJECTION),
)
SCAN_SCOPES = ("user_only", "all_messages")
REFUSED_PATTERNS = {
    "lookaround": re.compile(r"\(\?<?[=!]"),
    "back-references": re.compile(r"\\(?:[1-9]|k<)"),
    "nested quantifiers": re.compile(r"\((?:[^()\\]|\\.)*[*+}](?:[^()\\]|\\.)*\)[*+{]"),
}


def pattern(value: Any) -> str:
    """Accept a regular expression that runs in linear time."""
    checked: str = text(1)(value)
    for what, refused in REFUSED_PATTERNS.items():
        if refused.search(checked):
            raise errors.refused_pattern(f"{what} are not supported")
    try:
        re.compile(checked)
    except re.error as error:
        raise errors.refused_pattern(error.msg) from None
    return checked


def record(rules: Mapping[str, Rule]) -> Check:
    """Accept an object with these properties."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("must be an object")
        kept = {}
        for name, rule in rules.items():
            if name in value:
                kept[name] = rule.clean(value[name])
            elif rule.required:
                raise ValueError(f"must have {name}")
        return kept

    return check


def builtin(value: Any) -> dict[str, Any]:
    """Accept a filter of OpenRouter's own; only that of prompt injections has a scope."""
    kept: dict[str, Any] = _BUILTIN(value)
    if kept["slug"] == PROMPT_INJECTION:
        return {"scan_scope": "all_messages", **kept}
    if "scan_scope" in kept:
        raise ValueError(f"scan_scope is only for {PROMPT_INJECTION}")
    return {**kept, "label": f"[{kept['slug'].upper().replace('-', '_')}]"}


_BUILTIN = record(
    {
        "slug": Rule(one_of(*BUILTINS), required=True),
        "action": Rule(one_of(*ACTIONS), required=True),
        "scan_scope": Rule(one_of(*SCAN_SCOPES)),
    }
)
_FILTER = record(
    {
        "pattern": Rule(pattern, required=True),
        "action": Rule(one_of(*ACTIONS), required=True),
        "label": Rule(text(), nullable=True),
    }
)
_NAMES = Rule(list_of(text(1), 1), nullable=True)
_CHOICE = Rule(boolean, nullable=True)

CHANGED_GUARDRAIL: Mapping[str, Rule] = {
    "name": Rule(text(1, 200), required=True),
    "description": Rule(text(0, 1000), nullable=True),
    "limit_usd": Rule(positive, nullable=True),
    "reset_interval": Rule(one_of(*INTERVALS), nullable=True),
    "include_byok_in_budgets": Rule(boolean),
    "allowed_models": _NAMES,
    "ignored_models": _NAMES,
    "allowed_providers": _NAMES,
    "ignored_providers": _NAMES,
    "enforce_zdr_anthropic": _CHOICE,
    "enforce_zdr_openai": _CHOICE,
    "enforce_zdr_google": _CHOICE,
    "enforce_zdr_xai": _CHOICE,
    "enforce_zdr_other": _CHOICE,
    "enable_free_model_training": _CHOICE,
    "enable_free_model_publication": _CHOICE,
    "enable_paid_model_training": _CHOICE,
    "allow_safety_retention_google": _CHOICE,
    "allow_safety_retention_other": _CHOICE,
    "allowed_data_regions": Rule(list_of(one_of(*REGIONS), 1), nullable=True),
    "content_filters": Rule(list_of(_FILTER, 1), nullable=True),
    "content_filter_builtins": Rule(list_of(builtin, 1), nullable=True),
}
NEW_GUARDRAIL: Mapping[str, Rule] = {**CHANGED_GUARDRAIL, "workspace_id": Rule(uuid)}
KEY_HASHES: Mapping[str, Rule] = {"key_hashes": Rule(list_of(text(1), 1), required=True)}
MEMBER_USER_IDS: Mapping[str, Rule] = {"member_user_ids": Rule(list_of(text(1), 1), required=True)}


def clean(fields: dict[str, Any], rules: Mapping[str, Rule], partial: bool) -> dict[str, Any]:
    """The known fields of a guardrail; its limit and the interval of that come together."""
    cleaned = validation.clean(fields, rules, partial=partial)
    limit, interval = cleaned.get("limit_usd"), cleaned.get("reset_interval")
    one_alone = ("limit_usd" in cleaned) != ("reset_interval" in cleaned)
    if one_alone or (limit is None) != (interval is None):
        raise errors.invalid(["limit_usd and reset_interval must be given together"])
    return cleaned
