"""Why no answer came, as the error that says so and hints at a remedy."""

from __future__ import annotations

import math
import ssl
from http import HTTPStatus

import attrs

from pulumi_openrouter.api import connection_errors, tls_errors
from pulumi_openrouter.api.errors import Call, NoAnswerError, one_line
from pulumi_openrouter.api.proxy import SYSTEM_SETTINGS, Proxy
from pulumi_openrouter.api.route import BUNDLE_VARIABLES, Route

PROXY_AUTHENTICATION_REQUIRED = 407


@attrs.frozen
class Why:
    """What happened, in one line; what to do about it; whether it may pass by itself."""

    message: str
    hint: str = ""
    may_pass: bool = False


def asked_to_wait(call: Call, seconds: float) -> NoAnswerError:
    """Not sent: the API wants no requests for longer than the operation may take."""
    return NoAnswerError(f"not sent: {wait(seconds)}", call)


def wait(seconds: float) -> str:
    """How long the API asked to wait."""
    return f"the API asked to wait {math.ceil(seconds)} seconds"


def out_of_time(call: Call) -> NoAnswerError:
    """Not sent: the operation should have ended already."""
    return NoAnswerError("not sent: this operation ran out of time", call)


def no_answer(call: Call, route: Route, error: Exception) -> NoAnswerError:
    """There was no connection, or it broke or timed out with this error."""
    why = _why(route, error)
    return NoAnswerError(one_line(why.message), call, why.hint, transient=why.may_pass)


def what_broke(error: Exception) -> str:
    """What happened to a connection that was made, or could not be, as a phrase."""
    if connection_errors.is_timeout(error):
        return "no answer in time"
    if not connection_errors.was_never_connected(error):
        return "the connection broke before the answer was complete"
    words = connection_errors.system_words(error)
    return f"no connection: {words}" if words else "no connection"


def _why(route: Route, error: Exception) -> Why:
    if connection_errors.is_malformed(error):
        return _unusable_proxy(route.proxy, error) if route.proxy else _malformed_host(route)
    if route.proxy and connection_errors.is_proxys(error):
        return _proxys(route, route.proxy, error)
    if connection_errors.is_untrusted(error):
        return _untrusted(route, error)
    if connection_errors.is_local(error):
        return _unusable_bundle(route, str(error))
    through = f", through {route.proxy}" if route.proxy else ""
    return Why(f"{what_broke(error)} ({route.host}{through})", may_pass=True)


# Proxies


def _unusable_proxy(proxy: Proxy, error: Exception) -> Why:
    if connection_errors.lacks_socks(error):
        message = f"{proxy} can't be used: PySocks, which SOCKS needs, is not installed"
        return Why(message, "Run `pip install 'requests[socks]'`.")
    return Why(
        f"{proxy} can't be used: it is not the URL of a proxy",
        "It should be one such as http://proxy.example.com:3128.",
    )


def _proxys(route: Route, proxy: Proxy, error: Exception) -> Why:
    if status := connection_errors.proxy_refusal(error):
        return _refused_by_proxy(route, proxy, status)
    tls = connection_errors.tls_error(error)
    if tls and not connection_errors.is_cut(tls):
        return _untrusted_proxy(route, proxy, tls)
    words = "the connection broke" if tls else connection_errors.system_words(error)
    words = words or "no answer in time"
    hint = f"Is the proxy running, and is {proxy.source} right?"
    return Why(f"no connection to {proxy.in_full}: {words}", hint, may_pass=True)


def _refused_by_proxy(route: Route, proxy: Proxy, status: int) -> Why:
    message = f"{proxy.in_full} refused to connect to {route.host}: {_phrase(status)}"
    if status == PROXY_AUTHENTICATION_REQUIRED:
        return Why(message, _login_hint(proxy))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Why(message, may_pass=True)
    return Why(
        message,
        "Ask whoever runs the proxy to allow this host, or add the host to NO_PROXY if it can be "
        "reached without one.",
    )


def _login_hint(proxy: Proxy) -> str:
    if proxy.has_login:
        return f"It does not accept the user name and password in {proxy.source}."
    if proxy.source == SYSTEM_SETTINGS:
        return "It wants a user name and password: set HTTPS_PROXY=http://user:password@host:port."
    return f"It wants a user name and password: {proxy.source}=http://user:password@host:port."


def _untrusted_proxy(route: Route, proxy: Proxy, error: ssl.SSLError) -> Why:
    message = f"no trusted TLS connection to {proxy.in_full}: {tls_errors.words(error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Why(message, tls_errors.hint(error, route))
    return Why(message, f"If the proxy does not speak TLS, {proxy.source} must begin with http://.")


def _phrase(status: int) -> str:
    """The status in HTTP's words: the proxy's own might repeat a password."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


# Certificates and hosts


def _untrusted(route: Route, error: Exception) -> Why:
    tls = connection_errors.tls_error(error)
    if tls is None:
        words = connection_errors.system_words(error) or "the certificates can't be read"
        return _unusable_bundle(route, words)
    if tls_errors.is_about_a_file(tls):
        return _unusable_bundle(route, tls_errors.words(tls))
    reason = tls_errors.reason(tls, route)
    through = f" through {route.proxy}" if route.proxy else ""
    message = f"no trusted TLS connection to {route.host}{through}: {reason}"
    return Why(message, tls_errors.hint(tls, route))


def _unusable_bundle(route: Route, words: str) -> Why:
    variable = route.bundle_variable or BUNDLE_VARIABLES[0]
    return Why(
        f"not sent: {words}",
        f"Set {variable} to a file of certificates in PEM format, or unset it.",
    )


def _malformed_host(route: Route) -> Why:
    return Why(f"not sent: {route.host} can't be the name of a host", "Check the base URL.")
