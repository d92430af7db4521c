"""What people want to know of an API key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import one_line
from pulumi_openrouter.core.moments import moment

if TYPE_CHECKING:
    from pulumi_openrouter.api.keys import ApiKeyInfo


def is_expired(key: ApiKeyInfo, now: datetime) -> bool:
    """Whether it has expired by this moment."""
    return expires_within(key, timedelta(), now)


def expires_within(key: ApiKeyInfo, span: timedelta, now: datetime) -> bool:
    """Whether it will have expired after so long, or has already."""
    expires_at = moment(key.expires_at or "")
    return expires_at is not None and expires_at <= now + span


def day(told: str | None) -> str:
    """The day, in UTC, of a moment that the API told; empty for none."""
    return one_line(told or "").partition("T")[0]
