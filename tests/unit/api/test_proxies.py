"""What is said where a proxy is the trouble, by the name of the variable that is set."""

from __future__ import annotations

import importlib.util
import socket
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from threading import Thread

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import NoAnswerError, RequestError
from pulumi_openrouter.api.proxy import SYSTEM_SETTINGS, Proxy
from tests.unit.api.scripted import Answer, Scripted

KEY = "sk-or-mgmt-4f1d7c0e"
API = "https://api.example.com/api/v1"
PAGE = b"<html><body>Sign in to the network</body></html>"
USER, PASSWORD = "somebody", "hunter2"

pytestmark = pytest.mark.usefixtures("_no_network_settings")


def failure(base_url: str = API) -> RequestError:
    """The error of a creation; neither it nor a frame of its traceback shows a secret."""
    with pytest.raises(RequestError) as caught:
        Client(KEY, base_url, timeout=0.5).create_workspace({"name": "Team", "slug": "team"})
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown = f"{caught.value!r} {vars(caught.value)} {''.join(frames.format())}"
    assert not [secret for secret in (KEY, USER, PASSWORD) if secret in shown]
    assert len(str(caught.value).splitlines()) <= 3
    assert isinstance(caught.value, NoAnswerError)
    return caught.value


class ProxyServer(Scripted):
    """A proxy that is asked for connections, and answers something else."""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        handler = super()._handler()
        handler.do_CONNECT = handler.do_GET  # type: ignore[attr-defined]
        return handler

    def with_login(self, password: str = PASSWORD) -> str:
        """Its URL, with a user name and a password."""
        return self.origin.replace("//", f"//{USER}:{password}@")


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens, nor can begin to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def refusing(status: int) -> ProxyServer:
    return ProxyServer(Answer(PAGE, status, content_type="text/html"))


# One that refuses


