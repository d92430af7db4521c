"""What no message may show."""

from __future__ import annotations

import pytest

from pulumi_openrouter.core.secrets import SECRET_LISTS, hidden

EMAILS = ["ada@example.com", "grace@example.com"]
SECRET = {"emails": EMAILS, "user_ids": ["user_1"], SECRET_LISTS: ["emails"]}


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("no grace@example.com, ada@example.com", "no emails[1], emails[0]"),
        ("Ada@Example.com (user_1)", "emails[0] (user_1)"),
        ("maria.ada@example.com", "maria.ada@example.com"),
        ("ada@example.company", "ada@example.company"),
        ("ends with ada@example.com: why", "ends with emails[0]: why"),
    ],
)
def test_an_element_is_called_by_its_place(message: str, shown: str) -> None:
    """In any case, wherever it stands by itself."""
    assert hidden(message, SECRET) == shown


def test_what_is_not_secret_is_shown() -> None:
    """Lists that nobody called secret, and those of a state from before."""
    message = "ada@example.com user_1"
    assert hidden(message, {"emails": EMAILS}, {**SECRET, SECRET_LISTS: None}, {}) == message


def test_the_newest_declaration_names_the_place() -> None:
    """Who is in the program no longer is called by the place in the state."""
    older = {**SECRET, "emails": ["alan@example.com", *EMAILS]}
    assert hidden("grace@example.com alan@example.com", SECRET, older) == "emails[1] emails[0]"
