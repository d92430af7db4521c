"""What was spent on completed days (GET /activity)."""

import attrs


@attrs.frozen(kw_only=True)
class ActivityInfo:
    """What one model cost on one completed UTC day, in USD."""

    date: str
    """The day, such as 2026-11-03."""
    model: str
    usage: float
    """What was paid to OpenRouter."""
    byok_usage_inference: float | None = None
    """What was paid with the organization's own provider keys."""
    requests: int | None = None
    workspace_id: str | None = None
    """None where the API does not tell workspaces apart."""
