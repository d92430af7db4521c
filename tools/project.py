"""A Pulumi project in its own folder, driven by the real command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import attrs

from pulumi_openrouter.simulator import Simulator
from pulumi_openrouter.testing import isolated_pulumi

COMMAND_SECONDS = 240
NOWHERE = {"OPENROUTER_MANAGEMENT_KEY": "", "OPENROUTER_BASE_URL": "http://127.0.0.1:9/api/v1"}
"""Settings for a command without a key, and without an API to talk to."""
NO_ENGINE = (
    "There is no Pulumi engine on PATH: run `make test`, which gets one, or\n"
    'eval "$(make -s env)" before running pytest yourself.'
)

# What a shell runs in the background ignores SIGINT, and so do its children: nobody could interrupt
# Pulumi, nor Pulumi its plugins.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@attrs.frozen
class Result:
    """What a command did."""

    code: int
    output: str
    steps: dict[str, str]
    """The operation on each resource, by its name in the program; the last one counts."""
    diffs: dict[str, list[str]]
    """The properties that differ, by resource: inputs, or outputs in a refresh."""
    errors: list[str]

    @property
    def changes(self) -> dict[str, str]:
        """The steps that change something."""
        looking = {"same", "refresh", "read"}
        return {name: op for name, op in self.steps.items() if op not in looking}


@attrs.frozen
class Project:
    """One project with one stack."""

    folder: Path
    environment: dict[str, str]
    patience: float = COMMAND_SECONDS
    """The time limit of a command in seconds."""
    transcript: list[str] = attrs.field(factory=list, repr=False)
    """What each command wrote to stdout and stderr."""

    @classmethod
    def create(
        cls, folder: Path, environment: dict[str, str], virtualenv: str = sys.prefix
    ) -> Project:
        """A project with an empty program and the stack `test`."""
        if shutil.which("pulumi", path=environment["PATH"]) is None:
            raise RuntimeError(NO_ENGINE)
        (folder / "program").mkdir()
        settings = {
            "name": "shop",
            "runtime": {"name": "python", "options": {"virtualenv": virtualenv}},
        }
        (folder / "program" / "Pulumi.yaml").write_text(json.dumps(settings))
        project = cls(folder / "program", environment)
        project.program("")
        project.run("stack", "init", "test")
        return project

    @classmethod
    def copied(cls, folder: Path, environment: dict[str, str], *files: Path) -> Project:
        """A project with copies of these files beside the venv that they name; no stack yet."""
        program = folder / "program"
        program.mkdir()
        (program / ".venv").symlink_to(sys.prefix)
        for file in files:
            shutil.copy(file, program)
        return cls(program, environment)

    def program(self, text: str) -> None:
        """Replace the program, which begins with imports of Pulumi and this package."""
        imports = "import pulumi\nfrom pulumi_openrouter import *\n"
        (self.folder / "__main__.py").write_text(imports + textwrap.dedent(text))

    def using(self, **environment: str) -> Project:
        """The same project with other environment variables; an empty one is unset."""
        merged = {**self.environment, **environment}
        return attrs.evolve(
            self, environment={name: value for name, value in merged.items() if value}
        )

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run any pulumi command."""
        finished = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=self.patience,
            check=False,
        )
        self.transcript.append(finished.stdout + finished.stderr)
        if check and finished.returncode:
            raise AssertionError(f"pulumi {arguments} failed\n{_explained(finished)}")
        return finished

    def preview(self, *arguments: str, check: bool = True) -> Result:
        """`pulumi preview --json`."""
        finished = self.run("preview", "--json", *arguments, check=check)
        return _of_preview(finished)

    def up(self, *arguments: str, check: bool = True) -> Result:
        """`pulumi up`."""
        return self._change("up", *arguments, check=check)

    def refresh(self, *arguments: str, check: bool = True) -> Result:
        """`pulumi refresh`."""
        return self._change("refresh", *arguments, check=check)

    def destroy(self, *arguments: str, check: bool = True) -> Result:
        """`pulumi destroy`."""
        return self._change("destroy", *arguments, check=check)

    def _change(self, command: str, *arguments: str, check: bool) -> Result:
        options = ("--yes", "--skip-preview", "--json")
        finished = self.run(command, *options, *arguments, check=check)
        return _of_events(finished)

    def outputs(self) -> dict[str, Any]:
        """The outputs of the stack, including secrets."""
        text = self.run("stack", "output", "--json", "--show-secrets").stdout
        return dict(json.loads(text))

    def state(self) -> dict[str, dict[str, Any]]:
        """This package's resources in the state, by their name in the program."""
        found = [resource for resource in self.resources() if ":dynamic/" in resource["type"]]
        return {name_of(resource["urn"]): resource for resource in found}

    def resources(self) -> list[dict[str, Any]]:
        """All resources in the state, including Pulumi's own and components."""
        deployment = json.loads(self.run("stack", "export").stdout)["deployment"]
        found: list[dict[str, Any]] = deployment.get("resources", [])
        return found

    def state_files(self) -> list[str]:
        """The contents of all files of the state: checkpoints, backups and history."""
        state = self.folder.parent / "state"
        return [file.read_text() for file in state.rglob("*") if file.is_file()]

    def urn(self, kind: str, name: str) -> str:
        """The URN of one of this package's resources."""
        return f"urn:pulumi:test::shop::pulumi-python:dynamic/openrouter:{kind}::{name}"


