"""The GitHub Actions workflows of examples/environments, and a runner for their jobs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import yaml

from pulumi_openrouter.simulator import Simulator
from tools.paths import EXAMPLES
from tools.project import COMMAND_SECONDS, Project, environment_for

EXAMPLE = EXAMPLES / "environments"
WORKFLOWS = EXAMPLE / ".github" / "workflows"
INSTALLATION = "python -m pip install -r requirements.txt"
"""The step that tests skip, because the package is already installed."""
EXPRESSION = re.compile(r"\$\{\{ *([\w.]+) *\}\}")


@attrs.frozen
class Job:
    """A job of a workflow; one of a called workflow has the name of the calling job."""

    name: str
    definition: dict[str, Any]
    context: dict[str, str]
    """Values of expressions that are known beforehand: the inputs of a called workflow."""

    @property
    def condition(self) -> str:
        """When it runs; empty for always."""
        return str(self.definition.get("if", ""))

    @property
    def environment(self) -> dict[str, str]:
        """Its variables, with expressions as written."""
        return dict(self.definition.get("env", {}))

    @property
    def scripts(self) -> list[str]:
        """The shell scripts of its steps."""
        return [step["run"] for step in self.definition["steps"] if "run" in step]

    def run(self, runner: Project, **context: str) -> str:
        """Run it with these values for its expressions, and return its output."""
        values = {**self.context, **context}
        own = {name: expanded(text, values) for name, text in self.environment.items()}
        return "".join(
            _run(script, runner, {**own, "GITHUB_STEP_SUMMARY": "summary.md"})
            for script in self.scripts
            if script != INSTALLATION
        )


def checkout(
    machine: Path,
    source: Path = EXAMPLE,
    *,
    simulator: Simulator | None = None,
    **settings: str,
) -> Project:
    """A copy of the example on a new machine, which shares only settings with others."""
    shutil.copytree(source, machine / "environments")
    return Project(machine / "environments", environment_for(machine, simulator, **settings))


def workflow(file: str) -> dict[str, Any]:
    """A parsed workflow, with `on` repaired, which YAML reads as true."""
    loaded = yaml.safe_load((WORKFLOWS / file).read_text())
    loaded["on"] = loaded.pop(True)
    return dict(loaded)


def jobs(file: str) -> dict[str, Job]:
    """The jobs of a workflow by name, in their order, including those of called workflows."""
    found = {}
    for name, definition in workflow(file)["jobs"].items():
        context = {f"inputs.{key}": value for key, value in definition.get("with", {}).items()}
        if called := definition.get("uses"):
            (definition,) = workflow(Path(called).name)["jobs"].values()
        found[name] = Job(name, definition, context)
    return found


def expanded(text: str, values: Mapping[str, str]) -> str:
    """A text with its expressions replaced; KeyError for an unknown one."""
    return EXPRESSION.sub(lambda match: values[match[1]], text)


def _run(script: str, runner: Project, environment: Mapping[str, str]) -> str:
    """Run a script as GitHub runs a step whose shell is bash."""
    finished = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=runner.folder,
        env={**runner.environment, **environment},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    output = finished.stdout + finished.stderr
    runner.transcript.append(output)
    assert finished.returncode == 0, f"{script}\n{output}"
    return output
