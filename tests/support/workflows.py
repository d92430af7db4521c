"""The GitHub Actions workflows of examples/environments, and a runner for what they run."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import yaml

from tools.project import COMMAND_SECONDS, ROOT, Project, environment_for

EXAMPLE = ROOT / "examples" / "environments"
WORKFLOWS = EXAMPLE / ".github" / "workflows"
INSTALLATION = "python -m pip install -r requirements.txt"
"""What a test need not run: the package is there already."""
EXPRESSION = re.compile(r"\$\{\{ *([\w.]+) *\}\}")


@attrs.frozen
class Job:
    """A job of a workflow, those of a called workflow under the name of the caller."""

    name: str
    definition: dict[str, Any]
    context: dict[str, str]
    """What is known of its expressions beforehand: the inputs of a called workflow."""

    @property
    def condition(self) -> str:
        """When it runs; empty: always."""
        return str(self.definition.get("if", ""))

    @property
    def environment(self) -> dict[str, str]:
        """Its variables, expressions and all."""
        return dict(self.definition.get("env", {}))

    @property
    def scripts(self) -> list[str]:
        """What its steps run in a shell."""
        return [step["run"] for step in self.definition["steps"] if "run" in step]

    def run(self, runner: Project, **context: str) -> str:
        """Run it with these values of its expressions, and return what it wrote."""
        values = {**self.context, **context}
        own = {name: expanded(text, values) for name, text in self.environment.items()}
        return "".join(
            _run(script, runner, {**own, "GITHUB_STEP_SUMMARY": "summary.md"})
            for script in self.scripts
            if script != INSTALLATION
        )


def checkout(machine: Path, source: Path = EXAMPLE, **settings: str) -> Project:
    """A copy of the example on a machine that shares nothing with others but `settings`."""
    (machine / "home").mkdir(parents=True)
    shutil.copytree(source, machine / "environments")
    return Project(machine / "environments", environment_for(machine, **settings))


def workflow(file: str) -> dict[str, Any]:
    """A workflow as it is written, but for `on`, which YAML takes for a truth."""
    loaded = yaml.safe_load((WORKFLOWS / file).read_text())
    loaded["on"] = loaded.pop(True)
    return dict(loaded)


def jobs(file: str) -> dict[str, Job]:
    """The jobs of a workflow by name, those that it calls included, in their order."""
    found = {}
    for name, definition in workflow(file)["jobs"].items():
        context = {f"inputs.{key}": value for key, value in definition.get("with", {}).items()}
        if called := definition.get("uses"):
            (definition,) = workflow(Path(called).name)["jobs"].values()
        found[name] = Job(name, definition, context)
    return found


def expanded(text: str, values: Mapping[str, str]) -> str:
    """A text with its expressions replaced; KeyError for one that is not known."""
    return EXPRESSION.sub(lambda match: values[match[1]], text)


def _run(script: str, runner: Project, environment: Mapping[str, str]) -> str:
    """As GitHub runs a step whose shell is bash; a secret that is not there is an empty text."""
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
