"""The command line on a terminal of a certain width."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from pulumi_openrouter.simulator import Simulator
from tests.unit.cli.command import MODULE, environment


def on_terminal(
    simulator: Simulator, width: int, *arguments: str, **variables: str
) -> tuple[str, str]:
    """What a command prints on a terminal of this width, without colours, and what beside it."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    with subprocess.Popen(
        [*MODULE, *arguments],
        env=environment(simulator, PYTHONIOENCODING="utf-8", **variables),
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(its)
        out = b"".join(iter(lambda: _read(ours), b""))
        _, err = process.communicate()
    os.close(ours)
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", out.decode()), err.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:
        # Linux's way to say that nobody writes any more.
        return b""
