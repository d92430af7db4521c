from __future__ import annotations

import base64
import logging
import traceback
from pathlib import Path

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import INFERENCE_KEY_HINT, RequestError
from pulumi_openrouter.core.lifecycle import Lifecycle
from pulumi_openrouter.core.settings import KEY_CONFIG, KEY_VARIABLE, Settings
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.core.workspace_budget import WorkspaceBudgetLifecycle
from pulumi_openrouter.core.workspace_membership import WorkspaceMembershipLifecycle
from pulumi_openrouter.host import Provider
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.mock_engine import run_program
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import WORKSPACE, Answer

KEY = "sk-or-mgmt-4f1d7c0e"
TEAM = {"name": "Team", "slug": "team"}


def failure(client: Client) -> RequestError:
    with pytest.raises(RequestError) as caught:
        client.create_workspace(TEAM)
    return caught.value


def test_the_key_is_sent_as_a_bearer_token(serve: Serve) -> None:
    """Every request carries the key in its Authorization header, and nowhere else."""
    server = serve(Answer({"data": WORKSPACE}))
    Client(KEY, server.base_url).create_workspace(TEAM)
    (seen,) = server.seen
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    assert [name for name, value in seen.headers.items() if KEY in value] == ["Authorization"]
    assert KEY not in seen.target


def test_a_netrc_never_overrides_the_key(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A .netrc with an entry for the very host changes nothing."""
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text("machine 127.0.0.1 login somebody password else\n")
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server = serve(Answer({"data": WORKSPACE}))
    Client(KEY, server.base_url).get_workspace("team")
    assert server.seen[0].headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_proxy_is_never_sent_the_key_in_clear(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """http is for this machine alone, so no proxy comes between."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    proxy = serve(Answer({"data": WORKSPACE}))
    server = serve(Answer({"data": WORKSPACE}))
    monkeypatch.setenv(variable, proxy.origin)
    Client(KEY, server.base_url).get_workspace("team")
    assert (len(server.seen), proxy.seen) == (1, [])


@pytest.mark.parametrize("key", ["", " ", "two words", "line\nbreak", "naïve", "nul\x00", "tab\t"])
def test_what_no_header_can_carry_is_no_key(key: str) -> None:
    """A key that can't be sent is refused at once, without being repeated."""
    with pytest.raises(ValueError, match=r"^the key must be one word of printable ASCII$"):
        Client(key)


ECHOES = [
    Fault(kind=FaultKind.STATUS, status=status, retry_after=60, message=f"{KEY} and {KEY}?")
    for status in (400, 401, 403, 404, 409, 418, 429, 500)
]


@pytest.mark.parametrize("fault", ECHOES, ids=lambda fault: str(fault.status))
def test_an_echoed_key_is_hidden(fault: Fault) -> None:
    """A server that repeats the key in its message does not bring it into the error."""
    with Simulator(key=KEY) as simulator:
        simulator.faults.add(fault)
        error = failure(Client(KEY, simulator.base_url, timeout=5))
    assert "[key] and [key]?" in str(error)
    assert KEY not in "".join([repr(error), *traceback.format_exception(error)])


def test_a_key_echoed_at_the_edge_of_a_quote_is_hidden(simulator: Simulator) -> None:
    """Shortening a long message doesn't leave a part of the key at its end."""
    message = "x" * 290 + KEY
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=400, message=message))
    error = failure(Client(KEY, simulator.base_url))
    assert KEY[:5] not in str(error)


def test_a_key_echoed_as_request_id_is_hidden(serve: Serve) -> None:
    """The id of the request is the server's word too."""
    answer = Answer({"error": {"message": "No"}}, 400, {"X-Request-Id": f"{KEY}-1"})
    error = failure(Client(KEY, serve(answer).base_url))
    assert str(error) == "400 No (request [key]-1)"


ECHO = f"Unknown: {KEY}"
EVERY_ERROR = [
    *[
        Fault(kind=FaultKind.STATUS, status=status, message=ECHO)
        for status in (400, 401, 403, 404, 409, 418)
    ],
    *[
        Fault(kind=FaultKind.STATUS, status=status, message=ECHO, retry_after=60)
        for status in (429, 500, 503)
    ],
    Fault(kind=FaultKind.HTML, status=502, times=None),
    Fault(kind=FaultKind.HTML, status=404, times=None),
    Fault(kind=FaultKind.HTML, status=200, times=None),
    Fault(kind=FaultKind.CUT_BEFORE, times=None),
    Fault(kind=FaultKind.CUT_AFTER, times=None),
    Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=9, times=None),
    Fault(kind=FaultKind.TRUNCATED, times=None),
    Fault(kind=FaultKind.WRONG_SHAPE, body={"data": KEY}, times=None),
]
SOURCES = {
    "environment": ({}, {KEY_VARIABLE: KEY}),
    "configuration": ({KEY_CONFIG: KEY}, {}),
}
"""Where the key comes from: the configuration, and the environment."""


