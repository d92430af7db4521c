"""A team that may use two models, without data retention, up to a limit, with one key."""

import pulumi

from pulumi_openrouter import TeamWorkspace

support = TeamWorkspace(
    "support",
    emails=["ada@example.com", "grace@example.com"],
    keys={"bot": {"limit": 200, "limit_reset": "monthly"}},
    default_guardrail={
        "allowed_models": ["openai/gpt-4.1", "anthropic/claude-sonnet-4.5"],
        "enforce_zdr_anthropic": True,
        "enforce_zdr_openai": True,
        "enforce_zdr_other": True,
        "limit_usd": 20,
        "reset_interval": "daily",
        "content_filter_builtins": [{"slug": "credit-card", "action": "block"}],
    },
)

pulumi.export("keys", support.keys)
