"""Whether properties arrive at the provider whose names begin with two underscores.

The engine shows them nobody, and the host of an SDK below 3.235 drops them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def arrive(deserialize_properties: Callable[..., Any]) -> bool:
    """Whether they do with the SDK that this function belongs to."""
    return bool(inspect.signature(deserialize_properties).parameters["keep_internal"].default)
