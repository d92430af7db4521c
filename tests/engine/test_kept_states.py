"""States that earlier versions wrote: each must load for ever.

A new one is what `pulumi stack export` gives for PROGRAM once it is up, without the paths of
the machine that it was written on (`sourcePosition`, `stackTrace`) and without the salt of its
passphrase: it holds no secrets.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.paths import PACKAGE, ROOT
from tools.project import NOWHERE, Project

STATES = sorted((ROOT / "tests" / "data").glob("state-*.json"))
PROGRAM = """
    team = Workspace("team", name="The Team", description="d", default_text_model="a/text",
        default_image_model="an/image", default_provider_sort="price",
        io_logging_api_key_ids=[1, 2], io_logging_sampling_rate=0.5,
        is_data_discount_logging_enabled=False, is_observability_broadcast_enabled=True,
        is_observability_io_logging_enabled=True, disabled_server_tools=["openrouter:bash"],
        adopt_existing=True, force_destroy=True)
    WorkspaceBudget("budget", workspace_id=team, daily_limit_usd=1, weekly_limit_usd=5.5,
        monthly_limit_usd=20, lifetime_limit_usd=100, include_byok_in_budgets=True,
        exclusive=True)
    WorkspaceMembership("members", workspace_id=team, exclusive=True,
        emails=["ada@example.com", "grace@example.com"])
