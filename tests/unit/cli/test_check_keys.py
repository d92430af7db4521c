"""`check`: the API keys that need attention."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Organization, Simulator
from tests.unit.cli.command import Command

USED = "2026-11-01T08:00:00Z"
WIDTH = 14


def lines(out: str, what: str) -> list[str]:
    """What a check says of something."""
    return [line[WIDTH:] for line in out.splitlines() if line[:WIDTH].rstrip() == what]


@pytest.fixture
def team(organization: Organization) -> str:
    return organization.create_workspace(name="Team", slug="team").slug


def test_a_key_that_was_never_used_is_named(
    command: Command, organization: Organization, team: str
) -> None:
    """By workspace, name, label and day of creation, disabled ones too; used ones are counted."""
    left = organization.create_key("left\nbehind", team)
    off = organization.create_key("off", disabled=True)
    organization.create_key("in use", team, last_used_at=USED)
    said = command("check")
    assert (said.code, said.err) == (0, "")
    assert lines(said.out, "API keys") == ["3"]
    assert lines(said.out, "never used") == [
        f"default: 'off' ({off.label}), created {off.created_at[:10]}",
        f"team: 'left\\nbehind' ({left.label}), created {left.created_at[:10]}",
    ]
    assert left.secret not in said.out


@pytest.mark.parametrize(("days", "told"), [(-1, False), (0.01, True), (29.9, True), (30.1, False)])
def test_a_key_that_expires_soon_is_named(
    command: Command, organization: Organization, team: str, days: float, told: bool
) -> None:
    """Within thirty days, by workspace, name, label and day; not one that has expired."""
    expires_at = organization.clock() + timedelta(days=days)
    key = organization.create_key("ci", team, expires_at=expires_at, last_used_at=USED)
    said = command("check")
    line = f"team: 'ci' ({key.label}), on {expires_at:%Y-%m-%d}"
    assert lines(said.out, "expires soon") == ([line] if told else [])
    assert lines(said.out, "never used") == []


def test_the_api_says_what_time_it_is(command: Command, organization: Organization) -> None:
    """A machine whose clock is wrong names the right keys."""
    organization.advance(365 * 24 * 3600)
    soon = organization.clock() + timedelta(days=3)
    organization.create_key("ci", expires_at=soon, last_used_at=USED)
    assert len(lines(command("check").out, "expires soon")) == 1


def test_each_workspace_is_asked_once(
    command: Command, simulator: Simulator, organization: Organization, team: str
) -> None:
    """One list for each, more only for each further hundred of keys."""
    for number in range(101):
        organization.create_key(f"ci-{number}", team)
    said = command("check")
    assert lines(said.out, "API keys") == ["101"]
    assert len(lines(said.out, "never used")) == 101
    assert len(simulator.requests("GET", "/keys")) <= 1 + 3


def test_keys_that_can_not_be_read_are_said(command: Command, simulator: Simulator) -> None:
    """All else that a check finds is printed, and the API's reason."""
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, path="/keys", status=403, message="Not yours.", times=None)
    )
    said = command("check")
    assert said.code == 0
    assert lines(said.out, "budgets") == ["available"]
    (told,) = lines(said.out, "API keys")
    assert told.startswith("not readable with this key (403 Not yours.")
