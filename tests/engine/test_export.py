"""What `pulumi-openrouter export` writes is what Pulumi adopts without a change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_openrouter.cli import main
from pulumi_openrouter.simulator import Organization, Simulator
from tools.paths import EXAMPLES, ROOT
from tools.project import Project, environment_for

WORKSPACES = 30
NAMES = (
    *("1e3", "0o17", "0x1F", "1_000", "12:30:00", "2026-11-24", ".inf", "~", "null", "yes", "y"),
    *('say "hi"', "it's", "a: b", "# no comment", "- no list", "${no} {{more}}", "C:\\new", "😀 ☃"),
)
"""What YAML or Python might take for something else; a number more for each that is left."""
KEYS = ("ci", 'it is "quoted": ${no} # key', "ci")
SLUGS = {1: "1e3", 2: "007", 3: "null", 4: "class"}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Thirty workspaces, the default one included, no two of them alike."""
    with Simulator(members=9, workspaces=WORKSPACES - 1) as running:
        for number in range(1, WORKSPACES):
            _vary(running.organization, number)
        running.organization.set_budget("default", "monthly", 250.5, include_byok=True)
        running.organization.update_workspace("default", default_text_model="openai/gpt-4o")
        yield running


def _vary(organization: Organization, number: int) -> None:
    id = organization.workspace(f"team-{number}").id
    settings = {
        "name": dict(enumerate(NAMES, 1)).get(number, f"Team {number}"),
        "slug": SLUGS.get(number, f"team-{number}"),
        "description": f"Nummer {number},\nzwei Zeilen — \t'\"\\\x07\u2028" if number % 3 else "",
        "default_provider_sort": ("price", "latency", None)[number % 3],
        "default_image_model": "openai/dall-e-3" if number % 4 else None,
        "io_logging_sampling_rate": (1, 0.05, 0.0001)[number % 3],
        "io_logging_api_key_ids": (None, [], [3, 1, 2**53 - 1])[number % 3],
        "is_data_discount_logging_enabled": number % 2 == 0,
        "is_observability_broadcast_enabled": number % 5 == 0,
        "is_observability_io_logging_enabled": number % 7 == 0,
        "disabled_server_tools": (None, ["openrouter:shell", "openrouter:bash"])[number % 2],
    }
    organization.update_workspace(id, **settings)
    for interval, limit in {"lifetime": 1e6, "weekly": 70.1 + number, "daily": 0.1}.items():
        if number % 6:
            organization.set_budget(id, interval, limit, include_byok=number % 2 == 0)
    people = [person.id for person in organization.people[: number % 10]]
    organization.add_members(id, people)
    for key in KEYS[: number % 4]:
        limits: dict[str, Any] = (
            {"limit": number / 8, "limit_reset": "weekly"} if number % 5 else {}
        )
        organization.create_key(key, id, disabled=number % 7 == 0, **limits)
    if number % 5 == 1:
        _guard(organization, id, people)


def _guard(organization: Organization, id: str, people: list[str]) -> None:
    """Give a workspace guardrails, with whom they govern."""
    default = organization.workspace(id).default_guardrail_id
    organization.guardrails.update(default, enforce_zdr_xai=False, ignored_providers=["azure"])
    for name in ("Strict!", "strict", "☃"):
        guardrail = organization.guardrails.create(
            name=name,
            workspace_id=id,
            limit_usd=0.1,
            reset_interval="weekly",
            allowed_models=["acme/swift", "acme/sage"],
            content_filters=[{"pattern": "\\d+ [^\"']", "action": "redact"}],
            content_filter_builtins=[{"slug": "regex-prompt-injection", "action": "flag"}],
        )
    organization.guardrails.assign_members(guardrail.id, people)
    hashes = [key.hash for key in organization.keys if key.workspace_id == id]
    organization.guardrails.assign_keys(guardrail.id, hashes)


def export(
    simulator: Simulator, file: Path, format: str, monkeypatch: pytest.MonkeyPatch, *options: str
) -> None:
    """Run the command in this process; it must only read."""
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", simulator.key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", simulator.base_url)
    assert main(["export", "--format", format, "--output", str(file), *options]) == 0
    assert simulator.writes() == []


