from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import attrs
import pytest
import requests

from pulumi_openrouter.simulator import Quirks, Request, Simulator
from pulumi_openrouter.simulator.__main__ import main
from tests.unit.simulator.api import Api
from tools.paths import PACKAGE, SOURCES

TEAM = {"name": "Team", "slug": "team"}


def test_the_log_has_every_request_in_order(simulator: Simulator, api: Api) -> None:
    """Each request is logged with its method, path, query, body and status."""
    api.send("GET", "/workspaces", limit=5, offset=0)
    api.send("POST", "/workspaces", TEAM)
    api.send("DELETE", "/nothing")
    api.raw("POST", "/workspaces", "no json")
    assert simulator.log == [
        Request("GET", "/workspaces", {"limit": "5", "offset": "0"}, None, 200),
        Request("POST", "/workspaces", {}, TEAM, 201),
        Request("DELETE", "/nothing", {}, None, 404),
        Request("POST", "/workspaces", {}, "no json", 400),
    ]


def test_the_log_is_searched_and_cleared(simulator: Simulator, api: Api) -> None:
    """The log can be asked for a method and a glob of the path, and for the writes."""
    api.send("GET", "/workspaces")
    api.send("GET", "/workspaces/default")
    api.send("PATCH", "/workspaces/default", {})
    assert len(simulator.requests()) == 3
    assert len(simulator.requests("GET")) == 2
    assert [entry.method for entry in simulator.requests(path_glob="/workspaces/*")] == [
        "GET",
        "PATCH",
    ]
    assert [entry.method for entry in simulator.writes()] == ["PATCH"]
    simulator.log.clear()
    assert simulator.requests() == []


def test_a_connection_is_kept_for_the_next_request(simulator: Simulator) -> None:
    """Requests with and without a body follow one another on a single connection."""
    address = urlsplit(simulator.base_url)
    head = f"Host: x\r\nAuthorization: Bearer {simulator.key}\r\nContent-Length: 2\r\n\r\n"
    lines = [f"{method} /api/v1/workspaces/default HTTP/1.1" for method in ("GET", "PATCH")]
    where = (address.hostname, address.port or 0)
    with socket.create_connection(where, timeout=60) as connection:
        connection.sendall("".join(f"{line}\r\n{head}{{}}" for line in lines * 2).encode())
        received = b""
        while received.count(b'"updated_at"') < 4:
            received += connection.recv(65536)
    assert received.count(b"HTTP/1.1 200 OK") == 4
    assert b"Connection: close" not in received


def test_requests_are_served_side_by_side(simulator: Simulator) -> None:
    """Many threads that create at once get one workspace each, and one of them a taken slug."""

    def create(number: int) -> int:
        return (
            Api(simulator)
            .send("POST", "/workspaces", {"name": "x", "slug": slug(number)})
            .status_code
        )

    def slug(number: int) -> str:
        return f"team-{number // 2}"

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(create, range(40)))
    assert statuses == [201] * 20 + [400] * 20
    assert len({workspace.id for workspace in simulator.organization.workspaces}) == 21


def test_it_serves_this_machine_alone(simulator: Simulator) -> None:
    """The base URL is on the loopback address, with the API's own path."""
    address = urlsplit(simulator.base_url)
    assert (address.scheme, address.hostname, address.path) == ("http", "127.0.0.1", "/api/v1")


def test_a_pause_refuses_connections_and_forgets_nothing(simulator: Simulator, api: Api) -> None:
    """Paused, it refuses new connections and cuts old ones; resumed, it is as it was."""
    api.send("POST", "/workspaces", TEAM)
    base_url = simulator.base_url
    simulator.pause()
    for client in (api, Api(simulator)):
        with pytest.raises(requests.ConnectionError):
            client.send("GET", "/workspaces")
    simulator.resume()
    assert simulator.base_url == base_url
    assert api.ok("GET", "/workspaces/team")["data"]["name"] == "Team"


def test_starting_and_stopping_twice_is_harmless() -> None:
    """start and stop may be called by hand, and more than once."""
    simulator = Simulator()
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = simulator.base_url
    assert simulator.start() is simulator.start()
    Api(simulator).ok("GET", "/workspaces")
    simulator.stop()
    simulator.stop()


def test_a_taken_port_is_an_error(simulator: Simulator) -> None:
    """Two simulators can't have one port: the second one says so with an OSError."""
    with pytest.raises(OSError, match="in use"):
        Simulator(port=urlsplit(simulator.base_url).port or 0).start()


def test_a_random_seed_makes_the_same_organization_again() -> None:
    """Equal seeds give equal ids and keys, others give others."""

    def ids(random_seed: int) -> list[str]:
        simulator = Simulator(random_seed=random_seed, members=3)
        organization = simulator.organization
        organization.create_workspace(**TEAM)
        people = [person.id for person in organization.people]
        workspaces = [workspace.id for workspace in organization.workspaces]
        return [simulator.key, simulator.inference_key, *people, *workspaces]

    assert ids(1) == ids(1)
    assert not set(ids(1)) & set(ids(2))


