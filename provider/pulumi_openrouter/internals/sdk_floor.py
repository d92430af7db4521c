"""The oldest SDK of Pulumi that these providers work with."""

from __future__ import annotations

import inspect
from importlib import metadata
from typing import Any

FLOOR = "3.216"
"""The first whose host takes inputs from a read; without them no drift would be repaired."""


def too_old(read_result: type[Any]) -> str | None:
    """What is wrong with the SDK that this class of read results belongs to; None: nothing."""
    if "inputs" in inspect.signature(read_result).parameters:
        return None
    return (
        f"pulumi-openrouter needs pulumi {FLOOR} or newer, but {metadata.version('pulumi')} is "
        f"installed: run `pip install --upgrade 'pulumi>={FLOOR}'`."
    )
