"""How fast the simulator is: it must not be what is measured."""

from __future__ import annotations

import os
import socket
import time

from benchmarks.apart import Served, served
from benchmarks.report import Goal, Row, Section

SECONDS = 3.0
LEAST = 1000


def measure(most_rounds: int | None) -> Section:
    """Requests a second over one connection, the simulator on one core and the client on another.

    The client is a bare socket, so that it is not what is measured either.
    """
    cores = sorted(os.sched_getaffinity(0))
    with served("--workspaces=100") as simulator:
        try:
            os.sched_setaffinity(simulator.pid, cores[:1])
            os.sched_setaffinity(0, cores[-1:])
            rates = {what: _rate(simulator, path) for what, path in PATHS.items()}
        finally:
            os.sched_setaffinity(0, cores)
    goal = Goal(f"{ONE}: ms", 1000 / rates[ONE], 1000 / LEAST)
    rows: list[Row] = [[what, rate] for what, rate in rates.items()]
    return Section("The simulator, on one core", ["request", "a second"], rows, [goal])


ONE = "GET of a workspace"
PATHS = {
    ONE: "/workspaces/default",
    "GET of a page of 100": "/workspaces?limit=100",
}


def _rate(simulator: Served, path: str) -> float:
    address, _, base = simulator.base_url.removeprefix("http://").partition("/")
    host, port = address.split(":")
    head = f"GET /{base}{path} HTTP/1.1\r\nHost: {address}\r\n"
    request = f"{head}Authorization: Bearer {simulator.key}\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        count, began = 0, time.perf_counter()
        while time.perf_counter() < began + SECONDS:
            connection.sendall(request.encode())
            _read_answer(connection)
            count += 1
        return count / (time.perf_counter() - began)


def _read_answer(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    (length,) = (
        int(line.split(b":")[1])
        for line in head.splitlines()
        if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
