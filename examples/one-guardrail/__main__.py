"""The same guardrail for several workspaces: its content is declared once."""

from typing import Any

from pulumi_openrouter import ApiKey, Guardrail, Workspace

BATCH: dict[str, Any] = {
    "description": "For jobs that run by themselves",
    "allowed_models": ["openai/gpt-4.1-mini"],
    "enforce_zdr_openai": True,
    "content_filters": [{"pattern": "ACME-[0-9]{6}", "action": "redact", "label": "[CUSTOMER]"}],
}
DAILY_LIMITS_USD = {"research": 50, "support": 10, "playground": 1}

for name, limit in DAILY_LIMITS_USD.items():
    workspace = Workspace(name)
    job = ApiKey(f"{name}-job", workspace_id=workspace)
    Guardrail(
        f"{name}-batch",
        workspace_id=workspace,
        **BATCH,
        limit_usd=limit,
        reset_interval="daily",
        keys=[job],
    )
