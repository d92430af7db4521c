"""Adoptions as a Pulumi program in Python, formatted as Ruff and Black would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pulumi_openrouter.cli.adoption import Adoption

HEADER = '''"""Existing workspaces, adopted as they are: written by `pulumi-openrouter export`."""

from pulumi_openrouter import TeamWorkspace
'''
INDENT = " " * 4


def written(adoptions: Iterable[Adoption]) -> str:
    """The program's text."""
    return "\n".join([HEADER, *map(_team_workspace, adoptions)])


def _team_workspace(adoption: Adoption) -> str:
    arguments = {**adoption.settings, **adoption.budget, **_people(adoption)}
    lines = [f"{INDENT}{line}\n" for name in arguments for line in _argument(name, arguments[name])]
    return f"TeamWorkspace(\n{INDENT}{_literal(adoption.slug)},\n{''.join(lines)})\n"


def _people(adoption: Adoption) -> dict[str, list[str]]:
    people = {"emails": adoption.emails, "user_ids": adoption.user_ids}
    return {name: listed for name, listed in people.items() if listed}


def _argument(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list) and value:
        yield f"{name}=["
        yield from (f"{INDENT}{_literal(element)}," for element in value)
        yield "],"
    else:
        yield f"{name}={_literal(value)},"


def _literal(value: Any) -> str:
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """Quote as formatters do: in double quotes, unless single ones need fewer backslashes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(char, quote) for char in text) + quote


def _escaped(char: str, quote: str) -> str:
    if char in "'\"":
        return f"\\{char}" if char == quote else char
    return repr(char)[1:-1]
