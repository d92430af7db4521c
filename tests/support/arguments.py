"""A value for each argument there is, two elements for each list; some exclude each other."""

from __future__ import annotations

from typing import Any

from pulumi_openrouter import (
    ApiKey,
    ByokKey,
    Guardrail,
    Workspace,
    WorkspaceBudget,
    WorkspaceDefaultGuardrail,
    WorkspaceMembership,
)
from pulumi_openrouter.core.budget_plan import INTERVALS

ID = "3f0c7d1a-54d1-4a3e-9a55-0f3a5a6b7c8d"

CONTENT: dict[str, Any] = {
    "description": "d",
    "limit_usd": 5.5,
    "reset_interval": "monthly",
    "include_byok_in_budgets": True,
    "allowed_models": ["x/y", "x/z"],
    "ignored_models": ["x/a", "x/b"],
    "allowed_providers": ["azure", "openai"],
    "ignored_providers": ["acme", "globex"],
    "enforce_zdr_anthropic": True,
    "enforce_zdr_openai": True,
    "enforce_zdr_google": True,
    "enforce_zdr_xai": True,
    "enforce_zdr_other": True,
    "enable_free_model_training": True,
    "enable_free_model_publication": True,
    "enable_paid_model_training": True,
    "allow_safety_retention_google": True,
    "allow_safety_retention_other": True,
    "allowed_data_regions": ["europe", "us"],
    "content_filters": [
        {"pattern": "[0-9]+", "action": "redact", "label": "[NUMBER]"},
        {"pattern": "x", "action": "flag"},
    ],
    "content_filter_builtins": [
        {"slug": "email", "action": "redact"},
        {"slug": "phone", "action": "block"},
    ],
}
"""What a guardrail allows."""

ARGUMENTS: dict[type[Any], dict[str, Any]] = {
    Workspace: {
        "name": "Team",
        "slug": "team",
        "description": "d",
        "default_text_model": "x/y",
        "default_image_model": "x/z",
        "default_provider_sort": "price",
        "io_logging_api_key_ids": [1, 3],
        "io_logging_sampling_rate": 0.5,
        "is_data_discount_logging_enabled": True,
        "is_observability_broadcast_enabled": True,
        "is_observability_io_logging_enabled": True,
        "disabled_server_tools": ["openrouter:bash", "openrouter:shell"],
        "adopt_existing": True,
        "force_destroy": True,
    },
    WorkspaceBudget: {
        "workspace_id": ID,
        **{f"{interval}_limit_usd": 5.5 for interval in INTERVALS},
        "include_byok_in_budgets": True,
        "exclusive": True,
    },
    WorkspaceMembership: {
        "workspace_id": ID,
        "user_ids": ["user_1", "user_2"],
        "emails": ["ada@example.com", "grace@example.com"],
        "exclusive": True,
    },
    ApiKey: {
        "workspace_id": ID,
        "name": "ci",
        "limit": 5.5,
        "limit_reset": "monthly",
        "include_byok_in_limit": True,
        "disabled": True,
        "expires_at": "2999-01-31T00:00:00Z",
        "lifetime_days": 30,
        "creator_user_id": "user_1",
        "creator_email": "ada@example.com",
        "keepers": {"month": "2027-01"},
        "rotate_after_days": 30,
        "existing_hash": 64 * "0",
    },
    Guardrail: {
        "workspace_id": ID,
        "name": "safe",
        **CONTENT,
        "keys": [64 * "0", 64 * "1"],
        "user_ids": ["user_1", "user_2"],
        "emails": ["ada@example.com", "grace@example.com"],
        "exclusive": True,
        "existing_id": ID,
    },
    WorkspaceDefaultGuardrail: {"workspace_id": ID, **CONTENT},
    ByokKey: {
        "workspace_id": ID,
        "provider": "openai",
        "key": "sk-provider-1234567890",
        "name": "own",
        "disabled": True,
        "is_fallback": True,
        "is_required": True,
        "is_byok_only": True,
        "allowed_models": ["x/y", "x/z"],
        "allowed_user_ids": ["user_1", "user_2"],
        "allowed_emails": ["ada@example.com", "grace@example.com"],
        "allowed_keys": [64 * "0", 64 * "1"],
        "declared_region": "us",
        "declared_zdr": True,
    },
}
