"""The clock of the simulated server, which a test may set forward."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import requests

from pulumi_openrouter.simulator import Simulator

HOUR = timedelta(hours=1)
SLACK = timedelta(minutes=1)


def test_the_clock_can_be_set_forward(simulator: Simulator) -> None:
    """What is made afterwards, and the Date of answers, are by the new time."""
    organization = simulator.organization
    before = organization.create_workspace(name="Before", slug="before")
    organization.advance(HOUR.total_seconds())
    after = organization.create_workspace(name="After", slug="after")
    made = [datetime.fromisoformat(each.created_at[:-1] + "+00:00") for each in (before, after)]
    assert abs(made[1] - made[0] - HOUR) < SLACK
    answer = requests.get(f"{simulator.base_url}/workspaces", headers=simulator.headers, timeout=9)
    date = parsedate_to_datetime(answer.headers["Date"])
    assert abs(date - datetime.now(timezone.utc) - HOUR) < SLACK
