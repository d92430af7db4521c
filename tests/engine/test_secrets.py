"""The management key is found nowhere."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import psutil
import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.engine.secret_addresses import assert_secret_addresses_stay_secret
from tests.support.waiting import PATIENCE, wait_until
from tools.project import Project

VERBOSE = ("--logtostderr", "--logflow", "-v=9")
BY_THE_ENGINE = ("Marshaling property for RPC[Provider[", "].Configure().inputs]")
"""At -v=9 the engine itself logs what it configures a provider with, secret or not."""
SLOW = "no answer in time"
SOURCES = ["environment", "configuration"]

PROGRAM = """
    team = Workspace("team")
    Workspace("other", description="{description}")
    WorkspaceBudget("budget", workspace_id=team, daily_limit_usd={daily})
    WorkspaceMembership("members", workspace_id=team, emails={emails})
"""
SOUND = PROGRAM.format(description="d", daily=1, emails='["ada@example.com"]')
CHANGED = PROGRAM.format(description="e", daily=2, emails='["grace@example.com"]')


def use(project: Project, simulator: Simulator) -> None:
    """Succeed and fail with every command but destroy."""
    project.program(SOUND)
    project.up()

    echo = f"the key {simulator.key} is no good"
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="PATCH", status=401, message=echo, times=None),
        Fault(kind=FaultKind.STATUS, method="PUT", status=400, message=echo, times=None),
        Fault(kind=FaultKind.STATUS, path="*/remove", status=500, message=echo, times=None),
    )
    project.program(CHANGED)
    failed = project.using(OPENROUTER_TIMEOUT="1").up("--continue-on-error", check=False)
    for status in (401, 400, 500):
        assert f": {status} the key [key] is no good" in "".join(failed.errors)
    simulator.faults.clear()
    project.refresh()
    project.run("preview", "--diff")
    project.run("stack", "export")
    project.run("stack")
    project.run("config")


def test_a_key_in_the_environment_is_found_nowhere(project: Project, simulator: Simulator) -> None:
    """Not in what any command writes, not in the state, even with all secrets shown."""
    project = project.using(OPENROUTER_LOG="debug")
    use(project, simulator)
    project.run("stack", "export", "--show-secrets")
    project.destroy()
    said = "".join(project.transcript)
    assert "openrouter: POST /workspaces 201" in said
    for text in (said, *project.state_files()):
        assert simulator.key not in text


def test_a_key_in_the_configuration_is_only_found_encrypted(
    project: Project, simulator: Simulator
) -> None:
    """It must be set with --secret; refresh and destroy know it, and the environment wins."""
    project = project.using(OPENROUTER_LOG="debug", OPENROUTER_MANAGEMENT_KEY="")
    project.program(SOUND)
    project.run("config", "set", "openrouter:managementKey", "sk-or-mgmt-clear")
    (error, *_) = project.preview(check=False).errors
    assert "openrouter:managementKey is set without --secret" in error
    assert "pulumi config set --secret openrouter:managementKey" in error
    assert "sk-or-mgmt-clear" not in error
    project.run("config", "set", "--secret", "openrouter:managementKey", simulator.key)

    use(project, simulator)
    other = project.using(OPENROUTER_MANAGEMENT_KEY="sk-or-mgmt-other")
    refreshed = other.refresh(check=False)
    assert ": 401 User not found." in refreshed.errors[0]
    assert set(project.state()) == {"team", "other", "budget", "members"}
    project.destroy()
    said = "".join(project.transcript)
    assert "openrouter: DELETE /workspaces/" in said
    settings = (project.folder / "Pulumi.test.yaml").read_text()
    for text in (said, settings, *project.state_files()):
        assert simulator.key not in text


@pytest.fixture
def sourced(project: Project, simulator: Simulator, tmp_path: Path, source: str) -> Project:
    """A project whose key comes from the one place or the other, and whose commands log a lot."""
    (tmp_path / "tmp").mkdir()
    given = simulator.key if source == "environment" else ""
    project = project.using(
        OPENROUTER_LOG="debug", OPENROUTER_MANAGEMENT_KEY=given, TMPDIR=str(tmp_path / "tmp")
    )
    if source == "configuration":
        project.run("config", "set", "--secret", "openrouter:managementKey", simulator.key)
    return project


def every_error(simulator: Simulator) -> dict[str, tuple[str, Fault]]:
    """What goes wrong with the change of a workspace, by its slug, and what is said of it."""
    echo = f"the key {simulator.key} is no good"
    status = {
        f"status-{status}": (
            f"{status} the key [key] is no good",
            Fault(kind=FaultKind.STATUS, status=status, message=echo, times=None),
        )
        for status in (400, 401, 403, 404, 409, 500, 503)
    }
    wrong = Fault(kind=FaultKind.WRONG_SHAPE, body={"data": echo}, times=None)
    broken = "the connection broke before the answer was complete"
    return {
        **{name: found for name, found in status.items() if name != "status-404"},
        "gone": ("the workspace no longer exists", status["status-404"][1]),
        "page": ("502 an HTML page", Fault(kind=FaultKind.HTML, times=None)),
        "login": ("404 with an HTML page", Fault(kind=FaultKind.HTML, status=404)),
        "shape": ("200 with JSON that is not the API's answer", wrong),
        "cut-before": (broken, Fault(kind=FaultKind.CUT_BEFORE, times=None)),
        "cut-after": (broken, Fault(kind=FaultKind.CUT_AFTER, times=None)),
        "truncated": (broken, Fault(kind=FaultKind.TRUNCATED, times=None)),
        "slow": (
            SLOW,
            Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=60, times=None),
        ),
    }


def declare(project: Project, slugs: Iterable[str], description: str) -> None:
    """A program with these workspaces."""
    project.program(f"""
        for slug in {list(slugs)!r}:
            Workspace(slug, description="{description}")
    """)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.reliability(
    "the key in the environment or in config, every error of the API and the network, "
    "OPENROUTER_LOG=debug and the engine's log at -v=9",
    "the key is in no output, log, state, history or pickled provider; at -v=9 the engine "
    "itself logs a key from config in one line",
)
def test_no_failure_shows_the_key(
    sourced: Project,
    simulator: Simulator,
    source: str,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """With every error and every log there is no trace of the key but the engine's own."""
    errors = every_error(simulator)
    declare(sourced, errors, "d")
    sourced.up()
    for slug, (_, fault) in errors.items():
        id = simulator.organization.workspace(slug).id
        simulator.faults.add(attrs.evolve(fault, path=f"/workspaces/{id}"))
    declare(sourced, errors, "e")
    hasty = sourced.using(OPENROUTER_TIMEOUT="1")
    failed = hasty.run("up", "--yes", "-f", "--continue-on-error", *VERBOSE, check=False).stdout
    for slug, (words, _) in errors.items():
        # Of those that are tried again, the last attempt may get no answer in time.
        told = [f"updating workspace '{slug}': {said}" for said in (words, SLOW)]
        assert any(line in failed for line in told)

    simulator.faults.clear()
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, status=429, retry_after=60, message=simulator.key, times=None)
    )
    refreshed = hasty.run("refresh", "--yes", "-f", *VERBOSE, check=False)
    assert "429 [key]" in refreshed.stdout
    simulator.pause()
    refreshed = hasty.run("refresh", "--yes", "-f", *VERBOSE, check=False)
    assert "no connection: connection refused" in refreshed.stdout
    record_property("cases", len(errors) + 2)

    leaks = [line for line in lines_of(sourced, tmp_path) if simulator.key in line]
    assert all(part in line for line in leaks for part in BY_THE_ENGINE)
    if source == "environment":
        assert leaks == []
    for resource in sourced.state().values():
        pickled = base64.b64decode(resource["inputs"]["__provider"])
        assert simulator.key.encode() not in pickled


