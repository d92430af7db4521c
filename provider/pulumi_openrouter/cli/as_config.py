"""Adoptions as the configuration of the ready-made stack: a whole Pulumi.<stack>.yaml."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

import yaml

from pulumi_openrouter.cli.adoption import Adoption

KEY = "openrouter-workspaces:workspaces"
HEADER = "# Existing workspaces, adopted as they are: written by `pulumi-openrouter export`.\n"
UNAMBIGUOUS = re.compile(r"[A-Za-z].+")
"""Text that needs no quotes beyond those of PyYAML. Pulumi reads YAML 1.2, in which more text
looks like a number (1e3, 0o17) than PyYAML knows, and y and n may be flags."""


def written(adoptions: Iterable[Adoption]) -> str:
    """The file's text."""
    return HEADER + dumped({"config": {KEY: workspaces(adoptions)}})


def workspaces(adoptions: Iterable[Adoption]) -> dict[str, Any]:
    """The value of the key."""
    return {adoption.slug: _entry(adoption) for adoption in adoptions}


def dumped(value: Any) -> str:
    """A value as YAML that reads the same for every reader."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=sys.maxsize
    )
    return text


def _entry(adoption: Adoption) -> dict[str, Any]:
    parts = {
        "budget": adoption.budget,
        "members": _members(adoption),
        "keys": adoption.keys,
        "default_guardrail": adoption.default_guardrail,
        "guardrails": adoption.guardrails,
    }
    return {**adoption.settings, **{name: part for name, part in parts.items() if part}}


def _members(adoption: Adoption) -> Any:
    if not adoption.user_ids:
        return adoption.emails
    people = {"emails": adoption.emails, "user_ids": adoption.user_ids}
    return {name: listed for name, listed in people.items() if listed}


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, and writes text that no reader takes for anything else."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """Quote text that might be taken for something else."""
        # Only double quotes can hold every kind of line break.
        is_plain = UNAMBIGUOUS.fullmatch(text) and text.isprintable()
        style = None if is_plain else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal lists twice, not once with a reference."""
        return True


_Dumper.add_representer(str, _Dumper.represent_text)
