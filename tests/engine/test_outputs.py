"""Everything that a resource takes may come from another one."""

from __future__ import annotations

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import NOWHERE, Project

SECRET = "told-nobody"


def test_every_input_takes_an_output_and_a_secret_stays_one(
    project: Project, simulator: Simulator
) -> None:
    """Unknown at preview, then as if written down; secrets are encrypted in every state."""
    organization = simulator.organization
    ada, grace, alan = organization.people[:3]
    project.program(f"""
        source = Workspace("source")

        def later(value):
            return source.id.apply(lambda id: value)

        team = Workspace("team", name=later("Team"), slug=later("crew"),
            description=pulumi.Output.secret("{SECRET}"),
            default_text_model=later("a/text"), default_image_model=later("an/image"),
            default_provider_sort=later("price"),
            io_logging_api_key_ids=[later(2), 1], io_logging_sampling_rate=later(0.5),
            is_data_discount_logging_enabled=later(False),
            is_observability_broadcast_enabled=later(True),
            is_observability_io_logging_enabled=later(True),
            disabled_server_tools=later(["openrouter:bash"]),
            adopt_existing=later(True), force_destroy=later(False))
        WorkspaceBudget("budget", workspace_id=team.id, daily_limit_usd=later(1),
            weekly_limit_usd=later(2), monthly_limit_usd=later(3), lifetime_limit_usd=later(4),
            include_byok_in_budgets=later(True), exclusive=later(True))
        WorkspaceMembership("members", workspace_id=team.id,
            user_ids=later(["{ada.id}"]),
            emails=[later("{grace.email}"), pulumi.Output.secret("{alan.email}")],
            exclusive=later(True),
            # A list that holds a secret is one; the emails beside the ids are an output by itself.
            opts=pulumi.ResourceOptions(additional_secret_outputs=["members"]))
    """)
    planned = project.using(**NOWHERE).preview()
    assert set(planned.changes.values()) == {"create"}
    assert sent(simulator) == []

    project.up()
    crew = organization.workspace("crew")
    assert (crew.name, crew.description, crew.io_logging_api_key_ids) == ("Team", SECRET, [1, 2])
    assert (crew.default_text_model, crew.default_image_model) == ("a/text", "an/image")
    assert (crew.default_provider_sort, crew.io_logging_sampling_rate) == ("price", 0.5)
    assert crew.disabled_server_tools == ["openrouter:bash"]
    assert not crew.is_data_discount_logging_enabled
    assert crew.is_observability_broadcast_enabled
    assert crew.is_observability_io_logging_enabled
    assert crew.include_byok_in_budgets
    assert organization.budgets("crew") == {"daily": 1, "weekly": 2, "monthly": 3, "lifetime": 4}
    assert {*organization.members("crew")} == {ada.id, grace.id, alan.id}
    sent(simulator)
    assert project.up().changes == {}
    assert sent(simulator) == []

    shown = project.run("stack", "export").stdout
    project.refresh()
    shown += project.run("stack", "export").stdout
    assert "crew" in shown
    assert SECRET not in shown
    assert alan.email not in shown
    for file in project.state_files():
        assert SECRET not in file
        assert alan.email not in file
    assert SECRET not in "".join(project.transcript)
    assert project.using(**NOWHERE).preview().changes == {}
