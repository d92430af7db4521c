"""States that earlier versions wrote: each must load for ever.

A new one is what `pulumi stack export` gives for PROGRAM once it is up, without the paths of
the machine that it was written on (`sourcePosition`, `stackTrace`) and without the salt of its
passphrase: it holds no secrets.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.engine.project import NOWHERE, ROOT, Project
from tests.engine.traffic import sent

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
        "GET /workspaces/<team>",
        "GET /workspaces/<team>/budgets",
        "GET /workspaces/<team>/members",
    ]
    project.destroy()
    assert sent(simulator, writes=True)[-1].startswith("DELETE /workspaces/")
    assert [workspace.slug for workspace in simulator.organization.workspaces] == ["default"]
    assert project.state() == {}


def test_a_state_of_this_version_is_kept() -> None:
    """Without machine paths and without secrets."""
    assert ROOT / "tests" / "data" / "state-0.1.0.json" in STATES
    for file in STATES:
        text = file.read_text()
        assert "sourcePosition" not in text
        assert "stackTrace" not in text
        assert "secrets_providers" not in text
