"""Several owners of one workspace: stacks that change it together, and two ups of one stack."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.killing import running
from tools.project import Project, Result, environment_for

PATIENCE = 60.0
LONGER = {"OPENROUTER_TIMEOUT": str(PATIENCE)}
"""Until what is held back is let through, the provider only sends it again."""


def held(method: str, path: str) -> Fault:
    """Keep every such request from being carried out, until the faults are cleared."""
    return Fault(kind=FaultKind.STATUS, method=method, path=path, status=503, times=None)


@attrs.frozen
class Team:
    """A workspace of somebody else, and what becomes of it."""

    simulator: Simulator
    id: str

    def declare(self, project: Project, people: str, **limits: float) -> None:
        """Let a stack own these members and these limits."""
        emails = [f"{name}@example.com" for name in people.split()]
        given = ", ".join(f"{name}_limit_usd={limit}" for name, limit in limits.items())
        project.program(f"""
            WorkspaceBudget("budget", workspace_id="{self.id}", {given})
            WorkspaceMembership("members", workspace_id="{self.id}", emails={emails})
        """)

    def together(self, first: Callable[[], Result], second: Callable[[], Result]) -> None:
        """Run two commands; nothing is written until each wants to write budgets and members."""
        self.simulator.log.clear()
        for method in ("PUT", "DELETE", "POST"):
            self.simulator.faults.add(held(method, f"/workspaces/{self.id}/*"))
        with ThreadPoolExecutor(2) as threads:
            commands = [threads.submit(first), threads.submit(second)]
            while not self._all_wait() and not any(command.done() for command in commands):
                time.sleep(0.05)
            are_together = self._all_wait()
            self.simulator.faults.clear()
            for command in commands:
                command.result()
        assert are_together

    def _all_wait(self) -> bool:
        owned = [{"daily", "monthly"}, {"ada", "grace"}, {"weekly", "lifetime"}, {"alan", "edsger"}]
        return all(self.wanted() & names for names in owned)

    def wanted(self) -> set[str]:
        """The intervals and people that were to be changed so far."""
        names = {
            person.id: person.email.split("@")[0] for person in self.simulator.organization.people
        }
        found = set()
        for request in self.simulator.writes():
            users = (request.body or {}).get("user_ids")
            last = request.path.rpartition("/")[2]
            found |= {names[user] for user in users} if users else {last}
        return found

    def assert_has(self, people: str, **limits: float) -> None:
        """It has exactly these members and limits."""
        organization = self.simulator.organization
        assert organization.budgets(self.id) == limits
        emails = [organization.person(id).email for id in organization.members(self.id)]
        assert sorted(email.split("@")[0] for email in emails) == people.split()


@pytest.fixture
def team(simulator: Simulator) -> Team:
    """The workspace that the stacks share."""
    return Team(simulator, simulator.organization.create_workspace(name="Team", slug="team").id)


@pytest.fixture
def first(project: Project) -> Project:
    """A stack."""
    return project.using(**LONGER)


@pytest.fixture
def second(tmp_path: Path, simulator: Simulator) -> Project:
    """Another stack, which knows nothing of the first."""
    folder = tmp_path / "second"
    return Project.create(folder, environment_for(folder, simulator, **LONGER))


@pytest.mark.reliability(
    "two stacks that create, change and destroy budgets and members of one workspace, both under "
    "way at once on the real engine",
    "no lost update: nothing of the other's is changed",
)
def test_two_stacks_share_a_workspace(first: Project, second: Project, team: Team) -> None:
    """Two stacks at once get what each declares, and leave alone what the other does."""
    team.declare(first, "ada grace", daily=1, monthly=20)
    team.declare(second, "alan", weekly=5, lifetime=100)
    team.together(first.up, second.up)
    team.assert_has("ada alan grace", daily=1, weekly=5, monthly=20, lifetime=100)

    team.declare(first, "ada katherine", daily=2, monthly=30)
    team.declare(second, "edsger", weekly=6, lifetime=200)
    team.together(first.up, second.up)
    team.assert_has("ada edsger katherine", daily=2, weekly=6, monthly=30, lifetime=200)
    assert first.up("--refresh").changes == second.up("--refresh").changes == {}

    team.declare(second, "alan edsger", weekly=7)
    team.together(first.destroy, second.up)
    team.assert_has("alan edsger", weekly=7)
    assert first.state() == {}
    assert second.up("--refresh").changes == {}


@pytest.mark.reliability(
    "two ups of one stack at once",
    "the second is refused by Pulumi's lock and sends nothing, the first completes",
)
def test_two_ups_of_one_stack(first: Project, simulator: Simulator) -> None:
    """While an up is at work another one is refused, and sends nothing."""
    simulator.faults.add(held("POST", "/workspaces"))
    first.program("""Workspace("team")""")
    with running(first, "up") as command:
        command.wait_until(lambda: bool(simulator.writes()))
        first.program("""Workspace("team", description="d"); Workspace("other")""")
        refused = first.up(check=False)
        assert refused.code != 0
        assert "the stack is currently locked by 1 lock(s)" in refused.output
        assert {request.body["slug"] for request in simulator.writes()} == {"team"}
        simulator.faults.clear()
        assert command.wait() == 0
    assert simulator.organization.workspace("team").description is None
    assert first.up().changes == {"team": "update", "other": "create"}
