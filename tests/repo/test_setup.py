"""`make setup` and `make env`; python3 and go are stand-ins that only note what they are asked."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.paths import ROOT

INSTALL_PAGE = "https://www.pulumi.com/docs/install/"
UTILITIES = [
    *("sh", "cat", "cksum", "cp", "date", "dirname", "install", "make", "mkdir", "mv"),
    *("ln", "readlink", "rm", "sed", "sleep", "touch"),
]

PYTHON = """#!/bin/sh
echo "python $*" >>"$LOG"
case "$*" in
*--version) echo Python 3.12.0 ;;
*"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
*"-m pip"*) [ -z "${PIP_WAITS-}" ] || read line <"$PIP_WAITS"; exit "${PIP_EXIT-0}" ;;
esac
"""
GO = """#!/bin/sh
echo "go $*" >>"$LOG"
case "$*" in
install*) touch "$GOBIN/${PWD##*/}"; exit "${GO_EXIT-0}" ;;
*Version*) [ -z "${GO_TOO_OLD-}" ] || { echo 'go.mod requires go >= 1.25.11' >&2; exit 1; }
    echo v9.8.7 ;;
*Dir*) echo "$SDK" ;;
esac
"""


@dataclass
class Checkout:
    """A copy of the files that set-up reads, and a PATH with nothing on it but what it may use."""

    root: Path
    tools: Path
    log: Path

    def tool(self, name: str, script: str = "#!/bin/sh\n", folder: Path | None = None) -> Path:
        path = (folder or self.tools) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        return path

    def start(self, *command: str, path: str = "", **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.root,
            env={
                "PATH": f"{path}{self.tools}",
                "LOG": str(self.log),
                "SDK": str(self.tools.parent / "sdk"),
                **env,
            },
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *command: str, path: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        self.log.write_text("")
        started = self.start(*command, path=path, **env)
        stdout, stderr = started.communicate()
        return subprocess.CompletedProcess(command, started.returncode, stdout, stderr)

    def setup(self, path: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return self.run("sh", "engine/setup.sh", path=path, **env)

    def asked(self, words: str) -> int:
        return self.log.read_text().count(words)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root = tmp_path / "it's a folder"
    (root / "engine").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "engine/setup.sh"):
        shutil.copy(ROOT / name, root / name)
    for module in ("pulumi", "language-python"):
        (root / "engine" / module).mkdir()
        for name in ("go.mod", "go.sum"):
            (root / "engine" / module / name).write_text(f"{module} 1\n")
    here = Checkout(root, tmp_path / "tools", tmp_path / "log")
    here.tool("python3", PYTHON)
    for name in UTILITIES:
        found = shutil.which(name)
        assert found is not None, name
        (here.tools / name).symlink_to(found)
    for name in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
        here.tool(name, folder=tmp_path / "sdk" / "python")
    return here


@pytest.fixture
def with_go(checkout: Checkout) -> Checkout:
    checkout.tool("go", GO)
    return checkout


def test_two_at_once_take_turns(with_go: Checkout) -> None:
    """The second waits until the first is done, says so, and then has nothing left to do."""
    fifo = with_go.tools.parent / "fifo"
    os.mkfifo(fifo)
    with_go.log.write_text("")
    first = with_go.start("sh", "engine/setup.sh", PIP_WAITS=str(fifo))
    # Opened when the first one is in the middle of its work.
    with fifo.open("w") as held:
        second = with_go.start("sh", "engine/setup.sh")
        assert second.stdout is not None
        assert "another set-up is under way" in second.stdout.readline()
        held.write("go on\n")
    assert "building Pulumi" in first.communicate()[0]
    assert second.communicate() == ("", "")
    assert (first.returncode, second.returncode) == (0, 0)
    assert with_go.asked("-m venv") == 1
    assert not (with_go.root / ".setup-lock").is_symlink()


def test_a_killed_setup_holds_up_nobody(with_go: Checkout) -> None:
    """What it left behind is taken away."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    (with_go.root / ".setup-lock").symlink_to(str(ended.pid))
    assert with_go.setup().returncode == 0


def test_setup_makes_both_and_then_nothing(with_go: Checkout) -> None:
    """The first run makes the venv and the engine and says so; the second does nothing."""
    first = with_go.setup()
    assert first.returncode == 0, first.stderr
    assert "making .venv with Python 3.12.0" in first.stdout
    assert "building Pulumi v9.8.7 into .engine/bin" in first.stdout
    assert "about 5 minutes" in first.stdout
    assert {path.name for path in (with_go.root / ".engine/bin").iterdir()} == {
        ".setup-done",
        "language-python",
        "pulumi",
        "pulumi-language-python-exec",
        "pulumi-resource-pulumi-python",
    }

    second = with_go.setup()
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert with_go.asked("pip") == with_go.asked("-m venv") == with_go.asked("go ") == 0


def test_env_prints_only_shell_code(with_go: Checkout) -> None:
    """What `make -s env` prints puts the venv's folder, then the engine's, then the old PATH on
    PATH, in every POSIX shell, also where the folder's name has a space and a quote.
    """
    made = with_go.run("make", "-s", "env")
    assert made.returncode == 0, made.stderr
    assert "making .venv" in made.stderr

    root = with_go.root
    shells = [found for name in ("bash", "dash", "zsh") if (found := shutil.which(name))]
    for shell in ["sh", *shells]:
        told = with_go.run(shell, "-euc", f'{made.stdout}\nprintf %s "$PATH"')
        assert told.stdout == f"{root}/.venv/bin:{root}/.engine/bin:{with_go.tools}"
        assert told.stderr == ""


