"""The fixtures with which users test their own stacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import psutil
import pulumi
import pytest
import yaml
from pulumi import automation as auto

from pulumi_openrouter import (
    Workspace,
    WorkspaceBudget,
    get_workspace,
    get_workspace_output,
    get_workspaces,
)
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from pulumi_openrouter.testing.stack import NewStack
from tools.paths import EXAMPLES

EXAMPLE = EXAMPLES / "testing-a-stack"
LIMITED_SECONDS = 60
SALT = "v1:3j2hCxF7dUE=:v1:yIA17Biq9rrfn4XL:dvBPlxEyzxo20CcKMbWtbQyKS+Sr6w=="
"""That of a passphrase which nobody has."""


def two_teams() -> None:
    """A program with all kinds of configuration and outputs."""
    config = pulumi.Config()
    for team in config.require_object("teams"):
        Workspace(team, description=config.require_secret("description"))
    holder = get_workspace(config.require("holder"))
    WorkspaceBudget("budget", workspace_id=holder.id, daily_limit_usd=config.require_float("daily"))
    pulumi.export("secret", config.require_secret("description"))


def still_running(folder: Path) -> list[psutil.Process]:
    """What was started with this folder as home of Pulumi."""
    found = []
    for process in psutil.process_iter():
        try:
            home = process.environ().get("PULUMI_HOME", "")
        except psutil.Error:
            continue
        if home.startswith(str(folder)) and process.pid != os.getpid():
            found.append(process)
    return found


@pytest.mark.openrouter(workspaces=2)
def test_a_function_is_a_program(openrouter: Simulator, openrouter_stack: NewStack) -> None:
    """Each command does its work, says what it changed, and leaves nothing running."""
    stack = openrouter_stack(
        two_teams,
        config={
            "teams": ["red", "blue"],
            "description": auto.ConfigValue("hidden", secret=True),
            "holder": "team-1",
            "daily": 5,
        },
    )
    created = {"Workspace red": "create", "Workspace blue": "create"}
    assert stack.preview().changes == {**created, "WorkspaceBudget budget": "create"}
    assert openrouter.writes() == []
    assert stack.up().changes == {**created, "WorkspaceBudget budget": "create"}
    assert stack.outputs == {"secret": "hidden"}
    assert openrouter.organization.budgets("team-1") == {"daily": 5}

    openrouter.organization.update_workspace("red", description="changed elsewhere")
    openrouter.organization.delete_workspace("blue")
    assert stack.refresh().changes == {"Workspace red": "update", "Workspace blue": "delete"}
    stack.configure({"holder": "team-2"})
    repaired = {"Workspace red": "update", "Workspace blue": "create"}
    assert stack.up().changes == {**repaired, "WorkspaceBudget budget": "replace"}
    assert openrouter.organization.workspace("red").description == "hidden"

    assert set(stack.destroy().changes.values()) == {"delete"}
    slugs = [workspace.slug for workspace in openrouter.organization.workspaces]
    assert slugs == ["default", "team-1", "team-2"]
    running = still_running(Path(os.environ["PULUMI_HOME"]).parent)
    assert psutil.wait_procs(running, timeout=LIMITED_SECONDS)[1] == []


def test_a_command_that_fails_says_why(openrouter: Simulator, openrouter_stack: NewStack) -> None:
    """A fault of the simulator reaches the test as an exception with what the command printed."""
    openrouter.faults.add(Fault(kind=FaultKind.STATUS, method="POST", status=403, message="No."))
    stack = openrouter_stack(EXAMPLE)
    with pytest.raises(auto.CommandError, match="workspace 'team': 403 No") as refused:
        stack.up()
    assert "automation" not in str([entry.path for entry in refused.traceback])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project as it lies in somebody's checkout, prod in a backend and an account of its own."""
    folder = tmp_path / "infra"
    for name in (".venv", ".git", "venv", "src"):
        (folder / name).mkdir(parents=True)
    (folder / "venv" / "pyvenv.cfg").touch()
    (folder / "src" / "team.py").write_text("import pulumi\nnames = pulumi.Config().require_object")
    (folder / "__main__.py").write_text(
        "import pulumi\nfrom src import team\nfrom pulumi_openrouter import Workspace\n"
        "for name in team.names('teams'): Workspace(name)\n"
        "pulumi.export('config', sorted(pulumi.runtime.config.CONFIG.get()))\n"
    )
    settings = {
        "name": "infra",
        "main": ".",
        "runtime": {"name": "python", "options": {"toolchain": "uv", "virtualenv": "nowhere"}},
        "backend": {"url": "https://pulumi.example.com"},
    }
    (folder / "Pulumi.yaml").write_text(json.dumps(settings))
    prod = {
        "secretsprovider": "awskms://alias/prod",
        "encryptedkey": "AAAA",
        "encryptionsalt": SALT,
        "environment": ["prod"],
        "config": {
            "infra:teams": ["red", "blue", {"secure": "AAAA"}],
            "infra:token": {"secure": "AAAA"},
            "openrouter:organizationId": "org_of_prod",
            "openrouter:managementKey": {"secure": "AAAA"},
        },
    }
    (folder / "Pulumi.prod.yaml").write_text(yaml.safe_dump(prod))
    return folder


