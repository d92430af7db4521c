"""What is told of a broken connection, from the exceptions that requests really raises."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from typing import Any

import attrs
import pytest
import requests
import urllib3
from requests import exceptions

from pulumi_openrouter.api import connection_errors, unanswered
from pulumi_openrouter.api.errors import Call
from pulumi_openrouter.api.proxy import Proxy
from pulumi_openrouter.api.route import Route

POOL: Any = urllib3.HTTPSConnectionPool("api.example.com")
REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
CALL = Call("POST", "/workspaces")
DIRECT = Route("https://api.example.com/api/v1", None, "ca.pem", None)
PROXY = Proxy("HTTPS_PROXY", "proxy.example.com:3128", has_login=False)
PROXIED = attrs.evolve(DIRECT, proxy=PROXY)


def given_up(reason: Exception) -> urllib3.exceptions.MaxRetryError:
    """urllib3's error once it tries no more."""
    return urllib3.exceptions.MaxRetryError(POOL, "/", reason)


def new_connection(cause: Exception) -> Exception:
    """urllib3's error for a connection that could not be opened."""
    error = urllib3.exceptions.NewConnectionError(POOL, "Failed to establish a new connection")
    error.__cause__ = cause
    return error


def no_proxy(cause: Exception) -> exceptions.ProxyError:
    """There is no connection to the proxy, or none through it."""
    reason = urllib3.exceptions.ProxyError("Unable to connect to proxy", cause)
    return exceptions.ProxyError(given_up(reason))


def tunnel(status: str) -> exceptions.ProxyError:
    """A proxy's refusal to connect."""
    return no_proxy(OSError(f"Tunnel connection failed: {status}"))


def tls(error: ssl.SSLError) -> exceptions.SSLError:
    """A failure of TLS."""
    return exceptions.SSLError(given_up(urllib3.exceptions.SSLError(error)))


def chunk(length: bytes) -> Exception:
    """urllib3's error for a chunk whose length is no number."""
    error = urllib3.exceptions.InvalidChunkLength(urllib3.HTTPResponse(), length)
    error.__context__ = ValueError("invalid literal for int()")
    return error


@attrs.frozen
class Told:
    """What is told of an error."""

    message: str
    may_have_arrived: bool
    may_pass: bool


HOST = "(api.example.com)"
BROKEN = Told(f"the connection broke before the answer was complete {HOST}", True, True)
SILENT = Told(f"no answer in time {HOST}", True, True)
UNUSABLE = Told(
    "the proxy in HTTPS_PROXY can't be used: it is not the URL of a proxy", False, False
)

ON_THE_WAY: dict[str, tuple[Exception, Told]] = {
    "refused": (
        requests.ConnectionError(given_up(new_connection(REFUSED))),
        Told(f"no connection: connection refused {HOST}", False, True),
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
        Told(f"no connection {HOST}", False, True),
    ),
    "connect time-out": (
        requests.ConnectTimeout(given_up(urllib3.exceptions.ConnectTimeoutError(POOL, "slow"))),
        Told(f"no answer in time {HOST}", False, True),
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
    "no length of a chunk": (chunk(b"x"), BROKEN),
    "headers that contradict each other": (exceptions.InvalidHeader("two lengths"), BROKEN),
    "tls cut": (tls(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")), BROKEN),
    "host that is no name": (
        urllib3.exceptions.LocationParseError("a..b"),
        Told("not sent: api.example.com can't be the name of a host", False, False),
    ),
}

AT_THE_PROXY: dict[str, tuple[Exception, Told]] = {
    "unusable": (exceptions.InvalidProxyURL("check it"), UNUSABLE),
    "strange": (
        exceptions.InvalidURL(urllib3.exceptions.ProxySchemeUnknown("gopher")),
        UNUSABLE,
    ),
    "not a host": (
        requests.ConnectionError(
            urllib3.exceptions.ProtocolError("aborted", http.client.InvalidURL("a b"))
        ),
        UNUSABLE,
    ),
    "not a name": (urllib3.exceptions.LocationParseError("a..b"), UNUSABLE),
    "not a password": (UnicodeEncodeError("latin-1", "x", 0, 1, "s3cret"), UNUSABLE),
    "no SOCKS": (
        exceptions.InvalidSchema("Missing dependencies for SOCKS support."),
        Told(
            "the proxy in HTTPS_PROXY can't be used: PySocks, which SOCKS needs, is not installed",
            False,
            False,
        ),
    ),
    "refuses": (
        tunnel("407 Proxy Authentication Required"),
        Told(
            "the proxy in HTTPS_PROXY (proxy.example.com:3128) refused to connect to "
            "api.example.com: 407 Proxy Authentication Required",
            False,
            False,
        ),
    ),
    "fails": (
        tunnel("502 Bad Gateway"),
        Told(
            "the proxy in HTTPS_PROXY (proxy.example.com:3128) refused to connect to "
            "api.example.com: 502 Bad Gateway",
            False,
            True,
        ),
    ),
    "away": (
        no_proxy(new_connection(REFUSED)),
        Told(
            "no connection to the proxy in HTTPS_PROXY (proxy.example.com:3128): "
            "connection refused",
            False,
            True,
        ),
    ),
    "slow": (
        no_proxy(urllib3.exceptions.ConnectTimeoutError(POOL, "slow")),
        Told(
            "no connection to the proxy in HTTPS_PROXY (proxy.example.com:3128): no answer in time",
            False,
            True,
        ),
    ),
    "cut in TLS": (
        no_proxy(urllib3.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred"))),
        Told(
            "no connection to the proxy in HTTPS_PROXY (proxy.example.com:3128): "
            "the connection broke",
            False,
            True,
        ),
    ),
}
ERRORS = [
    *(pytest.param(DIRECT, *case, id=name) for name, case in ON_THE_WAY.items()),
    *(pytest.param(PROXIED, *case, id=f"proxy: {name}") for name, case in AT_THE_PROXY.items()),
]


@pytest.mark.parametrize(("route", "error", "told"), ERRORS)
def test_a_broken_connection_is_told_by_its_classes(
    route: Route, error: Exception, told: Told
) -> None:
    """An error says what happened, whether the request may have arrived, and if it may pass."""
    found = unanswered.no_answer(CALL, route, error)
    assert found.message == told.message
    assert found.transient is told.may_pass
    assert connection_errors.may_have_arrived(error) is told.may_have_arrived
    assert not connection_errors.is_untrusted(error)
    assert not connection_errors.is_local(error)


@pytest.mark.parametrize("name", ["refused", "connect time-out", "read time-out", "cut"])
def test_a_proxy_on_the_way_is_named(name: str) -> None:
    """Where it can't be told who is to blame, the proxy is mentioned beside the API."""
    error, told = ON_THE_WAY[name]
    found = unanswered.no_answer(CALL, PROXIED, error)
    named = "(api.example.com, through the proxy in HTTPS_PROXY)"
    assert found.message == told.message.replace(HOST, named)


def test_a_proxy_before_an_untrusted_server_is_named() -> None:
    """Who shows a certificate of its own is most often the proxy."""
    error = tls(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"))
    found = unanswered.no_answer(CALL, PROXIED, error)
    told = "no trusted TLS connection to api.example.com through the proxy in HTTPS_PROXY: "
    assert found.message.startswith(told)


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
