"""Adoptions as a Pulumi program in Python, formatted as Ruff and Black would."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from pulumi_openrouter.cli.adoption import Adoption
from pulumi_openrouter.cli.key_adoption import resource_name

HEADER = '''"""Existing workspaces, adopted as they are: written by `pulumi-openrouter export`."""

from pulumi_openrouter import {classes}
'''
INDENT = " " * 4


@attrs.frozen
class _Code:
    """Python that is written as it is, where anything else is written as a literal."""

    text: str


def written(adoptions: Sequence[Adoption]) -> str:
    """The program's text."""
    has_keys = any(adoption.keys for adoption in adoptions)
    header = HEADER.format(classes="ApiKey, TeamWorkspace" if has_keys else "TeamWorkspace")
    return "\n".join([header, *(part for each in adoptions for part in _declarations(each))])


def _declarations(adoption: Adoption) -> Iterator[str]:
    arguments = {
        **adoption.settings,
        **adoption.budget,
        **_people(adoption),
        **_guardrails(adoption),
    }
    team = _call("TeamWorkspace", adoption.slug, arguments)
    if not adoption.keys:
        yield team
        return
    variable = _variable(adoption.slug)
    yield f"{variable} = {team}"
    workspace_id = _Code(f"{variable}.workspace")
    for name, settings in adoption.keys.items():
        called = resource_name(adoption.slug, name)
        yield _call("ApiKey", called, {"workspace_id": workspace_id, **settings})


def _variable(slug: str) -> str:
    """A name for the workspace that is no other workspace's: a slug has no underscores."""
    name = slug.replace("-", "_")
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"_{name}"


def _call(function: str, resource_name: str, arguments: Mapping[str, Any]) -> str:
    lines = [f"{INDENT}{line}\n" for name in arguments for line in _argument(name, arguments[name])]
    return f"{function}(\n{INDENT}{_literal(resource_name)},\n{''.join(lines)})\n"


def _people(adoption: Adoption) -> dict[str, list[str]]:
    people = {"emails": adoption.emails, "user_ids": adoption.user_ids}
    return {name: listed for name, listed in people.items() if listed}


def _guardrails(adoption: Adoption) -> dict[str, Any]:
    parts = {"default_guardrail": adoption.default_guardrail, "guardrails": adoption.guardrails}
    return {name: part for name, part in parts.items() if part}


def _argument(name: str, value: Any) -> Iterator[str]:
    return _lines(f"{name}=", value)


def _lines(before: str, value: Any) -> Iterator[str]:
    """A value over as many lines as it needs, with what stands before it."""
    if isinstance(value, list) and value:
        yield f"{before}["
        for element in value:
            yield from (f"{INDENT}{line}" for line in _lines("", element))
        yield "],"
    elif isinstance(value, dict) and value:
        yield f"{before}{{"
        for name, part in value.items():
            yield from (f"{INDENT}{line}" for line in _lines(f"{_text(str(name))}: ", part))
        yield "},"
    else:
        yield f"{before}{_literal(value)},"


def _literal(value: Any) -> str:
    if isinstance(value, _Code):
        return value.text
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """Quote as formatters do: in double quotes, unless single ones need fewer backslashes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(char, quote) for char in text) + quote


def _escaped(char: str, quote: str) -> str:
    if char in "'\"":
        return f"\\{char}" if char == quote else char
    return repr(char)[1:-1]
