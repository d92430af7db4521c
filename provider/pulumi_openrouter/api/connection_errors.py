"""What happened to a connection, told from the exceptions of requests and urllib3."""

from __future__ import annotations

import http.client
import re
import ssl
from collections.abc import Iterator

import requests.exceptions
import urllib3.exceptions

Kinds = tuple[type[Exception], ...]

RAISED: Kinds = (
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
    ValueError,
)
"""What sending a request and reading its answer may raise."""
UNCONNECTED: Kinds = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ProxyError,
)
TIMED_OUT: Kinds = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ReadTimeout,
    urllib3.exceptions.ReadTimeoutError,
)
TLS_CUT: Kinds = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
"""OpenSSL's errors when the other side hangs up, rather than fails to prove who it is."""


def is_malformed(error: BaseException) -> bool:
    """Whether the address of a proxy, or of the API, is not one: nothing was sent.

    Whatever library finds that out, it raises some ValueError, or http.client its own error. One
    ValueError, though, is about the headers of an answer.
    """
    is_about_an_answer = isinstance(error, requests.exceptions.InvalidHeader)
    found_late = _has(error, (http.client.InvalidURL,))
    return found_late or (isinstance(error, ValueError) and not is_about_an_answer)


def lacks_socks(error: BaseException) -> bool:
    """Whether requests can't speak SOCKS, which needs another package."""
    return isinstance(error, requests.exceptions.InvalidSchema)


def is_untrusted(error: BaseException) -> bool:
    """Whether the server did not prove over TLS that it is the one asked for."""
    return isinstance(error, requests.exceptions.SSLError) and not _has(error, TLS_CUT)


def is_local(error: BaseException) -> bool:
    """Whether this machine's files failed: requests reports a missing bundle as plain OSError."""
    kinds = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, ValueError)
    return not isinstance(error, kinds)


def is_proxys(error: BaseException) -> bool:
    """Whether there is no connection to the proxy, or none through it."""
    return isinstance(error, requests.exceptions.ProxyError)


def is_timeout(error: BaseException) -> bool:
    """Whether no answer came in time."""
    return _has(error, TIMED_OUT)


def may_have_arrived(error: BaseException) -> bool:
    """Whether the server may have received the request."""
    never_sent = is_untrusted(error) or is_local(error) or is_malformed(error)
    return not (never_sent or was_never_connected(error))


def was_never_connected(error: BaseException) -> bool:
    """Whether no connection was made at all."""
    return _has(error, UNCONNECTED)


def proxy_refusal(error: BaseException) -> int | None:
    """The status with which a proxy refused to connect."""
    for cause in _causes(error):
        # http.client raises a bare OSError for this, with the status in its text alone.
        if found := re.match(r"Tunnel connection failed: (\d+)", str(cause)):
            return int(found[1])
    return None


def tls_error(error: BaseException) -> ssl.SSLError | None:
    """OpenSSL's own error, None if the connection failed before or after TLS."""
    return next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None)


def is_cut(error: ssl.SSLError) -> bool:
    """Whether the other side hung up in the middle of TLS."""
    return isinstance(error, TLS_CUT)


def system_words(error: BaseException) -> str:
    """What the operating system says of it, "" if it says nothing."""
    phrases = (cause.strerror for cause in _causes(error) if isinstance(cause, OSError))
    return next((phrase.lower() for phrase in phrases if phrase), "")


def _has(error: BaseException, kinds: Kinds) -> bool:
    return any(isinstance(cause, kinds) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes: requests keeps them in `args`, urllib3 in `reason`."""
    while error is not None:
        yield error
        nested = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        error = next((found for found in nested if isinstance(found, BaseException)), None)
