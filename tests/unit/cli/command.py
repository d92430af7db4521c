"""The command line, run in this process or in one of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import attrs

from pulumi_openrouter.simulator import Simulator

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
MODULE = (sys.executable, "-m", "pulumi_openrouter")


def environment(simulator: Simulator, **more: str) -> dict[str, str]:
    """The environment of a command in a process of its own."""
    others = {
        name: value
        for name, value in os.environ.items()
        if "OPENROUTER" not in name and name not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR")
    }
    return {**others, KEY: simulator.key, BASE_URL: simulator.base_url, **more}
