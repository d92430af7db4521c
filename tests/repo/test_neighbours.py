"""What else runs in a process is none of this package's business."""

from __future__ import annotations

import json
import subprocess
import sys

from tools.paths import ROOT

LOOK = """
import gc, json, logging, sys, threading, traceback, warnings
import pulumi, pulumi.dynamic, pulumi.runtime.resource

def look():
    return {
        "traceback limit": getattr(sys, "tracebacklimit", None),
        "gc": [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), len(gc.callbacks)],
        "warnings": [str(entry) for entry in warnings.filters],
        "logging": [
            logging.root.level, logging.root.manager.disable, str(logging.root.handlers),
            logging.getLogger("pulumi_openrouter").level,
            str(logging.getLogger("pulumi_openrouter").handlers),
        ],
        "hooks": [str(sys.excepthook), str(threading.excepthook), str(sys.gettrace())],
        "threads": threading.active_count(),
        "tracebacks": [
            pulumi.runtime.resource.traceback is traceback, traceback.format_exc.__module__,
        ],
    }

before = look()
"""
EVERYTHING = """
import pulumi_openrouter, pulumi_openrouter.host
for name in pulumi_openrouter.__all__:
    getattr(pulumi_openrouter, name)
"""
DECLARE = """
from pulumi_openrouter import TeamWorkspace
from tests.support.mock_engine import run_program
before = look()
run_program(lambda: TeamWorkspace("team", monthly_limit_usd=5, emails=["ada@example.com"]))
"""
TELL = "print(json.dumps([before, look()]))"


def test_importing_the_package_changes_nothing_in_the_process() -> None:
    """All that a program or the host imports: limits, collections, warnings and logging stay."""
    before, after = _said(LOOK + EVERYTHING + TELL)
    assert before == after
    assert before["traceback limit"] is None


def test_declaring_resources_changes_only_what_pulumi_sees() -> None:
    """Outside a language host, a program's limits and collections stay as they were."""
    before, after = _said(LOOK + DECLARE + TELL)
    assert before.pop("tracebacks") == [True, "traceback"]
    assert after.pop("tracebacks") == [False, "traceback"]
    del before["threads"], after["threads"]
    assert before == after


def _said(script: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return found
