"""Never declared, declared, declared no longer: what each means for a field."""

from __future__ import annotations

import re

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import Project

FIELDS = {
    "description": "ours",
    "default_provider_sort": "price",
    "io_logging_sampling_rate": 0.25,
    "is_observability_broadcast_enabled": True,
    "disabled_server_tools": ["openrouter:bash"],
}
THEIRS = {
    "description": "theirs",
    "default_provider_sort": "latency",
    "io_logging_sampling_rate": 0.75,
    "is_observability_broadcast_enabled": False,
    "disabled_server_tools": ["openrouter:shell"],
}


def test_a_field_is_managed_from_its_declaration_to_its_removal(
    project: Project, simulator: Simulator
) -> None:
    """A stack owns what it declares: other fields make no diff, dropped ones are let go once."""
    organization = simulator.organization

    def declare(**fields: object) -> None:
        project.program(f'Workspace("team", **{fields!r})')

    def live() -> dict[str, object]:
        found = organization.workspace("team")
        return {name: getattr(found, name) for name in FIELDS}

    declare()
    project.up()
    assert simulator.writes()[0].body == {"name": "team", "slug": "team"}
    organization.update_workspace("team", **THEIRS)
    assert project.up("--refresh").changes == {}
    assert sent(simulator) == ["POST /workspaces", "GET /workspaces"]
    assert live() == THEIRS

    declare(**FIELDS)
    project.up()
    assert [request.body for request in simulator.log] == [FIELDS]
    assert sent(simulator) == ["PATCH /workspaces/<team>"]

    organization.update_workspace("team", description="theirs")
    assert project.refresh().diffs["team"] == ["description", "updated_at"]
    shown = project.run("preview", "--diff").stdout
    assert re.search(r'~ description *: "theirs" => "ours"', shown)
    assert sent(simulator) == ["GET /workspaces"]

    not_nullable = {"io_logging_sampling_rate", "is_observability_broadcast_enabled"}
    kept = {name: value for name, value in FIELDS.items() if name not in not_nullable}
    declare(**{**kept, "description": "theirs"})
    assert project.up().changes == {"team": "update"}
    assert sent(simulator) == []
    assert live() == {**FIELDS, "description": "theirs"}

    declare()
    project.up()
    assert [request.body for request in simulator.log] == [
        {"description": None, "default_provider_sort": None, "disabled_server_tools": None}
    ]
    sent(simulator)
    organization.update_workspace("team", **THEIRS)
    assert project.up("--refresh").changes == {}
    assert sent(simulator) == ["GET /workspaces"]
    assert not FIELDS.keys() & project.state()["team"]["outputs"].keys()
