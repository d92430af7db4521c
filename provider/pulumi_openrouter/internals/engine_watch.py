"""A killed engine takes its provider along, as it does with Pulumi's own plugins.

kill -9 of `pulumi` does not end the host process, which would go on retrying, and write long
after. So it keeps a connection to the engine, which the engine's end closes at once.
"""

from __future__ import annotations

import functools
import os
import socket
import sys
import threading
import time

CONNECT_SECONDS = 1.0
PAUSE_SECONDS = 0.5


@functools.cache
def start() -> None:
    """Watch the engine whose address is the host's last argument; once per process."""
    host, _, port = sys.argv[-1].rpartition(":")
    if host and port.isdigit():
        watch = threading.Thread(target=_watch, args=((host, int(port)),), daemon=True)
        watch.start()


def _watch(address: tuple[str, int]) -> None:
    answered = False
    while True:
        try:
            with socket.create_connection(address, CONNECT_SECONDS) as connection:
                answered = True
                _wait_for_end(connection)
        except ConnectionRefusedError:
            if answered:
                os._exit(1)
            return
        except OSError:
            # Only a refusal proves that it is gone; too many open files, say, is our own trouble.
            if not answered:
                return
        time.sleep(PAUSE_SECONDS)


def _wait_for_end(connection: socket.socket) -> None:
    connection.settimeout(None)
    try:
        while connection.recv(4096):
            pass
    except OSError:
        return
