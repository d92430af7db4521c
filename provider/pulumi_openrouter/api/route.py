"""How requests reach the API, as far as errors need to know."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import attrs
import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from pulumi_openrouter.api.proxy import Proxy

BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""What may name a file of certificates; the first that is set wins."""


@attrs.frozen
class Route:
    """The way from this machine to the API.

    Attributes:
        base_url: the API's address.
        proxy: the proxy that everything goes through, None if there is none.
        bundle: the file or folder of the certificates that are trusted.
        bundle_variable: the environment variable that names the bundle, None if none does.
    """

    base_url: str
    proxy: Proxy | None
    bundle: str
    bundle_variable: str | None

    @classmethod
    def of(cls, session: requests.Session, base_url: str) -> Route:
        """The way that the requests of a session take, which was just made."""
        named = session.verify if isinstance(session.verify, str) else None
        return cls(
            base_url=base_url,
            proxy=Proxy.on_the_way_to(base_url, session.proxies),
            bundle=named or DEFAULT_CA_BUNDLE_PATH,
            bundle_variable=_first_set(BUNDLE_VARIABLES) if named else None,
        )

    @property
    def host(self) -> str:
        """The API's host, with its port if one is given."""
        return urlsplit(self.base_url).netloc


def _first_set(names: tuple[str, ...]) -> str | None:
    return next((name for name in names if os.environ.get(name)), None)
