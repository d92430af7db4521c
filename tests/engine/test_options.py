"""Options that come from elsewhere, the component's own names, and renamed components."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import Project

CHILDREN = """
    team = Workspace("team")
    WorkspaceBudget("budget", workspace_id=team, daily_limit_usd=1)
    WorkspaceMembership("members", workspace_id=team, emails=["ada@example.com"])
"""
RETAINED = {
    "transformation": """
    def retain(args):
        if args.type_.endswith(":Workspace"):
            args.opts.retain_on_delete = True
        return pulumi.ResourceTransformationResult(args.props, args.opts)
    pulumi.runtime.register_stack_transformation(retain)
""",
    "transform": """
    def retain(args):
        if args.type_.endswith(":Workspace"):
            args.opts.retain_on_delete = True
        return pulumi.ResourceTransformResult(args.props, args.opts)
    pulumi.runtime.register_resource_transform(retain)
""",
}


@pytest.mark.parametrize("how", RETAINED)
def test_children_of_a_workspace_that_a_transformation_retains_are_deleted(
    project: Project, simulator: Simulator, how: str
) -> None:
    """What is shown as deleted is deleted, though the workspace stays."""
    project.program(RETAINED[how] + CHILDREN)
    project.up()
    project.program(RETAINED[how])
    project.up()
    assert simulator.organization.budgets("team") == {}
    assert simulator.organization.members("team") == []


def test_a_component_ignores_changes_by_its_own_names(
    project: Project, simulator: Simulator
) -> None:
    """ignore_changes holds for the resource that has the property."""
    program = """
        TeamWorkspace("team", description={d!r}, monthly_limit_usd={limit}, emails={emails},
            opts=pulumi.ResourceOptions(ignore_changes=["monthly_limit_usd", "emails"]))
    """
    project.program(program.format(d="d", limit=5, emails=["ada@example.com"]))
    project.up()
    sent(simulator)
    project.program(program.format(d="new", limit=50, emails=["alan@example.com"]))
    project.up()
    id = simulator.organization.workspace("team").id
    assert sent(simulator) == [f"PATCH /workspaces/{id}".replace(id, "<team>")]


@pytest.mark.reliability(
    "everybody of a membership that ignores changes of its emails is exchanged by hand",
    "refresh and up end well and leave everybody alone; nothing is called the program's mistake",
)
def test_a_membership_that_ignores_changes_lets_others_come(
    project: Project, simulator: Simulator
) -> None:
    """After a refresh the list is empty, which is a declaration of nobody, and no mistake."""
    organization = simulator.organization
    project.program("""
        WorkspaceMembership("members", workspace_id=Workspace("team"), emails=["ada@example.com"],
            opts=pulumi.ResourceOptions(ignore_changes=["emails"]))
    """)
    project.up()
    ada, grace = (organization.person(f"{name}@example.com").id for name in ("ada", "grace"))
    organization.remove_members("team", [ada])
    organization.add_members("team", [grace])
    project.refresh()
    assert project.up().changes == {}
    assert organization.members("team") == [grace]


@pytest.mark.reliability(
    "a component renamed without an alias, whose up failed, and then given the alias",
    "its resources move to the new name: nothing is sent, and nothing deleted",
)
def test_the_alias_helps_after_an_up_without_it_has_failed(
    project: Project, simulator: Simulator
) -> None:
    """What the error advises works from where the person then stands."""
    program = """
        TeamWorkspace("{name}", name="Team", slug="team", monthly_limit_usd=5,
            emails=["ada@example.com"], opts=pulumi.ResourceOptions(aliases={aliases}))
    """
    project.program(program.format(name="old", aliases=[]))
    project.up()
    sent(simulator)
    project.program(program.format(name="new", aliases=[]))
    failed = project.up(check=False)
    assert "give it an alias instead" in "".join(failed.errors)
    sent(simulator)
    project.program(program.format(name="new", aliases="[pulumi.Alias(name='old')]"))
    project.up()
    assert sent(simulator, writes=True) == []
    assert project.preview().changes == {}
    assert simulator.organization.budgets("team") == {"monthly": 5}


def test_a_subclass_takes_the_place_of_its_base(project: Project, simulator: Simulator) -> None:
    """A program's own class for a workspace that exists in the state changes nothing."""
    project.program('Workspace("team")')
    project.up()
    sent(simulator)
    project.program("""
        class Team(Workspace):
            pass
        Team("team")
    """)
    assert project.up().changes == {}
    assert sent(simulator) == []
