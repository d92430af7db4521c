from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.unit.api.scripted import Answer, Scripted

Serve = Callable[..., Scripted]

NETWORK_VARIABLES = (
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)


@pytest.fixture
def _no_network_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and certificates are those of the test alone, and none of this machine's."""
    for name in NETWORK_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers that give the answers they are told, and stops them after the test."""
    with ExitStack() as stack:

        def start(*answers: Answer) -> Scripted:
            return stack.enter_context(Scripted(*answers))

        yield start
