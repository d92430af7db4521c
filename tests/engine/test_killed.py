"""An engine, or its provider, that is killed in the middle of its work, or interrupted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import attrs
import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.killing import HELD, Boundary, Victim, boundaries, kill, running
from tests.engine.traffic import sent
from tools.project import Project, name_of

pytestmark = pytest.mark.timeout(1200)
"""Each runs some dozens of commands: on a busy machine that takes its time."""

Record = Callable[[str, object], None]

CREATION = Boundary("POST", "/workspaces", 1)
ANSWERED = {"created_at", "updated_at", "default_guardrail_id"}
"""Outputs that are others for each workspace."""


@attrs.frozen
class Team:
    """A workspace with its budgets and members: as a program declares it, or as it is."""

    description: str | None
    limits: dict[str, float]
    emails: list[str]

    def program(self, *, workspace: str = "team", adopt: bool = False) -> str:
        """A stack of all three resources; `workspace` is how the children name theirs."""
        limits = ", ".join(f"{name}_limit_usd={limit}" for name, limit in self.limits.items())
        return f"""
            team = Workspace("team", description={self.description!r}, adopt_existing={adopt})
            WorkspaceBudget("budget", workspace_id={workspace}, {limits})
            WorkspaceMembership("members", workspace_id={workspace}, emails={self.emails!r})
        """


ONE = Team("one", {"daily": 1, "monthly": 20}, ["ada@example.com", "grace@example.com"])
TWO = Team("two", {"daily": 2, "lifetime": 50}, ["ada@example.com", "alan@example.com"])


@attrs.define
class Stack:
    """The three resources in a stack whose commands are killed."""

    project: Project
    simulator: Simulator
    seconds: list[float] = attrs.field(factory=list)
    """How long each provider took to end."""

    def up(self, team: Team, **options: Any) -> list[Boundary]:
        """An up that nothing disturbs, and that leaves nothing to do; its requests."""
        self.project.program(team.program(**options))
        self.simulator.log.clear()
        self.project.up()
        requests = boundaries(self.simulator)
        assert self.found == {"team": team}
        assert self.project.up("--refresh").changes == {}
        assert sent(self.simulator, writes=True) == []
        return requests

    def killed(self, request: Boundary, victim: Victim, command: str, *, applied: bool) -> None:
        """Run a command and kill its victim at a request; nothing is written after that."""
        self.simulator.log.clear()
        self.simulator.faults.add(request.held(applied=applied))
        with running(self.project, command) as killed:
            killed.wait_until(lambda: any(request.fault for request in [*self.simulator.log]))
            self.seconds.append(kill(killed, victim))
            written = len(self.simulator.writes())
            assert "Traceback" not in killed.output
        self.simulator.faults.clear()
        if victim is Victim.ENGINE:
            self.project.run("cancel", "--yes")
        assert len(self.simulator.writes()) == written
        self.simulator.log.clear()

    def keep(self) -> None:
        """Keep the state, for `start_over`."""
        shutil.copytree(self._state, self._kept)

    def start_over(self) -> None:
        """Bring back the kept state, and nothing else: faster than a destroy."""
        self.simulator.organization.delete_workspace("team")
        shutil.rmtree(self._state)
        shutil.copytree(self._kept, self._state)

    @property
    def _state(self) -> Path:
        return self.project.folder.parent / "state"

    @property
    def _kept(self) -> Path:
        return self.project.folder.parent / "kept-state"

    def clear(self) -> None:
        """Forget creations that were interrupted, as the engine's warning asks for."""
        assert self.project.refresh("--clear-pending-creates").changes == {}

    @property
    def found(self) -> dict[str, Team]:
        """What the organization has beside its default workspace, by slug."""
        organization = self.simulator.organization
        return {
            workspace.slug: Team(
                workspace.description,
                organization.budgets(workspace.id),
                sorted(organization.person(id).email for id in organization.members(workspace.id)),
            )
            for workspace in organization.workspaces
            if not workspace.is_default
        }

    @property
    def known(self) -> dict[str, Any]:
        """What the state knows, and what is pending, whichever workspace it is about.

        A state that knows the same of the same things needs no change either.
        """
        # Read as it is on the disk: to start Pulumi for it after each case takes longer.
        (checkpoint,) = self._state.rglob("test.json")
        text = checkpoint.read_text()
        for workspace in self.simulator.organization.workspaces:
            text = text.replace(workspace.id, workspace.slug)
        deployment = json.loads(text)["checkpoint"]["latest"] or {}
        known: dict[str, Any] = {"pending": deployment.get("pending_operations", [])}
        for resource in deployment.get("resources", []):
            if ":dynamic/" in resource["type"]:
                outputs = resource["outputs"].items()
                kept = {name: value for name, value in outputs if name not in ANSWERED}
                known[name_of(resource["urn"])] = [resource["id"], resource["inputs"], kept]
        return known

    def report(self, record_property: Record) -> None:
        """What a table of this test is made of."""
        record_property("cases", len(self.seconds))
        record_property("seconds until the provider had ended", max(self.seconds))


