"""All that programs, states, scripts and tests rely on, as lines of text: tests/data/public.txt.

`make docs` writes it. What a release breaks shows there as a line that changed or went away:
docs/compatibility.md says what that means for the version.
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import attrs

import pulumi_openrouter
from pulumi_openrouter import cli, from_config, host, testing
from pulumi_openrouter.core import settings
from pulumi_openrouter.core.fields import Field, fields_of
from pulumi_openrouter.resource import Component, Resource
from pulumi_openrouter.simulator import Fault, FaultKind, Organization, Quirks, Request, Simulator
from pulumi_openrouter.simulator.faults import Faults
from pulumi_openrouter.testing import fixtures
from pulumi_openrouter.testing.stack import NewStack, Result, Stack
from tools.paths import README, ROOT

FILE = ROOT / "tests" / "data" / "public.txt"
GIVEN = (
    *(NewStack, Stack, Result),
    *(Simulator, Organization, Quirks, Faults, Fault, FaultKind, Request),
)
"""What a test gets from the fixtures; what is in an organization follows the API."""
QUOTED = re.compile(r"^\| (`+)(.+?)\1 \|", re.MULTILINE)
MODULES = re.compile(r"\b(?:[a-z_]+\.)+(?=[A-Z])")


def listed() -> str:
    """The file as it should be."""
    sections = {
        "programs: pulumi_openrouter": _programs(),
        "states: names of providers, and types": _states(),
        "settings: environment variables and configuration": _settings(),
        "command line: pulumi-openrouter": _commands(cli._parser()),
        "tests: fixtures, and what they give": _tests(),
        "messages: those that README.md explains": _messages(),
    }
    texts = [f"# {title}\n\n" + "\n".join(lines) for title, lines in sections.items()]
    return "\n\n".join(texts) + "\n"


def _programs() -> Iterator[str]:
    for name in pulumi_openrouter.__all__:
        yield from _public(name, getattr(pulumi_openrouter, name))


def _public(name: str, value: Any) -> Iterator[str]:
    if value is from_config:
        yield _signature(f"{name}.declare", value.declare)
    elif not isinstance(value, type):
        yield _signature(name, value)
    elif issubclass(value, (Resource, Component)):
        yield from _resource(name, value)
    else:
        yield from _data(value)


def _resource(name: str, kind: type[Any]) -> Iterator[str]:
    yield f"class {name}"
    for field in fields_of(kind).values():
        yield f"    {field.name}: {_field(field)}"
    for property_name, value in vars(kind).items():
        if isinstance(value, property):
            yield f"    {property_name}: output"
    if issubclass(kind, Resource):
        yield "    " + _signature("get", kind.get)


def _field(field: Field) -> str:
    if field.kind is None:
        return "output"
    if field.required:
        return f"required, {field.kind.wants}"
    default = "" if field.default is None else f" = {field.default}"
    return f"optional{default}, {field.kind.wants}"


def _data(kind: type[Any]) -> Iterator[str]:
    yield f"class {kind.__name__}"
    if attrs.has(kind):
        yield from (f"    {line}" for line in _fields(kind))
    elif not issubclass(kind, Enum):
        yield from (f"    {name}" for name in sorted(vars(kind())) if not name.startswith("_"))
    yield from (f"    {line}" for line in _members(kind))


def _fields(kind: type[Any]) -> Iterator[str]:
    for field in attrs.fields(kind):
        if not field.name.startswith("_"):
            yield f"{field.name}: {_type(field.type)}{_default(field.default)}"


def _default(value: Any) -> str:
    if value is attrs.NOTHING:
        return ""
    return f" = {value!r}" if value is None or isinstance(value, (bool, int, str)) else " = ..."


def _members(kind: type[Any]) -> Iterator[str]:
    if issubclass(kind, Enum):
        yield from kind.__members__
        return
    for name, value in sorted(vars(kind).items()):
        if (name == "__init__" and not attrs.has(kind)) or name == "__call__":
            yield _signature(name, value)
        elif name.startswith("_"):
            continue
        elif isinstance(value, property):
            assert value.fget is not None
            yield f"{name}: {_type(inspect.signature(value.fget).return_annotation)}"
        elif inspect.isfunction(value):
            yield _signature(name, value)


def _signature(name: str, function: Callable[..., Any]) -> str:
    signature = inspect.signature(function)
    given = [each for name, each in signature.parameters.items() if name != "self"]
    return f"{name}{_short(str(signature.replace(parameters=given)))}"


def _type(hint: Any) -> str:
    return _short(hint if isinstance(hint, str) else inspect.formatannotation(hint))


def _short(text: str) -> str:
    """The text without the modules of the types, and without the quotes around them."""
    return MODULES.sub("", text.replace("'", ""))


def _states() -> Iterator[str]:
    yield f"{host.provider.__module__}.{host.provider.__qualname__}"
    yield from (f"noun {noun}" for noun in sorted(host.LIFECYCLES))
    for name in pulumi_openrouter.__all__:
        kind = getattr(pulumi_openrouter, name)
        if isinstance(kind, type) and issubclass(kind, Resource):
            yield f"type pulumi-python:{kind._resource_type_name}"
        elif isinstance(kind, type) and issubclass(kind, Component):
            yield f"type {kind.type_token}"


def _settings() -> Iterator[str]:
    yield from settings.VARIABLES
    yield settings.LOG_VARIABLE
    yield from settings.CONFIGS


def _commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield name
                yield from (f"    {line}" for line in _commands(command))
        elif not isinstance(action, argparse._HelpAction):
            choices = f" {{{','.join(map(str, action.choices))}}}" if action.choices else ""
            yield "/".join(action.option_strings or [action.dest]) + choices


def _tests() -> Iterator[str]:
    for name, fixture in inspect.getmembers(fixtures):
        if hasattr(fixture, "_fixture_function"):
            yield f"fixture {name}"
    yield f"mark {testing.MARK.partition(':')[0]}"
    yield _signature("isolated_pulumi", testing.isolated_pulumi)
    for kind in GIVEN:
        yield from _data(kind)


def _messages() -> Iterator[str]:
    section = README.read_text().partition("## Troubleshooting")[2].partition("\n## ")[0]
    yield from (match[2] for match in QUOTED.finditer(section))
