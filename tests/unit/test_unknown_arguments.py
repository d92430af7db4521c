"""Arguments whose values are unknown at preview, or secret, in a program."""

from __future__ import annotations

import asyncio
from importlib import metadata
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from pulumi import Output
from pulumi.runtime import rpc

from pulumi_openrouter.core.fields import fields_of
from pulumi_openrouter.internals import sdk_floor
from tests.support.arguments import ARGUMENTS
from tests.support.mock_engine import run_program

MARKS_UNKNOWN_SECRETS = metadata.version("pulumi") != f"{sdk_floor.FLOOR}.0"
"""The oldest SDK sends what is unknown without the mark of secrets."""
EVERY_ARGUMENT = [(kind, name) for kind, given in ARGUMENTS.items() for name in given]
EACH_ARGUMENT = pytest.mark.parametrize(
    ("kind", "name"),
    EVERY_ARGUMENT,
    ids=[f"{kind.__name__}.{name}" for kind, name in EVERY_ARGUMENT],
)
EACH_LIST = pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind, name in EVERY_ARGUMENT if isinstance(ARGUMENTS[kind][name], list)],
    ids=lambda found: found if isinstance(found, str) else found.__name__,
)


def test_the_arguments_here_are_all_there_are() -> None:
    """A field that is added must be tried here, too."""
    for kind, arguments in ARGUMENTS.items():
        fields = {name for name, field in fields_of(kind).items() if field.is_argument}
        assert set(arguments) == fields


def unknown(*, secret: bool = False) -> Output[Any]:
    """An Output of which only the update itself will know the value."""
    return Output(set(), done(None), done(False), done(secret))


def done(value: Any) -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
    future.set_result(value)
    return future


@EACH_ARGUMENT
@pytest.mark.parametrize("secret", [False, True], ids=["plain", "secret"])
def test_any_argument_may_be_unknown_at_preview(kind: type[Any], name: str, secret: bool) -> None:
    """An argument that only the update will know is previewed as unknown, and nothing is raised."""
    engine = run_program(
        lambda: kind("it", **{**ARGUMENTS[kind], name: unknown(secret=secret)}), preview=True
    )
    is_secret = MARKS_UNKNOWN_SECRETS and (secret or fields_of(kind)[name].secret)
    expected = rpc.wrap_rpc_secret(rpc.UNKNOWN) if is_secret else rpc.UNKNOWN
    assert MessageToDict(engine.requests["it"].object)[name] == expected


@EACH_LIST
def test_any_element_may_be_unknown_at_preview(kind: type[Any], name: str) -> None:
    """An element that only the update will know leaves the elements beside it known."""
    first, _ = ARGUMENTS[kind][name]
    engine = run_program(
        lambda: kind("it", **{**ARGUMENTS[kind], name: [first, unknown()]}), preview=True
    )
    assert MessageToDict(engine.requests["it"].object)[name] == [first, rpc.UNKNOWN]


@EACH_LIST
def test_a_secret_element_makes_the_list_secret(kind: type[Any], name: str) -> None:
    """A secret in a list is not in the state in clear, whatever its neighbours are."""
    first, second = ARGUMENTS[kind][name]
    engine = run_program(
        lambda: kind("it", **{**ARGUMENTS[kind], name: [first, Output.secret(second)]})
    )
    always = {each for each in ARGUMENTS[kind] if fields_of(kind)[each].secret}
    assert engine.secrets("it") == {name, *always}
    assert engine.inputs("it")[name] == [first, second]
