"""Who is given the key: nobody but the API, whatever answers in its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from requests.utils import get_netrc_auth

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import BadAnswerError, RequestError
from pulumi_openrouter.core.settings import KEY_VARIABLE, Settings, SettingsError
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import WORKSPACE, Answer

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

pytestmark = pytest.mark.usefixtures("_no_network_settings")


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


# Pages


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
