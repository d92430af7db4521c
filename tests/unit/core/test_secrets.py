"""What no message may show."""

from __future__ import annotations

import pytest

from pulumi_openrouter.core.secrets import SECRETS, hidden

EMAILS = ["ada@example.com", "grace@example.com"]
SECRET = {"emails": EMAILS, "user_ids": ["user_1"], SECRETS: ["emails"]}


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
    """What nobody called secret, and all of a state from before."""
    message = "ada@example.com user_1"
    assert hidden(message, {"emails": EMAILS}, {**SECRET, SECRETS: None}, {}) == message


def test_a_single_secret_is_called_by_its_name() -> None:
    """Unless it is so short that it could be a part of any sentence."""
    keyed = {"creator_email": "ada@example.com", "name": "key", SECRETS: ["creator_email", "name"]}
    assert hidden("no ada@example.com for the key", keyed) == "no creator_email for the key"


def test_the_newest_declaration_names_the_place() -> None:
    """Who is in the program no longer is called by the place in the state."""
    older = {**SECRET, "emails": ["alan@example.com", *EMAILS]}
    assert hidden("grace@example.com alan@example.com", SECRET, older) == "emails[1] emails[0]"
