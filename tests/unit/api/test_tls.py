"""A connection that can't be trusted: no request is sent, and the error says what would help."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import requests
import trustme
import urllib3
from urllib3.util.ssl_ import create_urllib3_context

from pulumi_openrouter.api import tls_errors, unanswered
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import Call, NoAnswerError
from pulumi_openrouter.api.proxy import Proxy
from pulumi_openrouter.api.route import Route
from tests.unit.api.certificates import (
    Odd,
    SecretlyServed,
    handshake_error,
    odd_server_context,
)
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import WORKSPACE, Answer, Scripted

KEY = "sk-or-mgmt-4f1d7c0e"
ID = WORKSPACE["id"]
SOUND = Answer({"data": WORKSPACE})
NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("_no_network_settings")

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
def _trusting(_no_network_settings: None, monkeypatch: pytest.MonkeyPatch, bundle: str) -> None:
    """The authority is named by REQUESTS_CA_BUNDLE."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[Secure]:
    """Starts servers with a certificate of that authority."""
    with ExitStack() as stack:

        def start(
            *hosts: str, begins: datetime | None = None, expires: datetime | None = None
        ) -> Scripted:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            issued = authority.issue_cert(
                *(hosts or ("127.0.0.1",)), not_before=begins, not_after=expires
            )
            issued.configure_cert(context)
            return stack.enter_context(SecretlyServed(context, SOUND))

        yield start


def refused(server: Scripted) -> NoAnswerError:
    """Nothing of a request reaches a server that is not trusted."""
    with pytest.raises(NoAnswerError) as caught:
        Client(KEY, server.base_url).create_workspace({"name": "Team", "slug": "team"})
    assert KEY not in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 2
    assert (caught.value.unsettled, caught.value.transient) == (False, False)
    assert server.seen == []
    return caught.value


def untrusted(server: Scripted) -> str:
    """How an error about this server begins."""
    return f"no trusted TLS connection to {server.base_url.split('/')[2]}: "


