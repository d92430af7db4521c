"""What a newcomer runs: the demo, the ready-made stack, the examples, the README."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pulumi_openrouter.simulator import Simulator
from pulumi_openrouter.testing.stack import NewStack
from tools import generate
from tools.paths import EXAMPLES, ROOT
from tools.project import NOWHERE, Project, environment_for

NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/Pulumi.yaml"))


def test_the_demo_does_what_it_says(tmp_path: Path) -> None:
    """The demo ends well, and every one of its steps is checked by itself."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = environment_for(tmp_path, TMPDIR=str(temporary))
    finished = subprocess.run(
        [sys.executable, ROOT / "demo" / "demo.py"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    for told in (
        "201 POST /workspaces",
        "raises the monthly budget of research-dev from $50 to $5,000",
        "removes ada@example.com from research-dev",
        "200 PUT /workspaces/<research-dev>/budgets/monthly",
        "200 DELETE /workspaces/<playground-dev>",
        "Nothing was sent.",
        "Every step did what it says",
        "What to do next:",
    ):
        assert told in finished.stdout
    assert [path.name for path in temporary.iterdir()] == []


def test_the_demo_fails_when_a_step_does(tmp_path: Path) -> None:
    """Where pulumi does something else than the demo says, the demo ends with 1."""
    fake = tmp_path / "pulumi"
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    environment = environment_for(tmp_path)
    finished = subprocess.run(
        [sys.executable, ROOT / "demo" / "demo.py"],
        env={**environment, "PATH": f"{tmp_path}{os.pathsep}{environment['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "The demo failed: expected that pulumi preview says" in finished.stderr


@pytest.mark.reliability(
    "up, preview and destroy of each example", "nothing left to do after up, nothing left behind"
)
@pytest.mark.openrouter(workspaces=2)
@pytest.mark.parametrize("name", NAMES)
def test_an_example_runs_as_it_stands(
    openrouter: Simulator, openrouter_stack: NewStack, name: str
) -> None:
    """An example goes up, has nothing more to do then, and is destroyed."""
    before = [workspace.slug for workspace in openrouter.organization.workspaces]
    stack = openrouter_stack(EXAMPLES / name, stack_name="dev")
    assert set(stack.up().changes.values()) == {"create"}
    openrouter.log.clear()
    assert stack.preview().changes == {}
    # A program that asks the organization does so in a preview too.
    assert openrouter.writes() == [] if name == "functions" else openrouter.log == []
    assert set(stack.destroy().changes.values()) == {"delete"}
    assert [workspace.slug for workspace in openrouter.organization.workspaces] == before


def test_an_example_runs_where_it_is_copied_to(tmp_path: Path) -> None:
    """A copy needs its own files alone, and a .venv as `pulumi install` makes it."""
    files = [path for path in (EXAMPLES / "first-workspace").iterdir() if path.is_file()]
    project = Project.copied(tmp_path, environment_for(tmp_path, None, **NOWHERE), *files)
    project.run("stack", "init", "dev")
    assert set(project.preview().changes.values()) == {"create"}


def test_the_ready_made_stack_reports_all_mistakes(tmp_path: Path, simulator: Simulator) -> None:
    """A configuration with mistakes is refused at preview, all of them with their places."""
    files = [ROOT / name for name in ("Pulumi.yaml", "__main__.py", "Pulumi.dev.yaml")]
    project = Project.copied(tmp_path, environment_for(tmp_path, simulator), *files)
    config = project.folder / "Pulumi.dev.yaml"
    config.write_text(
        config.read_text()
        .replace("daily_limit_usd: 5\n", "daily_limit_usd: 500\n")
        .replace("default_provider_sort: price", "default_provider_sort: best")
        .replace("members:", "member:")
    )
    project.run("stack", "init", "dev")
    refused = project.preview(check=False)
    assert refused.code != 0
    text = "\n".join(refused.errors)
    assert "Pulumi.dev.yaml has 3 mistakes" in text
    for place in ("member:", "default_provider_sort:", "budget.monthly_limit_usd:"):
        assert f"workspaces.research-dev.{place}" in text
    assert "Traceback" not in refused.output


def test_secret_configuration_stays_secret(tmp_path: Path, simulator: Simulator) -> None:
    """A secret value in the configuration is encrypted in the state, and works."""
    files = [ROOT / name for name in ("Pulumi.yaml", "__main__.py")]
    project = Project.copied(tmp_path, environment_for(tmp_path, simulator), *files)
    project.run("stack", "init", "test")
    secrets = {"description": "a confidential plan", "members[0]": "ada@example.com"}
    for name, value in secrets.items():
        project.run("config", "set", "--secret", "--path", f"workspaces.team.{name}", value)
    project.up()
    assert simulator.organization.workspace("team").description == "a confidential plan"
    assert simulator.organization.members("team") == [simulator.organization.people[0].id]
    state = project.run("stack", "export").stdout
    assert [value for value in secrets.values() if value in state] == []


@pytest.fixture
def ready_made(tmp_path: Path, simulator: Simulator) -> Project:
    """The ready-made stack with the stack `test`, which describes nothing yet."""
    files = [ROOT / name for name in ("Pulumi.yaml", "__main__.py")]
    project = Project.copied(tmp_path, environment_for(tmp_path, simulator), *files)
    project.run("stack", "init", "test")
    return project


def describe(project: Project, workspaces: str) -> None:
    """Make this the whole configuration of the stack."""
    text = textwrap.indent(textwrap.dedent(workspaces), "  ")
    (project.folder / "Pulumi.test.yaml").write_text(f"config:\n{text}")


def test_what_the_command_line_keeps_as_text_is_a_number(
    ready_made: Project, simulator: Simulator
) -> None:
    """Fractions and secrets that `pulumi config set --path` keeps as text are limits and flags."""
    team = "workspaces.team"
    ready_made.run("config", "set", "--path", f"{team}.budget.daily_limit_usd", "99.5")
    ready_made.run("config", "set", "--path", "--secret", f"{team}.budget.weekly_limit_usd", "200")
    ready_made.run("config", "set", "--path", "--secret", f"{team}.force_destroy", "true")
    ready_made.up()
    limits = simulator.organization.budgets("team")
    assert limits == {"daily": 99.5, "weekly": 200}
    assert ready_made.preview().changes == {}


def test_keys_are_outputs_of_the_stack(ready_made: Project, simulator: Simulator) -> None:
    """Without a line of Python a workspace gets its keys, and the stack's output has them."""
    describe(
        ready_made,
        """
        openrouter-workspaces:workspaces:
          team:
            keys:
              ci: {limit: 5, limit_reset: monthly}
        """,
    )
    ready_made.up()
    (key,) = simulator.organization.keys
    assert (key.name, key.limit, key.limit_reset) == ("team-ci", 5, "monthly")
    assert ready_made.outputs()["keys"] == {"team": {"ci": key.secret}}
    assert ready_made.up("--expect-no-changes").changes == {}
    assert key.secret not in ready_made.run("stack", "output", "--json").stdout


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("{}", "workspaces: is missing. To describe the first workspace"),
        ("openrouter-workspaces:workspaces:", "workspaces: is empty: describe the first"),
        ("openrouter-workspaces:workspaces: s3cret", "to their settings; got text"),
    ],
)
def test_a_configuration_without_workspaces_is_told(
    ready_made: Project, config: str, said: str
) -> None:
    """A stack that describes nothing is told how to begin, and an empty mapping is right."""
    describe(ready_made, config)
    refused = ready_made.using(**NOWHERE).preview(check=False)
    assert said in "\n".join(refused.errors)
    assert "s3cret" not in "\n".join(refused.errors)
    assert "Traceback" not in refused.output
    describe(ready_made, "openrouter-workspaces:workspaces: {}")
    assert "error" not in ready_made.using(**NOWHERE).preview().output


RESEARCH = """
openrouter-workspaces:workspaces:
  NAME:
    name: Research
    slug: research
    budget: {daily_limit_usd: 5}
    members: [ada@example.com]
"""


@pytest.mark.parametrize("has_failed", [False, True])
def test_a_renamed_entry_changes_nothing_at_openrouter(
    ready_made: Project, simulator: Simulator, has_failed: bool
) -> None:
    """`renamed_from` keeps what the entry was, also once an up without it has failed."""
    describe(ready_made, RESEARCH.replace("NAME", "research"))
    ready_made.up()
    renamed = RESEARCH.replace("NAME", "lab")
    if has_failed:
        describe(ready_made, renamed)
        failed = ready_made.up(check=False)
        assert "the slug is taken by workspace" in "\n".join(failed.errors)
    simulator.log.clear()
    describe(ready_made, renamed + "    renamed_from: research\n")
    ready_made.up()
    assert simulator.writes() == []
    assert set(ready_made.state()) == {"lab"}
    describe(ready_made, renamed)
    assert ready_made.preview("--expect-no-changes").changes == {}
    assert simulator.organization.workspace("research").name == "Research"


def test_secret_members_leave_the_rest_in_sight(ready_made: Project, simulator: Simulator) -> None:
    """With members in a secret key of their own, a preview shows the rest, and no email."""
    describe(
        ready_made,
        """
        openrouter-workspaces:workspaces:
          team:
            description: Experiments of the team
            budget: {daily_limit_usd: 5.25}
        """,
    )
    emails = ("ada@example.com", "grace@example.com")
    for index, email in enumerate(emails):
        ready_made.run("config", "set", "--secret", "--path", f"members.team[{index}]", email)
    shown = ready_made.run("preview", "--diff").stdout
    for value in ("Experiments of the team", "5.25"):
        assert value in shown
    ready_made.up()
    assert len(simulator.organization.members("team")) == 2
    ready_made.run("config", "rm", "--path", "members.team[1]")
    ready_made.run("preview", "--diff")
    ready_made.up()
    ready_made.refresh()
    ready_made.run("stack", "output")
    assert len(simulator.organization.members("team")) == 1
    kept = [*ready_made.transcript, *ready_made.state_files()]
    assert [email for email in emails for text in kept if email in text] == []


def test_the_outputs_in_the_readme_have_not_drifted() -> None:
    """What README.md shows as output is what the engine prints."""
    for page, blocks in generate.WITH_ENGINE.items():
        text = page.read_text()
        assert generate.filled(text, blocks) == text
