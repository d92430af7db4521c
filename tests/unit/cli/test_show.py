from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Organization, Quirks, Simulator
from tests.unit.cli.command import Command

WIDEST = 100
TABLE = """\
Organization {id}: 3 workspaces

Slug       Name               Daily  Weekly  Monthly     Lifetime  BYOK  Members  Keys

default    Default                -      $7        -            -    no        5     0
playground Playground             -       -        -            -     -        0     0
research   Research           $0.50       -   $1,500  $100,000.25   yes        2     2
"""


@pytest.fixture
def seeded(organization: Organization) -> Organization:
    """Budgets, members and keys in some workspaces."""
    for name in ("Research", "Playground"):
        organization.create_workspace(name=name, slug=name.lower())
    for interval, limit in {"lifetime": 100000.25, "monthly": 1500.0, "daily": 0.5}.items():
        organization.set_budget("research", interval, limit, include_byok=True)
    organization.set_budget("default", "weekly", 7)
    organization.add_members("research", [person.id for person in organization.people[1::-1]])
    organization.create_key("robot", "research")
    organization.create_key("cron", "research", disabled=True)
    return organization


def words(text: str) -> list[list[str]]:
    """The lines of a table, whatever its lines are drawn with."""
    lines = [line.replace("─", " ").split() for line in text.splitlines()]
    return [line for line in lines if line]


def document(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_table_has_a_row_for_each_workspace(command: Command, seeded: Organization) -> None:
    """Budgets in USD from narrow to wide, whether own keys count, how many members and keys."""
    said = command("show")
    assert (said.code, said.err) == (0, "")
    assert words(said.out) == words(TABLE.format(id=seeded.id))


def test_a_piped_table_is_plain(command: Command, organization: Organization) -> None:
    """It has no colours, and fits 100 columns, however long the names are."""
    organization.create_workspace(name="Nomen " * 16, slug="-".join(["slug"] * 10))
    for interval, limit in {"lifetime": 9999999.99, "monthly": 999999.99, "weekly": 99999}.items():
        organization.set_budget("-".join(["slug"] * 10), interval, limit)
    out = command("show").out
    assert "\x1b" not in out
    assert max(len(line) for line in out.splitlines()) <= WIDEST
    assert ("".join(out.split())).count("Nomen") == 16
    for text in ("$9,999,999.99", "$999,999.99", "$99,999"):
        assert text in out


def test_a_narrow_terminal_has_a_narrow_table(
    command: Command, seeded: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is never wider than the terminal."""
    out = command("show", "--", "research").out
    assert max(len(line) for line in out.splitlines()) > 85
    out = command("show", COLUMNS="85").out
    assert max(len(line) for line in out.splitlines()) <= 85


def test_names_can_not_disturb_the_table(command: Command, organization: Organization) -> None:
    """Markup, line breaks and the control characters of terminals are nothing but text."""
    organization.create_workspace(name="[red]a[/]\x1b[31m\n:smile:[/x]", slug="team")
    out = command("show", "team").out
    assert "[red]a[/] [31m :smile:[/x]" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("limit", "shown"), [(5, "$5"), (5.5, "$5.50"), (0.005, "$0.005"), (1234567, "$1,234,567")]
)
def test_limits_are_shown_as_they_are(
    command: Command, organization: Organization, limit: float, shown: str
) -> None:
    """Cents where there are any, and never a rounded limit."""
    organization.set_budget("default", "daily", limit)
    assert shown in [word for line in words(command("show").out) for word in line]


def test_the_document_has_everything(command: Command, seeded: Organization) -> None:
    """With --json it is one document, with members by email and keys by name."""
    said = command("show", "--json")
    assert (said.code, said.err) == (0, "")
    found = document(said.out)
    assert found["organization_id"] == seeded.id
    assert [each["slug"] for each in found["workspaces"]] == ["default", "playground", "research"]
    research = found["workspaces"][2]
    answered = seeded.workspace("research").as_json()
    assert research == {
        **answered,
        "include_byok_in_budgets": True,
        "budgets": {
            "daily_limit_usd": 0.5,
            "weekly_limit_usd": None,
            "monthly_limit_usd": 1500,
            "lifetime_limit_usd": 100000.25,
        },
        "members": [
            {"user_id": person.id, "role": person.workspace_role, "email": person.email}
            for person in seeded.people[:2]
        ],
        "keys": [
            {"hash": key.hash, "name": key.name, "label": key.label, "disabled": key.disabled}
            for key in reversed(seeded.keys)
        ],
    }


@pytest.mark.parametrize(
    "quirks", [Quirks(), Quirks(enterprise=False, byok_in_answers=False)], ids=["all", "least"]
)
@pytest.mark.parametrize("people", [0, 5])
def test_the_document_has_always_the_same_keys(
    command: Command, organization: Organization
) -> None:
    """What there is not is null or empty, and never left out."""
    organization.create_workspace(name="Team", slug="team")
    (team,) = document(command("show", "--json", "team").out)["workspaces"]
    answered = set(organization.workspace("team").as_json())
    assert set(team) == {*answered, "budgets", "members", "keys"}


def test_it_shows_the_selected_workspaces_alone(command: Command, seeded: Organization) -> None:
    """Patterns select by slug, for the table and for the document."""
    shown = words(command("show", "re*").out)
    assert shown[0][-2:] == ["1", "workspace"]
    assert [row[0] for row in shown[2:]] == ["research"]
    (found,) = document(command("show", "--json", "re*").out)["workspaces"]
    assert found["slug"] == "research"
    assert command("show", "x*").code == 1


@pytest.mark.parametrize("quirks", [Quirks(enterprise=False)], ids=["no Enterprise plan"])
def test_without_an_enterprise_plan_the_rest_is_shown(
    command: Command, organization: Organization
) -> None:
    """Limits are missing, and a warning beside the table says why; the document has null."""
    said = command("show")
    assert said.code == 0
    assert words(said.out)[-1] == ["default", "Default", "-", "-", "-", "-", "-", "5", "0"]
    assert "Enterprise plan" in said.err
    said = command("show", "--json")
    assert document(said.out)["workspaces"][0]["budgets"] is None
    assert said.err == ""


@pytest.mark.parametrize("quirks", [Quirks(personal_account=True)], ids=["personal account"])
def test_a_personal_account_is_shown_too(command: Command) -> None:
    """There is no organization, and nobody whose email could be known."""
    assert command("show").out.startswith("Personal account: 1 workspace")
    found = document(command("show", "--json").out)
    assert found["organization_id"] is None
    assert {member["email"] for member in found["workspaces"][0]["members"]} <= {None}


def test_an_api_that_fails_shows_nothing(command: Command, simulator: Simulator) -> None:
    """Half a table would be taken for the whole."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403, path="/keys", times=None))
    said = command("show")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("pulumi-openrouter: the key may not do this: GET /keys: 403")
