"""The command line, run in this process."""

from __future__ import annotations

from collections.abc import Callable

import attrs

BASE_URL = "OPENROUTER_BASE_URL"
KEY = "OPENROUTER_MANAGEMENT_KEY"
ORGANIZATION_ID = "OPENROUTER_ORGANIZATION_ID"


@attrs.frozen
class Said:
    """What a command did, and printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]
