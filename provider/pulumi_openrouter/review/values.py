"""Values of properties, as a preview shows them: some it does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

Properties = Mapping[str, Any]

SECRET_TEXT = "[secret]"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine prints for a value that only the update will know."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
"""The engine marks a map as a secret by this value under the key above."""
INTERNAL = "__"
"""How the properties begin that the engine itself shows nowhere."""


class Untold(Enum):
    """A value that a preview does not tell."""

    SECRET = "[secret]"
    UNKNOWN = "not known yet"


def told(value: Any) -> Any:
    """The value with all that is not told in its place; never what is secret."""
    if value == SECRET_TEXT:
        return Untold.SECRET
    if isinstance(value, str):
        return Untold.UNKNOWN if UNKNOWN_TEXT in value else value
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET_SIGNATURE:
            return Untold.SECRET
        return {
            str(key): told(inner)
            for key, inner in value.items()
            if not str(key).startswith(INTERNAL)
        }
    if isinstance(value, list):
        return [told(inner) for inner in value]
    return value
