"""The tests' own PostgreSQL, for state that several people share."""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import attrs

OWNER = "pulumi"
ATTEMPTS = 3
COMMAND_SECONDS = 60
WITHOUT_SYNC = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
NO_POSTGRES = (
    "There is no PostgreSQL server on this machine (initdb and pg_ctl): install it, on Debian\n"
    "and Ubuntu with `apt install postgresql`. It need not run: the tests start one of their own."
)
NO_USER = (
    "PostgreSQL refuses to run as root, and there is no user `postgres` to run it as: make one,\n"
    "or run the tests as somebody else."
)


class NoPostgresError(RuntimeError):
    """PostgreSQL can't be started here."""


@attrs.frozen
class Postgres:
    """A running server on a loopback port."""

    folder: Path
    port: int

    def backend(self, database: str) -> str:
        """Create a database, and return it as a state backend."""
        where = ("--host=127.0.0.1", f"--port={self.port}", f"--username={OWNER}")
        _run(self.folder, "createdb", *where, database)
        return f"postgres://{OWNER}@127.0.0.1:{self.port}/{database}?sslmode=disable"


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server in its own folder while the block runs."""
    # Only its owner may enter pytest's folder, and the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user := _other_user():
            os.chown(folder, user.pw_uid, user.pw_gid)
        login = ("--auth=trust", f"--username={OWNER}")
        _run(folder, "initdb", *login, "--no-sync", "--locale=C", "--encoding=UTF8", "data")
        port = _start(folder)
        try:
            yield Postgres(folder, port)
        finally:
            _run(folder, "pg_ctl", "stop", "--pgdata=data", "--mode=fast", "--wait")


def found(program: str) -> str:
    """The path of a program; Debian keeps those of the server off PATH."""
    debian = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))
    path = shutil.which(program, path=os.pathsep.join([os.environ["PATH"], *debian[::-1]]))
    if path is None:
        raise NoPostgresError(NO_POSTGRES)
    return path


def _start(folder: Path) -> int:
    """Start it, and return its port; try another one if somebody took it."""
    for attempt in range(1, ATTEMPTS + 1):
        port = _free_port()
        listens = f"-p {port} -c listen_addresses=127.0.0.1 -k {shlex.quote(str(folder))}"
        options = ("--pgdata=data", "--log=log", "--wait", f"--options={listens} {WITHOUT_SYNC}")
        try:
            _run(folder, "pg_ctl", "start", *options)
            return port
        except AssertionError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _run(folder: Path, program: str, *arguments: str) -> None:
    user = _other_user()
    finished = subprocess.run(
        [found(program), *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )
    log = folder / "log"
    said = finished.stdout + finished.stderr + (log.read_text() if log.exists() else "")
    assert finished.returncode == 0, f"{program} {arguments} failed\n{said}"


def _other_user() -> pwd.struct_passwd | None:
    """The user to run it as; None for the one who runs the tests."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgresError(NO_USER) from None


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
