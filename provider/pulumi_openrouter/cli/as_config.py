"""Declarations as the configuration of the ready-made stack: a whole Pulumi.<stack>.yaml."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

import yaml

from pulumi_openrouter.cli.declaration import Declaration

KEY = "openrouter-workspaces:workspaces"
HEADER = "# Workspaces that exist, to be adopted as they are: `pulumi-openrouter export`.\n"
UNAMBIGUOUS = re.compile(r"[A-Za-z].+")
"""Text that needs no quotes unless PyYAML gives it some. Pulumi reads YAML 1.2, where more looks
like a number (1e3, 0o17) than PyYAML knows of, and y and n may be flags."""


def written(declarations: Iterable[Declaration]) -> str:
    """The file's text."""
    workspaces = {declaration.slug: _entry(declaration) for declaration in declarations}
    return HEADER + yaml.dump(
        {"config": {KEY: workspaces}},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=sys.maxsize,
    )


def _entry(declaration: Declaration) -> dict[str, Any]:
    parts = {"budget": declaration.budget, "members": _members(declaration)}
    return {**declaration.settings, **{name: part for name, part in parts.items() if part}}


def _members(declaration: Declaration) -> Any:
    if not declaration.user_ids:
        return declaration.emails
    people = {"emails": declaration.emails, "user_ids": declaration.user_ids}
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
