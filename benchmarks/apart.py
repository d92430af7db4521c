"""The simulator in a process of its own, so that its time is not measured as ours."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

import attrs


@attrs.frozen
class Served:
    """A running simulator."""

    pid: int
    base_url: str
    key: str


@contextlib.contextmanager
def served(*options: str) -> Iterator[Served]:
    """Run a simulator with these options until the block ends."""
    command = [sys.executable, "-m", "pulumi_openrouter.simulator", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base_url, key = (process.stdout.readline().strip().partition("=")[2] for _ in range(2))
            yield Served(process.pid, base_url, key)
        finally:
            process.terminate()
