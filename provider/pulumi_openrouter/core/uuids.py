"""Telling a UUID from a slug."""

from __future__ import annotations

import re

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID, in upper or lower case."""
    return re.fullmatch(UUID, text.lower()) is not None
