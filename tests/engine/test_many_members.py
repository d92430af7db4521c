"""A team larger than a page and a request, with members that can't be removed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import Project

MEMBERS = "/workspaces/<team>/members"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A large organization."""
    with Simulator(members=260) as running:
        yield running


def test_a_large_team_is_changed_in_batches_around_those_who_are_held(
    project: Project, simulator: Simulator
) -> None:
    """250 are added by 100; of three removals two are refused by name, and nobody is added."""
    organization = simulator.organization
    organization.create_workspace(name="Team", slug="team")
    team = organization.workspace("team").id
    people = organization.people
    busy, free = people[1], people[3]
    managed = organization.add_member("scim@example.com", scim=True)

    def declare(emails: list[str]) -> None:
        project.program(f"""
            WorkspaceMembership("team", workspace_id="{team}", emails={emails!r})
        """)

    emails = [person.email for person in [managed, *people[:249]]]
    declare(emails)
    project.up()
    added = [len(request.body["user_ids"]) for request in simulator.writes()]
    assert added == [100, 100, 50]
    assert sent(simulator) == [
        *["GET /organization/members"] * 3,
        f"GET {MEMBERS}",
        *[f"POST {MEMBERS}/add"] * 3,
    ]
    declare([email.title() for email in reversed(emails)])
    assert project.up().changes == {}
    assert sent(simulator) == []

    key = organization.create_key("robot", workspace=team, creator=busy.id)
    leaving = {busy.email, managed.email, free.email}
    staying = [email for email in emails if email not in leaving]
    declare([*staying, people[255].email])
    (error, *_) = project.up(check=False).errors
    lines = error.strip().splitlines()
    assert f"{busy.email} ({busy.id}): has active API keys" in lines[0]
    assert f"{managed.email} ({managed.id}): managed over SCIM" in lines[0]
    assert free.email not in error
    assert lines[-1] == (
        "It may have been done in part (emails): run `pulumi refresh` before the next up"
    )
    there = set(organization.members("team"))
    assert {busy.id, managed.id} <= there
    assert not {free.id, people[255].id} & there

    organization.delete_key(key.hash)
    organization.remove_member(managed.id)
    assert project.refresh().diffs["team"] == ["emails", "members"]
    sent(simulator)
    project.up()
    assert sent(simulator) == [
        *["GET /organization/members"] * 3,
        *[f"GET {MEMBERS}"] * 3,
        f"POST {MEMBERS}/remove",
        f"POST {MEMBERS}/add",
    ]
    assert len(organization.members("team")) == 248