# Authorities


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
    server = secure()
    error = refused(server)
    assert error.message == untrusted(server) + "unable to get local issuer certificate"
    assert error.hint == tls_errors.AUTHORITY_HINT


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_named_authority_is_trusted(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, bundle: str, variable: str
) -> None:
    """With the authority of a company's proxy named, the API is reached through it."""
    monkeypatch.setenv(variable, bundle)
    server = secure()
    assert Client(KEY, server.base_url).get_workspace(ID).id == ID
    assert server.seen[0].headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_without_the_authority_is_named(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    """Who has named a file is not told to name one, but what is missing in it."""
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv(variable, str(other))
    error = refused(secure())
    assert error.hint.startswith(f"The certificates in {variable} don't include this authority")


@pytest.mark.parametrize("content", ["", "no certificate"], ids=["empty", "none"])
def test_a_bundle_without_certificates_is_told(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str
) -> None:
    """A file that holds no certificate switches nothing off, and the server is not blamed."""
    bundle = tmp_path / "ca.pem"
    bundle.write_text(content)
    monkeypatch.setenv("CURL_CA_BUNDLE", str(bundle))
    error = refused(secure())
    assert error.message.startswith("not sent: no certificate or crl found")
    assert error.hint == "Set CURL_CA_BUNDLE to a file of certificates in PEM format, or unset it."


def test_a_bundle_that_is_missing_is_told(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A path that leads nowhere is named."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    error = refused(secure())
    assert error.message.startswith("not sent: ")
    assert str(tmp_path) in error.message
    assert "REQUESTS_CA_BUNDLE" in error.hint


# Times and names


@pytest.mark.reliability(
    "a certificate that has expired, is not valid yet, or is for another host",
    "no request is sent; the error says which of these, and what to look at",
)
@pytest.mark.usefixtures("_trusting")
def test_an_expired_certificate_is_refused(secure: Secure) -> None:
    """A certificate is refused after its time; this machine's clock is told beside it."""
    server = secure(begins=NOW - 2 * DAY, expires=NOW - DAY)
    error = refused(server)
    assert error.message == untrusted(server) + "certificate has expired"
    assert error.hint.startswith(
        "Whoever runs the server must renew it. This machine's clock says 2"
    )


@pytest.mark.usefixtures("_trusting")
def test_a_certificate_of_the_future_is_refused(secure: Secure) -> None:
    """A certificate that is not valid yet is a reason to look at the clock."""
    server = secure(begins=NOW + DAY, expires=NOW + 2 * DAY)
    error = refused(server)
    assert error.message == untrusted(server) + "certificate is not yet valid"
    assert error.hint.startswith("Is this machine's clock right? It says 2")


@pytest.mark.parametrize(
    ("hosts", "names"),
    [
        (["api.example.com"], "api.example.com"),
        (["*.example.com", "10.0.0.1"], "*.example.com, 10.0.0.1"),
        (["a.example", "b.example", "c.example", "d.example"], "{0}, {1}, {2} and 1 more"),
    ],
)
@pytest.mark.usefixtures("_trusting")
def test_a_certificate_for_another_host_is_refused(
    secure: Secure, hosts: list[str], names: str
) -> None:
    """Both are named: whom the certificate is for, and who was asked."""
    server = secure(*hosts)
    error = refused(server)
    told = names.format(*hosts)
    assert error.message == (f"{untrusted(server)}the certificate is for {told}, not for 127.0.0.1")
    assert error.hint == tls_errors.OTHER_HOST_HINT


@pytest.mark.parametrize("proxy", [None, Proxy("HTTPS_PROXY", "proxy.example.com", False)])
def test_names_that_can_not_be_read_are_left_out(bundle: str, proxy: Proxy | None) -> None:
    """Where the certificate can't be looked at once more, the asked host is named alone."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = 64, "IP address mismatch"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        base_url = f"https://127.0.0.1:{nobody.getsockname()[1]}/api/v1"
        route = Route(base_url, proxy, bundle, "REQUESTS_CA_BUNDLE")
        assert tls_errors.reason(error, route) == "the certificate is not for 127.0.0.1"


# What only newer versions of Python ask for

ODD = {
    "Missing Subject Key Identifier": Odd(subject_key_identifier=False),
    "Missing Authority Key Identifier": Odd(authority_key_identifier=False),
    "Basic Constraints of CA cert not marked critical": Odd(critical_constraints=False),
}


@pytest.mark.reliability(
    "a company's proxy with a certificate that lacks what Python 3.13 requires",
    "the error says what is missing, and that it must be reissued or an older Python used",
)
@pytest.mark.parametrize("words", ODD)
def test_what_strict_checks_miss_is_told(words: str, tmp_path: Path) -> None:
    """OpenSSL's own error of each of these checks becomes advice about the certificate."""
    error = handshake_error(odd_server_context(ODD[words], tmp_path), tmp_path / "ca.pem")
    wrapped = requests.exceptions.SSLError(urllib3.exceptions.SSLError(error))
    route = Route("https://api.example.com/api/v1", None, str(tmp_path), "REQUESTS_CA_BUNDLE")
    found = unanswered.no_answer(Call("GET", "/key"), route, wrapped)
    assert found.message == f"no trusted TLS connection to api.example.com: {words}"
    assert found.hint == tls_errors.STRICT_HINT


@pytest.mark.skipif(
    not create_urllib3_context().verify_flags & ssl.VERIFY_X509_STRICT,
    reason="these versions of Python and urllib3 do not check so strictly",
)
@pytest.mark.parametrize("words", ODD)
def test_strict_checks_refuse_a_server(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From Python 3.13 on a client meets these errors with a real server."""
    context = odd_server_context(ODD[words], tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with SecretlyServed(context, SOUND) as server:
        error = refused(server)
        assert error.message == untrusted(server) + words
    assert error.hint == tls_errors.STRICT_HINT


# Everything else


def test_http_where_https_was_asked_for_is_refused(serve: Serve) -> None:
    """A server that speaks no TLS is sent no request, and no certificate is asked for."""
    server = serve(SOUND)
    server.base_url = server.base_url.replace("http:", "https:")
    error = refused(server)
    assert error.message == untrusted(server) + "wrong version number"
    assert error.hint == ""


def test_a_handshake_that_fails_is_told_in_openssls_words(
    authority: trustme.CA, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that wants a certificate of the client, which nobody can give, says so."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    with SecretlyServed(context, SOUND) as server:
        error = refused(server)
    assert "handshake failure" in error.message
    assert error.hint == ""
