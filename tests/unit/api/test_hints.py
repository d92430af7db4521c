"""What an error advises, where the key or the base URL is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import (
    INFERENCE_KEY_HINT,
    BadAnswerError,
    NotFoundError,
    RequestError,
    UnauthorizedError,
)
from pulumi_openrouter.api.explain import PROXY_HINT
from pulumi_openrouter.core.settings import Settings
from pulumi_openrouter.simulator import Quirks, Simulator
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import Answer

REVOKED = "sk-or-mgmt-revoked"
NOT_ACCEPTED = "The key is not accepted: was it revoked or mistyped?"
PAGE = b"<html><body>OpenRouter</body></html>"
GONE = Answer({"error": {"code": 404, "message": "Resource not found"}}, 404)


def failure(client: Client) -> RequestError:
    with pytest.raises(RequestError) as caught:
        client.get_workspace("team")
    assert len(str(caught.value).splitlines()) <= 3
    return caught.value


# Keys


@pytest.mark.parametrize(
    ("origin", "hint"),
    [
        (None, NOT_ACCEPTED),
        ("a file", f"{NOT_ACCEPTED} It comes from a file."),
    ],
)
def test_a_key_that_is_not_accepted_is_told_where_it_comes_from(
    simulator: Simulator, origin: str | None, hint: str
) -> None:
    """401 asks whether the key was revoked or mistyped, and says which key it is."""
    error = failure(Client(REVOKED, simulator.base_url, key_origin=origin))
    assert isinstance(error, UnauthorizedError)
    assert error.hint == hint


@pytest.mark.reliability(
    "a key that was revoked, from the environment and from the configuration",
    "the error says where the key comes from, and for the configuration which key destroy uses",
)
@pytest.mark.parametrize(
    ("config", "environment", "told"),
    [
        ({}, {"OPENROUTER_MANAGEMENT_KEY": REVOKED}, "It comes from OPENROUTER_MANAGEMENT_KEY."),
        (
            {"openrouter:managementKey": REVOKED},
            {},
            "It comes from openrouter:managementKey.\n"
            "`pulumi refresh` and `pulumi destroy` use the key of the last `pulumi up`, "
            "unless OPENROUTER_MANAGEMENT_KEY is set.",
        ),
    ],
    ids=["environment", "configuration"],
)
def test_the_settings_know_where_a_key_comes_from(
    simulator: Simulator, config: dict[str, str], environment: dict[str, str], told: str
) -> None:
    """A key from the configuration may be an old one, which people who destroy must know."""
    address = {"OPENROUTER_BASE_URL": simulator.base_url}
    settings = Settings.load(config.get, {**environment, **address})
    assert failure(settings.connect()).hint == f"{NOT_ACCEPTED} {told}"


def test_an_inference_key_is_told_first() -> None:
    """A key of the wrong kind is neither revoked nor mistyped."""
    with Simulator(Quirks(inference_key_status=401)) as simulator:
        error = failure(Client(simulator.inference_key, simulator.base_url, key_origin="a file"))
    assert error.hint == INFERENCE_KEY_HINT


# Base URLs

PATHS: dict[str, Callable[[str], str]] = {
    "none": lambda origin: origin,
    "without the version": lambda origin: f"{origin}/api",
    "another version": lambda origin: f"{origin}/api/v2",
    "too long": lambda origin: f"{origin}/api/v1/workspaces",
}
WRONG_PLACE: dict[str, tuple[Answer, type[RequestError]]] = {
    "404": (GONE, NotFoundError),
    "page with 404": (Answer(PAGE, 404, content_type="text/html"), BadAnswerError),
    "page with 200": (Answer(PAGE, content_type="text/html"), BadAnswerError),
    "redirect": (Answer(b"", 308, {"Location": "/"}), BadAnswerError),
}


@pytest.mark.reliability(
    "a base URL without /api/v1, or with more behind it",
    "the error names the base URL, and how it usually ends",
)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("answer", WRONG_PLACE)
def test_a_base_url_with_an_unusual_path_is_doubted(serve: Serve, path: str, answer: str) -> None:
    """Where nothing is found, or a page, the base URL is named, and how it usually ends."""
    base_url = PATHS[path](serve(WRONG_PLACE[answer][0]).origin)
    error = failure(Client(REVOKED, base_url))
    assert type(error) is WRONG_PLACE[answer][1]
    assert error.hint == f"The base URL is {base_url}: it usually ends in /api/v1."


@pytest.mark.parametrize("end", ["/api/v1", "/gateway/api/v1"])
def test_a_base_url_with_the_usual_path_is_not_doubted(serve: Serve, end: str) -> None:
    """An object that is not there is just that; a page is some proxy's."""
    assert failure(Client(REVOKED, serve(GONE).origin + end)).hint == ""
    page = serve(WRONG_PLACE["page with 200"][0])
    assert failure(Client(REVOKED, page.origin + end)).hint == PROXY_HINT


def test_the_path_of_a_base_url_breaks_nothing_else(serve: Serve) -> None:
    """Other refusals, and a page of a gateway that fails, say nothing of the base URL."""
    refusals = [
        Answer({"error": {"message": "No"}}, 400),
        Answer({"error": {"message": "No"}}, 403),
        Answer(PAGE, 501, content_type="text/html"),
    ]
    for refusal in refusals:
        assert failure(Client(REVOKED, serve(refusal).origin)).hint == ""
