"""How much of its stack a program gives away while it declares a resource."""

from __future__ import annotations

import runpy
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest

from pulumi_openrouter.internals import call_stack
from tests.support.waiting import PATIENCE

PROGRAM = """
import sdk
from pulumi_openrouter.internals import call_stack
def team():
    with call_stack.of_the_program():
        sdk.register()
    sdk.register()
team()
"""


class SDK(ModuleType):
    """As Pulumi's, it looks at the stack with what it knows as `traceback`."""

    def __init__(self) -> None:
        super().__init__("sdk")
        self.traceback: Any = traceback
        self.seen: list[list[str]] = []

    def register(self) -> None:
        """Look at the stack."""
        self.seen.append([frame.name for frame in self.traceback.extract_stack()])


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> SDK:
    """In place of Pulumi's SDK."""
    module = SDK()
    monkeypatch.setitem(sys.modules, call_stack.SDK, module)
    monkeypatch.setitem(sys.modules, "sdk", module)
    call_stack._prepare.cache_clear()
    return module


def test_the_frames_of_the_program_are_kept(sdk: SDK, tmp_path: Path) -> None:
    """From the program's outermost to the innermost; other resources keep all of theirs."""
    (tmp_path / "__main__.py").write_text(PROGRAM)
    runpy.run_path(str(tmp_path), run_name="__main__")
    ours, anothers = sdk.seen
    assert ours == ["<module>", "team", "register"]
    assert anothers[-3:] == ours
    assert "run_path" in anothers


def test_a_program_that_pulumi_does_not_run_keeps_all(sdk: SDK) -> None:
    """Without a language host nothing says where the program begins."""

    def team() -> list[str]:
        with call_stack.of_the_program():
            sdk.register()
        return [frame.name for frame in traceback.extract_stack()]

    # Tests may be run by runpy, too: a thread has a stack of its own.
    with ThreadPoolExecutor(1) as pool:
        assert [[*pool.submit(team).result(PATIENCE), "register"]] == sdk.seen


def test_a_limit_that_is_asked_for_holds(sdk: SDK) -> None:
    """Whoever asks for so many frames gets them."""
    with call_stack.of_the_program():
        assert len(sdk.traceback.extract_stack(limit=2)) == 2


def test_threads_do_not_disturb_each_other(sdk: SDK, tmp_path: Path) -> None:
    """While one declares a resource, another that declares none sees its whole stack.

    The limit that tracebacks have in the whole process is never touched.
    """
    together = Barrier(2)
    register = sdk.register

    def wait_and_register() -> None:
        together.wait(PATIENCE)
        register()
        together.wait(PATIENCE)

    def other() -> None:
        together.wait(PATIENCE)
        assert not hasattr(sys, "tracebacklimit")
        register()
        together.wait(PATIENCE)

    sdk.__dict__["register"] = wait_and_register
    (tmp_path / "__main__.py").write_text(PROGRAM.replace("    sdk.register()\nteam()", "team()"))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(other)
        runpy.run_path(str(tmp_path), run_name="__main__")
        running.result(PATIENCE)
    kept = {tuple(names) for names in sdk.seen if "team" in names}
    assert kept == {("<module>", "team", "wait_and_register", "register")}
    assert [names for names in sdk.seen if names[-2:] == ["other", "register"]]


def test_an_unknown_sdk_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, sdk: SDK) -> None:
    """Where a later SDK looks at the stack in another way, nothing is changed."""
    monkeypatch.setattr(sdk, "traceback", None)
    with call_stack.of_the_program():
        assert sdk.traceback is None
    call_stack._prepare.cache_clear()
    monkeypatch.delitem(sys.modules, call_stack.SDK)
    with call_stack.of_the_program():
        pass


FREEZES = (
    "import gc\n{import_}\nwith call_stack.of_the_program(): pass\nprint(gc.get_freeze_count())"
)
IMPORT = "from pulumi_openrouter.internals import call_stack"


@pytest.mark.parametrize(
    ("name", "freezes"), [(call_stack.LANGUAGE_HOST, True), ("automation.py", False)]
)
def test_garbage_is_frozen_under_a_language_host_alone(
    tmp_path: Path, name: str, freezes: bool
) -> None:
    """What Pulumi loaded is left out of collections where a process runs nothing but a program."""
    script = tmp_path / name
    script.write_text(FREEZES.format(import_=IMPORT))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert (int(done.stdout) > 0) is freezes
