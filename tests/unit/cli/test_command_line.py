from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

from pulumi_openrouter.cli import main
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.unit.cli.command import MODULE, environment
from tools.paths import ROOT

SCRIPT = (str(Path(sys.prefix) / "bin" / "pulumi-openrouter"),)


@pytest.mark.parametrize("start", [MODULE, SCRIPT], ids=["module", "script"])
def test_it_starts_as_module_and_as_script(simulator: Simulator, start: tuple[str, ...]) -> None:
    """`python -m pulumi_openrouter` and `pulumi-openrouter` are the same."""
    finished = subprocess.run(
        [*start, "check"], env=environment(simulator), text=True, capture_output=True, check=False
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert simulator.organization.id in finished.stdout


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the version of the package, which needs no key, and ends with 0."""
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    declared = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert declared
    assert capsys.readouterr() == (f"pulumi-openrouter {declared[1]}\n", "")


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ("export", ["pulumi", "rich"]),
        ("export --format python", ["pulumi", "rich"]),
        ("check", ["pulumi", "rich"]),
        ("show", ["pulumi"]),
        ("show --json", ["pulumi", "rich"]),
    ],
)
def test_it_does_without(simulator: Simulator, arguments: str, missing: list[str]) -> None:
    """No command needs Pulumi, and only the table needs rich: they need not be importable."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({missing!r}))\n"
        f"from pulumi_openrouter.cli import main; sys.exit(main({arguments.split()!r}))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(simulator),
        text=True,
        capture_output=True,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "import",
        "export --format json",
        "export --output",
        "export --force",
        "show --format json",
        "check team",
    ],
)
def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str], arguments: str) -> None:
    """What can't be meant is refused with the usage."""
    with pytest.raises(SystemExit) as caught:
        main(arguments.split())
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: pulumi-openrouter")


@pytest.mark.parametrize("arguments", ["export", "show", "show --json", "check"])
def test_a_reader_that_has_seen_enough_is_no_failure_to_report(
    simulator: Simulator, arguments: str
) -> None:
    """Where nobody reads the output any more, as with `| head`, the command ends in silence."""
    read, write = os.pipe()
    os.close(read)
    finished = subprocess.run(
        [*MODULE, *arguments.split()],
        env=environment(simulator),
        text=True,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (finished.returncode, finished.stderr) == (1, "")


def test_an_interrupt_is_no_failure_to_report(simulator: Simulator) -> None:
    """Ctrl-C ends a command that waits, in silence."""
    simulator.faults.add(Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=60))
    # What runs tests in the background may have switched the signal off.
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pulumi_openrouter.cli import main; sys.exit(main(['show']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(simulator),
        text=True,
        stderr=subprocess.PIPE,
    ) as process:
        while not simulator.log and process.poll() is None:
            sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert (process.returncode, err) == (130, "")


@pytest.mark.parametrize(
    ("arguments", "shown"), [("export --format python", "Größe ☃"), ("show", "Gr??e ?")]
)
def test_any_terminal_will_do(simulator: Simulator, arguments: str, shown: str) -> None:
    """A terminal that knows ASCII alone is no reason to fail, and files are UTF-8 nevertheless."""
    simulator.organization.create_workspace(name="Größe ☃", slug="team")
    finished = subprocess.run(
        [*MODULE, *arguments.split()],
        env=environment(simulator, PYTHONIOENCODING="ascii"),
        capture_output=True,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert shown in finished.stdout.decode()
