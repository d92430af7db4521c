"""Guardrails and provider keys on the real engine."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Quirks, Simulator
from tests.engine.traffic import sent
from tools.project import NOWHERE, Project

TEAM = """
team = Workspace("team")
people = WorkspaceMembership("people", workspace_id=team, emails=["ada@example.com"])
"""
PROVIDER_KEY = "sk-provider-1234567890"


def test_a_team_is_locked_down_in_one_up(project: Project, simulator: Simulator) -> None:
    """Workspace, member, key, guardrail and default guardrail come in the right order, and go."""
    organization = simulator.organization
    program = (
        TEAM
        + """
ci = ApiKey("ci", workspace_id=team)
safe = Guardrail("safe", workspace_id=team, limit_usd=5, reset_interval="daily",
    allowed_models=["acme/swift"], keys=[ci], emails=["ada@example.com"],
    content_filters=[{{"pattern": "[0-9]+", "action": "redact"}}],
    opts=pulumi.ResourceOptions(depends_on=[people]))
WorkspaceDefaultGuardrail("everybody", workspace_id=team, {default})
pulumi.export("members", safe.members.apply(lambda all: [each.email for each in all]))
"""
    )
    project.program(program.format(default="enforce_zdr_other=True"))
    assert set(project.using(**NOWHERE).preview().changes.values()) == {"create"}
    project.up()
    default, safe = organization.guardrails.of("team")
    if default.name == "safe":
        default, safe = safe, default
    assert (safe.allowed_models, safe.limit_usd) == (["acme/swift-2026-03-01"], 5)
    assert default.enforce_zdr_other is True
    assert project.outputs() == {"members": ["ada@example.com"]}
    assert len(organization.guardrails.keys(safe.id)) == 1
    assert len(organization.guardrails.members(safe.id)) == 1
    assert project.refresh("--expect-no-changes").changes == {}

    project.program(program.format(default='description="d"'))
    planned = project.using(**NOWHERE).preview("--diff")
    assert planned.changes == {"everybody": "update"}
    assert sorted(planned.diffs["everybody"]) == ["description", "enforce_zdr_other"]
    project.up()

    sent(simulator)
    project.destroy()
    assert sorted(line.partition(" ")[0] for line in sent(simulator, writes=True)) == [
        "DELETE",
        "DELETE",
    ]
    assert project.state() == {}


@pytest.mark.parametrize("parallel", ["1", "16"])
def test_two_guardrails_exchange_their_keys_in_one_up(
    project: Project, simulator: Simulator, parallel: str
) -> None:
    """Whichever the engine updates first, and the next preview has nothing to do."""
    organization = simulator.organization
    team = organization.create_workspace(name="Team", slug="team")
    a, b = (organization.create_key(name, team.id).hash for name in "ab")

    def declare(of_a: str, of_b: str) -> None:
        project.program(f"""
            Guardrail("A", workspace_id="{team.id}", keys=["{of_a}"])
            Guardrail("B", workspace_id="{team.id}", keys=["{of_b}"])
        """)

    declare(a, b)
    project.up()
    declare(b, a)
    assert project.up("--parallel", parallel).changes == {"A": "update", "B": "update"}
    held = {
        each.name: organization.guardrails.keys(each.id) for each in organization.guardrails.all
    }
    assert held == {"A": [b], "B": [a]}
    assert project.refresh("--expect-no-changes").changes == {}
    declare(a, a)
    (error, *_) = project.using(**NOWHERE).preview(check=False).errors
    assert "Guardrail 'B': keys has somebody whom Guardrail 'A' has already" in error


@pytest.mark.reliability(
    "a provider key created, rotated, refreshed and destroyed, with debug logging",
    "it is in clear in no output, no log and no state file",
)
def test_a_provider_key_is_found_nowhere_in_clear(project: Project, simulator: Simulator) -> None:
    """Not in what any command writes, not in the state; another one is put in place."""
    another = "sk-another-0987654321"
    project = project.using(OPENROUTER_LOG="debug")
    program = """
        team = Workspace("team")
        own = ByokKey("own", workspace_id=team, provider="openai", key="{key}")
        pulumi.export("label", own.label)
    """
    project.program(program.format(key=PROVIDER_KEY))
    project.up()
    project.program(program.format(key=another))
    planned = project.preview("--diff")
    assert planned.changes == {"own": "update"}
    sent(simulator)
    project.up()
    assert [request.body for request in simulator.writes()] == [{"key": another}]
    assert project.refresh("--expect-no-changes").changes == {}
    project.run("stack", "export")
    project.destroy()
    said = "".join(project.transcript)
    for text in (said, *project.state_files()):
        assert PROVIDER_KEY not in text
        assert another not in text


def test_get_looks_up_each_kind(project: Project, simulator: Simulator) -> None:
    """By its id, without managing it; a default guardrail before its first change too."""
    organization = simulator.organization
    team = organization.create_workspace(name="Team", slug="team")
    safe = organization.guardrails.create(name="safe", workspace_id=team.id, description="d")
    own = organization.provider_keys.create(
        key=PROVIDER_KEY, provider="azure", workspace_id=team.id
    )
    project.program(f"""
        pulumi.export("description", Guardrail.get("safe", "{safe.id}").description)
        everybody = WorkspaceDefaultGuardrail.get("everybody", "{team.default_guardrail_id}")
        pulumi.export("id", everybody.id)
        pulumi.export("provider", ByokKey.get("own", "{own.id}").provider)
        pulumi.export("names", [each.name for each in get_guardrails("team")])
    """)
    project.up()
    assert project.outputs() == {
        "description": "d",
        "id": team.default_guardrail_id,
        "provider": "azure",
        "names": ["safe"],
    }
    project.destroy()
    assert organization.guardrails.all == [safe]


@pytest.mark.parametrize("quirks", [Quirks(provider_keys_go_along=False)], ids=["keys stay"])
def test_destroying_a_team_wipes_its_provider_keys(project: Project, simulator: Simulator) -> None:
    """Also where deleting a workspace would leave them behind: each is deleted by itself, first."""
    project.program(f"""
        team = Workspace("team")
        ByokKey("own", workspace_id=team, provider="openai", key="{PROVIDER_KEY}")
        Guardrail("safe", workspace_id=team)
    """)
    project.up()
    sent(simulator)
    project.destroy()
    assert [line.rpartition("/")[0] for line in sent(simulator, writes=True)] == [
        "DELETE /byok",
        "DELETE /workspaces",
    ]
    assert simulator.organization.provider_keys.all == []
