"""The programs of docs/how-to.md about API keys, as they stand there."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools import outputs
from tools.project import Project


def program(word: str) -> str:
    """The one program of the page that has this word."""
    (found,) = [text for text in outputs.programs(outputs.HOW_TO) if word in text]
    return found


def test_keys_that_exist_are_capped(project: Project, simulator: Simulator) -> None:
    """Each gets the limit, its secret works as before, and what leaves the program stays."""
    organization = simulator.organization
    organization.create_workspace(name="Sandbox", slug="sandbox")
    keys = [organization.create_key("by hand", "sandbox") for _ in range(2)]
    outputs.write(project, program("existing_hash"))
    project.up()
    assert [(key.limit, key.limit_reset) for key in organization.keys] == [(20, "monthly")] * 2
    assert [key.secret for key in organization.keys] == [key.secret for key in keys]
    assert project.preview("--refresh").changes == {}
    sent(simulator)
    project.program("")
    project.up()
    assert len(organization.keys) == 2
    assert [request for request in sent(simulator) if not request.startswith("GET")] == []


@pytest.mark.reliability(
    "a developer with a key leaves: address and key removed at once, and in two steps",
    "at once is refused and names the way; key first, then address, works",
)
def test_each_developer_has_a_key(project: Project, simulator: Simulator) -> None:
    """By email; whoever leaves loses the key first, and then the membership."""
    organization = simulator.organization
    text = program("DEVELOPERS")
    outputs.write(project, text)
    project.up()
    creators = {key.name: key.creator_user_id for key in organization.keys}
    ada, grace = (organization.person(f"{name}@example.com").id for name in ("ada", "grace"))
    assert creators == {"sandbox-ada": ada, "sandbox-grace": grace}
    assert sorted(organization.members("sandbox")) == sorted([ada, grace])

    left = text.replace('"ada@example.com", ', "")
    outputs.write(project, left)
    failed = project.up(check=False)
    assert "these members can't be removed" in "".join(failed.errors)
    assert sorted(organization.members("sandbox")) == sorted([ada, grace])

    without_key = text.replace("for email in DEVELOPERS:", "for email in DEVELOPERS[1:]:")
    outputs.write(project, without_key)
    project.up()
    outputs.write(project, left)
    project.up()
    assert [key.name for key in organization.keys] == ["sandbox-grace"]
    assert organization.members("sandbox") == [grace]
