"""Errors of these providers in words, those of others as they were."""

from __future__ import annotations

import sys
import traceback
from types import ModuleType
from typing import Any
from unittest import mock

import grpc
import pytest

from pulumi_openrouter.internals import plain_errors


class RefusedError(Exception):
    """An error whose words say it all."""


class MoreRefusedError(RefusedError):
    """A kind of it."""


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The host's main module."""
    module: Any = ModuleType("__main__")
    module.traceback = traceback
    monkeypatch.setitem(sys.modules, "__main__", module)
    return module


def printed(main: Any, error: Exception) -> str:
    """What the host prints for an error."""
    try:
        raise error
    except Exception:  # noqa: BLE001  # as the host does
        return str(main.traceback.format_exc())


@pytest.mark.parametrize("kind", [RefusedError, MoreRefusedError])
def test_an_error_of_ours_is_its_words(main: Any, kind: type[Exception]) -> None:
    """No frame and no heading, but all the lines of the message."""
    plain_errors.print_without_traceback(RefusedError)
    assert printed(main, kind("one\ntwo")).endswith(f".{kind.__name__}: one\ntwo\n")
    assert "Traceback" not in printed(main, kind("one\ntwo"))


def test_another_error_keeps_its_traceback(main: Any) -> None:
    """What another provider raises is printed as Python prints it."""
    plain_errors.print_without_traceback(RefusedError)
    text = printed(main, KeyError("x"))
    assert text.startswith("Traceback (most recent call last):\n")
    assert text.endswith("KeyError: 'x'\n")


def test_python_itself_is_not_changed(main: Any) -> None:
    """Only the host's own view of `traceback` differs; the limit of the process stays unset."""
    format_exc = traceback.format_exc
    plain_errors.print_without_traceback(RefusedError)
    assert traceback.format_exc is format_exc
    assert main.traceback is not traceback
    assert main.traceback.format_tb is traceback.format_tb
    assert not hasattr(sys, "tracebacklimit")


def test_a_second_provider_changes_nothing(main: Any) -> None:
    """Each provider of a process asks for it; once is enough."""
    plain_errors.print_without_traceback(RefusedError)
    before = main.traceback
    plain_errors.print_without_traceback(RefusedError)
    assert main.traceback is before


def test_a_host_without_tracebacks_stays_as_it_is(main: Any) -> None:
    """Where a later host prints errors in another way, nothing is added."""
    del main.traceback
    plain_errors.print_without_traceback(RefusedError)
    assert not hasattr(main, "traceback")


# A host that leaves errors to gRPC


METHOD = "def create(context):\n    fail()"


def answered(error: Exception, **host: Any) -> mock.Mock:
    """The call that a host's method was answering when our provider failed."""
    call: mock.Mock = mock.create_autospec(grpc.ServicerContext, instance=True)
    names = {"__name__": "__main__", "fail": lambda: plain_errors.abort_call(error), **host}
    exec(METHOD, names)
    names["create"](call)
    return call


def test_grpc_gets_the_words_of_an_error(main: Any) -> None:
    """It would put words of its own before those of an error that is raised."""
    del main.traceback
    call = answered(RefusedError("one\ntwo"))
    call.abort.assert_called_once_with(
        grpc.StatusCode.UNKNOWN, f"{__name__}.RefusedError: one\ntwo\n"
    )


def test_a_host_with_tracebacks_answers_itself(main: Any) -> None:
    """It calls `abort` with the error that it catches."""
    assert not answered(RefusedError("one")).abort.called


def test_what_is_no_host_gets_the_error_raised(main: Any) -> None:
    """A method of something else may have a variable of that name, or none."""
    del main.traceback
    assert not answered(RefusedError("one"), __name__="elsewhere").abort.called
    plain_errors.abort_call(RefusedError("one"))
