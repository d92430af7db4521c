"""What is said of a broken connection, from the exceptions that requests really raises."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Any

import attrs
import pytest
import requests
import urllib3
from requests import exceptions

from pulumi_openrouter.api import connection_errors

POOL: Any = urllib3.HTTPSConnectionPool("api.example.com")
REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")


def given_up(reason: Exception) -> urllib3.exceptions.MaxRetryError:
    """urllib3's error once it tries no more."""
    return urllib3.exceptions.MaxRetryError(POOL, "/", reason)


def new_connection(cause: Exception) -> Exception:
    """urllib3's error for a connection that could not be opened."""
    error = urllib3.exceptions.NewConnectionError(POOL, "Failed to establish a new connection")
    error.__cause__ = cause
    return error


def tunnel(status: str) -> exceptions.ProxyError:
    """A proxy's refusal to connect."""
    refusal = OSError(f"Tunnel connection failed: {status}")
    return exceptions.ProxyError(
        given_up(urllib3.exceptions.ProxyError("Unable to connect to proxy", refusal))
    )


def tls(error: ssl.SSLError) -> exceptions.SSLError:
    """A failure of TLS."""
    return exceptions.SSLError(given_up(urllib3.exceptions.SSLError(error)))


@attrs.frozen
class Told:
    """What is told of an error."""

    reason: str
    may_have_arrived: bool
    may_pass: bool


UNUSABLE = Told("the proxy in HTTPS_PROXY can't be used", False, False)
BROKEN = Told("the connection broke before the answer was complete", True, True)
SILENT = Told("no answer in time", True, True)

ERRORS: dict[str, tuple[Exception, Told]] = {
    "refused": (
        requests.ConnectionError(given_up(new_connection(REFUSED))),
        Told("no connection: connection refused", False, True),
    ),
    "no such host": (
        requests.ConnectionError(
            given_up(
                urllib3.exceptions.NameResolutionError(
                    "api.example.com",
                    POOL,
                    socket.gaierror(-2, "Name or service not known"),
                )
            )
        ),
        Told("no connection", False, True),
    ),
    "connect time-out": (
        requests.ConnectTimeout(given_up(urllib3.exceptions.ConnectTimeoutError(POOL, "slow"))),
        Told("no answer in time", False, True),
    ),
    "read time-out": (
        requests.ReadTimeout(urllib3.exceptions.ReadTimeoutError(POOL, "/", "slow")),
        SILENT,
    ),
    "read time-out in the body": (
        urllib3.exceptions.ReadTimeoutError(POOL, "/", "slow"),
        SILENT,
    ),
    "cut": (
        requests.ConnectionError(urllib3.exceptions.ProtocolError("aborted", ConnectionError())),
        BROKEN,
    ),
    "cut in the body": (urllib3.exceptions.IncompleteRead(3, 7), BROKEN),
    "tls cut": (tls(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")), BROKEN),
    "unusable proxy": (exceptions.InvalidProxyURL("check it"), UNUSABLE),
    "no SOCKS": (exceptions.InvalidSchema("Missing dependencies for SOCKS support."), UNUSABLE),
    "strange proxy": (
        exceptions.InvalidURL(urllib3.exceptions.ProxySchemeUnknown("gopher")),
        UNUSABLE,
    ),
    "proxy refuses": (
        tunnel("407 Proxy Authentication Required"),
        Told(
            "the proxy in HTTPS_PROXY refused to connect: 407 Proxy Authentication Required",
            False,
            False,
        ),
    ),
    "proxy fails": (
        tunnel("502 Bad Gateway"),
        Told("the proxy in HTTPS_PROXY refused to connect: 502 Bad Gateway", False, True),
    ),
    "proxy away": (
        exceptions.ProxyError(
            given_up(
                urllib3.exceptions.ProxyError("Unable to connect to proxy", new_connection(REFUSED))
            )
        ),
        Told("no connection: connection refused", False, True),
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_broken_connection_is_told_by_its_classes(name: str) -> None:
    """An error says what happened, whether the request may have arrived, and if it may pass."""
    error, told = ERRORS[name]
    assert connection_errors.reason(error) == told.reason
    assert connection_errors.may_have_arrived(error) is told.may_have_arrived
    assert connection_errors.may_pass(error) is told.may_pass
    assert not connection_errors.is_untrusted(error)
    assert not connection_errors.is_local(error)


def test_a_class_of_the_same_name_tells_nothing() -> None:
    """Errors are known by what they are, not by what they are called."""
    other = type("NewConnectionError", (requests.ConnectionError,), {})
    assert connection_errors.may_have_arrived(other("no"))


def test_a_certificate_is_not_a_broken_connection() -> None:
    """A server that can't prove who it is was not sent anything."""
    error = tls(ssl.SSLCertVerificationError(1, "certificate verify failed"))
    assert connection_errors.is_untrusted(error)
    assert not connection_errors.may_have_arrived(error)


def test_a_missing_bundle_is_this_machines_fault() -> None:
    """A plain OSError says that nothing was sent, because requests wraps those of connections."""
    error = OSError("Could not find a suitable TLS CA certificate bundle")
    assert connection_errors.is_local(error)
    assert not connection_errors.may_have_arrived(error)
