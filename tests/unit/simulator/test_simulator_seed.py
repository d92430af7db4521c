"""An organization from a file: what export writes, and what people write by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_openrouter import cli
from pulumi_openrouter.simulator import SeedError, Simulator
from pulumi_openrouter.simulator.__main__ import main
from tools.project import settings_of

Plant = Callable[[str], Simulator]

EVERYTHING = """
people:
- grace@example.com
- {email: root@example.com, role: admin, scim: true}
workspaces:
  research:
    name: Research
    description: Experiments
    default_provider_sort: price
    disabled_server_tools: ["openrouter:bash"]
    adopt_existing: true
    protect: true
    budget: {daily_limit_usd: 5, monthly_limit_usd: 50.5, include_byok_in_budgets: true}
    members: [ada@example.com, New@example.com]
    keys:
      ci: {limit: 10, limit_reset: monthly, creator_email: ada@example.com}
      old: {name: Old key, disabled: true, existing_hash: abc, rotate_after_days: 30}
      plain:
    default_guardrail: {enforce_zdr_other: true}
    guardrails:
      safe: {allowed_models: [acme/swift], keys: [abc, ci], emails: [ada@example.com]}
  default:
    description: For everybody
members:
  research: {user_ids: [user_x], exclusive: true}
"""


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Makes a simulator of the text of a seed."""

    def plant(text: str) -> Simulator:
        seed = tmp_path / "organization.yaml"
        seed.write_text(text)
        return Simulator(seed=seed, members=2)

    return plant


def test_a_seed_has_workspaces_budgets_members_keys_and_people(plant: Plant) -> None:
    """Everything is made as the file says; people are made where nobody has their address."""
    organization = plant(EVERYTHING).organization
    research = organization.workspace("research")
    assert (research.name, research.description) == ("Research", "Experiments")
    assert research.disabled_server_tools == ["openrouter:bash"]
    assert organization.budgets("research") == {"monthly": 50.5, "daily": 5}
    assert research.include_byok_in_budgets
    ada = organization.person("ada@example.com").id
    new = organization.person("new@example.com").id
    assert organization.members("research") == [ada, new, "user_x"]
    assert organization.workspace("default").description == "For everybody"
    assert organization.person("root@example.com").scim
    assert len(organization.people) == 2 + 1 + 1 + 1 + 1
    keys = {key.name: key for key in organization.keys}
    assert set(keys) == {"research-ci", "Old key", "research-plain"}
    assert (keys["research-ci"].limit, keys["research-ci"].creator_user_id) == (10, ada)
    assert (keys["Old key"].hash, keys["Old key"].disabled) == ("abc", True)
    default, safe = organization.guardrails.of("research")
    assert (default.id, default.enforce_zdr_other) == (research.default_guardrail_id, True)
    assert (safe.name, safe.allowed_models) == ("research-safe", ["acme/swift-2026-03-01"])
    assert organization.guardrails.keys(safe.id) == ["abc", keys["research-ci"].hash]
    assert organization.guardrails.members(safe.id) == [ada]


def exported(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, file: Path) -> str:
    with simulator:
        for name, value in settings_of(simulator).items():
            monkeypatch.setenv(name, value)
        assert cli.main(["export", "--keys", "--output", str(file)]) == 0
    return file.read_text()


def test_an_export_loads_as_it_is(
    plant: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A simulator of the exported file is exported to the same file again."""
    file, again = tmp_path / "Pulumi.dev.yaml", tmp_path / "Pulumi.again.yaml"
    first = exported(plant(EVERYTHING), monkeypatch, file)
    assert exported(Simulator(seed=file, members=0), monkeypatch, again) == first


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file has no workspaces"),
        ("config: {}", "config has no workspaces"),
        ("[1]", "the file must be a mapping"),
        ("workspaces: [a]", "workspaces must be a mapping"),
        ("config: {x:workspaces: {secure: v1:abc}}", "x:workspaces is encrypted"),
        ("workspaces: {a: {slugg: x}}", "workspaces.a has the unknown setting slugg"),
        ("workspaces: {a: {slug: A}}", "workspaces.a is refused by the API: .*slug must be"),
        ("workspaces: {a: {}, b: {slug: a}}", "workspaces.b is refused by the API: .*slug"),
        ("workspaces: {a: {budget: {daily_limit_usd: -1}}}", "workspaces.a.budget is refused"),
        ("workspaces: {a: {members: [1]}}", r"workspaces.a.members\[0\] must be text"),
        ("workspaces: {a: {members: x}}", "workspaces.a.members must be a list"),
        ("workspaces: {default: {members: [a@b.c]}}", "workspaces.default.members is refused"),
        ("workspaces: {a: {keys: {k: {limit: x}}}}", "workspaces.a.keys.k is refused"),
        ("people: [{role: admin}]\nworkspaces: {}", r"people\[0\].email must be text"),
        ("{", "not valid YAML"),
    ],
)
def test_a_wrong_seed_is_told_by_its_place(plant: Plant, text: str, reason: str) -> None:
    """The error names the file, the place in it, and what is wrong there."""
    with pytest.raises(SeedError, match=rf"organization.yaml: .*{reason}"):
        plant(text)


@pytest.mark.parametrize("option", ["--seed", "--state"])
def test_the_command_says_what_is_wrong_with_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    """A file that can't be used ends the command with one line."""
    file = tmp_path / "file"
    file.write_text("[")
    assert main([option, str(file)]) == 1
    said = capsys.readouterr().err
    assert str(file) in said
    assert len(said.splitlines()) == 1


def test_a_seed_that_is_not_there(tmp_path: Path) -> None:
    """The error says so."""
    with pytest.raises(SeedError, match="can't be read: No such file"):
        Simulator(seed=tmp_path / "nothing.yaml")
