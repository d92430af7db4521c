from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import pulumi_openrouter
from tests.support.waiting import PATIENCE

SOURCES = Path(pulumi_openrouter.__file__).parents[1]

SCRIPT = """
import sys, threading
sys.path.insert(0, sys.argv[1])
from pulumi_openrouter.internals import engine_watch
engine_watch.start()
engine_watch.start()
watches = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
print(len(watches), flush=True)
for watch in watches:
    watch.join()
print("not watched", flush=True)
"""


@pytest.fixture
def engine() -> Iterator[socket.socket]:
    """A listener that stands for the engine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        yield listener


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"{host}:{port}"


@contextmanager
def watching(argument: str) -> Iterator[subprocess.Popen[str]]:
    """A process that watches the engine at an address, and does nothing else."""
    command = [sys.executable, "-c", SCRIPT, str(SOURCES), argument]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.read().splitlines()


def test_ends_with_the_engine(engine: socket.socket) -> None:
    """Once the engine hangs up and listens no more, the process ends."""
    with watching(address(engine)) as process:
        connection, _ = engine.accept()
        engine.close()
        connection.close()
        assert process.wait(PATIENCE) == 1


def test_watches_once(engine: socket.socket) -> None:
    """However many providers start it, a process has one watch."""
    with watching(address(engine)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"


def test_stays_while_the_engine_listens(engine: socket.socket) -> None:
    """A connection that the engine closes proves nothing: the watch calls again."""
    with watching(address(engine)) as process:
        for _ in range(3):
            connection, _address = engine.accept()
            connection.close()
        assert process.poll() is None


def test_what_the_engine_says_means_nothing(engine: socket.socket) -> None:
    """Whatever comes over the connection is read and ignored until it ends."""
    with watching(address(engine)) as process:
        connection, _ = engine.accept()
        connection.sendall(b"x" * 100_000)
        connection.close()
        connection, _ = engine.accept()
        assert process.poll() is None
        connection.close()


def test_does_not_watch_where_nobody_ever_answered() -> None:
    """An address that never answered, such as that of a test, ends nothing."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        with watching(address(silent)) as process:
            assert said(process)[-1] == "not watched"
            assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("argument", ["", "-u", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", ":80"])
def test_does_not_watch_what_is_no_address(argument: str) -> None:
    """Started by hand, without the address of an engine, it watches nothing."""
    with watching(argument) as process:
        assert said(process) == ["0", "not watched"]
        assert process.wait(PATIENCE) == 0
