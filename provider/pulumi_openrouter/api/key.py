"""What can be a key at all."""

from __future__ import annotations

QUOTES = "\"'`\u2018\u2019\u201c\u201d"
"""The last four are those of word processors."""


def is_key(text: str) -> bool:
    """Whether a header can carry the text as a key: one word of printable ASCII."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def is_quoted(text: str) -> bool:
    """Whether the quotes of a shell, a .env file or a web page came along with the text."""
    return bool(text) and (text[0] in QUOTES or text[-1] in QUOTES)


def checked_key(text: str) -> str:
    """The key.

    Raises:
        ValueError: it can't be one; the message does not repeat it.
    """
    if is_quoted(text):
        raise ValueError("the key has quotes around it: remove them")
    if not is_key(text):
        raise ValueError("the key must be one word of printable ASCII")
    return text
