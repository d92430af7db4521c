"""Adoptions as the configuration of the ready-made stack: a whole Pulumi.<stack>.yaml."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

import yaml

from pulumi_openrouter.cli.adoption import Adoption

KEY = "openrouter-workspaces:workspaces"
HEADER = "# Workspaces that exist, to be adopted as they are: `pulumi-openrouter export`.\n"
UNAMBIGUOUS = re.compile(r"[A-Za-z].+")
"""Text that needs no quotes unless PyYAML gives it some. Pulumi reads YAML 1.2, where more looks
like a number (1e3, 0o17) than PyYAML knows of, and y and n may be flags."""


def written(adoptions: Iterable[Adoption]) -> str:
    """The file's text."""
    workspaces = {adoption.slug: _entry(adoption) for adoption in adoptions}
    return HEADER + yaml.dump(
        {"config": {KEY: workspaces}},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=sys.maxsize,
    )


def _entry(adoption: Adoption) -> dict[str, Any]:
    parts = {"budget": adoption.budget, "members": _members(adoption)}
    return {**adoption.settings, **{name: part for name, part in parts.items() if part}}


def _members(adoption: Adoption) -> Any:
    if not adoption.user_ids:
        return adoption.emails
    people = {"emails": adoption.emails, "user_ids": adoption.user_ids}
    return {name: listed for name, listed in people.items() if listed}


class _Dumper(yaml.SafeDumper):
    """Writes lists indented below their key, and text that no reader takes for anything else."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """A text, in quotes where it might be taken for something else."""
        # Only double quotes carry every kind of line break.
        is_plain = UNAMBIGUOUS.fullmatch(text) and text.isprintable()
        style = None if is_plain else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style)

    def ignore_aliases(self, data: Any) -> bool:
        """Equal lists are written twice, not once with a reference."""
        return True


_Dumper.add_representer(str, _Dumper.represent_text)
