"""The addresses that a key may be sent to."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

PUBLIC_BASE_URL = "https://openrouter.ai/api/v1"


def checked_base_url(url: str) -> str:
    """The URL without a trailing slash.

    Raises:
        ValueError: the URL is neither https nor http to a loopback address, or contains a user
            name, a password, a query or a fragment. The message does not repeat the URL.
    """
    url = url.strip()
    parts = _parts(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"must be a URL such as {PUBLIC_BASE_URL}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not contain a user name or password")
    if "?" in url or "#" in url:
        raise ValueError("must not contain a query or a fragment")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("must be https: http would send the key in clear text (loopback excepted)")
    return url.rstrip("/")


def _parts(url: str) -> SplitResult:
    """The parts of the URL, empty if it is malformed: the errors of urlsplit would repeat it."""
    try:
        parts = urlsplit(url)
        is_sound = url.isprintable() and " " not in url and parts.port != 0
        if "[" in parts.netloc:
            ipaddress.IPv6Address(parts.hostname or "")
    except ValueError:
        is_sound = False
    return parts if is_sound else SplitResult("", "", "", "", "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