@pytest.mark.parametrize("status", [200, 302, 403, 407, 502])
@pytest.mark.reliability(
    "a proxy that answers a page of HTML instead of connecting",
    "an error that names the host; the proxy is never sent the key",
)
def test_a_proxy_that_does_not_connect_never_sees_the_key(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """It is asked to connect and is sent no request: what it answers instead is an error."""
    with refusing(status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        error = failure()
    assert "api.example.com" in error.message
    assert "the proxy in HTTPS_PROXY" in error.message
    assert {seen.method for seen in proxy.seen} == {"CONNECT"}
    assert KEY not in repr(proxy.seen)


@pytest.mark.parametrize(
    ("status", "words", "attempts"),
    [
        (302, "302 Found", "once"),
        (403, "403 Forbidden", "once"),
        (407, "407 Proxy Authentication Required", "once"),
        (502, "502 Bad Gateway", "more"),
        (599, "599", "more"),
    ],
)
@pytest.mark.reliability(
    "a proxy that refuses to connect: no login, a wrong one, a host that it does not allow",
    "the variable that is set is named, and what to do; nothing was sent, no password is shown",
)
def test_what_a_proxy_refused_was_never_sent(
    monkeypatch: pytest.MonkeyPatch, status: int, words: str, attempts: str
) -> None:
    """The status is told in HTTP's words, only a proxy that fails is asked again."""
    with refusing(status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.with_login())
        error = failure()
    address = proxy.origin.removeprefix("http://")
    assert error.message == (
        f"the proxy in HTTPS_PROXY ({address}) refused to connect to api.example.com: {words}"
    )
    assert not error.unsettled
    assert (len(proxy.seen) > 1) is (attempts == "more")


def test_a_proxy_that_wants_a_login_is_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a user name and password it is said where they go; else that they are wrong."""
    with refusing(407) as proxy:
        monkeypatch.setenv("https_proxy", proxy.origin)
        wanted = "It wants a user name and password: https_proxy=http://user:password@host:port."
        assert failure().hint == wanted
        monkeypatch.setenv("https_proxy", proxy.with_login())
        assert failure().hint == "It does not accept the user name and password in https_proxy."


def test_a_host_that_a_proxy_does_not_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody must allow it, or it is to be reached without the proxy."""
    with refusing(403) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        error = failure()
    assert "Ask whoever runs the proxy to allow this host" in error.hint
    assert "NO_PROXY" in error.hint


# One that can't be reached


@pytest.mark.reliability(
    "a proxy that is away, speaks no TLS, hangs up or says nothing",
    "the proxy is named and not the API; nothing was sent",
)
def test_a_proxy_that_is_away_is_to_blame(monkeypatch: pytest.MonkeyPatch, nobody: str) -> None:
    """The API is not said to be unreachable where it was never asked."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://{USER}:{PASSWORD}@{nobody}")
    error = failure()
    assert error.message == (
        f"no connection to the proxy in HTTPS_PROXY ({nobody}): connection refused"
    )
    assert error.hint == "Is the proxy running, and is HTTPS_PROXY right?"
    assert (error.unsettled, error.transient) == (False, True)


@pytest.mark.parametrize("password", ["7/hunter2", "7#hunter2", "7?hunter2", "7:8/9@hunter2"])
def test_a_torn_password_is_not_shown(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    """A password with a character that ends the host is not taken for a part of the address."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{password}@proxy.example.com")
    error = failure()
    assert "the proxy in HTTPS_PROXY" in error.message
    assert ":7" not in str(error)


def test_a_proxy_that_speaks_no_tls_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most proxies are reached over http, also for https."""
    with refusing(200) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.with_login().replace("http:", "https:"))
        error = failure()
    assert "no trusted TLS connection to the proxy in HTTPS_PROXY" in error.message
    assert error.hint == "If the proxy does not speak TLS, HTTPS_PROXY must begin with http://."
    assert not error.transient


def test_a_proxy_that_hangs_up_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who broke the connection is not known, so both are named."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            while True:
                connection, _ = listener.accept()
                connection.close()

        Thread(target=hang_up, daemon=True).start()
        monkeypatch.setenv("ALL_PROXY", f"http://{USER}:{PASSWORD}@{_address(listener)}")
        error = failure()
    assert error.message.endswith("(api.example.com, through the proxy in ALL_PROXY)")


def test_a_proxy_that_says_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where no answer comes in time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("all_proxy", f"http://{_address(listener)}")
        error = failure()
    assert error.message == ("no answer in time (api.example.com, through the proxy in all_proxy)")


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"{host}:{port}"


# One that can't be used


@pytest.mark.parametrize(
    "proxy",
    [
        f"gopher://{USER}:{PASSWORD}@127.0.0.1:9",
        f"http://{USER}:{PASSWORD}@[::1",
        f"http://{USER}:{PASSWORD}@host:port",
        f"http://{USER}:{PASSWORD}@host:99999",
        f"http://{USER}:{PASSWORD}@a..b:80",
        f"http://{USER}:{PASSWORD}@{'a' * 64}.example.com",
        f"http://{USER}:{PASSWORD}€@127.0.0.1:9",
        f"http://{USER}:{PASSWORD}@a b",
        f"{USER}:{PASSWORD}@127.0.0.1:9",
        "http://",
        "://",
    ],
)
@pytest.mark.reliability(
    "a proxy that is no proxy's URL, or SOCKS without PySocks",
    "the variable is named, and what it should be; no password is shown",
)
def test_an_unusable_proxy_is_told_in_words(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """Through a proxy of another kind, or one that is no URL, nothing is sent or repeated."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = failure()
    assert error.message == ("the proxy in HTTPS_PROXY can't be used: it is not the URL of a proxy")
    assert error.hint == "It should be one such as http://proxy.example.com:3128."
    assert (error.unsettled, error.transient) == (False, False)


@pytest.mark.skipif(importlib.util.find_spec("socks") is not None, reason="PySocks is installed")
@pytest.mark.parametrize("scheme", ["socks4", "socks5", "socks5h"])
def test_socks_needs_a_package(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """Where PySocks is missing, it is said how to install it."""
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:9")
    error = failure()
    assert error.message.startswith("the proxy in ALL_PROXY can't be used: PySocks")
    assert error.hint == "Run `pip install 'requests[socks]'`."


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example.com"])
def test_a_host_that_is_no_name_is_not_a_proxys_fault(host: str) -> None:
    """Where no proxy is set, none is blamed for a base URL that can't be used."""
    error = failure(f"https://{host}/api/v1")
    assert error.message == f"not sent: {host} can't be the name of a host"


# Which one it is


@pytest.mark.parametrize(
    ("environment", "source"),
    [
        ({"HTTPS_PROXY": "http://a"}, "HTTPS_PROXY"),
        ({"https_proxy": "http://a"}, "https_proxy"),
        ({"HTTPS_PROXY": "http://a", "https_proxy": "http://b"}, "https_proxy"),
        ({"HTTPS_PROXY": "http://a", "https_proxy": "http://a"}, "https_proxy"),
        ({"HTTPS_PROXY": "http://a", "https_proxy": ""}, None),
        ({"ALL_PROXY": "http://a"}, "ALL_PROXY"),
        ({"all_proxy": "http://a"}, "all_proxy"),
        ({"ALL_PROXY": "http://a", "HTTPS_PROXY": "http://b"}, "HTTPS_PROXY"),
        ({"ALL_PROXY": "http://a", "HTTPS_PROXY": "http://a"}, "HTTPS_PROXY"),
        ({"HTTP_PROXY": "http://a"}, None),
        ({"ALL_PROXY": "http://a", "NO_PROXY": "example.com"}, None),
        ({"ALL_PROXY": "http://a", "no_proxy": "*"}, None),
        ({}, None),
    ],
)
def test_the_variable_that_is_read_is_named(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], source: str | None
) -> None:
    """Of several variables it is the one that requests takes, if it takes any."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    proxy = Client(KEY, API)._sender.route.proxy
    assert (proxy and proxy.source) == source


def test_a_proxy_of_the_system_is_named_as_such() -> None:
    """Where no variable names it, Python has it from the settings of the system."""
    proxy = Proxy.on_the_way_to(API, {"https": f"http://{USER}:{PASSWORD}@proxy.example.com:3128"})
    assert proxy == Proxy(SYSTEM_SETTINGS, "proxy.example.com:3128", has_login=True)
    assert PASSWORD not in repr(proxy)
