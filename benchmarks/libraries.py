"""What the libraries of a client take by themselves, whoever uses them."""

from __future__ import annotations

import statistics
import time

import attrs
import requests

from benchmarks import start
from benchmarks.apart import served

RUNS = 9
REQUESTS = 200


@attrs.frozen
class Libraries:
    """The seconds of a processor that requests, cattrs and attrs take."""

    importing: float
    sending: float
    """What requests takes for one GET."""

    def seconds(self, sent: int) -> float:
        """For so many requests of a process; without any they are not loaded."""
        return self.importing + sent * self.sending if sent else 0

    def __str__(self) -> str:
        importing, sending = 1000 * self.importing, 1000 * self.sending
        return f"{importing:.0f} ms to import them, {sending:.2f} ms for each request"


def measure() -> Libraries:
    """Medians, with the simulator as a process of its own."""
    with served() as simulator, requests.Session() as session:
        # The least: with the environment it looks for proxies and a .netrc at each request.
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {simulator.key}"
        url = f"{simulator.base_url}/workspaces/default"
        sending = statistics.median(_sending(session, url) for _ in range(RUNS))
    return Libraries(start.milliseconds(start.LIBRARIES) / 1000, sending)


def _sending(session: requests.Session, url: str) -> float:
    began = time.process_time()
    for _ in range(REQUESTS):
        session.get(url).raise_for_status()
    return (time.process_time() - began) / REQUESTS
