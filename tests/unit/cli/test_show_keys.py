"""`show --keys`: what each API key may spend, and has."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from rich.cells import cell_len

from pulumi_openrouter.api.keys import ApiKeyInfo
from pulumi_openrouter.api.models import WorkspaceInfo
from pulumi_openrouter.cli import key_table
from pulumi_openrouter.core.organization import Snapshot
from pulumi_openrouter.simulator import Organization, Simulator
from tests.unit.cli.command import Command
from tests.unit.cli.terminal import on_terminal

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
TABLE = """\
Organization {id}: 3 API keys in 3 workspaces

Workspace  Key      Limit  Resets   Spent   Last used     Expires  State     Label
\x20
research   billing    $50  monthly     $0  2026-11-01  2999-01-31  -         {billing}
research   ci           -  -           $0       never           -  disabled  {ci}
team       ci       $0.50  -           $0       never  2001-01-01  expired   {old}
"""


def info(**fields: object) -> ApiKeyInfo:
    """A key as the API answers it."""
    return ApiKeyInfo(**{"hash": "h", "name": "ci", "label": "l", **fields})  # type: ignore[arg-type]


def cells(**fields: object) -> dict[str, str]:
    """The row of a key, by heading."""
    workspace = WorkspaceInfo(id="w", name="W", slug="w", created_at="")
    snapshot = Snapshot(workspace=workspace, budgets=None, members=[], keys=[info(**fields)])
    return {heading: column[0] for heading, column in key_table.columns([snapshot], NOW).items()}


@pytest.fixture
def labels(organization: Organization) -> dict[str, str]:
    """Three keys in two workspaces, and one workspace without any: the label of each."""
    for slug in ("research", "team"):
        organization.create_workspace(name=slug.title(), slug=slug)
    made = {
        "ci": organization.create_key("ci", "research", disabled=True),
        "billing": organization.create_key(
            "billing",
            "research",
            limit=50,
            limit_reset="monthly",
            expires_at="2999-01-31T00:00:00Z",
            last_used_at="2026-11-01T08:00:00.123Z",
        ),
        "old": organization.create_key(
            "ci", "team", limit=0.5, expires_at="2001-01-01T00:00:00Z", disabled=True
        ),
    }
    return {name: key.label for name, key in made.items()}


def test_the_table_has_a_row_for_each_key(
    command: Command, organization: Organization, labels: dict[str, str]
) -> None:
    """By workspace and name, with limit, what was spent of it, last use, expiry and state."""
    said = command("show", "--keys")
    assert (said.code, said.err) == (0, "")
    shown = [line.replace("─", " ").rstrip() for line in said.out.splitlines()]
    expected = TABLE.format(id=organization.id, **labels).splitlines()
    assert shown == [line.rstrip() for line in expected]


def test_columns_without_content_are_left_out(command: Command, organization: Organization) -> None:
    """Limits, resets, expiries and states that no key has are not shown."""
    organization.create_key("ci")
    head = command("show", "--keys").out.splitlines()[2].split()
    assert head == ["Workspace", "Key", "Spent", "Last", "used", "Label"]


def test_no_keys_are_said(command: Command, organization: Organization) -> None:
    """The first line counts them."""
    first = command("show", "--keys").out.splitlines()[0]
    assert first == f"Organization {organization.id}: 0 API keys in 1 workspace"


def test_patterns_select_workspaces(command: Command, labels: dict[str, str]) -> None:
    """The keys of others are neither shown nor counted."""
    out = command("show", "--keys", "te*").out
    assert out.splitlines()[0].endswith(": 1 API key in 1 workspace")
    assert labels["old"] in out
    assert labels["billing"] not in out


@pytest.mark.parametrize(
    ("width", "left_out"),
    [
        (40, "Limit, Resets, Spent, Last used, Expires, State, Label"),
        (80, "Resets, State, Label"),
        (120, ""),
        (200, ""),
    ],
)
def test_a_table_fits_the_terminal(
    simulator: Simulator, organization: Organization, width: int, left_out: str
) -> None:
    """Slugs are whole; names of keys give way first, then the columns that matter least."""
    slug = "a-team-with-a-long-slug"
    organization.create_workspace(name="Team", slug=slug)
    expires_at = organization.clock() + timedelta(days=400)
    for name in ("billing-service-of-the-shop-in-production", "ci"):
        organization.create_key(
            name, slug, limit=1234.5, limit_reset="monthly", disabled=True, expires_at=expires_at
        )
    out, err = on_terminal(simulator, width, "show", "--keys")
    _, _, head, _, *rows = out.splitlines()
    assert [row.split()[0] for row in rows] == [slug, slug]
    assert max(cell_len(line.rstrip()) for line in (head, *rows)) <= width
    assert ("…" in out) == (width < 150)
    assert err == (
        f"note: too narrow for {left_out}; --json shows everything\n" if left_out else ""
    )


def test_the_document_has_all_of_a_key(command: Command, labels: dict[str, str]) -> None:
    """With --json it is the same document as without --keys."""
    said = command("show", "--json", "--keys")
    assert said.out == command("show", "--json").out
    (key,) = json.loads(said.out)["workspaces"][2]["keys"]
    assert key["label"] == labels["old"]
    assert {"limit", "limit_reset", "usage_monthly", "expires_at", "last_used_at"} < key.keys()


def test_no_secret_is_shown(command: Command, organization: Organization) -> None:
    """Neither in the table nor in the document."""
    secret = organization.create_key("ci").secret
    for option in ("--keys", "--json"):
        assert secret not in command("show", option).out


USAGE = {
    "usage": 100.0,
    "usage_daily": 1.0,
    "usage_weekly": 7.0,
    "usage_monthly": 30.0,
    "byok_usage": 1000.0,
    "byok_usage_daily": 10.0,
    "byok_usage_weekly": 70.0,
    "byok_usage_monthly": 300.0,
}


@pytest.mark.parametrize(
    ("reset", "own", "with_byok"),
    [("daily", 1, 11), ("weekly", 7, 77), ("monthly", 30, 330), (None, 100, 1100)],
)
def test_what_was_spent_is_what_the_limit_counts(
    reset: str | None, own: float, with_byok: float
) -> None:
    """Since the last reset, with own provider keys where they count, else in all."""
    key = {**USAGE, "limit_reset": reset}
    assert cells(**key)["Spent"] == f"${own:,}"
    assert cells(**key, include_byok_in_limit=True)["Spent"] == f"${with_byok:,}"


def test_a_reset_that_nobody_has_heard_of_shows_nothing_spent() -> None:
    """The API may learn new intervals."""
    assert cells(**USAGE, limit_reset="yearly")["Spent"] == "$0"


def test_a_use_of_which_no_time_is_known_is_not_called_none() -> None:
    """Whoever has spent has used it."""
    assert cells(usage=1.0)["Last used"] == "-"
    assert cells()["Last used"] == "never"


def test_names_can_not_disturb_the_table() -> None:
    """Line breaks and the control characters of terminals are nothing but text."""
    assert cells(name="a\x1b[31m\nb", label="l\x07")["Key"] == "a [31m b"


@pytest.mark.parametrize(
    ("expires_at", "disabled", "state"),
    [
        ("2026-11-24T12:00:00Z", False, "expired"),
        ("2026-11-24T12:00:01Z", True, "disabled"),
        ("whenever", True, "disabled"),
    ],
)
def test_a_key_that_can_not_be_used_says_why(expires_at: str, disabled: bool, state: str) -> None:
    """Expired, or else disabled; what is no moment has not come."""
    assert cells(expires_at=expires_at, disabled=disabled)["State"] == state
