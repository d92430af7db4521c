"""What no message may show: the values of arguments that a program calls secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

SECRETS = "__secrets"
"""The property with the names of these arguments: their values themselves arrive in plain.

The engine shows no property whose name begins like this.
"""
SHOWN_SECRETS = "secret_arguments"
"""The same where a name like that does not arrive."""
IN_WORDS = r"[\w.@-]"
"""What a value is part of, rather than it stands there itself."""
MIN_CHARS = 4
"""A shorter text hides nothing, and would be found in the midst of sentences."""


def secrets_of(properties: Mapping[str, Any]) -> list[str]:
    """The names of the arguments among the properties that are secret."""
    return list(properties.get(SECRETS) or properties.get(SHOWN_SECRETS) or ())


def hidden(message: str, *declarations: Mapping[str, Any]) -> str:
    """The message with the place of each secret value instead of the value itself.

    Args:
        message: what somebody may read.
        declarations: the properties of a resource; of two that have a value, the first counts.
    """
    for properties in declarations:
        for place, value in _places(properties):
            alone = rf"(?<!{IN_WORDS}){re.escape(value)}(?!{IN_WORDS})"
            message = re.sub(alone, place, message, flags=re.IGNORECASE)
    return message


def _places(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each secret text, and what it is called."""
    for name in secrets_of(properties):
        value = properties.get(name)
        listed = enumerate(value) if isinstance(value, (list, tuple)) else ()
        texts = [(f"{name}[{index}]", element) for index, element in listed] or [(name, value)]
        for place, found in texts:
            if isinstance(found, str) and len(found) >= MIN_CHARS:
                yield place, found