def environment_for(
    folder: Path, simulator: Simulator | None = None, **settings: str
) -> dict[str, str]:
    """The environment of a project's commands: an isolated Pulumi, and little else.

    Args:
        folder: gets Pulumi's home and the state.
        simulator: what the provider talks to.
        settings: further variables.
    """
    caller = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **isolated_pulumi(folder, caller),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Before each program, Pulumi asks pip what is installed; it need not ask the index.
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **(settings_of(simulator) if simulator else {}),
        **settings,
    }


def settings_of(simulator: Simulator) -> dict[str, str]:
    """The settings with which the provider talks to a simulator."""
    return {
        "OPENROUTER_MANAGEMENT_KEY": simulator.key,
        "OPENROUTER_BASE_URL": simulator.base_url,
    }


def name_of(urn: str) -> str:
    """The name of a resource in the program."""
    return urn.rpartition("::")[2]


def _explained(finished: subprocess.CompletedProcess[str]) -> str:
    """What went wrong, without the other events."""
    if finished.stdout.startswith('{"'):
        return "\n".join(_of_events(finished).errors) + finished.stderr
    return finished.stdout + finished.stderr


def _of_events(finished: subprocess.CompletedProcess[str]) -> Result:
    result = Result(finished.returncode, finished.stdout + finished.stderr, {}, {}, [])
    for line in finished.stdout.splitlines():
        event = json.loads(line) if line.startswith("{") else {}
        if "resourcePreEvent" in event:
            _note(result, event["resourcePreEvent"]["metadata"], "inputs")
        elif "resOutputsEvent" in event:
            metadata = event["resOutputsEvent"]["metadata"]
            refreshed = result.steps.get(name_of(metadata["urn"])) == "refresh"
            _note(result, metadata, "outputs" if refreshed else "inputs")
        diagnostic = event.get("diagnosticEvent", {})
        if diagnostic.get("severity") == "error":
            result.errors.append(diagnostic["message"])
    return result


def _of_preview(finished: subprocess.CompletedProcess[str]) -> Result:
    result = Result(finished.returncode, finished.stdout + finished.stderr, {}, {}, [])
    start = finished.stdout.find("{")
    answer = json.loads(finished.stdout[start:]) if start >= 0 else {}
    for step in answer.get("steps", []):
        states = {"old": step.get("oldState"), "new": step.get("newState")}
        _note(result, {**step, **states}, "inputs")
    for diagnostic in answer.get("diagnostics", []):
        if diagnostic.get("severity") == "error":
            result.errors.append(diagnostic["message"])
    return result


def _note(result: Result, step: dict[str, Any], compared: str) -> None:
    name = name_of(step["urn"])
    old, new = ((step.get(state) or {}).get(compared) or {} for state in ("old", "new"))
    result.steps[name] = step["op"]
    result.diffs[name] = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
