"""A workspace that is there already, and one that API keys hold back."""

from __future__ import annotations

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import Project


def test_a_taken_slug_is_refused_unless_adopted_and_keys_hold_it_back(
    project: Project, simulator: Simulator
) -> None:
    """The errors name the holder of the slug, and the API keys, and what can be done."""
    organization = simulator.organization
    for slug in ("team", "same"):
        organization.create_workspace(name=slug, slug=slug, description="theirs")
    holder = organization.workspace("team")

    project.program("""Workspace("team", description="ours")""")
    (error, *_) = project.up(check=False).errors
    assert error.strip().splitlines() == [
        "OpenRouterError: creating workspace 'team': the slug is taken by workspace "
        f"{holder.id} (team), created {holder.created_at}",
        "To take that one over set adopt_existing=True. If the resource was only renamed "
        "in the program, give it an alias instead (renamed_from in the ready-made stack).",
    ]
    assert sent(simulator) == ["POST /workspaces", "GET /workspaces/team"]

    program = """
        Workspace("team", description="ours", adopt_existing=True, force_destroy={force})
        Workspace("same", description="theirs", adopt_existing=True)
        Workspace("new", adopt_existing=True)
    """
    project.program(program.format(force=False))
    said = project.up().output
    for words in (
        "workspace 'team': adopted and changed: description",
        "workspace 'same': adopted as it is",
        "workspace 'new': created, because no workspace had this slug",
    ):
        assert words in said
    patch = next(request for request in simulator.log if request.method == "PATCH")
    assert patch.body == {"description": "ours"}
    assert sorted(sent(simulator)) == [
        "GET /workspaces/new",
        "GET /workspaces/same",
        "GET /workspaces/team",
        "PATCH /workspaces/<team>",
        "POST /workspaces",
    ]

    key = organization.create_key("robot", workspace="team")
    destroyed = project.destroy(check=False)
    (error, *_) = destroyed.errors
    assert "Traceback" not in destroyed.output
    assert error.strip().splitlines() == [
        "OpenRouterError: deleting workspace 'team': refused, because it has API keys: "
        f"robot ({key.label})",
        "Move them to another workspace, delete them, or set force_destroy=True and run "
        "`pulumi up` first.",
        "Budgets and members that were to go with it are still there, and this stack has "
        "forgotten them: `pulumi up` of the same program takes them over.",
    ]
    project.program(program.format(force=True))
    sent(simulator)
    assert project.up().changes["team"] == "update"
    assert not {"PATCH /workspaces/<team>", "DELETE /workspaces/<team>"} & {*sent(simulator)}
    project.destroy()
    assert [line for line in sent(simulator) if key.hash in line or holder.id in line] == [
        f"DELETE /keys/{key.hash}",
        f"DELETE /workspaces/{holder.id}",
    ]
    assert [workspace.slug for workspace in organization.workspaces] == ["default"]
