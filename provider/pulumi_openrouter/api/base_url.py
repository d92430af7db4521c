"""Which addresses a key may be sent to."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

PUBLIC_BASE_URL = "https://openrouter.ai/api/v1"


def checked_base_url(url: str) -> str:
    """The URL without a trailing slash.

    Raises:
        ValueError: it is neither https nor http to a loopback address, or carries user
            info, a query or a fragment. The message does not repeat the URL.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"must be a URL such as {PUBLIC_BASE_URL}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a user name or password")
    if parts.query or parts.fragment:
        raise ValueError("must not contain a query or a fragment")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must be https: http would send the key in clear (loopback excepted)")
    return url.strip().rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