@pytest.fixture
def stack(project: Project, simulator: Simulator) -> Stack:
    """A stack that is not up yet."""
    # Beside each file of state the engine else keeps one of checksums, which it does not replace
    # at one go: killed between two writes, it says "failed to load checkpoint: EOF" ever after.
    backend = project.environment["PULUMI_BACKEND_URL"] + "?metadata=skip"
    return Stack(project.using(PULUMI_BACKEND_URL=backend, PULUMI_STACK="test"), simulator)


@pytest.mark.reliability(
    "kill -9 of pulumi, and of its provider, at the requests of a first up",
    "the next up finishes it; nothing twice, nothing orphaned",
)
@pytest.mark.parametrize("victim", Victim)
def test_a_creation_killed_at_any_request_is_finished_by_the_next_up(
    stack: Stack, victim: Victim, record_property: Record
) -> None:
    """Whatever was killed, the next up creates what is missing, and knows all that there is."""
    requests = stack.up(ONE)
    known = stack.known
    stack.project.destroy()
    stack.keep()
    assert CREATION in requests
    writes = sorted(request for request in requests if request.writes)
    # A read changes nothing, whoever dies of it: of these each victim has every other one.
    reads = sorted(set(requests) - set(writes))[[*Victim].index(victim) :: 2]
    cases = [(request, False) for request in [*reads, *writes]]
    # What becomes of a workspace whose answer was lost is told by a test of its own.
    cases += [(request, True) for request in writes if request != CREATION]
    for request, applied in cases:
        stack.killed(request, victim, "up", applied=applied)
        stack.project.up()
        assert stack.found == {"team": ONE}
        # What the engine was creating stays pending until somebody clears it, as below.
        assert {**stack.known, "pending": []} == known
        stack.start_over()
    stack.report(record_property)


@pytest.mark.reliability(
    "kill -9 of pulumi, or of its provider, when a workspace was created and its answer lost",
    "the next up names it by its id; with adopt_existing=True it takes it over",
)
@pytest.mark.parametrize("victim", Victim)
def test_a_workspace_that_no_state_knows_is_named_and_adopted(
    stack: Stack, victim: Victim, record_property: Record
) -> None:
    """The next up says which it is and what to do, and an up that does so converges."""
    project, organization = stack.project, stack.simulator.organization
    project.program(ONE.program())
    stack.killed(CREATION, victim, "up", applied=True)
    orphan = organization.workspace("team")

    (error, *_) = project.up(check=False).errors
    assert error.strip().splitlines() == [
        "OpenRouterError: creating workspace 'team': the slug is taken by workspace "
        f"{orphan.id} (team), created {orphan.created_at}",
        "To take that one over set adopt_existing=True. If the resource was only renamed "
        "in the program, give it an alias instead (renamed_from in the ready-made stack).",
    ]
    assert sent(stack.simulator) == ["POST /workspaces", "GET /workspaces/team"]

    stack.up(ONE, adopt=True)
    assert organization.workspace("team").id == project.state()["team"]["id"] == orphan.id
    stack.clear()
    assert stack.known["pending"] == []
    project.program(ONE.program())
    stack.simulator.log.clear()
    assert project.up().changes == {"team": "update"}
    assert sent(stack.simulator) == []
    project.destroy()
    assert stack.found == {}
    stack.report(record_property)


