from __future__ import annotations

import pytest

from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL, checked_base_url

SECRET = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        PUBLIC_BASE_URL,
        "https://eu.openrouter.ai/api/v1",
        "https://gateway.example.com:8443/openrouter",
        "http://localhost:8080/api/v1",
        "http://LOCALHOST:8080",
        "http://127.0.0.1:8080/api/v1",
        "http://127.200.3.4",
        "http://[::1]:8080/api/v1",
        "HTTPS://openrouter.ai/api/v1",
    ],
)
def test_https_anywhere_and_http_to_loopback_are_taken(url: str) -> None:
    """A base URL is https to any host, or http to this machine, and is kept as it is."""
    assert checked_base_url(url) == url


@pytest.mark.parametrize(
    "url", ["https://a.example/v1/", "https://a.example/v1//", " \thttps://a.example/v1\n"]
)
def test_slashes_and_blanks_around_are_dropped(url: str) -> None:
    """Slashes at the end and blanks around the URL mean nothing."""
    assert checked_base_url(url) == "https://a.example/v1"


@pytest.mark.parametrize(
    "url",
    [
        "http://openrouter.ai/api/v1",
        "http://10.0.0.1/api/v1",
        "http://0.0.0.0:8080",
        "http://[fe80::1]:8080",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://2130706433",
    ],
)
def test_http_to_another_machine_is_refused(url: str) -> None:
    """Over http the key would be readable on its way to any host that is not loopback."""
    with pytest.raises(ValueError, match=r"^must be https: http would send the key in clear text"):
        checked_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "openrouter.ai/api/v1",
        "//openrouter.ai/api/v1",
        "https://",
        "https:///api/v1",
        "ftp://openrouter.ai",
        "file:///etc/passwd",
        "https://open router.ai",
        "https://openrouter.ai/api\nv1",
        "https://openrouter.ai:port/api",
        "https://openrouter.ai:65536/api",
        "https://openrouter.ai:0/api",
        "https://[::1",
        "https://[not-an-address]/",
        "https://exa℀mple.com",
    ],
)
def test_what_is_no_url_is_refused_with_an_example(url: str) -> None:
    """Without a scheme, a host or a sound form it is no base URL, and the error shows one."""
    with pytest.raises(ValueError, match=f"^must be a URL such as {PUBLIC_BASE_URL}$"):
        checked_base_url(url)


@pytest.mark.parametrize("user", [f"user:{SECRET}", SECRET, f":{SECRET}", "", ":"])
def test_user_info_is_refused(user: str) -> None:
    """A user name or password in the URL is refused."""
    with pytest.raises(ValueError, match=r"^must not contain a user name or password$"):
        checked_base_url(f"https://{user}@openrouter.ai/api/v1")


@pytest.mark.parametrize("end", ["?key=1", "#top", "?", "#", "/?a#b"])
def test_a_query_or_fragment_is_refused(end: str) -> None:
    """A query or fragment, an empty one too, would swallow the paths that are appended."""
    with pytest.raises(ValueError, match=r"^must not contain a query or a fragment$"):
        checked_base_url(f"https://openrouter.ai/api/v1{end}")


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{SECRET}@openrouter.ai",
        f"https://openrouter.ai/?key={SECRET}",
        f"https://openrouter.ai/#{SECRET}",
        f"http://{SECRET}.example.com",
        f"ftp://{SECRET}",
        f"https://openrouter.ai:{SECRET}",
        f"https://user:{SECRET}@exa℀mple.com",
        f"https://[{SECRET}",
    ],
)
def test_an_error_never_repeats_the_url(url: str) -> None:
    """A URL may hold a secret, so no error repeats any part of it."""
    with pytest.raises(ValueError, match=r"^must ") as caught:
        checked_base_url(url)
    assert SECRET not in str(caught.value)
