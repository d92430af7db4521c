"""Test one's own stack: a pytest plugin, at hand wherever pulumi-openrouter is installed.

It needs `pip install 'pulumi-openrouter[testing]'`, and Pulumi on PATH::

    def test_the_team_gets_its_workspace(openrouter, openrouter_stack):
        stack = openrouter_stack()  # of the nearest Pulumi.yaml
        assert stack.up().changes == {"Workspace team": "create"}
        assert openrouter.organization.workspace("team").description == "Experiments"
        assert stack.preview().changes == {}

Without pytest there is `isolated_pulumi`, the environment that these stacks run in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_openrouter.testing.isolation import isolated_pulumi as isolated_pulumi

if TYPE_CHECKING:
    import pytest

MARK = (
    "openrouter(members=5, workspaces=0, quirks=None, seed=None, random_seed=0): "
    "what the simulated organization of the fixture `openrouter` begins with"
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark and the fixtures known."""
    # Not above: this package can be imported where there is no pytest.
    from pulumi_openrouter.testing import fixtures

    config.addinivalue_line("markers", MARK)
    config.pluginmanager.register(fixtures, "pulumi_openrouter fixtures")