def adopts_without_a_change(project: Project, simulator: Simulator) -> None:
    """An up takes everything over and writes nothing; there is nothing to do after it."""
    organization = simulator.organization
    was = [workspace.as_json() for workspace in organization.workspaces]
    keys_were, guardrails = organization.keys, organization.guardrails.all
    project.up()
    assert simulator.writes() == []
    assert [workspace.as_json() for workspace in organization.workspaces] == was
    assert organization.keys == keys_were
    assert organization.guardrails.all == guardrails
    kinds = Counter(resource["type"].rpartition(":")[2] for resource in project.resources())
    slugs = [workspace.slug for workspace in organization.workspaces]
    assert kinds["Workspace"] == WORKSPACES
    assert kinds["WorkspaceBudget"] == sum(1 for slug in slugs if organization.budgets(slug))
    # Everybody is in the default workspace, which nobody declares.
    assert (
        kinds["WorkspaceMembership"] == sum(1 for slug in slugs if organization.members(slug)) - 1
    )
    assert kinds["ApiKey"] == len(keys_were)
    assert kinds["Guardrail"] + kinds["WorkspaceDefaultGuardrail"] == len(guardrails)
    preview = json.loads(project.run("preview", "--refresh", "--json").stdout)
    assert list(preview["changeSummary"]) == ["same"]
    assert simulator.writes() == []


@pytest.mark.reliability(
    "export of 30 workspaces and their API keys as configuration, then up of the ready-made stack",
    "no write request, and an empty preview after a refresh",
)
def test_the_exported_configuration_is_adopted_as_it_is(
    tmp_path: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes over thirty workspaces and their keys, and nothing is written to the API."""
    files = [ROOT / name for name in ("Pulumi.yaml", "__main__.py")]
    project = Project.copied(tmp_path, environment_for(tmp_path, simulator), *files)
    export(simulator, project.folder / "Pulumi.dev.yaml", "config", monkeypatch, "--keys")
    project.run("stack", "init", "dev")
    adopts_without_a_change(project, simulator)


@pytest.mark.reliability(
    "export --force over the configuration of a stack with secrets",
    "Pulumi reads the secret as before, and adopts the workspaces",
)
def test_an_export_over_a_configuration_keeps_its_secrets(
    tmp_path: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret and its salt stay in the file, and the workspaces are those that exist."""
    files = [ROOT / name for name in ("Pulumi.yaml", "__main__.py")]
    project = Project.copied(tmp_path, environment_for(tmp_path, simulator), *files)
    project.run("stack", "init", "dev")
    project.run("config", "set", "--secret", "token", "hush")
    project.run("config", "set", "--path", "workspaces.old.name", "Old")
    file = project.folder / "Pulumi.dev.yaml"
    before = file.read_text()
    export(simulator, file, "config", monkeypatch, "--force")
    ours = "  openrouter-workspaces:workspaces:\n    old:\n      name: Old\n"
    head, tail = before.split(ours)
    assert file.read_text().startswith(head)
    assert file.read_text().endswith(tail)
    assert project.run("config", "get", "token").stdout == "hush\n"
    steps = project.preview("--refresh").steps
    assert sum(name.startswith("team-") for name in steps) > 0
    assert "old" not in steps
    assert simulator.writes() == []


@pytest.mark.reliability(
    "export of 30 workspaces and their API keys as a Python program, then up of it",
    "no write request, and an empty preview after a refresh",
)
def test_the_exported_program_is_adopted_as_it_is(
    tmp_path: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes over thirty workspaces and their keys, and nothing is written to the API."""
    file = EXAMPLES / "adopt-existing" / "Pulumi.yaml"
    project = Project.copied(tmp_path, environment_for(tmp_path, simulator), file)
    export(simulator, project.folder / "__main__.py", "python", monkeypatch, "--keys")
    project.run("stack", "init", "dev")
    adopts_without_a_change(project, simulator)
