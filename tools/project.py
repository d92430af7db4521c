"""A Pulumi project in a folder of its own, driven over the real command line."""

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

ROOT = Path(__file__).resolve().parents[1]
COMMAND_SECONDS = 240
NOWHERE = {"OPENROUTER_MANAGEMENT_KEY": "", "OPENROUTER_BASE_URL": "http://127.0.0.1:9/api/v1"}
"""For a command that has no key, and nothing to talk to."""
NO_ENGINE = (
    "There is no Pulumi engine on PATH: run `make test`, which gets one, or\n"
    'eval "$(make -s env)" before running pytest yourself.'
)

# A shell lets what it runs in the background ignore SIGINT, and that is inherited: Pulumi then
# waits five seconds for each plugin that it asks to stop.
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
        """The steps that are more than looking."""
        looking = {"same", "refresh", "read"}
        return {name: op for name, op in self.steps.items() if op not in looking}


@attrs.frozen
class Project:
    """One project with one stack, its state in its own folder."""

    folder: Path
    environment: dict[str, str]
    patience: float = COMMAND_SECONDS
    """The seconds that a command may take."""
    transcript: list[str] = attrs.field(factory=list, repr=False)
    """What every command wrote, both its outputs."""

    @classmethod
    def create(cls, folder: Path, environment: dict[str, str]) -> Project:
        """A project with an empty program and the stack `test`."""
        if shutil.which("pulumi", path=environment["PATH"]) is None:
            raise RuntimeError(NO_ENGINE)
        for name in ("state", "home", "program"):
            (folder / name).mkdir()
        settings = {
            "name": "shop",
            "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
        }
        (folder / "program" / "Pulumi.yaml").write_text(json.dumps(settings))
        project = cls(folder / "program", environment)
        project.program("")
        project.run("stack", "init", "test")
        return project

    def program(self, text: str) -> None:
        """Replace the program; pulumi and the three resources are imported already."""
        imports = "import pulumi\nfrom pulumi_openrouter import *\n"
        (self.folder / "__main__.py").write_text(imports + textwrap.dedent(text))

    def using(self, **environment: str) -> Project:
        """The same project in an environment that differs; an empty variable is an unset one."""
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
        """The outputs of the stack, secrets shown."""
        text = self.run("stack", "output", "--json", "--show-secrets").stdout
        return dict(json.loads(text))

    def state(self) -> dict[str, dict[str, Any]]:
        """The resources of this package in the state, by name in the program."""
        found = [resource for resource in self.resources() if ":dynamic/" in resource["type"]]
        return {name_of(resource["urn"]): resource for resource in found}

    def resources(self) -> list[dict[str, Any]]:
        """All resources in the state, Pulumi's own and components too."""
        deployment = json.loads(self.run("stack", "export").stdout)["deployment"]
        found: list[dict[str, Any]] = deployment.get("resources", [])
        return found

    def state_files(self) -> list[str]:
        """All that lies in the state folder: the state, its copies, and the history."""
        state = self.folder.parent / "state"
        return [file.read_text() for file in state.rglob("*") if file.is_file()]

    def urn(self, kind: str, name: str) -> str:
        """What options such as --target call a resource of this package."""
        return f"urn:pulumi:test::shop::pulumi-python:dynamic/openrouter:{kind}::{name}"


def environment_for(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a project's commands: nothing of the user's own reaches it."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    search = [str(Path(sys.prefix) / "bin"), kept["PATH"]]
    return {
        **kept,
        "PATH": os.pathsep.join(search),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **settings,
    }


def name_of(urn: str) -> str:
    """The name that a resource has in the program."""
    return urn.rpartition("::")[2]


def _explained(finished: subprocess.CompletedProcess[str]) -> str:
    """The errors of a command, without the events around them."""
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
