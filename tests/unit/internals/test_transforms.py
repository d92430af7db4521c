"""Whether a transformation may have a say in the options of a resource."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pulumi
import pytest
from pulumi import ResourceOptions

from pulumi_openrouter.internals import transforms
from tests.support.mock_engine import run_program


def nothing(args: Any) -> None:
    """A transformation that changes nothing."""


def in_a_program(stack: bool = False, **options: Any) -> bool:
    """What is said of these options, in a program with or without one of the whole stack."""

    def program() -> bool:
        if stack:
            pulumi.runtime.register_stack_transformation(nothing)
        return transforms.may_change(ResourceOptions(**options))

    return bool(run_program(program).result)


def test_without_any_the_options_are_final() -> None:
    """A plain program has nothing that could add to them."""
    assert not in_a_program()


@pytest.mark.parametrize("option", ["transformations", "transforms"])
def test_those_of_the_resource_itself_count(option: str) -> None:
    """Both kinds can be given as options."""
    assert in_a_program(False, **{option: [nothing]})


def test_those_of_the_stack_count() -> None:
    """They hold for every resource, with or without a parent."""
    assert in_a_program(stack=True)


def test_those_of_a_parent_count() -> None:
    """A parent hands its own on to its children."""

    def program() -> bool:
        opts = ResourceOptions(transformations=[nothing])
        parent = pulumi.ComponentResource("test:index:Team", "team", None, opts)
        return transforms.may_change(ResourceOptions(parent=parent))

    assert run_program(program).result


@pytest.mark.parametrize(("registered", "counts"), [({}, False), ({nothing: "token"}, True)])
def test_those_that_the_engine_runs_count(
    monkeypatch: pytest.MonkeyPatch, registered: dict[Any, str], counts: bool
) -> None:
    """The SDK keeps what it registered with the engine."""
    module: Any = ModuleType(transforms.CALLBACKS)
    running = SimpleNamespace(_transforms=registered)
    module._CallbackServicer = SimpleNamespace(_servicers=[running])
    monkeypatch.setitem(sys.modules, transforms.CALLBACKS, module)
    assert transforms.may_change(ResourceOptions()) is counts


def test_an_unknown_sdk_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a later SDK keeps them elsewhere, the options count as final."""
    for name in (transforms.CALLBACKS, transforms.STACK):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    assert not transforms.may_change(ResourceOptions())
