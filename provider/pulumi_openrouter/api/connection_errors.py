"""What happened to a connection, told from the exceptions of requests and urllib3."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

import requests.exceptions
import urllib3.exceptions

Kinds = tuple[type[Exception], ...]

RAISED: Kinds = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError)
"""What sending a request and reading its answer may raise."""
UNUSABLE_PROXY: Kinds = (
    requests.exceptions.InvalidProxyURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    urllib3.exceptions.ProxySchemeUnknown,
)
"""The base URL has been checked, so whatever URL is malformed or unsupported is a proxy's."""
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


def is_untrusted(error: BaseException) -> bool:
    """Whether the server did not prove over TLS that it is the one asked for."""
    return isinstance(error, requests.exceptions.SSLError) and not _has(error, TLS_CUT)


def is_local(error: BaseException) -> bool:
    """Whether this machine's files failed: requests reports a missing bundle as plain OSError."""
    kinds = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError)
    return not isinstance(error, kinds)


def may_have_arrived(error: BaseException) -> bool:
    """Whether the server may have received the request."""
    return not (is_untrusted(error) or is_local(error) or _was_never_sent(error))


def may_pass(error: BaseException) -> bool:
    """Whether another attempt may succeed: not if a proxy refuses, or is unusable."""
    status = _proxy_refusal(error)
    return not _has(error, UNUSABLE_PROXY) and (status is None or status[0] == "5")


def reason(error: BaseException) -> str:
    """What happened, as a phrase for a message."""
    if _has(error, UNUSABLE_PROXY):
        return "the proxy in HTTPS_PROXY can't be used"
    if status := _proxy_refusal(error):
        return f"the proxy in HTTPS_PROXY refused to connect: {status}"
    if _has(error, TIMED_OUT):
        return "no answer in time"
    if not _was_never_sent(error):
        return "the connection broke before the answer was complete"
    phrases = (cause.strerror for cause in _causes(error) if isinstance(cause, OSError))
    why = next((phrase for phrase in phrases if phrase), None)
    return f"no connection: {why.lower()}" if why else "no connection"


def _was_never_sent(error: BaseException) -> bool:
    return _has(error, UNCONNECTED + UNUSABLE_PROXY)


def _proxy_refusal(error: BaseException) -> str | None:
    """The status and phrase with which a proxy refused to connect."""
    for cause in _causes(error):
        # http.client raises a bare OSError for this, with the status in its text alone.
        if found := re.match(r"Tunnel connection failed: (\d.*)", str(cause)):
            return found[1]
    return None


def _has(error: BaseException, kinds: Kinds) -> bool:
    return any(isinstance(cause, kinds) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes: requests keeps them in `args`, urllib3 in `reason`."""
    while error is not None:
        yield error
        nested = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        error = next((found for found in nested if isinstance(found, BaseException)), None)
