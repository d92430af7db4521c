"""How much of its stack a program gives away while it declares a resource."""

from __future__ import annotations

import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from pulumi_openrouter import stack_trace
from tests.waiting import PATIENCE

PROGRAM = """
import sdk
from pulumi_openrouter import stack_trace
def team():
    with stack_trace.of_the_program():
        sdk.register()
team()
"""


class SDK:
    """As deep as Pulumi's, it looks at the stack."""

    frames: list[str]

    def register(self, depth: int = stack_trace.OF_PULUMI) -> None:
        """Look from so many frames within."""
        if depth > 1:
            self.register(depth - 1)
        else:
            self.frames = [frame.name for frame in traceback.extract_stack()]


IN_SDK = ["register"] * stack_trace.OF_PULUMI


def test_the_frames_of_the_program_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the program's outermost to the innermost, whoever runs it."""
    sdk, module = SDK(), ModuleType("sdk")
    monkeypatch.setattr(module, "register", sdk.register, raising=False)
    monkeypatch.setitem(sys.modules, "sdk", module)
    (tmp_path / "__main__.py").write_text(PROGRAM)
    runpy.run_path(str(tmp_path), run_name="__main__")
    assert sdk.frames == ["<module>", "team", *IN_SDK]


def test_a_program_that_pulumi_does_not_run_keeps_all() -> None:
    """Without a language host nothing says where the program begins."""
    sdk = SDK()

    def team() -> list[str]:
        with stack_trace.of_the_program():
            sdk.register()
        return [frame.name for frame in traceback.extract_stack()]

    # Tests may be run by runpy, too: a thread has a stack of its own.
    with ThreadPoolExecutor(1) as pool:
        assert [*pool.submit(team).result(PATIENCE), *IN_SDK] == sdk.frames


@pytest.mark.parametrize("before", [None, 0, 7])
def test_the_limit_of_the_program_is_put_back(
    monkeypatch: pytest.MonkeyPatch, before: int | None
) -> None:
    """Whatever the program wants of tracebacks holds again, after an error too."""
    monkeypatch.delattr(sys, "tracebacklimit", raising=False)
    if before is not None:
        monkeypatch.setattr(sys, "tracebacklimit", before, raising=False)
    with pytest.raises(KeyError), stack_trace.of_the_program():
        raise KeyError
    assert getattr(sys, "tracebacklimit", None) == before
