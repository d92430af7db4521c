"""What can be a key at all."""

from __future__ import annotations


def is_key(text: str) -> bool:
    """Whether a header can carry the text as a key: one word of printable ASCII."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
