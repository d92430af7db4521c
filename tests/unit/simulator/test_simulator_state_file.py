"""What happened stays: the file that keeps an organization between runs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import attrs
import pytest
import requests

from pulumi_openrouter.simulator import Organization, Quirks, Simulator, StateFileError
from pulumi_openrouter.simulator.contents import Contents
from pulumi_openrouter.simulator.state_file import StateFile
from tests.unit.simulator.api import Api

TEAM = {"name": "Team", "slug": "team"}
NOT_KEPT = {"quirks", "_lock", "_random"}
"""What an organization is made with, and what belongs to the process."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the state is kept."""
    return tmp_path / "state.json"


def filled() -> Organization:
    """An organization with one of everything."""
    organization = Organization(members=2)
    organization.create_workspace(**TEAM)
    organization.set_budget("team", "monthly", 2.5)
    organization.add_members("team", [organization.people[0].id])
    key = organization.create_key("key", workspace="team", expires_at=datetime.now(timezone.utc))
    guardrail = organization.guardrails.create(
        name="safe",
        workspace_id=key.workspace_id,
        content_filter_builtins=[{"slug": "email", "action": "redact"}],
    )
    organization.guardrails.assign_keys(guardrail.id, [key.hash])
    organization.guardrails.assign_members(guardrail.id, [organization.people[0].id])
    organization.provider_keys.create(key="sk-1", provider="openai", allowed_models=["acme/swift"])
    organization.advance(60)
    return organization


def contents(organization: Organization) -> dict[str, object]:
    return {field.name: getattr(organization, field.name) for field in attrs.fields(Contents)}


def test_a_state_file_keeps_everything(file: Path) -> None:
    """Another organization that begins with the file has all of the first one, its keys too."""
    first, second = filled(), Organization()
    StateFile(file, first).save()
    assert StateFile(file, second).exists
    assert contents(second) == contents(first)


def test_every_table_of_an_organization_is_kept() -> None:
    """Whatever an organization has is declared in Contents, and so in every state file."""
    assert set(vars(filled())) - NOT_KEPT == set(contents(filled()))


def test_ids_never_come_again(file: Path) -> None:
    """What is made after a restart has other ids than what was made before."""
    for run in range(3):
        organization = Organization()
        state = StateFile(file, organization)
        organization.create_workspace(name="New", slug=f"new-{run}")
        state.save()
    assert len(organization.workspaces) == 1 + 3


def test_a_simulator_goes_on_where_it_stopped(file: Path) -> None:
    """A change that was made over HTTP, or by a test, is there in the next run."""
    with Simulator(state=file) as simulator:
        Api(simulator).ok("POST", "/workspaces", TEAM)
        simulator.organization.set_budget("team", "daily", 1)
        key = simulator.key
    with Simulator(state=file) as simulator:
        assert Api(simulator).ok("GET", "/workspaces/team")["data"]["name"] == "Team"
        assert simulator.organization.budgets("team") == {"daily": 1}
        assert simulator.key == key
    with Simulator(state=file, key="sk-or-mgmt-other") as simulator:
        Api(simulator).ok("GET", "/workspaces/team")


def test_a_state_goes_before_a_seed(file: Path, tmp_path: Path) -> None:
    """The seed is planted once: a run that finds a state leaves it alone."""
    seed = tmp_path / "seed.yaml"
    seed.write_text("workspaces: {team: {}}")
    with Simulator(state=file, seed=seed) as simulator:
        simulator.organization.delete_workspace("team")
    with Simulator(state=file, seed=seed) as simulator:
        assert [workspace.slug for workspace in simulator.organization.workspaces] == ["default"]


def test_what_was_answered_survives_a_kill(file: Path) -> None:
    """The file has every change before its answer is sent, and no half of one."""
    command = [sys.executable, "-m", "pulumi_openrouter.simulator", "--state", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        settings = dict(process.stdout.readline().strip().split("=", 1) for _ in range(2))
        headers = {"Authorization": f"Bearer {settings['OPENROUTER_MANAGEMENT_KEY']}"}
        workspaces = f"{settings['OPENROUTER_BASE_URL']}/workspaces"
        requests.post(workspaces, headers=headers, json=TEAM, timeout=60).raise_for_status()
        process.send_signal(signal.SIGKILL)
        process.wait()
    with Simulator(state=file) as simulator:
        assert simulator.organization.workspace("team").name == "Team"
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_what_only_reads_writes_nothing(file: Path) -> None:
    """GETs, and requests that change nothing, leave the file as it is."""
    with Simulator(state=file) as simulator:
        api = Api(simulator)
        before = file.stat().st_mtime_ns
        api.ok("GET", "/workspaces")
        api.send("DELETE", "/workspaces/nothing")
        assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": "x", "people": {"a": {}}}', '{"id": 1'])
def test_another_file_is_refused(file: Path, text: str) -> None:
    """A file that is no state is an error that names it, and stays as it is."""
    file.write_text(text)
    with pytest.raises(StateFileError, match=r"state\.json is not a state of the simulator: ."):
        Simulator(state=file)
    assert file.read_text() == text


def test_a_file_that_can_not_be_written_is_an_error_at_the_start(tmp_path: Path) -> None:
    """Nothing is served that would be lost."""
    with pytest.raises(StateFileError, match=r"can't write .*: No such file"):
        Simulator(state=tmp_path / "nowhere" / "state.json").start()


def test_a_write_that_fails_leaves_the_file(file: Path) -> None:
    """It has what it had, to the last letter."""
    organization = filled()
    state = StateFile(file, organization)
    state.save()
    before = file.read_text()
    (file.parent / f".{file.name}.partial").mkdir()
    organization.delete_workspace("team")
    with pytest.raises(StateFileError, match="can't write"):
        state.save()
    assert file.read_text() == before


def test_the_state_of_another_version_loads(file: Path) -> None:
    """What a newer version kept besides is ignored, and what an older one lacks is empty."""
    StateFile(file, filled()).save()
    kept = json.loads(file.read_text())
    del kept["keys"]
    file.write_text(json.dumps({**kept, "news": {"x": 1}}))
    organization = Organization(Quirks())
    StateFile(file, organization)
    assert organization.keys == []
    assert organization.budgets("team") == {"monthly": 2.5}
