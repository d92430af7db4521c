"""`export --keys`: API keys that exist, by hash."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_openrouter.simulator import ApiKey, Organization, Simulator
from tests.support.formatter import NEEDS_RUFF, complaints
from tests.unit.cli.command import Command

CONFIG = """\
      keys:
        Billing service:
          existing_hash: {billing}
          name: Billing service
          limit: 0.5
          include_byok_in_limit: true
          disabled: true
        ci:
          existing_hash: {ci}
          name: ci
          limit: 5
          limit_reset: monthly
"""
PROGRAM = """\
from pulumi_openrouter import ApiKey, TeamWorkspace

default = TeamWorkspace(
    "default",
    name="Default",
    slug="default",
    adopt_existing=True,
)

ApiKey(
    "default-Billing service",
    workspace_id=default.workspace,
    existing_hash="{billing}",
    name="Billing service",
    limit=0.5,
    include_byok_in_limit=True,
    disabled=True,
)

ApiKey(
    "default-ci",
    workspace_id=default.workspace,
    existing_hash="{ci}",
    name="ci",
    limit=5,
    limit_reset="monthly",
)

TeamWorkspace(
    "team-1",
"""


@pytest.fixture
def keys(organization: Organization) -> dict[str, str]:
    """Two keys of the default workspace, by hash, the second workspace having none."""
    # A hash may look like a number.
    ci = "1e" + 62 * "3"
    organization.create_workspace(name="Team 1", slug="team-1")
    organization.create_key(
        "ci", limit=5, limit_reset="monthly", key_hash=ci, expires_at="2999-01-01T00:00:00Z"
    )
    billing = organization.create_key(
        "Billing service",
        limit=0.5,
        include_byok_in_limit=True,
        disabled=True,
        key_hash="ab" * 32,
    )
    return {"ci": ci, "billing": billing.hash}


def by_workspace(config: str) -> dict[str, dict[str, Any]]:
    """The keys that a configuration declares, by workspace."""
    workspaces = yaml.safe_load(config)["config"]["openrouter-workspaces:workspaces"]
    return {slug: entry.get("keys", {}) for slug, entry in workspaces.items()}


def names(program: str) -> list[str]:
    """The names of the keys that a program declares."""
    return [
        ast.literal_eval(statement.value.args[0])
        for statement in ast.parse(program).body
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and ast.unparse(statement.value.func) == "ApiKey"
    ]


def test_the_configuration_has_them_below_their_workspace(
    command: Command, keys: dict[str, str]
) -> None:
    """Each has its hash, its name and what differs from a new key that never expires."""
    said = command("export", "--keys")
    assert (said.code, said.err) == (0, "")
    written = CONFIG.format(**{**keys, "ci": f'"{keys["ci"]}"'})
    assert said.out.count(written) == said.out.count("keys:") == 1
    assert by_workspace(said.out)["default"]["ci"]["existing_hash"] == keys["ci"]


def test_the_program_has_them_as_resources(command: Command, keys: dict[str, str]) -> None:
    """Each is in the workspace that is declared above it."""
    said = command("export", "--keys", "--format", "python")
    assert PROGRAM.format(**keys) in said.out


@NEEDS_RUFF
def test_any_name_makes_a_program_that_is_formatted(
    command: Command, organization: Organization
) -> None:
    """Neither Ruff's formatter nor its linter has anything to say, and the names read back."""
    made = sorted(
        ["it's", 'say "hi"', "C:\\new", "a\nb", "${no} {{more}}", "\u2028", "class", "😀"]
    )
    for name in made:
        organization.create_key(name)
    program = command("export", "--keys", "--format", "python").out
    assert complaints(program) == ""
    assert names(program) == [f"default-{name}" for name in made]


def test_without_the_option_there_are_none(
    command: Command, simulator: Simulator, keys: dict[str, str]
) -> None:
    """They are neither written nor read."""
    for format in ("config", "python"):
        out = command("export", "--format", format).out
        assert not [key_hash for key_hash in keys.values() if key_hash in out]
        assert "ApiKey" not in out
    assert simulator.requests(path_glob="/keys*") == []


def test_a_secret_is_in_no_export(command: Command, organization: Organization) -> None:
    """Nobody can read it, and the simulator would know if it were written."""
    key = organization.create_key("ci")
    assert key.secret not in command("export", "--keys").out


def test_keys_of_one_name_are_told_apart(command: Command, organization: Organization) -> None:
    """Each gets the beginning of its hash, and only where another key has the same name."""
    made = [organization.create_key(name) for name in ("ci", "cd", "ci")]
    first, _, second = [key.hash[:8] for key in made]
    found = by_workspace(command("export", "--keys").out)["default"]
    assert {name: entry["name"] for name, entry in found.items()} == {
        "cd": "cd",
        f"ci-{first}": "ci",
        f"ci-{second}": "ci",
    }


def test_names_that_meet_across_workspaces_are_told_apart(
    command: Command, organization: Organization
) -> None:
    """A stack has one namespace, in which `a` and `b-c` make what `a-b` and `c` make."""
    for slug, name in {"a": "b-c", "a-b": "c"}.items():
        organization.create_workspace(name=slug, slug=slug)
        organization.create_key(name, slug)
    made = [key.hash[:8] for key in organization.keys]
    program = command("export", "--keys", "--format", "python").out
    assert names(program) == [f"a-b-c-{key_hash}" for key_hash in made]
    found = by_workspace(command("export", "--keys").out)
    assert [*found["a"], *found["a-b"]] == [f"b-c-{made[0]}", f"c-{made[1]}"]


@pytest.mark.parametrize(
    ("slug", "variable"),
    [("class", "_class"), ("1e3", "_1e3"), ("team-red", "team_red"), ("none", "none")],
)
def test_any_slug_yields_a_variable(
    command: Command, organization: Organization, slug: str, variable: str
) -> None:
    """One that can't be a name in Python, or is a keyword, is changed until it can."""
    organization.create_workspace(name="Team", slug=slug)
    organization.create_key("ci", slug)
    program = ast.parse(command("export", slug, "--keys", "--format", "python").out)
    (target,) = [part.targets[0] for part in program.body if isinstance(part, ast.Assign)]
    (given,) = [part.value for part in ast.walk(program) if isinstance(part, ast.Attribute)]
    assert ast.unparse(target) == ast.unparse(given) == variable


def test_a_name_that_pulumi_would_take_for_a_secret_is_changed(
    command: Command, organization: Organization
) -> None:
    """A mapping with nothing but `secure` in it is an encrypted value for Pulumi."""
    key = organization.create_key("secure")
    found = by_workspace(command("export", "--keys").out)
    assert [*found["default"]] == [f"secure-{key.hash[:8]}"]


def test_a_reset_of_no_limit_is_not_declared(command: Command, organization: Organization) -> None:
    """A preview would call it a mistake."""
    organization.create_key("ci", limit_reset="daily")
    assert "limit_reset" not in command("export", "--keys").out


def test_the_export_of_keys_can_be_planted(command: Command, tmp_path: Path, keys: Any) -> None:
    """A simulator that begins with it has these keys, with all that was declared of them."""
    file = tmp_path / "Pulumi.dev.yaml"
    command("export", "--keys", "--output", str(file))
    with Simulator(seed=file) as again:
        found = {key.hash: key for key in again.organization.keys}
    assert {*found} == {*keys.values()}
    assert seen(found[keys["ci"]]) == ("ci", 5, "monthly", False, False)
    assert seen(found[keys["billing"]]) == ("Billing service", 0.5, None, True, True)


def seen(key: ApiKey) -> tuple[Any, ...]:
    return key.name, key.limit, key.limit_reset, key.include_byok_in_limit, key.disabled


@pytest.mark.reliability(
    "export --force without --keys over a configuration that declares API keys",
    "refused, and the file stays as it was: the next up would delete the keys",
)
def test_declared_keys_are_not_dropped(command: Command, tmp_path: Path, keys: Any) -> None:
    """The error says why, and with --keys the workspaces are replaced."""
    file = tmp_path / "Pulumi.dev.yaml"
    command("export", "--keys", "--output", str(file))
    before = file.read_text()
    said = command("export", "--force", "--output", str(file))
    assert said.code == 1
    assert "it declares API keys" in said.err
    assert "add --keys\nThe file was not changed.\n" in said.err
    assert file.read_text() == before
    assert command("export", "--keys", "--force", "--output", str(file)).code == 0
    assert yaml.safe_load(file.read_text()) == yaml.safe_load(before)