def test_members_have_names_as_far_as_they_go() -> None:
    """The first six members have names, the others numbers; the first is the admin."""
    people = Simulator(members=8).organization.people
    assert [person.email for person in people] == [
        "ada@example.com",
        "grace@example.com",
        "alan@example.com",
        "katherine@example.com",
        "edsger@example.com",
        "barbara@example.com",
        "member7@example.com",
        "member8@example.com",
    ]
    assert [person.role for person in people] == ["org:admin"] + ["org:member"] * 7
    assert all(person.id.startswith("user_") for person in people)


def test_an_organization_may_have_no_members_and_many_workspaces() -> None:
    """members=0 leaves nobody to have created anything, and workspaces=N makes N besides."""
    organization = Simulator(members=0, workspaces=2).organization
    assert [workspace.slug for workspace in organization.workspaces] == [
        "default",
        "team-1",
        "team-2",
    ]
    assert {workspace.created_by for workspace in organization.workspaces} == {None}


def test_a_key_can_be_chosen() -> None:
    """The management key is the one that was given."""
    with Simulator(key="sk-or-mgmt-mine") as simulator:
        assert simulator.key == "sk-or-mgmt-mine"
        assert simulator.headers == {"Authorization": "Bearer sk-or-mgmt-mine"}
        Api(simulator).ok("GET", "/workspaces")


def test_people_are_found_by_id_and_email(simulator: Simulator) -> None:
    """person takes a user id, or an email in any case."""
    ada = simulator.organization.people[0]
    assert simulator.organization.person(ada.id) == ada
    assert simulator.organization.person("Ada@Example.com") == ada


def test_nothing_of_a_key_is_printed(simulator: Simulator) -> None:
    """The repr of an API key object does not show the key."""
    key = simulator.organization.create_key("x")
    assert key.secret not in repr(key)


def test_every_quirk_is_explained() -> None:
    """Each switch of Quirks has a sentence that the command line shows."""
    assert all(switch.metadata["help"] for switch in attrs.fields(Quirks))


def test_every_quirk_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    """--help lists a switch for each quirk."""
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    for switch in attrs.fields(Quirks):
        assert f"--{switch.name.replace('_', '-')}" in shown


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCES)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    """The command prints two settings, serves with its switches, and ends cleanly on a signal."""
    command = [sys.executable, "-m", "pulumi_openrouter.simulator", "--key", "sk-or-mgmt-mine"]
    options = ["--members", "2", "--workspaces", "3", "--no-enterprise", "--page-cap", "2"]
    with subprocess.Popen(
        command + options,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        settings = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
        headers = {"Authorization": f"Bearer {settings['OPENROUTER_MANAGEMENT_KEY']}"}
        get = get_from(settings["OPENROUTER_BASE_URL"], headers)
        assert list(settings) == ["OPENROUTER_BASE_URL", "OPENROUTER_MANAGEMENT_KEY"]
        assert len(get("/workspaces").json()["data"]) == 2
        assert get("/workspaces").json()["total_count"] == 4
        assert get("/workspaces/default/budgets").status_code == 403
        process.send_signal(number)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


def get_from(base_url: str, headers: dict[str, str]) -> Callable[[str], requests.Response]:
    return lambda path: requests.get(base_url + path, headers=headers, timeout=60)


def test_the_command_says_that_a_port_is_taken(
    simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """A port that is in use ends the command with a line about it."""
    port = str(urlsplit(simulator.base_url).port)
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        assert main(["--port", port]) == 1
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
    assert f"cannot listen on port {port}: Address already in use" in capsys.readouterr().err


def test_it_needs_nothing_of_the_provider() -> None:
    """Importing the simulator alone brings in no Pulumi."""
    code = (
        "import sys, types\n"
        "package = types.ModuleType('pulumi_openrouter')\n"
        f"package.__path__ = [{str(PACKAGE)!r}]\n"
        "sys.modules['pulumi_openrouter'] = package\n"
        "import pulumi_openrouter.simulator\n"
        "ours = [name for name in sys.modules if name.startswith('pulumi_openrouter.')]\n"
        "assert all(name.startswith('pulumi_openrouter.simulator') for name in ours), ours\n"
        "assert 'pulumi' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True, timeout=120)


def test_the_command_says_what_is_not_installed(tmp_path: Path) -> None:
    """Without the extra, a line says what to install, and there is no traceback."""
    (tmp_path / "flask.py").write_text("raise ImportError('not here')")
    search = os.pathsep.join([str(tmp_path), str(SOURCES)])
    finished = subprocess.run(
        [sys.executable, "-m", "pulumi_openrouter.simulator"],
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 1
    (line,) = finished.stderr.splitlines()
    assert "the simulator needs Flask: pip install 'pulumi-openrouter[simulator]'" in line


def test_connections_are_counted(simulator: Simulator) -> None:
    """A session that keeps its connection has opened one, however much it asks."""
    before = simulator.connections_opened
    with requests.Session() as session:
        for _ in range(3):
            session.get(f"{simulator.base_url}/workspaces", headers=simulator.headers)
    assert simulator.connections_opened == before + 1
