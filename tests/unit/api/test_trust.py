"""Who is given the key: nobody but the API, over a connection that is what it says."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme
from requests.utils import get_netrc_auth

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import BadAnswerError, NoAnswerError, RequestError
from pulumi_openrouter.core.settings import KEY_VARIABLE, Settings, SettingsError
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import WORKSPACE, Answer, Scripted

KEY = "sk-or-mgmt-4f1d7c0e"
NO_CONFIG: dict[str, str] = {}
ID = WORKSPACE["id"]
SOUND = Answer({"data": WORKSPACE})
PAGE = b"<html><body>Sign in to the network</body></html>"
EVERY_VERB: dict[str, Callable[[Client], object]] = {
    "GET": lambda client: client.get_workspace(ID),
    "POST": lambda client: client.create_workspace({"name": "Team", "slug": "team"}),
    "PATCH": lambda client: client.update_workspace(ID, {"name": "Other"}),
    "PUT": lambda client: client.set_budget(ID, "daily", 1),
    "DELETE": lambda client: client.delete_workspace(ID),
}
VARIABLES = (
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and certificates are those of the test alone."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def failure(client: Client, verb: str = "GET") -> RequestError:
    with pytest.raises(RequestError) as caught:
        EVERY_VERB[verb](client)
    assert KEY not in str(caught.value)
    return caught.value


# Redirects


@pytest.mark.parametrize("verb", EVERY_VERB)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.reliability(
    "a redirect, 301 to 308, to another origin or to the same one",
    "not followed: the key is sent nowhere else, and the error says that it is a redirect",
)
def test_no_redirect_is_followed(serve: Serve, verb: str, status: int) -> None:
    """Neither another origin nor another path of the same one is sent the key, or asked at all."""
    elsewhere = serve(SOUND)
    for location in (f"{elsewhere.base_url}/workspaces", "/elsewhere", "//127.0.0.1:9/x", ""):
        server = serve(Answer({"data": WORKSPACE}, status, {"Location": location}))
        error = failure(Client(KEY, server.base_url), verb)
        assert isinstance(error, BadAnswerError)
        assert error.message == f"{status}, a redirect to another address"
        assert error.hint.endswith(f"is the base URL {server.base_url} right?")
        assert [seen.method for seen in server.seen] == [verb]
    assert elsewhere.seen == []


# A .netrc


@pytest.mark.parametrize("machine", ["machine 127.0.0.1", "default"])
@pytest.mark.parametrize("verb", EVERY_VERB)
def test_a_netrc_entry_is_never_sent(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, machine: str, verb: str
) -> None:
    """A password that the machine keeps for the host doesn't take the place of the key."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"{machine} login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(Answer({"error": {"message": "No"}}, 400))
    assert get_netrc_auth(server.base_url) == ("somebody", "else")
    failure(Client(KEY, server.base_url), verb)
    assert server.seen[0].headers["Authorization"] == f"Bearer {KEY}"


# The base URL


@pytest.mark.parametrize(
    "url",
    [
        "http://openrouter.ai/api/v1",
        "http://127.0.0.1@openrouter.ai/api/v1",
        "http://127.0.0.1\\@openrouter.ai/api/v1",
        "http://127.0.0.1#@openrouter.ai/api/v1",
        "https://user:hunter2@openrouter.ai/api/v1",
        "https://openrouter.ai/api/v1?to=hunter2",
        "https://openrouter.ai/api/v1#hunter2",
    ],
)
@pytest.mark.reliability(
    "a base URL with http to another machine, with user info, a query or a fragment",
    "refused before anything is sent, without repeating the URL or the key",
)
def test_an_unsafe_base_url_is_refused_before_anything_is_sent(url: str) -> None:
    """Neither a client nor the settings take it, and their errors repeat neither URL nor key."""
    environment = {KEY_VARIABLE: KEY, "OPENROUTER_BASE_URL": url}
    with pytest.raises(SettingsError, match=r"^The base URL .* must ") as told:
        Settings.load(NO_CONFIG.get, environment).connect()
    with pytest.raises(ValueError, match=r"^must ") as raised:
        Client(KEY, url)
    for text in (str(told.value), str(raised.value)):
        assert not [part for part in (KEY, "hunter2", "openrouter.ai/api/v1#") if part in text]


# Proxies


class Proxy(Scripted):
    """A server that is asked for connections, and answers something else."""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        handler = super()._handler()
        handler.do_CONNECT = handler.do_GET  # type: ignore[attr-defined]
        return handler


