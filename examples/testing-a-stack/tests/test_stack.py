"""Runs the program one folder up on the real engine, against a simulated organization."""

import pytest
from pulumi.automation import CommandError

from pulumi_openrouter.simulator import Simulator
from pulumi_openrouter.testing.stack import NewStack


def test_the_team_has_its_budget(openrouter: Simulator, openrouter_stack: NewStack) -> None:
    """The budget is as configured, and a second run has nothing to do."""
    stack = openrouter_stack(config={"daily": 20})
    stack.up()
    assert openrouter.organization.budgets("team") == {"monthly": 50, "daily": 20}
    assert stack.preview().changes == {}


def test_a_day_can_not_have_more_than_the_month(openrouter_stack: NewStack) -> None:
    """A preview refuses it, and nothing is sent."""
    stack = openrouter_stack(config={"daily": 60})
    with pytest.raises(CommandError, match="monthly_limit_usd"):
        stack.preview()
    assert stack.openrouter.log == []