def test_a_project_runs_as_a_copy(
    project: Path, openrouter: Simulator, openrouter_stack: NewStack
) -> None:
    """With the plain settings of its stack, and without its secrets, backend and environment."""
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    stack = openrouter_stack(project, stack_name="prod")
    assert stack.up().changes == {"Workspace red": "create", "Workspace blue": "create"}
    assert stack.outputs == {"config": ["infra:teams"]}
    copied = {path.name for path in stack.folder.iterdir() if path.is_dir()}
    assert copied - {"__pycache__"} == {"src"}
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before
    assert [request.path for request in openrouter.requests("GET")] == ["/key"]


def test_a_copy_inside_its_project_does_not_hold_itself(
    project: Path, openrouter: Simulator, openrouter_stack: NewStack
) -> None:
    """As where pytest's temporary files are kept in the checkout."""
    inside = project / "src" / "temporary"
    inside.mkdir()
    stack = attrs.evolve(openrouter_stack, folder=inside)(project)
    assert stack.folder.parent == inside
    assert list((stack.folder / "src" / "temporary").iterdir()) == []


def test_a_folder_without_a_project_is_an_error(tmp_path: Path, openrouter_stack: NewStack) -> None:
    """It is named."""
    with pytest.raises(FileNotFoundError, match=rf"no Pulumi\.yaml in {tmp_path}"):
        openrouter_stack(tmp_path)


def test_the_users_own_pulumi_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Neither its backend nor its options reach a stack; its plugins do, for they are large."""
    (tmp_path / "plugins").mkdir()
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    for name in ("ACCESS_TOKEN", "CONFIG_PASSPHRASE_FILE", "OPTION_REFRESH", "STACK"):
        monkeypatch.setenv(f"PULUMI_{name}", "my own")
    request.getfixturevalue("openrouter_stack")
    ours = {name: value for name, value in os.environ.items() if name.startswith("PULUMI_")}
    assert "my own" not in ours.values()
    home = Path(ours["PULUMI_HOME"])
    assert home != tmp_path
    assert ours["PULUMI_BACKEND_URL"] == (home.parent / "state").as_uri()
    assert (home / "plugins").samefile(tmp_path / "plugins")
    assert ours["PULUMI_PYTHON_CMD"] == sys.executable
    assert os.environ["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


@pytest.mark.openrouter(members=0)
def test_the_functions_example_looks_before_it_goes_on(
    openrouter: Simulator, openrouter_stack: NewStack
) -> None:
    """It refuses without its owner, and has nothing to do where no team has a workspace."""
    stack = openrouter_stack(EXAMPLES / "functions")
    with pytest.raises(auto.CommandError, match=r"ada@example\.com.* is not in the organization"):
        stack.preview()
    openrouter.organization.add_member("ada@example.com")
    assert stack.up().changes == {}
    assert stack.outputs["members"] == {"default": 1}


def test_the_example_tests_itself() -> None:
    """`pytest` in its folder passes, and writes nothing there."""
    before = sorted(EXAMPLE.rglob("*"))
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=EXAMPLE,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "2 passed" in finished.stdout
    assert sorted(EXAMPLE.rglob("*")) == before


def test_a_program_asks_for_what_it_made(openrouter_stack: NewStack) -> None:
    """A workspace that this run made is found, though all were listed before."""

    def program() -> None:
        pulumi.export("before", len(get_workspaces()))
        made = Workspace("red")
        pulumi.export("slug", get_workspace_output(made.id).apply(lambda found: found.slug))

    stack = openrouter_stack(program)
    stack.up()
    assert stack.outputs == {"before": 1, "slug": "red"}