@pytest.mark.parametrize("status", [200, 302, 403, 407, 502])
@pytest.mark.reliability(
    "a proxy that answers a page of HTML instead of connecting",
    "an error that names the host; the proxy is never sent the key",
)
def test_a_proxy_that_does_not_connect_never_sees_the_key(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """It is asked to connect and is sent no request: what it answers instead is an error."""
    with Proxy(Answer(PAGE, status, content_type="text/html")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        error = failure(Client(KEY, "https://api.example.com/v1", timeout=0.5), "POST")
    assert isinstance(error, NoAnswerError)
    assert "api.example.com" in error.message
    assert {seen.method for seen in proxy.seen} == {"CONNECT"}
    assert KEY not in repr(proxy.seen)


@pytest.mark.parametrize("status", [302, 403, 407, 502])
def test_what_a_proxy_refused_was_never_sent(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """A proxy that does not connect is named, and nobody is asked to look what was changed."""
    with Proxy(Answer(PAGE, status, content_type="text/html")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin)
        error = failure(Client(KEY, "https://api.example.com/v1", timeout=0.5), "POST")
    assert "proxy" in str(error)
    assert not error.unsettled


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "gopher://127.0.0.1:9", "http://[::1"])
def test_an_unusable_proxy_is_told_in_words(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """Through a proxy of another kind, or one that is no URL, nothing is sent or repeated."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    error = failure(Client(KEY, "https://api.example.com/v1", timeout=0.5), "POST")
    assert "proxy" in str(error)
    assert not error.unsettled


@pytest.mark.parametrize("status", [200, 401, 403, 404, 407, 502])
@pytest.mark.reliability(
    "a page of HTML in the place of the API, with 200, 4xx and 5xx",
    "an error that says so; nothing is taken for done or for gone",
)
@pytest.mark.parametrize("verb", EVERY_VERB)
def test_a_page_in_the_place_of_the_api_is_an_error(serve: Serve, verb: str, status: int) -> None:
    """A page of HTML is never taken for an answer, nor for the word that something is gone."""
    server = serve(Answer(PAGE, status, content_type="text/html"))
    error = failure(Client(KEY, server.base_url, timeout=0.5), verb)
    assert "an HTML page" in str(error)
    assert "Sign in" not in str(error)


# TLS


class SecretlyServed(Scripted):
    """A server that speaks TLS."""

    def __init__(self, context: ssl.SSLContext, *answers: Answer) -> None:
        super().__init__(*answers)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.origin = self.origin.replace("http:", "https:")
        self.base_url = self.base_url.replace("http:", "https:")


Secure = Callable[..., Scripted]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that nobody trusts, such as a proxy that breaks TLS has."""
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file that names it."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[Secure]:
    """Starts servers with a certificate of that authority."""
    with ExitStack() as stack:

        def start(host: str = "127.0.0.1", expires: datetime | None = None) -> Scripted:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(host, not_after=expires).configure_cert(context)
            return stack.enter_context(SecretlyServed(context, SOUND))

        yield start


def refused(server: Scripted, words: str = "no trusted TLS connection to ") -> None:
    """Nothing of a request reaches a server that is not trusted, and the error helps."""
    error = failure(Client(KEY, server.base_url), "POST")
    assert isinstance(error, NoAnswerError)
    assert error.message.startswith(words)
    assert "REQUESTS_CA_BUNDLE" in error.hint
    assert not error.unsettled
    assert server.seen == []


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"CURL_CA_BUNDLE": ""},
        {"REQUESTS_CA_BUNDLE": ""},
        {"CURL_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": ""},
        {"PYTHONHTTPSVERIFY": "0"},
        {"REQUESTS_VERIFY": "0", "SSL_VERIFY": "false", "CURL_INSECURE": "1"},
        {"NODE_TLS_REJECT_UNAUTHORIZED": "0", "GIT_SSL_NO_VERIFY": "true"},
    ],
    ids=lambda environment: " ".join(environment) or "nothing",
)
@pytest.mark.reliability(
    "a certificate that nobody vouches for, and every variable said to turn its check off",
    "no request is sent; the error says how to name a company's own authority",
)
def test_a_certificate_that_nobody_vouches_for_is_refused(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]
) -> None:
    """No variable turns the check of certificates off."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    refused(secure())


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_named_authority_is_trusted(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, bundle: str, variable: str
) -> None:
    """With the authority of a company's proxy named, the API is reached through it."""
    monkeypatch.setenv(variable, bundle)
    server = secure()
    assert Client(KEY, server.base_url).get_workspace(ID).id == ID
    assert server.seen[0].headers["Authorization"] == f"Bearer {KEY}"


def test_a_named_authority_vouches_for_no_other_host(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, bundle: str
) -> None:
    """A certificate of a trusted authority for another host is refused."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    refused(secure("api.example.com"))


def test_an_expired_certificate_is_refused(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, bundle: str
) -> None:
    """A certificate of a trusted authority is refused after its time."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    refused(secure(expires=datetime.now(timezone.utc) - timedelta(days=1)))


@pytest.mark.parametrize(
    "content",
    [None, "", "no certificate"],
    ids=["missing", "empty", "none"],
)
def test_a_bundle_that_is_none_is_an_error_in_words(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    """A file that is missing or holds no certificate switches nothing off, and is told of."""
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    refused(secure(), "not sent: " if content is None else "no trusted TLS connection to ")


def test_http_where_https_was_asked_for_is_refused(serve: Serve) -> None:
    """A server that speaks no TLS is sent no request, and the connection is never downgraded."""
    server = serve(SOUND)
    url = server.base_url.replace("http:", "https:")
    error = failure(Client(KEY, url, timeout=0.5), "POST")
    assert isinstance(error, NoAnswerError)
    assert server.seen == []