@pytest.mark.reliability(
    "kill -9 of pulumi, and of its provider, at each request of an update of all resources",
    "the next up finishes it",
)
def test_an_update_killed_at_any_request_is_finished_by_the_next_up(
    stack: Stack, record_property: Record
) -> None:
    """There and back again: the engine is killed on the way there, the provider on the way back."""
    stack.up(ONE)
    there, known_there = stack.up(TWO), stack.known
    back, known_back = stack.up(ONE), stack.known
    count = max(len(there), len(back))
    assert count > 1
    # The way with fewer requests begins again where they end.
    pairs = zip(range(count), cycle(sorted(there)), cycle(sorted(back)), strict=False)
    for index, forth, home in pairs:
        # Each is killed before one request is carried out, and after the next.
        applied = index % 2 == 0
        ways = (
            (TWO, known_there, forth, Victim.ENGINE, applied),
            (ONE, known_back, home, Victim.PROVIDER, not applied),
        )
        for team, known, request, victim, is_applied in ways:
            stack.project.program(team.program())
            stack.killed(request, victim, "up", applied=is_applied)
            stack.project.up()
            assert stack.found == {"team": team}
            assert stack.known == known
    stack.report(record_property)


@pytest.mark.reliability(
    "kill -9 of pulumi, and of its provider, at each request of a destroy",
    "another destroy finishes it, and `pulumi up --refresh` brings everything back",
)
def test_a_destroy_killed_at_any_request_is_finished_or_taken_back(
    stack: Stack, record_property: Record
) -> None:
    """After each request destroy goes on where the engine was killed, up where the provider was."""
    # By the id alone the children don't go with the workspace: there is more to be killed at.
    by_id = {"workspace": "team.id"}
    stack.up(ONE, **by_id)
    known = stack.known
    stack.project.destroy()
    requests = boundaries(stack.simulator)
    assert len(requests) > 1
    stack.project.up()
    for index, request in enumerate(sorted(requests)):
        for victim in Victim:
            applied = (victim is Victim.ENGINE) == (index % 2 == 0)
            stack.killed(request, victim, "destroy", applied=applied)
            if victim is Victim.ENGINE:
                stack.project.destroy()
                assert stack.found == {}
                assert stack.known == {"pending": []}
            stack.project.up("--refresh")
            assert stack.found == {"team": ONE}
            assert stack.known == known
    stack.report(record_property)


@pytest.mark.reliability(
    "kill -9 of pulumi while its provider waits for an answer, and while it waits to send again",
    "the provider ends by itself and sends nothing more",
)
@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.TIMEOUT_BEFORE, method="POST", seconds=HELD, times=None),
        Fault(kind=FaultKind.STATUS, method="POST", status=503, retry_after=20, times=None),
    ],
    ids=["for an answer", "to send again"],
)
def test_the_provider_of_a_killed_engine_ends_and_sends_no_more(
    stack: Stack, fault: Fault, record_property: Record
) -> None:
    """It would repeat the request a while later: it does not, and ends by itself."""
    # Of a minute an answer may take half: enough for the slowest machine to be first.
    patient = stack.project.using(OPENROUTER_TIMEOUT="60")
    patient.program(ONE.program())
    stack.simulator.faults.add(fault)
    with running(patient, "up") as killed:
        killed.wait_until(lambda: bool(stack.simulator.requests("POST")))
        seconds = kill(killed, Victim.ENGINE)
    assert sent(stack.simulator) == ["POST /workspaces"]
    assert stack.found == {}
    record_property("seconds until the provider had ended", seconds)

    stack.simulator.faults.clear()
    patient.run("cancel", "--yes")
    assert sent(stack.simulator) == []
    stack.up(ONE)


@pytest.mark.reliability(
    "Ctrl-C once, at each write of a first up",
    "the running steps finish, the state knows all that there is, the next up goes on",
)
def test_an_interrupted_up_finishes_its_running_steps(
    stack: Stack, record_property: Record
) -> None:
    """After Ctrl-C the state knows what is there, in full, and the next up makes the rest."""
    project, simulator = stack.project, stack.simulator
    writes = [request for request in stack.up(ONE) if request.writes]
    known = stack.known
    project.destroy()
    stack.keep()
    for request in writes:
        simulator.log.clear()
        simulator.faults.add(request.late())
        with running(project, "up") as interrupted:
            interrupted.wait_until(lambda: any(request.fault for request in [*simulator.log]))
            interrupted.interrupt()
            assert interrupted.wait() != 0
        assert all(request.status for request in simulator.log)
        left = stack.known
        assert left.pop("pending") == []
        assert left == {name: known[name] for name in left}
        (team,) = stack.found.values()
        assert "team" in left
        assert ("budget" in left) == (team.limits != {})
        assert ("members" in left) == (team.emails != [])
        project.up()
        assert stack.found == {"team": ONE}
        assert stack.known == known
        stack.start_over()
    record_property("cases", len(writes))