def lines_of(project: Project, folder: Path) -> list[str]:
    """Each line that a command wrote, to the terminal or to a file anywhere."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert len(files) > 5
    written = [content.decode(errors="replace") for content in files]
    return [line for text in (*project.transcript, *written) for line in text.splitlines()]


@pytest.mark.reliability(
    "looking at every process of an up while a request is on its way",
    "the key is an argument of none of them",
)
def test_the_key_is_no_argument_of_a_process(project: Project, simulator: Simulator) -> None:
    """Whoever lists the processes of the machine during an up doesn't see the key."""
    project.run("config", "set", "--secret", "openrouter:managementKey", simulator.key)
    project.program("""Workspace("team")""")
    simulator.faults.add(
        Fault(kind=FaultKind.TIMEOUT_BEFORE, method="POST", seconds=PATIENCE, times=None)
    )
    with engine_of(project) as engine:
        wait_until(lambda: bool(simulator.requests("POST")) or not engine.is_running())
        arguments = [process.cmdline() for process in [engine, *engine.children(recursive=True)]]
        simulator.faults.clear()
        # Ends the wait, and with the next attempt the up.
        simulator.pause()
        simulator.resume()
    assert [words for words in arguments if "pulumi.dynamic" in words]
    assert [words for words in arguments if "--monitor" in words]
    assert not [word for words in arguments for word in words if simulator.key in word]
    assert project.state().keys() == {"team"}


@contextmanager
def engine_of(project: Project) -> Iterator[psutil.Process]:
    """An up in a process of its own, which is waited for."""
    with subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as engine:
        yield psutil.Process(engine.pid)
        assert engine.wait(PATIENCE) == 0


def test_a_secret_address_is_shown_by_its_place(project: Project, simulator: Simulator) -> None:
    """In errors and notes, in the state and in previews there is no secret address in clear."""
    assert_secret_addresses_stay_secret(project, simulator)
