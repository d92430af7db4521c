"""An existing Pulumi.<stack>.yaml with other workspaces, and every other character as it was.

Only the text between two of PyYAML's marks is replaced: to write a parsed document anew would
change quotes, comments and spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import yaml

from pulumi_openrouter.api.errors import OpenRouterError, one_line
from pulumi_openrouter.cli import as_config

CONFIG = "config"
STEP = 2
LINE_END = re.compile(r"\r?\n|\Z")
NULL = "tag:yaml.org,2002:null"


class ConfigFileError(OpenRouterError):
    """Why a file can't have its workspaces replaced."""


@attrs.frozen
class Replaced:
    """The new text of a file, and what somebody may want to know about it."""

    text: str
    key: str
    had_secrets: bool
    """Whether anything that was replaced was encrypted; what replaces it is plain text."""
    had_keys: bool
    """Whether any workspace that was replaced declared API keys."""


def replaced(text: str, workspaces: Mapping[str, Any]) -> Replaced:
    """A stack's configuration with these workspaces in place of those it has.

    Raises:
        ConfigFileError: it is no configuration, or it can't be changed in this place alone.
    """
    try:
        root, data = yaml.compose(text, yaml.SafeLoader), _data(text)
    except yaml.YAMLError as error:
        raise ConfigFileError(f"not valid YAML: {_described(error)}") from None
    config = _config_of(root)
    others = data if isinstance(data, dict) else {}
    had = others[CONFIG] if config else {}
    key = _key_among(had)
    value = {key: workspaces}
    place, entry = (config, value) if config else (root, {CONFIG: value})
    changed = _Text(text).with_entry(place, entry)
    expected = {**others, CONFIG: {**had, **_data(as_config.dumped(value))}}
    if _data_or_none(changed) != expected:
        raise ConfigFileError(f"can't replace {key} without changing something else")
    return Replaced(changed, key, _has_secrets(had.get(key)), _has_keys(had.get(key)))


def _config_of(root: yaml.Node | None) -> yaml.MappingNode | None:
    """The configuration, or None where it has no keys."""
    if not isinstance(root, yaml.MappingNode):
        if root is None or root.tag == NULL:
            return None
        raise ConfigFileError("not the configuration of a stack: the file must be a mapping")
    config = {key.value: value for key, value in root.value}.get(CONFIG)
    if not isinstance(config, yaml.MappingNode):
        if config is None or config.tag == NULL:
            return None
        raise ConfigFileError(f"not the configuration of a stack: {CONFIG} must be a mapping")
    return config if config.value else None


def _key_among(config: Mapping[str, Any]) -> str:
    """The key of the workspaces: it begins with the name of the project, which may be another."""
    name = as_config.KEY.partition(":")[2]
    found = [key for key in config if key.partition(":")[2] == name]
    if as_config.KEY in found or not found:
        return as_config.KEY
    if len(found) > 1:
        raise ConfigFileError(f"it has {' and '.join(found)}, and only one can be replaced")
    return found[0]


@attrs.frozen
class _Text:
    """The text of a YAML file that has one document."""

    text: str

    def with_entry(self, mapping: yaml.Node | None, entry: Mapping[str, Any]) -> str:
        """The text with this key and its value in a mapping, None if the file has nothing."""
        if not isinstance(mapping, yaml.MappingNode):
            return self._appended(len(self.text), self._block(entry, 0))
        if not mapping.value:
            start, end = mapping.start_mark.index, mapping.end_mark.index
            return self.text[:start] + self._block(entry, 0) + self.text[end:]
        if mapping.flow_style:
            raise ConfigFileError("its keys stand in braces ({...}): write one key a line")
        for key, value in mapping.value:
            if key.value in entry:
                column = key.start_mark.column + STEP
                return self._replaced(key, value, self._block(entry[key.value], column))
        column = mapping.value[0][0].start_mark.column
        return self._appended(self._end_of(mapping), self._block(entry, column))

    def _replaced(self, key: yaml.Node, value: yaml.Node, block: str) -> str:
        start, end = value.start_mark, len(self.text[: self._end_of(value)].rstrip())
        rest = self.text[self._line_end(end) :]
        if start.line > key.end_mark.line:
            # Comments may stand between the key and its value.
            return self.text[: start.index - start.column] + block + rest
        colon = self.text.index(":", key.end_mark.index) + 1
        comment = self.text[max(colon, end) : self._line_end(end)]
        return self.text[:colon] + comment + self._newline + block + rest

    def _appended(self, end: int, block: str) -> str:
        """The text with a block on lines of its own after the line in which something ends."""
        if self.text[:end].endswith("\n") or not end:
            return self.text[:end] + block + self._newline + self.text[end:]
        end = self._line_end(end)
        return self.text[:end] + self._newline + block + (self.text[end:] or self._newline)

    def _end_of(self, node: yaml.Node) -> int:
        """Where a node's text ends; PyYAML's mark of a block is where the next thing begins."""
        events: Iterator[Any] = yaml.parse(self.text, yaml.SafeLoader)
        following: int = node.end_mark.index
        ends = [each.end_mark.index for each in events if each.start_mark.index < following]
        return max(ends, default=following)

    def _block(self, value: Any, column: int) -> str:
        # Text has its line breaks escaped: those that are left are YAML's own.
        lines = as_config.dumped(value).rstrip("\n").split("\n")
        return self._newline.join(" " * column + line for line in lines)

    def _line_end(self, start: int) -> int:
        found = LINE_END.search(self.text, start)
        return found.start() if found else len(self.text)

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"


def _data(text: str) -> Any:
    """What YAML says, with every scalar as it is written."""
    return yaml.load(text, yaml.BaseLoader)


def _data_or_none(text: str) -> Any:
    try:
        return _data(text)
    except yaml.YAMLError:
        return None


def _has_secrets(value: Any) -> bool:
    if isinstance(value, dict):
        return "secure" in value or any(map(_has_secrets, value.values()))
    return isinstance(value, list) and any(map(_has_secrets, value))


def _has_keys(workspaces: Any) -> bool:
    entries = workspaces.values() if isinstance(workspaces, dict) else ()
    return any(isinstance(entry, dict) and entry.get("keys") for entry in entries)


def _described(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return one_line(str(error))
