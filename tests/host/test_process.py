from __future__ import annotations

import socket
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.host.dynamic_host import HostError, StartHost
from tests.host.inputs import workspace
from tests.support.waiting import PATIENCE, wait_until

ID = "11111111-2222-3333-4444-555555555555"


# What it prints


def test_prints_nothing_but_its_port(start_host: StartHost, slug: str) -> None:
    """The port is the first line, and usually the only one on both outputs."""
    host = start_host()
    host.workspaces.check(workspace(slug))
    id, outputs = host.workspaces.create(workspace(slug))
    host.workspaces.update(id, outputs, workspace(slug, description="new"))
    with pytest.raises(HostError):
        host.workspaces.create(workspace(slug))
    host.stop()
    assert len(host.stdout) == 1
    assert host.stdout[0].isdigit()
    assert host.stderr == []


def test_logs_requests_to_standard_error(
    start_host: StartHost, simulator: Simulator, slug: str
) -> None:
    """OPENROUTER_LOG=debug shows every request on standard error, and never the key."""
    host = start_host(OPENROUTER_LOG="debug")
    host.workspaces.check(workspace(slug))
    host.budgets.check({})
    id, outputs = host.workspaces.create(workspace(slug))
    host.workspaces.refresh(id, outputs)
    host.stop()
    shown = [line.split(" ms ")[0].rsplit(" ", 1)[0] for line in host.stderr]
    assert shown == [
        "openrouter: GET /key 200",
        "openrouter: POST /workspaces 201",
        "openrouter: GET /workspaces 200",
    ]
    assert simulator.key not in "\n".join([*host.stdout, *host.stderr])
    assert len(host.stdout) == 1


def test_forgets_the_default_workspace_in_words(
    start_host: StartHost, simulator: Simulator
) -> None:
    """Destroying the default workspace deletes nothing, and says so on standard output."""
    id = simulator.organization.workspace("default").id
    host = start_host()
    host.workspaces.delete(id, workspace("default", adopt_existing=True))
    host.stop()
    assert host.stdout[1:] == ["workspace 'default' can't be deleted: this stack only forgets it"]
    assert simulator.requests("DELETE", f"/workspaces/{id}") == []


# What its providers share


def test_all_resources_share_a_client(start_host: StartHost, simulator: Simulator) -> None:
    """The patience that the API asked one kind of resource for holds for the others too."""
    host = start_host()
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=429, retry_after=3600))
    with pytest.raises(HostError, match="429 Rate limit exceeded"):
        host.workspaces.get(ID)
    before = len(simulator.log)
    for kind in (host.budgets, host.memberships):
        with pytest.raises(HostError, match="not sent: the API asked to wait 3600 seconds"):
            kind.get(ID)
    assert len(simulator.log) == before


def test_the_organization_is_asked_once(start_host: StartHost, simulator: Simulator) -> None:
    """However many memberships there are at once, the organization is listed once a process."""
    emails = [person.email for person in simulator.organization.people]
    ids = [
        simulator.organization.create_workspace(name="Team", slug=f"org-{uuid.uuid4().hex}").id
        for _ in emails
    ]
    members = [
        {"workspace_id": id, "emails": [email], "exclusive": False}
        for id, email in zip(ids, emails, strict=True)
    ]
    before = len(simulator.requests("GET", "/organization/members"))
    host = start_host()
    with ThreadPoolExecutor(len(ids)) as pool:
        list(pool.map(host.memberships.create, members))
    assert len(simulator.requests("GET", "/organization/members")) == before + 1
    assert [len(simulator.organization.members(id)) for id in ids] == [1] * len(ids)


def test_one_error_stops_no_other_call(
    start_host: StartHost, simulator: Simulator, slug: str
) -> None:
    """Calls that fail at once with calls that succeed leave those alone."""
    host = start_host()
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, status=403, method="GET", path=f"*{ID}", times=None)
    )

    def get(_: int) -> str:
        with pytest.raises(HostError) as caught:
            host.workspaces.get(ID)
        return caught.value.lines[0]

    with ThreadPoolExecutor(8) as pool:
        errors = pool.map(get, range(4))
        created = pool.map(host.workspaces.create, [workspace(f"{slug}-{n}") for n in range(4)])
        assert len({id for id, _ in created}) == 4
        assert set(errors) == {
            f"OpenRouterError: reading workspace {ID}: "
            "403 Only management keys can perform this operation"
        }


# When it ends


def test_ends_with_the_engine(start_host: StartHost) -> None:
    """A host whose engine was killed ends itself."""
    with socket.create_server(("127.0.0.1", 0)) as engine:
        engine.settimeout(PATIENCE)
        address = "{}:{}".format(*engine.getsockname())
        host = start_host(address)
        host.workspaces.check(workspace("x"))
        connection, _ = engine.accept()
    connection.close()
    assert host.process.wait(PATIENCE) == 1


def test_ends_with_the_engine_in_the_middle_of_a_call(
    start_host: StartHost, simulator: Simulator, slug: str
) -> None:
    """A host without an engine doesn't go on repeating what it was at."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, path="/workspaces", times=None))
    with socket.create_server(("127.0.0.1", 0)) as engine:
        engine.settimeout(PATIENCE)
        address = "{}:{}".format(*engine.getsockname())
        host = start_host(address, OPENROUTER_TIMEOUT="3600")
        with ThreadPoolExecutor(1) as pool:
            creating = pool.submit(host.workspaces.create, workspace(slug))
            connection, _ = engine.accept()
            engine.close()
            connection.close()
            assert host.process.wait(PATIENCE) == 1
            with pytest.raises(HostError):
                creating.result(PATIENCE)
    assert slug not in {found.slug for found in simulator.organization.workspaces}


def test_stays_while_the_engine_listens(start_host: StartHost) -> None:
    """A connection that breaks doesn't end a host: it calls the engine again."""
    with socket.create_server(("127.0.0.1", 0)) as engine:
        engine.settimeout(PATIENCE)
        host = start_host("{}:{}".format(*engine.getsockname()))
        host.workspaces.check(workspace("x"))
        for _ in range(2):
            connection, _address = engine.accept()
            connection.close()
        assert host.workspaces.check(workspace("x")).failures == []


def test_works_without_an_engine(start_host: StartHost, slug: str) -> None:
    """A host whose engine never answered works all the same."""
    host = start_host("127.0.0.1:9")
    host.workspaces.check(workspace(slug))
    host.workspaces.create(workspace(slug))
    assert host.process.poll() is None


# How many calls it answers at once


def test_answers_as_many_calls_as_there_are(start_host: StartHost, simulator: Simulator) -> None:
    """Twenty creations are under way together: the host's own four threads are no limit."""
    held = Fault(kind=FaultKind.TIMEOUT_BEFORE, method="POST", seconds=PATIENCE, times=None)
    simulator.faults.add(held)
    host = start_host(OPENROUTER_TIMEOUT="3600")
    before = len(simulator.writes())
    slugs = {f"at-once-{n}" for n in range(20)}
    with ThreadPoolExecutor(len(slugs)) as pool:
        for slug in slugs:
            pool.submit(host.workspaces.create, workspace(slug))
        wait_until(lambda: len(simulator.writes()) == before + len(slugs))
        assert {request.body["slug"] for request in simulator.writes()[before:]} == slugs
        host.stop()
