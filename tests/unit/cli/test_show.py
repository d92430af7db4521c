from __future__ import annotations

import json
import re
from typing import Any

import attrs
import pytest
from rich.cells import cell_len

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.simulator import Fault, FaultKind, Organization, Quirks, Simulator
from tests.unit.cli.command import Command
from tests.unit.cli.terminal import on_terminal

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


@pytest.fixture
def crowd(organization: Organization, slug_chars: int) -> list[tuple[str, str]]:
    """Thirty workspaces with long names: the slug and the name of each."""
    for number in range(29):
        slug = f"team-{number:02}-".ljust(slug_chars - 1, "x") + "z"
        name = f"Team {number} für Größeres 大きい ".ljust(60, "n") + "."
        organization.create_workspace(name=name, slug=slug)
        for interval, limit in {"lifetime": 9999999.99, "monthly": 9999.99, "daily": 99}.items():
            organization.set_budget(slug, interval, limit)
    return [(workspace.slug, workspace.name) for workspace in organization.workspaces]


@pytest.mark.parametrize("slug_chars", [20, 50])
def test_a_piped_table_is_plain_and_whole(command: Command, crowd: list[tuple[str, str]]) -> None:
    """It has no colours, and is as wide as its content, whatever the variable COLUMNS says."""
    said = command("show", COLUMNS="80")
    assert (said.code, said.err) == (0, "")
    assert "\x1b" not in said.out
    _, _, head, _, *rows = said.out.splitlines()
    assert head.split() == [
        "Slug",
        "Name",
        "Daily",
        "Monthly",
        "Lifetime",
        "BYOK",
        "Members",
        "Keys",
    ]
    assert sorted(re.split(" {2,}", row)[0] for row in rows) == sorted(slug for slug, _ in crowd)
    for slug, name in crowd:
        assert any(row.startswith(f"{slug} ") and f" {name} " in row for row in rows)


@pytest.mark.parametrize("terminal", ["xterm-256color", "dumb"])
@pytest.mark.parametrize(
    ("slug_chars", "width", "left_out", "cuts"),
    [
        (20, 80, "BYOK, Keys", True),
        (20, 120, "", True),
        (20, 200, "", False),
        (50, 80, "Daily, Lifetime, BYOK, Members, Keys", True),
        (50, 120, "", True),
        (50, 200, "", False),
        (50, 40, "Name, Daily, Monthly, Lifetime, BYOK, Members, Keys", True),
    ],
)
def test_a_table_fits_the_terminal(
    simulator: Simulator,
    crowd: list[tuple[str, str]],
    width: int,
    left_out: str,
    cuts: bool,
    terminal: str,
) -> None:
    """Slugs are whole; names give way first, then the columns that matter least, and are named."""
    out, err = on_terminal(simulator, width, "show", TERM=terminal)
    _, _, head, _, *rows = out.splitlines()
    slugs = sorted(slug for slug, _ in crowd)
    assert sorted(row.split()[0] for row in rows) == slugs
    widest = max(cell_len(line.rstrip()) for line in (head, *rows))
    assert widest == max(width, len(slugs[-1])) or (widest < width and not cuts)
    if "Name" not in left_out:
        assert all(name in out for _, name in crowd) == (not cuts)
        assert ("…" in out) == cuts
    note = f"note: too narrow for {left_out}; --json shows everything\n"
    assert err == (note if left_out else "")
    headings = {"Slug", "Name", "Daily", "Monthly", "Lifetime", "BYOK", "Members", "Keys"}
    assert {*head.split()} == headings - {*left_out.split(", ")}


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


def test_columns_without_content_are_left_out(command: Command, organization: Organization) -> None:
    """An interval that no workspace has a limit for, and the flag of no budget, have no column."""
    bare = ["Slug", "Name", "Members", "Keys"]
    assert words(command("show").out)[1] == bare
    organization.set_budget("default", "weekly", 7)
    assert words(command("show").out)[1] == [*bare[:2], "Weekly", "BYOK", *bare[2:]]


def test_the_document_has_everything(
    command: Command, client: Client, seeded: Organization
) -> None:
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
        "keys": [attrs.asdict(client.keys.get(key.hash)) for key in reversed(seeded.keys)],
        "guardrails": [],
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
    assert set(team) == {*answered, "budgets", "members", "keys", "guardrails"}


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
    """Columns of limits are left out, and a warning says why; the document has null."""
    said = command("show")
    assert said.code == 0
    assert words(said.out)[-1] == ["default", "Default", "5", "0"]
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
    assert said.err.startswith(
        "pulumi-openrouter: the key is not allowed to do this: GET /keys: 403"
    )


def test_guardrails_are_shown_where_there_are_any(
    command: Command, organization: Organization
) -> None:
    """Their number in the table, and all of them with whom they govern in the document."""
    team = organization.create_workspace(name="Team", slug="team")
    assert "Guardrails" not in command("show").out
    key = organization.create_key("ci", "team").hash
    safe = organization.guardrails.create(name="safe", workspace_id=team.id)
    organization.guardrails.assign_keys(safe.id, [key])
    organization.guardrails.update(team.default_guardrail_id, description="d")
    lines = command("show").out.splitlines()
    assert lines[2].split()[-1] == "Guardrails"
    assert [line.split()[-1] for line in lines[4:]] == ["0", "2"]
    (found,) = document(command("show", "--json", "team").out)["workspaces"]
    by_id = {each["id"]: each for each in found["guardrails"]}
    assert by_id[safe.id]["keys"] == [key]
    assert by_id[team.default_guardrail_id]["description"] == "d"
