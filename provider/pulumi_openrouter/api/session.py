"""The session that carries requests, and the key that authenticates them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

USER_AGENT = "pulumi-openrouter"
INFERENCE_KEY_PREFIX = "sk-or-v1-"


class Bearer(requests.auth.AuthBase):
    """Sends the key as a bearer token, and keeps it out of everything that is shown.

    Passed to requests as `auth`, because an entry in .netrc would override a plain header.

    Args:
        key: the key.
        origin: where it comes from, in words for people.

    Attributes:
        origin: as given.
    """

    def __init__(self, key: str, origin: str | None = None) -> None:
        self._key = key
        self.origin = origin

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the Authorization header."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def __repr__(self) -> str:
        return "Bearer(...)"

    @property
    def looks_like_inference_key(self) -> bool:
        """Whether the key has the prefix of inference keys, which can't manage workspaces."""
        return self._key.startswith(INFERENCE_KEY_PREFIX)

    def hidden_in(self, text: str) -> str:
        """The text with `[key]` in place of the key."""
        return text.replace(self._key, "[key]")


def new_session(base_url: str, auth: Bearer, connections: int) -> requests.Session:
    """A session for one API, safe to share between threads.

    Args:
        base_url: the API's address; decides which proxy and certificates apply.
        auth: authenticates every request.
        connections: how many connections stay open for reuse.
    """
    session = requests.Session()
    # Look up proxies and certificates once, because requests would do so for every request.
    # Plain http only reaches this machine, and a proxy would receive the key unencrypted.
    found: Mapping[str, Any] = session.merge_environment_settings(
        base_url, {"http": ""}, stream=True, verify=None, cert=None
    )
    session.proxies, session.verify = found["proxies"], found["verify"]
    session.stream = True
    session.trust_env = False
    session.auth = auth
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = USER_AGENT
    return session
