"""The ready-made policies, on Pulumi's real policy host."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tools.project import NOWHERE, Project

PACK = "from pulumi_openrouter import policies\n\npolicies.pack()\n"
HOST = f'#!/bin/sh\nexec "{sys.executable}" -u -m pulumi.policy "$1" "$2"\n'
"""As Pulumi's own plugin starts it; the language host of the tests' engine is too old to."""
CONFIG = {
    "highest-limit": {"usd": 100},
    "member-domains": {"domains": ["acme.example"]},
    "no-discount-logging": {"stacks": ["test"]},
    "default-guardrail": "advisory",
}
WRONG = """
    lab = Workspace("lab")
    WorkspaceBudget("lab", workspace_id=lab, daily_limit_usd=500)
    WorkspaceMembership("lab", workspace_id=lab, emails=["ada@acme.example", "eve@evil.example"])
    ApiKey("ci", workspace_id=lab)
"""
RIGHT = """
    lab = Workspace("lab", is_data_discount_logging_enabled=False)
    WorkspaceBudget("lab", workspace_id=lab, daily_limit_usd=5, monthly_limit_usd=50)
    WorkspaceMembership("lab", workspace_id=lab, emails=["ada@acme.example"])
    WorkspaceDefaultGuardrail("lab", workspace_id=lab, allowed_models=["openai/gpt-4o-mini"])
    ApiKey("ci", workspace_id=lab, limit=5, lifetime_days=30)
"""
MANDATORY = [
    "workspace lab has no monthly limit",
    "daily_limit_usd of lab is $500, above $100",
    "1 person is not of acme.example in WorkspaceMembership lab",
    "workspace lab may log for a discount: set is_data_discount_logging_enabled=False",
    "API key ci has no limit and no expiry",
]
ADVISORY = "workspace lab has no default guardrail"


@pytest.fixture
def policed(project: Project, tmp_path: Path) -> Project:
    """A project, a policy pack beside it, and the plugin that runs such packs on PATH."""
    pack, plugins = tmp_path / "pack", tmp_path / "plugins"
    pack.mkdir()
    plugins.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: tested\n")
    (pack / "__main__.py").write_text(PACK)
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    host = plugins / "pulumi-analyzer-policy-tested"
    host.write_text(HOST)
    host.chmod(0o755)
    return project.using(**NOWHERE, PATH=f"{plugins}:{project.environment['PATH']}")


def test_a_preview_is_held_to_the_policies(policed: Project, tmp_path: Path) -> None:
    """Each violation is told with its severity; a program without any passes."""
    pack = ("--policy-pack", str(tmp_path / "pack"))
    config = ("--policy-pack-config", str(tmp_path / "config.json"))
    policed.program(WRONG)
    refused = policed.run("preview", *pack, *config, check=False)
    assert refused.returncode != 0
    severity, told = "", {}
    for line in map(str.strip, refused.stdout.splitlines()):
        severity = line.partition("]")[0][3:] if line.startswith("- [") else severity
        told[line] = severity
    assert {reason: told.get(reason) for reason in [*MANDATORY, ADVISORY]} == {
        **dict.fromkeys(MANDATORY, "mandatory"),
        ADVISORY: "advisory",
    }
    policed.program(RIGHT)
    passed = policed.run("preview", *pack, *config).stdout
    assert "openrouter" in passed
    assert "can't be known" not in passed
