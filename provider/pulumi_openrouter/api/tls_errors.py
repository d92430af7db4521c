"""Why a TLS connection can't be trusted, in OpenSSL's words, and what would help."""

from __future__ import annotations

import contextlib
import socket
import ssl
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pulumi_openrouter.api.route import Route

NOT_YET_VALID, EXPIRED = 9, 10
OTHER_HOST = {62, 64}
UNKNOWN_AUTHORITY = {2, 18, 19, 20, 21}
STRICT = range(80, 94)
"""What OpenSSL checks only where it is asked to be strict, as Python does from 3.13 on.

All these are OpenSSL's numbers: X509_V_ERR_... in its x509_vfy.h.
"""
PROBE_SECONDS = 5.0
MAX_NAMES = 3

STRICT_HINT = (
    "Python 3.13 and later require this of a proxy's certificate, and of its authority's: "
    "have it reissued, or use Python 3.12."
)
OTHER_HOST_HINT = "Is the base URL right, and does no proxy or sign-in page answer for the API?"
AUTHORITY_HINT = (
    "Behind a proxy with certificates of its own, set REQUESTS_CA_BUNDLE to a file of them."
)


def words(error: ssl.SSLError) -> str:
    """OpenSSL's reason, without the numbers around it."""
    # An error that Python itself raises has neither.
    if message := getattr(error, "verify_message", None):
        return str(message).rstrip(".")
    if reason := getattr(error, "reason", None):
        return str(reason).replace("_", " ").lower()
    return str(error)


def is_about_a_file(error: ssl.SSLError) -> bool:
    """Whether no certificate could be read from a file of this machine."""
    return getattr(error, "library", None) in ("X509", "PEM")


def hint(error: ssl.SSLError, route: Route) -> str:
    """What may help against it, "" if nothing that is known would."""
    code = getattr(error, "verify_code", None)
    if code == NOT_YET_VALID:
        return f"Is this machine's clock right? It says {_now()}."
    if code == EXPIRED:
        return f"Whoever runs the server must renew it. This machine's clock says {_now()}."
    if code in OTHER_HOST:
        return OTHER_HOST_HINT
    if code in UNKNOWN_AUTHORITY:
        return _authority_hint(route)
    return STRICT_HINT if code in STRICT else ""


def reason(error: ssl.SSLError, route: Route) -> str:
    """Why the server at the end of the route is not trusted, as a phrase."""
    if getattr(error, "verify_code", None) not in OTHER_HOST:
        return words(error)
    names = _certified_names(route)
    asked = urlsplit(route.base_url).hostname
    if not names:
        return f"the certificate is not for {asked}"
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return f"the certificate is for {', '.join(names[:MAX_NAMES])}{more}, not for {asked}"


def _authority_hint(route: Route) -> str:
    if route.bundle_variable is None:
        return AUTHORITY_HINT
    return (
        f"The certificates in {route.bundle_variable} don't include this authority: add the one "
        "of your proxy, if there is one."
    )


def _now() -> str:
    return f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"


def _certified_names(route: Route) -> list[str]:
    """The hosts that the server's certificate is for, none if they can't be found out.

    OpenSSL's error has no certificate, so it is fetched on a connection that carries nothing.
    """
    if route.proxy:
        return []
    with contextlib.suppress(OSError, ValueError):
        return [name for _, name in _certificate(route).get("subjectAltName", ())]
    return []


def _certificate(route: Route) -> dict[str, Any]:
    parts = urlsplit(route.base_url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # All but the name is checked as ever: a stranger's certificate is not worth reading.
    context.check_hostname = False
    is_folder = Path(route.bundle).is_dir()
    context.load_verify_locations(**{"capath" if is_folder else "cafile": route.bundle})
    address = (parts.hostname, parts.port or 443)
    with (
        socket.create_connection(address, PROBE_SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=parts.hostname) as secured,
    ):
        return secured.getpeercert() or {}
