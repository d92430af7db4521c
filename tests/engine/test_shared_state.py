"""Several operators who share the state, which lies in a PostgreSQL database."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.killing import Victim, kill, running
from tests.engine.postgres import NoPostgresError, Postgres, found, postgres
from tests.support.waiting import wait_until
from tests.support.workflows import EXAMPLE, checkout
from tools.project import Project, Result

REQUIRED = "REQUIRE_POSTGRESQL"
LOCKED = "the stack is currently locked by 1 lock(s)"

Operator = Callable[..., Project]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL that all tests of a worker share; each has a database of its own."""
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(postgres())
        except NoPostgresError as missing:
            # Where everything must run it is an error; elsewhere the summary tells of it.
            if os.environ.get(REQUIRED):
                raise
            pytest.skip(str(missing))
        yield running


@pytest.fixture
def operator(tmp_path: Path, server: Postgres, simulator: Simulator) -> Operator:
    """Start to work on another machine: the state, the passphrase and the key are shared."""
    backend = server.backend(f"state_{tmp_path.name}")

    def start(name: str, source: Path = EXAMPLE, api: Simulator = simulator) -> Project:
        return checkout(
            tmp_path / name,
            source,
            simulator=api,
            PULUMI_BACKEND_URL=backend,
            PULUMI_CONFIG_PASSPHRASE="what both know",
            OPENROUTER_ORGANIZATION_ID=api.organization.id,
            OPENROUTER_TIMEOUT="100",
        )

    return start


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Lets two operators work at once."""
    with ThreadPoolExecutor(2) as running:
        yield running


def hold_creation(simulator: Simulator) -> None:
    """Let every creation of a workspace hang and be tried again, until faults are cleared."""
    simulator.faults.add(
        Fault(
            kind=FaultKind.TIMEOUT_BEFORE, method="POST", path="/workspaces", seconds=1, times=None
        )
    )


def asked_for(simulator: Simulator) -> set[str]:
    """The slugs of the workspaces that somebody wanted to create."""
    return {request.body["slug"] for request in simulator.requests("POST", "/workspaces")}


@pytest.mark.reliability(
    "two operators bring up two environments at once, on a PostgreSQL backend",
    "both succeed; each sees the other's stack and outputs",
)
def test_two_operators_bring_up_two_environments_at_once(
    operator: Operator, simulator: Simulator, pool: ThreadPoolExecutor
) -> None:
    """Different stacks don't wait for each other, and everybody sees both."""
    ada, grace = operator("ada"), operator("grace")
    # Without the variable, what `pulumi login` was told counts.
    grace.run("login", grace.environment["PULUMI_BACKEND_URL"])
    grace = grace.using(PULUMI_BACKEND_URL="")
    ada.run("stack", "init", "dev")
    grace.run("stack", "init", "prod")
    hold_creation(simulator)
    ups = [pool.submit(ada.up), pool.submit(grace.up)]
    try:
        wait_until(lambda: {"research-dev", "research-prod"} <= asked_for(simulator))
    finally:
        simulator.faults.clear()
    for up in ups:
        assert set(up.result().changes.values()) == {"create"}
    made = {each.slug: each.id for each in simulator.organization.workspaces}
    teams = {"research-dev", "support-dev", "research-prod", "support-prod"}
    assert made.keys() == {"default", *teams}

    stacks = json.loads(grace.run("stack", "ls", "--json").stdout)
    assert {stack["name"].rpartition("/")[2] for stack in stacks} == {"dev", "prod"}
    seen = json.loads(grace.run("stack", "output", "--json", "--stack", "dev").stdout)
    assert seen == {
        "workspace_ids": {
            "research": made["research-dev"],
            "support": made["support-dev"],
        }
    }
    application = attrs.evolve(grace, folder=grace.folder / "app")
    application.run("stack", "init", "dev")
    application.up()
    assert application.outputs()["workspace_id"] == made["support-dev"]


@pytest.mark.reliability(
    "two ups of one stack at once, on a PostgreSQL backend",
    "the second is refused by the lock and sends nothing; afterwards it has nothing left to do",
)
def test_the_second_up_of_one_stack_is_refused_by_the_lock(
    operator: Operator, simulator: Simulator, pool: ThreadPoolExecutor
) -> None:
    """It changes nothing while the first one runs, says why, and goes through afterwards."""
    ada = operator("ada")
    ada.run("stack", "init", "dev")
    with Simulator() as elsewhere:
        # An API that nobody else talks to: whatever is asked there, the second one asked.
        grace = operator("grace", ada.folder, elsewhere)
        hold_creation(simulator)
        first = pool.submit(ada.up, "--stack", "dev")
        try:
            wait_until(lambda: bool(asked_for(simulator)))
            second: Result = grace.up("--stack", "dev", check=False)
            assert not first.done()
        finally:
            simulator.faults.clear()
        assert second.code != 0
        assert LOCKED in second.output
        assert "created by" in second.output
        assert elsewhere.log == []

    assert set(first.result().changes.values()) == {"create"}
    simulator.log.clear()
    assert operator("afterwards", ada.folder).up("--stack", "dev").changes == {}
    assert simulator.log == []


@pytest.mark.reliability(
    "kill -9 of one operator's pulumi, on a PostgreSQL backend",
    "its lock stays; after `pulumi cancel` by another one, that one's up converges",
)
def test_the_lock_of_a_killed_up_is_taken_away_by_somebody_else(
    operator: Operator, simulator: Simulator
) -> None:
    """Another operator is refused, takes the lock away, and ends in the declared state."""
    ada = operator("ada")
    ada.run("stack", "init", "dev")
    hold_creation(simulator)
    with running(ada, "up", "--stack", "dev") as command:
        command.wait_until(lambda: bool(asked_for(simulator)))
        kill(command, Victim.ENGINE)
    simulator.faults.clear()

    grace = operator("grace", ada.folder)
    refused = grace.up("--stack", "dev", check=False)
    assert refused.code != 0
    assert LOCKED in refused.output
    grace.run("cancel", "--stack", "dev", "--yes")
    grace.up("--stack", "dev")
    slugs = [each.slug for each in simulator.organization.workspaces]
    assert sorted(slugs) == ["default", "research-dev", "support-dev"]
    assert grace.up("--stack", "dev").changes == {}


def test_a_machine_without_postgresql_is_told_how_to_get_it() -> None:
    """The tests of shared state can't run then, and say what to install."""
    with pytest.raises(NoPostgresError, match="apt install postgresql"):
        found("initdb-of-no-version")
