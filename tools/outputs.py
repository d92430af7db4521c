"""What the programs in the pages print, on the real engine against the simulator.

Steps run one after the other, so that the order is always the same. Durations and progress
lines are left out.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from unittest import mock

from pulumi_openrouter import cli
from pulumi_openrouter.simulator import Simulator
from tools.paths import DOCS
from tools.project import NOWHERE, Project, environment_for, settings_of

TUTORIAL = DOCS / "tutorial.md"
FUNCTIONS = DOCS / "functions.md"
HOW_TO = DOCS / "how-to.md"
REVIEW = DOCS / "review.md"
SPENDING = DOCS / "spending.md"
RESOURCES = [
    DOCS / f"{name}.md"
    for name in (
        *("workspace", "workspace-budget", "workspace-membership", "api-key", "team-workspace"),
        *("guardrail", "workspace-default-guardrail"),
    )
]
SETTINGS = "name: infra\nruntime:\n  name: python\n  options:\n    virtualenv: .venv\n"
DAILY = """
from pulumi_openrouter import Workspace, WorkspaceBudget

research = Workspace("research")
WorkspaceBudget("research", workspace_id=research, daily_limit_usd={limit})
"""
APPLY = ("--yes", "--skip-preview")
STREAMING = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
"""Without it, a refresh that only previews does not say what differs."""
UNSHOWN = ("--parallel=1", "--color=never")
PROGRESS = re.compile(
    r"^(@ .*|.* (creating|updating|refreshing|deleting) \(\d+s\).*|Duration: .*"
    r"|    pulumi:pulumi:Stack .*)\n",
    re.MULTILINE,
)
OF_THE_STACK = re.compile(r" [+~-]  pulumi:pulumi:Stack ")
TIME = re.compile(r" \(\d+(\.\d+)?s\)| +$", re.M)
MARKS = " +~-"
OF_A_RESOURCE = re.compile(r"[ +~-]*pulumi-python:dynamic/openrouter:")


def made() -> dict[Path, Mapping[str, str]]:
    """The text of every block that needs the engine, by page and name."""
    found: dict[Path, Mapping[str, str]] = {}
    with project(_program(TUTORIAL, "yaml")) as (stack, simulator):
        texts = dict(_tutorial(stack, simulator))
        found[REVIEW] = {name: texts.pop(name) for name in ("review", "drift")}
        found[TUTORIAL] = texts
    with project(SETTINGS, workspaces=2) as (stack, simulator):
        for page in RESOURCES:
            found[page] = {"preview": _previewed(stack.using(**NOWHERE), page)}
        _make_by_hand(simulator)
        found[FUNCTIONS] = {"preview": _previewed(stack, FUNCTIONS)}
        found[HOW_TO] = {"export": _exported(simulator)}
        found[SPENDING] = {"lowered": _lowered(stack, simulator)}
    return found


def _tutorial(stack: Project, simulator: Simulator) -> Iterator[tuple[str, str]]:
    """Each command of the tutorial, in its order."""
    before = _program(TUTORIAL)
    after = changed(before, monthly=500)
    write(stack, before)
    yield "preview", console(stack.using(**NOWHERE), "preview")
    yield "up", console(stack, "up", *APPLY)
    write(stack, after)
    yield "change", _difference(before, after)
    yield "preview-of-change", console(stack, "preview", "--diff")
    yield "review", reviewed(stack.using(**NOWHERE), "preview", "--json", "--show-sames")
    stack.run("up", *APPLY)
    simulator.organization.set_budget("research", "daily", 50)
    yield "drift", reviewed(stack.using(**STREAMING), "refresh", "--preview-only", "--json")
    yield "refresh", console(stack, "refresh", *APPLY)
    yield "preview-of-repair", console(stack, "preview", "--diff")
    yield "repair", console(stack, "up", *APPLY)
    yield "destroy", console(stack, "destroy", *APPLY)


def changed(program: str, monthly: int) -> str:
    """The program with another monthly limit and another member."""
    return program.replace("monthly_limit_usd=200", f"monthly_limit_usd={monthly}").replace(
        '"grace@example.com"', '"alan@example.com"'
    )


def _make_by_hand(simulator: Simulator) -> None:
    """Add a budget and a member that no program declares."""
    organization = simulator.organization
    organization.set_budget("team-1", "monthly", 80)
    organization.add_members("team-1", [organization.person("ada@example.com").id])


def _previewed(stack: Project, page: Path) -> str:
    """A preview of the first program of a page."""
    write(stack, _program(page))
    return console(stack, "preview", "--diff")


def _exported(simulator: Simulator) -> str:
    """What `pulumi-openrouter export` prints for a workspace that was made by hand."""
    return _shown(simulator, "export team-1 --format python")


def _lowered(stack: Project, simulator: Simulator) -> str:
    """An up that sets a limit below what was spent already."""
    write(stack, DAILY.format(limit=20))
    stack.run("up", *APPLY)
    simulator.organization.spend(simulator.organization.create_key("ci", "research").hash, 18.75)
    write(stack, DAILY.format(limit=10))
    return console(stack, "up", *APPLY)


def _shown(simulator: Simulator, command: str) -> str:
    """Run `pulumi-openrouter`, and show it with its output."""
    settings = settings_of(simulator)
    with contextlib.redirect_stdout(io.StringIO()) as said, mock.patch.dict(os.environ, settings):
        cli.main(command.split())
    lines = "\n".join(line.rstrip() for line in said.getvalue().strip().splitlines())
    return f"```console\n$ pulumi-openrouter {command}\n{lines}\n```"


def spending() -> str:
    """What `show --spend` prints for a workspace near its limit, and for one far from it."""
    with Simulator(members=1) as simulator:
        organization = simulator.organization
        for slug, limits in {"research": (20, 200), "support": (None, 50)}.items():
            organization.create_workspace(name=slug.capitalize(), slug=slug)
            for interval, limit in zip(("daily", "monthly"), limits, strict=True):
                if limit is not None:
                    organization.set_budget(slug, interval, limit)
        ci = organization.create_key("ci", "research", limit=100, limit_reset="monthly")
        organization.spend(ci.hash, 18.75)
        organization.spend(organization.create_key("bot", "support").hash, 4)
        return _shown(simulator, "show --spend --keys research support")


@contextlib.contextmanager
def project(settings: str, workspaces: int = 0) -> Iterator[tuple[Project, Simulator]]:
    """A project with this Pulumi.yaml and a stack `dev`, and the simulator it talks to."""
    with (
        tempfile.TemporaryDirectory() as name,
        Simulator(members=5, workspaces=workspaces) as simulator,
    ):
        folder = Path(name)
        stack = Project.copied(folder, environment_for(folder, simulator))
        (stack.folder / "Pulumi.yaml").write_text(settings)
        stack.run("stack", "init", "dev")
        yield stack, simulator


def write(stack: Project, program: str) -> None:
    """Replace the program."""
    (stack.folder / "__main__.py").write_text(program)


def console(stack: Project, *arguments: str) -> str:
    """Run a command, and show it with its output."""
    said = stack.run(*arguments, *UNSHOWN).stdout
    lines = [line for line in TIME.sub("", PROGRESS.sub("", said)).splitlines() if line]
    shown = "\n".join(_in_order(_once(lines)))
    return f"```console\n$ pulumi {' '.join(arguments)}\n{shown}\n```"


def reviewed(stack: Project, *arguments: str) -> str:
    """Run a command, and show what `pulumi-openrouter review` makes of its output."""
    command = "review --format text"
    printed = io.StringIO(stack.run(*arguments).stdout)
    with contextlib.redirect_stdout(io.StringIO()) as said, mock.patch("sys.stdin", printed):
        cli.main(command.split())
    shown = f"$ pulumi {' '.join(arguments)} | pulumi-openrouter {command}"
    return f"```console\n{shown}\n{said.getvalue().strip()}\n```"


def _once(lines: list[str]) -> Iterator[str]:
    """The lines without the repeated ones about the stack itself."""
    told: set[str] = set()
    for line in lines:
        if line not in told:
            yield line
        if OF_THE_STACK.match(line):
            told.add(line)


def _in_order(lines: Iterable[str]) -> list[str]:
    """The lines with neighbouring resources sorted, which Pulumi prints as they finish."""
    shown: list[str] = []
    beside: list[list[str]] = []
    for line in [*lines, ""]:
        if OF_A_RESOURCE.match(line):
            beside.append([line])
        elif beside and _depth(line) > _depth(beside[0][0]):
            beside[-1].append(line)
        else:
            shown += [*_sorted(beside), line]
            beside = []
    return shown[:-1]


def _sorted(blocks: list[list[str]]) -> Iterator[str]:
    """Workspaces first, or last if they are deleted."""
    are_deleted = any(block[0].lstrip().startswith("-") for block in blocks)
    for block in sorted(blocks, key=_unmarked, reverse=are_deleted):
        yield from block


def _unmarked(block: list[str]) -> list[str]:
    return [line.lstrip(MARKS) for line in block]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(MARKS))


def _difference(before: str, after: str) -> str:
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm=""))
    return "\n".join(["```diff", *lines[3:], "```"])


def _program(page: Path, language: str = "python") -> str:
    """The first code block of a page in this language."""
    return programs(page, language)[0]


def programs(page: Path, language: str = "python") -> list[str]:
    """The code blocks of a page in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
