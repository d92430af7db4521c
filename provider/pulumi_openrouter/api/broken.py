"""What happened to a connection, told from the exceptions of requests and urllib3."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

UNUSABLE = ("InvalidProxyURL", "InvalidSchema", "InvalidURL", "ProxySchemeUnknown")
"""The base URL is checked before: what is no URL, or one of a strange kind, is a proxy's."""


def was_cut(error: BaseException) -> bool:
    """Whether a TLS connection ended early, and was not refused."""
    kinds = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
    return any(isinstance(cause, kinds) for cause in _causes(error))


def was_never_sent(error: BaseException) -> bool:
    """Whether there was no connection to send the request on."""
    unconnected = ("ConnectTimeout", "NewConnectionError", "NameResolutionError", "ProxyError")
    return _has(error, *unconnected, *UNUSABLE)


def may_pass(error: BaseException) -> bool:
    """Whether it may go better a moment later: not where a proxy refuses, or can't be used."""
    status = _proxys_answer(error)
    return not _has(error, *UNUSABLE) and (status is None or status[0] == "5")


def reason(error: BaseException) -> str:
    """What happened, in words."""
    if _has(error, *UNUSABLE):
        return "the proxy in HTTPS_PROXY can't be used"
    if status := _proxys_answer(error):
        return f"the proxy in HTTPS_PROXY does not connect: {status}"
    if _has(error, "ConnectTimeout", "ReadTimeout", "ReadTimeoutError"):
        return "no answer in time"
    if not was_never_sent(error):
        return "the connection broke before the answer was complete"
    words = (cause.strerror for cause in _causes(error) if isinstance(cause, OSError))
    why = next((text for text in words if text), None)
    return f"no connection: {why.lower()}" if why else "no connection"


def _proxys_answer(error: BaseException) -> str | None:
    """What a proxy answered that was asked to connect: status and words."""
    for cause in _causes(error):
        if found := re.match(r"Tunnel connection failed: (\d.*)", str(cause)):
            return found[1]
    return None


def _has(error: BaseException, *kinds: str) -> bool:
    return any(type(cause).__name__ in kinds for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from: requests keeps it in `args`, urllib3 in `reason`."""
    while error is not None:
        yield error
        nested = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        error = next((found for found in nested if isinstance(found, BaseException)), None)
