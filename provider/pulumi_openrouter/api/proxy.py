"""The proxy between this machine and the API, told without its user name and password."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import attrs
from requests.utils import select_proxy

SYSTEM_SETTINGS = "this machine's network settings"
"""Where Python finds a proxy on macOS and Windows if no variable names one."""


@attrs.frozen
class Proxy:
    """A proxy that requests are sent through.

    Attributes:
        source: the environment variable that names it, or `SYSTEM_SETTINGS`.
        address: its host and port, "" where they can't be told from a password.
        has_login: whether a user name or password is given.
    """

    source: str
    address: str
    has_login: bool

    @classmethod
    def on_the_way_to(cls, url: str, proxies: Mapping[str, str]) -> Proxy | None:
        """The proxy that requests chooses for this URL, None if it chooses none."""
        chosen = select_proxy(url, dict(proxies))
        if not chosen:
            return None
        return cls(
            source=_source(url, proxies),
            address=_address(chosen),
            has_login="@" in chosen,
        )

    def __str__(self) -> str:
        return f"the proxy in {self.source}"

    @property
    def in_full(self) -> str:
        """With its address, where that is known."""
        return f"{self} ({self.address})" if self.address else str(self)


def _source(url: str, proxies: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    schemes = (parts.scheme, "all")
    # The order in which requests looks.
    keys = [key for scheme in schemes for key in (f"{scheme}://{parts.hostname}", scheme)]
    chosen = next(key for key in keys if key in proxies)
    names = [
        name
        for name, value in os.environ.items()
        if name.lower() == f"{chosen}_proxy" and value == proxies[chosen]
    ]
    # Of two spellings, Python takes the one in lower case.
    return min(names, key=lambda name: name != name.lower(), default=SYSTEM_SETTINGS)


def _address(proxy: str) -> str:
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    # A password with a slash or a hash in it ends the host too early.
    is_whole = "@" not in parts.path + parts.query + parts.fragment
    return f"{parts.hostname}{port}" if parts.hostname and is_whole else ""
