"""How long the libraries of a client take by themselves, whoever uses them."""

from __future__ import annotations

import functools
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import attrs
import requests
from requests.adapters import HTTPAdapter

from benchmarks import start
from benchmarks.apart import served

RUNS = 9
REQUESTS = 400
AT_ONCE = 4 * (os.cpu_count() or 1)
"""As many calls at once as the engine makes by default."""


@attrs.frozen
class Libraries:
    """The seconds that requests, cattrs and attrs take."""

    importing: float
    sending: float
    """One GET over requests, while many are under way."""

    def seconds(self, sent: int) -> float:
        """For so many requests of a process, which loads no library if it sends none."""
        return self.importing + sent * self.sending if sent else 0

    def __str__(self) -> str:
        importing, sending = 1000 * self.importing, 1000 * self.sending
        return f"{importing:.0f} ms to import them, {sending:.2f} ms for each request"


def measure() -> Libraries:
    """Medians, with the simulator in a process of its own."""
    with (
        served() as simulator,
        requests.Session() as session,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):
        # The minimum: trusting the environment looks for proxies and a .netrc at each request.
        session.trust_env = False
        session.mount("http://", HTTPAdapter(pool_maxsize=AT_ONCE))
        session.headers["Authorization"] = f"Bearer {simulator.key}"
        get = functools.partial(session.get, f"{simulator.base_url}/workspaces/default")
        sending = statistics.median(_sending(threads, get) for _ in range(RUNS))
    return Libraries(start.milliseconds(start.LIBRARIES) / 1000, sending)


def _sending(threads: ThreadPoolExecutor, get: Callable[[], requests.Response]) -> float:
    began = time.perf_counter()
    for answer in [threads.submit(get) for _ in range(REQUESTS)]:
        answer.result().raise_for_status()
    return (time.perf_counter() - began) / REQUESTS