def test_env_sets_nothing_but_path(with_go: Checkout) -> None:
    """Where Pulumi keeps its state stays the user's choice: the code changes PATH alone."""
    code = with_go.run("make", "-s", "env").stdout
    before = with_go.run("sh", "-c", "set").stdout
    after = with_go.run("sh", "-c", f"{code}\nset").stdout
    changed = set(after.splitlines()) ^ set(before.splitlines())
    assert {line.split("=")[0] for line in changed} - {"_", "PPID"} == {"PATH"}


def test_env_can_be_used_twice(with_go: Checkout) -> None:
    """In a shell that has the engine on PATH already, env gives the same code."""
    code = with_go.run("make", "-s", "env").stdout
    with_go.tool("pulumi", folder=with_go.root / ".engine/bin")
    with_go.tool("pulumi-language-python", folder=with_go.root / ".engine/bin")
    again = with_go.run("make", "-s", "env", path=f"{with_go.root}/.engine/bin:")
    assert again.stdout == code


def test_neither_pulumi_nor_go(checkout: Checkout) -> None:
    """With neither Pulumi nor Go, set-up fails in one line that names an installation page."""
    done = checkout.setup()
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert INSTALL_PAGE in line
    assert "Go (1.25.11 or newer)" in line
    assert not (checkout.root / ".engine").exists()


def test_go_is_too_old(with_go: Checkout) -> None:
    """A Go that can't build the engine is reported in its own words, with the installation page."""
    done = with_go.setup(GO_TOO_OLD="1")
    assert done.returncode == 1
    assert "requires go >= 1.25.11" in done.stderr
    assert INSTALL_PAGE in done.stderr
    assert with_go.asked("go install") == 0


def beside(checkout: Checkout) -> None:
    checkout.tool("pulumi")
    checkout.tool("pulumi-language-python")


def linked(checkout: Checkout) -> None:
    folder = checkout.root.parent / "opt" / "pulumi"
    checkout.tool("pulumi-language-python", folder=folder)
    (checkout.tools / "pulumi").symlink_to(checkout.tool("pulumi", folder=folder))


@pytest.mark.parametrize("install", [beside, linked])
def test_installed_pulumi_wins(with_go: Checkout, install: Callable[[Checkout], None]) -> None:
    """Where Pulumi is installed, nothing is built, and env adds the venv's folder only."""
    install(with_go)
    done = with_go.setup()
    assert done.returncode == 0, done.stderr
    assert with_go.asked("go ") == 0
    assert not (with_go.root / ".engine").exists()

    code = with_go.run("make", "-s", "env").stdout
    shell = with_go.run("sh", "-euc", f'{code}\nprintf %s "$PATH"')
    assert shell.stdout == f"{with_go.root}/.venv/bin:{with_go.tools}"


def test_pulumi_that_cannot_run_python(with_go: Checkout) -> None:
    """A pulumi without its Python language host doesn't count: set-up says why, and builds."""
    with_go.tool("pulumi")
    done = with_go.setup()
    assert done.returncode == 0, done.stderr
    assert "has no pulumi-language-python" in done.stdout
    assert (with_go.root / ".engine/bin/.setup-done").exists()


def test_half_made_venv_is_made_again(with_go: Checkout) -> None:
    """A venv whose packages were not all installed does not count as made."""
    assert with_go.setup(PIP_EXIT="1").returncode != 0
    assert with_go.asked("go ") == 0
    assert with_go.setup().returncode == 0
    assert with_go.asked("-m venv --clear .venv") == 1


def test_half_made_engine_is_made_again(with_go: Checkout) -> None:
    """An engine whose build was broken off does not count as made, and is not put on PATH half."""
    assert with_go.setup(GO_EXIT="1").returncode != 0
    assert not (with_go.root / ".engine/bin").exists()
    assert with_go.setup().returncode == 0
    assert with_go.asked("go install") == 2


def test_changed_pyproject_updates_the_venv(with_go: Checkout) -> None:
    """After a change of pyproject.toml pip brings the venv up to date, and the engine is kept."""
    with_go.setup()
    with (with_go.root / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    assert with_go.setup().returncode == 0
    assert with_go.asked("-m pip install") == 1
    assert with_go.asked("-m venv") == with_go.asked("go ") == 0


def test_changed_pin_builds_the_engine_again(with_go: Checkout) -> None:
    """After a change of a pinned version the engine is built again, and the venv is kept."""
    with_go.setup()
    (with_go.root / "engine/pulumi/go.mod").write_text("pulumi 2\n")
    assert with_go.setup().returncode == 0
    assert with_go.asked("go install") == 2
    assert with_go.asked("pip") == 0


def test_moved_checkout_gets_a_new_venv(with_go: Checkout) -> None:
    """A venv doesn't survive a move of the checkout, so it is made again."""
    with_go.setup()
    with_go.root = with_go.root.rename(with_go.root.parent / "moved")
    assert with_go.setup().returncode == 0
    assert with_go.asked("-m venv --clear .venv") == 1


def test_old_python_is_passed_over(with_go: Checkout) -> None:
    """Where python3 is too old, a newer Python beside it is taken."""
    with_go.tool("python3", "#!/bin/sh\nexit 1\n")
    with_go.tool("python3.12", PYTHON)
    assert with_go.setup().returncode == 0
    assert with_go.asked("-m venv") == 1


def test_no_python_is_new_enough(with_go: Checkout) -> None:
    """Without Python 3.10 or newer, set-up fails in one line that says so."""
    with_go.tool("python3", "#!/bin/sh\nexit 1\n")
    done = with_go.setup()
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "Python 3.10 or newer" in line


def test_help_names_every_target(checkout: Checkout) -> None:
    """`make help` has a line for each target."""
    (line,) = [
        line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY")
    ]
    shown = checkout.run("make", "-s").stdout
    assert [row.split()[1] for row in shown.splitlines()] == line.split()[1:]
