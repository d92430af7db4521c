from __future__ import annotations

import json
from pathlib import Path

import pytest

from pulumi_openrouter.simulator import Organization, Quirks
from tests.unit.cli.command import Command

TABLE = """\
Workspace   Interval   Limit    Spent                              Left   BYOK
support     monthly      $50   $60.12   ██████████ 120% !   $10.12 over   no
  app       monthly     $100   $60.12   ██████░░░░  60%          $39.88   no
research    daily        $20   $18.75   █████████░  94% !         $1.25   yes
research    monthly     $200   $18.75   ░░░░░░░░░░   9%         $181.25   yes
  ci        lifetime       -    $9.50                                 -   no
  own       lifetime       -       $0                                 -   no
default     monthly        -       $0                                 -   no
"""


@pytest.fixture
def spending(organization: Organization) -> Organization:
    """A workspace over its limit, one near it, and one without."""
    for slug in ("research", "support"):
        organization.create_workspace(name=slug.capitalize(), slug=slug)
    organization.set_budget("research", "monthly", 200, include_byok=True)
    organization.set_budget("research", "daily", 20)
    organization.set_budget("support", "monthly", 50)
    organization.spend(organization.create_key("ci", "research").hash, 9.5)
    organization.spend(organization.create_key("own", "research").hash, 9.25, byok=True)
    app = organization.create_key("app", "support", limit=100, limit_reset="monthly")
    organization.spend(app.hash, 60.123)
    return organization


def cells(text: str) -> list[list[str]]:
    lines = [line.replace("─", " ").split() for line in text.splitlines()]
    return [line for line in lines if line]


def test_workspaces_over_or_near_a_limit_come_first(
    command: Command, spending: Organization
) -> None:
    """Each limit with what was spent, a bar, and what is left; keys below their workspace."""
    said = command("show", "--spend", "--keys")
    assert cells(said.out) == cells(TABLE)
    assert said.err.startswith("note: what deleted keys spent this week and this month is counted")
    without_keys = command("show", "--spend")
    assert cells(without_keys.out) == [
        line for line in cells(TABLE) if line[0] not in ("app", "ci", "own")
    ]


def test_only_some_workspaces_may_be_shown(command: Command, spending: Organization) -> None:
    """By slug, with wildcards."""
    said = command("show", "--spend", "re*")
    assert {line[0] for line in cells(said.out)[1:]} == {"research"}


def test_a_program_gets_json(command: Command, spending: Organization) -> None:
    """With every interval and every key, and the figures as they are."""
    said = command("show", "--spend", "--json", "support")
    (found,) = json.loads(said.out)["workspaces"]
    assert (found["slug"], found["includes_byok"]) == ("support", False)
    monthly = found["intervals"][2]
    assert monthly == {
        "interval": "monthly",
        "limit_usd": 50,
        "spent_usd": 60.123,
        "left_usd": 0,
        "share": pytest.approx(1.20246),
    }
    assert found["keys"][0]["spend"]["left_usd"] == pytest.approx(39.877)


@pytest.mark.parametrize("quirks", [Quirks(activity=False)])
def test_what_the_api_can_not_tell_is_said(command: Command, spending: Organization) -> None:
    """Without the activity, nothing is known of deleted keys."""
    said = command("show", "--spend")
    assert said.err == (
        "note: the API tells no activity here: what deleted keys spent is in no figure\n"
    )


@pytest.mark.parametrize("quirks", [Quirks(enterprise=False)])
def test_without_budgets_there_is_spending_all_the_same(
    command: Command, organization: Organization
) -> None:
    """An account below the Enterprise plan has keys, too."""
    organization.spend(organization.create_key("ci").hash, 2)
    assert cells(command("show", "--spend").out)[1][:4] == ["default", "monthly", "-", "$2"]


def test_a_page_is_written_and_nothing_printed(
    command: Command, spending: Organization, tmp_path: Path
) -> None:
    """A page that is there is replaced; with --spend, the table is printed too."""
    file = tmp_path / "spend.html"
    file.write_text("old")
    said = command("show", "--html", str(file))
    assert (said.code, said.out, said.err) == (0, "", "")
    assert file.read_text().startswith("<!doctype html>")
    assert command("show", "--spend", "--html", str(file)).out != ""


def test_a_page_that_can_not_be_written_is_an_error(command: Command, tmp_path: Path) -> None:
    """In words."""
    said = command("show", "--html", str(tmp_path))
    assert (said.code, said.out) == (1, "")
    assert "can't write" in said.err
