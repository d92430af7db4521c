"""Fill the generated blocks of the pages: tables, code and what the engine really prints.

A block is what stands between `<!-- begin NAME -->` and `<!-- end -->`. With `--check`
nothing is written, and a block that has drifted ends with 1.
"""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from os import environ, pathsep
from pathlib import Path

import yaml

from pulumi_openrouter import Workspace, WorkspaceBudget, WorkspaceMembership, stack
from pulumi_openrouter.fields import Field, fields_of
from pulumi_openrouter.simulator import Simulator
from tests.unit import boundaries

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
RELIABILITY = ROOT / "docs" / "reliability.md"
EXAMPLE = ROOT / "examples" / "first-workspace"
BLOCK = re.compile(r"(<!-- begin (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(resource: type) -> str:
    """The reference table of a resource, from its declaration."""
    fields = fields_of(resource)
    arguments = [_argument(field) for field in fields.values() if not field.computed]
    outputs = [f"| `{f.name}` | {f.doc} |" for f in fields.values() if f.computed]
    return "\n".join(
        [
            "| argument | takes | when not given | meaning |",
            "|---|---|---|---|",
            *arguments,
            "",
            "| output | meaning |",
            "|---|---|",
            "| `id` | The UUID of the workspace, stable across renames. |",
            *outputs,
        ]
    )


def _argument(field: Field) -> str:
    wants = field.kind.wants if field.kind else ""
    return f"| `{field.name}` | {wants} | {_absent(field)} | {field.doc} |"


def _absent(field: Field) -> str:
    if field.required:
        return "required"
    if field.default is not None:
        return f"`{field.default}`"
    if field.derived_from:
        return f"from {field.derived_from}"
    return "unmanaged; cleared if declared before" if field.nullable else "unmanaged"


def code() -> str:
    """The program of the first example."""
    return f"```python\n{(EXAMPLE / '__main__.py').read_text().strip()}\n```"


def preview() -> str:
    """What `pulumi preview` prints for the first example, and for a change of it."""
    with tempfile.TemporaryDirectory() as folder, Simulator(members=5) as simulator:
        project = _Project(Path(folder), simulator)
        project.run("up", "--yes", "--skip-preview")
        project.replace("monthly_limit_usd=200", "monthly_limit_usd=500")
        project.replace('"grace@example.com"', '"alan@example.com"')
        shown = project.run("preview", "--diff")
    return f"```console\n$ pulumi preview --diff\n{shown}\n```"


WRONG = {
    "research": {
        "slugg": "research",
        "budget": {"daily_limit_usd": 50, "monthly_limit_usd": "20"},
        "members": ["ada@example.com", "grace"],
    },
    "playground": {"default_provider_sort": "cheapest"},
}


def mistakes() -> str:
    """What is said of a configuration with mistakes, and that configuration."""
    given = yaml.safe_dump({stack.KEY: WRONG}, sort_keys=False).strip()
    said = stack.report("dev", "openrouter-workspaces:workspaces", stack.parse(WRONG)[1])
    return f"```yaml\n{given}\n```\n\n```console\n{said}\n```"


class _Project:
    """A copy of the first example with a stack of its own."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self._program = folder / "examples" / EXAMPLE.name
        shutil.copytree(EXAMPLE, self._program)
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / "state").mkdir()
        self._environment = {
            **environ,
            "PATH": f"{Path(sys.prefix) / 'bin'}{pathsep}{environ['PATH']}",
            "OPENROUTER_BASE_URL": simulator.base_url,
            "OPENROUTER_MANAGEMENT_KEY": simulator.key,
            "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "docs",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        self.run("stack", "init", "dev")

    def replace(self, old: str, new: str) -> None:
        """Change the program."""
        program = self._program / "__main__.py"
        program.write_text(program.read_text().replace(old, new))

    def run(self, *arguments: str) -> str:
        """Run a command and return what it prints."""
        command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
        finished = subprocess.run(
            command,
            cwd=self._program,
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return finished.stdout.strip()


def operations() -> str:
    """The operations that are spoilt at each of their requests, and how many they send."""
    rows = [f"| {name} | {boundaries.expected(name).requests} |" for name in boundaries.OPERATIONS]
    return "\n".join(["| operation | requests |", "|---|--:|", *rows])


Blocks = Mapping[str, Callable[[], str]]

WITHOUT_ENGINE: Mapping[Path, Blocks] = {
    README: {
        "code": code,
        "mistakes": mistakes,
        "workspace": lambda: table(Workspace),
        "budget": lambda: table(WorkspaceBudget),
        "membership": lambda: table(WorkspaceMembership),
    },
    RELIABILITY: {"operations": operations},
}
WITH_ENGINE: Mapping[Path, Blocks] = {README: {"preview": preview}}


def filled(text: str, blocks: Blocks) -> str:
    """The text with the named blocks made anew; every one of them must be there."""
    missing = set(blocks) - {match["name"] for match in BLOCK.finditer(text)}
    if missing:
        raise ValueError(f"the page has no block {', '.join(sorted(missing))}")

    def block(match: re.Match[str]) -> str:
        make = blocks.get(match["name"])
        return f"{match[1]}{make()}\n{match[3]}" if make else match[0]

    return BLOCK.sub(block, text)


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` only say what has drifted."""
    drifted = 0
    for page, blocks in WITHOUT_ENGINE.items():
        before = page.read_text()
        after = filled(before, {**blocks, **WITH_ENGINE.get(page, {})})
        if arguments != ["--check"]:
            page.write_text(after)
        elif before != after:
            drifted = 1
            was, now = before.splitlines(), after.splitlines()
            print("\n".join(difflib.unified_diff(was, now, page.name, "made anew")))
    return drifted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
