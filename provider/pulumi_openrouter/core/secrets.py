"""What no message may show: the elements of lists that a program calls secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SECRET_LISTS = "__secret_lists"
"""The property with the names of these lists: their values themselves arrive in plain.

The engine shows no property whose name begins like this.
"""
IN_WORDS = r"[\w.@-]"
"""What an element is part of, rather than it stands there itself."""


def secret_lists(properties: Mapping[str, Any]) -> list[str]:
    """The names of the lists among the properties that are secret."""
    return list(properties.get(SECRET_LISTS) or ())


def hidden(message: str, *declarations: Mapping[str, Any]) -> str:
    """The message with the place of each secret element instead of the element itself.

    Args:
        message: what somebody may read.
        declarations: the properties of a resource; of two that have an element, the first counts.
    """
    for properties in declarations:
        for name in secret_lists(properties):
            for index, element in enumerate(properties.get(name) or ()):
                if isinstance(element, str):
                    alone = rf"(?<!{IN_WORDS}){re.escape(element)}(?!{IN_WORDS})"
                    message = re.sub(alone, f"{name}[{index}]", message, flags=re.IGNORECASE)
    return message