def client_from(source: str, base_url: str) -> Client:
    """A client as the host makes it, which gives up soon."""
    config, environment = SOURCES[source]
    settings = {"OPENROUTER_BASE_URL": base_url, "OPENROUTER_TIMEOUT": "0.2"}
    return Settings.load(config.get, {**environment, **settings}).connect()


def shown_by(error: BaseException) -> str:
    """All that any tool shows of an error: its parts, and the values in each of its frames."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join([str(error), repr(error), repr(vars(error)), *frames.format()])


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "fault", EVERY_ERROR, ids=lambda fault: f"{fault.kind.value} {fault.status}"
)
@pytest.mark.reliability(
    "every error of the API and the network, with the key echoed, and everything logged",
    "the key is in no message, no attribute, no frame of a traceback and no log",
)
def test_no_error_shows_the_key(
    fault: Fault, source: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither an error with the values of its frames nor any library's log shows the key."""
    caplog.set_level(logging.DEBUG)
    with Simulator(key=KEY) as simulator:
        simulator.faults.add(fault)
        error = failure(client_from(source, simulator.base_url))
    assert "POST /workspaces" in caplog.text
    assert KEY not in caplog.text + shown_by(error)


@pytest.mark.parametrize("source", SOURCES)
def test_no_success_shows_the_key(source: str, caplog: pytest.LogCaptureFixture) -> None:
    """What is logged of a request that succeeds has its path and status, and not the key."""
    caplog.set_level(logging.DEBUG)
    with Simulator(key=KEY) as simulator:
        workspace = client_from(source, simulator.base_url).create_workspace(TEAM)
    assert "POST /workspaces 201" in caplog.text
    assert KEY not in caplog.text + repr(workspace)


@pytest.mark.parametrize("source", SOURCES)
def test_a_refused_connection_does_not_show_the_key(
    source: str, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """An error about an API that is away doesn't tell what would have been sent to it."""
    caplog.set_level(logging.DEBUG)
    simulator.pause()
    error = failure(client_from(source, simulator.base_url))
    assert "no connection" in str(error)
    assert KEY not in caplog.text + shown_by(error)


def test_a_key_echoed_in_metadata_is_hidden(serve: Serve) -> None:
    """What the API says beside its message is not kept at all."""
    said = {"reasons": [{f"of {KEY}": f"unknown: {KEY}"}]}
    server = serve(Answer({"error": {"message": "No", "metadata": said}}, 400))
    error = failure(Client(KEY, server.base_url))
    assert KEY not in shown_by(error)


@pytest.mark.parametrize(
    "lifecycle", [WorkspaceLifecycle, WorkspaceBudgetLifecycle, WorkspaceMembershipLifecycle]
)
@pytest.mark.parametrize("source", SOURCES)
def test_the_key_is_in_no_pickled_provider(
    lifecycle: type[Lifecycle], source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the state holds of a provider names its kind, and nothing of the settings."""
    config, environment = SOURCES[source]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    pickled: list[bytes] = []

    def pickle() -> None:
        pickled.append(base64.b64decode(serialize_provider(Provider(lifecycle))))

    run_program(pickle, config=config, secret_config=list(config))
    (content,) = pickled
    assert lifecycle.noun.encode() in content
    assert KEY.encode() not in content
    assert len(content) < 200


def test_the_key_is_in_no_repr() -> None:
    """Showing a client, or anything it is made of, doesn't show the key."""
    client = Client(KEY)
    assert KEY not in repr(client)
    assert KEY not in repr(vars(client))
    assert KEY not in repr(vars(client._sender))
    assert KEY not in repr(Settings(key=KEY))


@pytest.mark.parametrize("status", [401, 403])
def test_an_inference_key_is_told_from_a_management_key(status: int) -> None:
    """A refusal of a key that looks like an inference key says that it is the wrong kind."""
    with Simulator(Quirks(inference_key_status=status)) as simulator:
        error = failure(Client(simulator.inference_key, simulator.base_url))
    assert error.hint == INFERENCE_KEY_HINT
    assert len(str(error).splitlines()) == 2


def test_a_management_key_gets_no_such_hint(simulator: Simulator, client: Client) -> None:
    """A key that looks right is not suspected, nor any key where the refusal is another."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403))
    assert failure(client).hint == ""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=400))
    assert failure(Client(simulator.inference_key, simulator.base_url)).hint == ""