"""
NEW_PROGRAM = PROGRAM.replace("adopt_existing=True", "adopt_existing=True, is_frozen=True").replace(
    "exclusive=True", "exclusive=True, is_frozen=True"
)
"""One for a version in which each resource has a field more."""

NEW_FIELD = 'Argument[bool | None] = optional(FLAG, default=None, nullable=True, doc="New.")'
NEW_SETTING = 'Argument[bool] = optional(FLAG, default=False, local=True, doc="New.")'


def seed(simulator: Simulator) -> None:
    """What the organization was like when the states were written."""
    organization = simulator.organization
    organization.create_workspace(
        name="The Team",
        slug="team",
        description="d",
        default_text_model="a/text",
        default_image_model="an/image",
        default_provider_sort="price",
        io_logging_api_key_ids=[1, 2],
        io_logging_sampling_rate=0.5,
        is_data_discount_logging_enabled=False,
        is_observability_broadcast_enabled=True,
        is_observability_io_logging_enabled=True,
        disabled_server_tools=["openrouter:bash"],
    )
    limits = {"daily": 1, "weekly": 5.5, "monthly": 20, "lifetime": 100}
    for interval, limit in limits.items():
        organization.set_budget("team", interval, limit, include_byok=True)
    organization.add_members("team", [person.id for person in organization.people[:2]])


def state_of(file: Path, simulator: Simulator) -> str:
    """The state, with the ids that this organization has."""
    text = file.read_text()
    resources = json.loads(text)["deployment"]["resources"]
    outputs = {found["urn"].rpartition("::")[2]: found.get("outputs", {}) for found in resources}
    workspace_id = outputs["members"]["workspace_id"]
    text = text.replace(workspace_id, simulator.organization.workspace("team").id)
    for member in outputs["members"]["members"]:
        person = simulator.organization.person(member["email"])
        text = text.replace(member["user_id"], person.id)
    return text


def later_version(folder: Path, field: str) -> str:
    """Where there is a copy of this package whose resources each have the field `is_frozen` too."""
    package = folder / "pulumi_openrouter"
    shutil.copytree(PACKAGE, package)
    answer = "    description: str | None = None\n"
    insert(package / "api" / "models.py", answer, "    is_frozen: bool | None = None\n")
    for kind, line in (
        ("workspace", "    created_at: Computed[str]"),
        ("workspace_budget", "    exclusive: Argument[bool]"),
        ("workspace_membership", "    exclusive: Argument[bool]"),
    ):
        insert(package / "core" / f"{kind}.py", line, f"    is_frozen: {field}\n")
    return str(folder)


def insert(file: Path, before: str, lines: str) -> None:
    """Put lines before another that the file has once."""
    text = file.read_text()
    assert text.count(before) == 1
    file.write_text(text.replace(before, lines + before))


def frozen(project: Project) -> dict[str, Any]:
    """The new field in the state of each resource, where it is known."""
    return {
        name: resource["outputs"]["is_frozen"]
        for name, resource in project.state().items()
        if "is_frozen" in resource["outputs"]
    }


@pytest.mark.reliability(
    "a state that an earlier version wrote", "it works in this one: no change, refresh, destroy"
)
@pytest.mark.parametrize("file", STATES, ids=lambda file: file.stem)
def test_a_state_of_any_version_works_in_this_one(
    project: Project, simulator: Simulator, file: Path
) -> None:
    """Nothing changes by the upgrade, and refresh and destroy know what is there."""
    seed(simulator)
    (project.folder / "old.json").write_text(state_of(file, simulator))
    project.run("stack", "import", "--file", "old.json")
    project.program(PROGRAM)
    assert project.using(**NOWHERE).preview().changes == {}

    assert project.refresh().changes == {}
    assert project.up().changes == {}
    assert sorted(sent(simulator)) == [
        "GET /workspaces",
        "GET /workspaces/<team>/budgets",
        "GET /workspaces/<team>/members",
    ]
    project.destroy()
    assert sent(simulator, writes=True)[-1].startswith("DELETE /workspaces/")
    assert [workspace.slug for workspace in simulator.organization.workspaces] == ["default"]
    assert project.state() == {}


@pytest.mark.reliability(
    "a state of this version in one that has a field more, and the way back",
    "no change either way; the new field is an update of that field alone",
)
def test_a_state_survives_a_later_version_and_the_way_back(
    project: Project, simulator: Simulator, tmp_path: Path
) -> None:
    """A new field changes nothing until it is declared; an earlier version overlooks it."""
    later = project.using(PYTHONPATH=later_version(tmp_path / "later", NEW_FIELD))
    project.program(PROGRAM)
    project.up()
    sent(simulator)

    assert later.using(**NOWHERE).preview().changes == {}
    assert later.refresh().changes == {}
    assert later.up().changes == {}
    assert sent(simulator, writes=True) == []

    project.program(NEW_PROGRAM)
    planned = later.using(**NOWHERE).preview()
    assert planned.changes == dict.fromkeys(("team", "budget", "members"), "update")
    assert all(planned.diffs[name] == ["is_frozen"] for name in planned.changes)
    later.up()
    assert [request.body for request in simulator.writes()] == [{"is_frozen": True}]
    assert sent(simulator, writes=True) == ["PATCH /workspaces/<team>"]
    assert frozen(project) == dict.fromkeys(planned.changes, True)

    # An earlier version leaves the field as it is: only refresh takes it out of the state.
    assert (
        "Workspace() got an unexpected keyword argument 'is_frozen'"
        in project.preview(check=False).output
    )
    project.program(PROGRAM)
    assert project.using(**NOWHERE).preview().changes == {}
    assert project.up().changes == {}
    assert sent(simulator) == []
    assert frozen(project) == dict.fromkeys(planned.changes, True)
    assert project.refresh().changes == {}
    assert frozen(project) == {}
    assert project.up().changes == {}
    assert sent(simulator, writes=True) == []
    assert later.using(**NOWHERE).preview().changes == {}
    project.destroy()
    assert [workspace.slug for workspace in simulator.organization.workspaces] == ["default"]


def test_a_later_version_may_add_a_setting_that_has_a_default(
    project: Project, simulator: Simulator, tmp_path: Path
) -> None:
    """A new flag such as adopt_existing, left at its default, is no change of an old state."""
    later = project.using(PYTHONPATH=later_version(tmp_path / "later", NEW_SETTING))
    project.program(PROGRAM)
    project.up()
    assert later.using(**NOWHERE).preview().changes == {}


@pytest.mark.reliability(
    "`pulumi stack export`, the stack removed and made anew, `pulumi stack import`",
    "the state is the same, and the next up changes nothing",
)
def test_a_state_survives_export_and_import(project: Project, simulator: Simulator) -> None:
    """Imported into a new stack, it is what was exported, and nothing changes."""
    project.program(PROGRAM)
    project.up()
    exported = project.run("stack", "export").stdout
    (project.folder / "exported.json").write_text(exported)
    project.run("stack", "rm", "--force", "--yes")
    project.run("stack", "init", "test")
    assert project.state() == {}
    project.run("stack", "import", "--file", "exported.json")
    assert json.loads(project.run("stack", "export").stdout) == json.loads(exported)
    assert project.using(**NOWHERE).preview().changes == {}
    sent(simulator)
    assert project.up("--refresh").changes == {}
    assert sent(simulator, writes=True) == []


def test_a_state_of_this_version_is_kept() -> None:
    """Without machine paths and without secrets."""
    assert ROOT / "tests" / "data" / "state-0.1.0.json" in STATES
    for file in STATES:
        text = file.read_text()
        assert "sourcePosition" not in text
        assert "stackTrace" not in text
        assert "secrets_providers" not in text
