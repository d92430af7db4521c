"""The least of clients, so that a test shows what goes over the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from pulumi_openrouter.simulator import Simulator


class Api:
    """Calls operations of a simulator with one key, over one connection."""

    def __init__(self, simulator: Simulator, key: str | None = None) -> None:
        self._base_url = simulator.base_url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {key or simulator.key}"

    def send(
        self, method: str, path: str, body: Any = None, timeout: float = 60, **query: Any
    ) -> requests.Response:
        """The whole answer."""
        url = f"{self._base_url}{path}"
        return self._session.request(method, url, params=query, json=body, timeout=timeout)

    def raw(self, method: str, path: str, body: str) -> requests.Response:
        """The answer to a body that need not be JSON."""
        return self._session.request(method, f"{self._base_url}{path}", data=body, timeout=60)

    def ok(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The body of an answer that must be a success."""
        response = self.send(method, path, body, **query)
        assert response.ok, response.text
        return response.json()

    def error(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str]:
        """The status and message of an answer that must be an error."""
        response = self.send(method, path, body, **query)
        error = response.json()["error"]
        assert error["code"] == response.status_code
        return response.status_code, error["message"]

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


Simulate = Callable[..., tuple[Simulator, Api]]
"""Starts another simulator, with the quirks that are given, and a client of it."""
