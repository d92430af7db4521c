"""What the table and the page of spending have in common."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_openrouter.core.spending import Spend, WorkspaceSpend, usd

UNLIMITED_INTERVAL = "monthly"
"""What is shown of a workspace without any limit."""
WITH_ACTIVITY = (
    "what deleted keys spent this week and this month is counted until yesterday; what they spent "
    "today, and before that, is in no figure"
)
WITHOUT_ACTIVITY = "the API tells no activity here: what deleted keys spent is in no figure"


def note(found: Sequence[WorkspaceSpend]) -> str:
    """What the figures can't have in them."""
    return WITH_ACTIVITY if all(each.includes_deleted_keys for each in found) else WITHOUT_ACTIVITY


def shown(found: WorkspaceSpend) -> list[Spend]:
    """The intervals that are worth a line: those with a limit, or the month."""
    limited = [spend for spend in found.intervals if spend.limit_usd is not None]
    return limited or [each for each in found.intervals if each.interval == UNLIMITED_INTERVAL]


def left(spend: Spend) -> str:
    """What is left of a limit, or by how much it is passed."""
    if spend.limit_usd is None or spend.left_usd is None:
        return "-"
    over = spend.spent_usd - spend.limit_usd
    return f"{usd(over)} over" if over > 0 else usd(spend.left_usd)
