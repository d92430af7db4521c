"""The configuration of the ready-made stack: what it becomes, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_openrouter.from_config import Entry, parse, report

ROOT = Path(__file__).resolve().parents[2]


def mistakes(settings: Any) -> list[str]:
    """What is wrong with the settings of a workspace called `team`."""
    return [found.removeprefix("workspaces.team") for found in parse({"team": settings})[1]]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_samples_are_right(stack: str) -> None:
    """The sample configurations have workspaces, and no mistake."""
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    entries, found = parse(config["openrouter-workspaces:workspaces"])
    assert found == []
    assert all(entry.budget for entry in entries)


def test_an_entry_without_settings_is_a_workspace() -> None:
    """A name alone is a workspace with that name and a slug made from it."""
    assert parse({"Data Team": None}) == (
        [Entry("Data Team", {"name": "Data Team", "slug": "data-team"})],
        [],
    )


def test_the_parts_of_an_entry_go_to_their_resources() -> None:
    """Settings, budget, members and protection are told apart."""
    settings = {
        "description": "d",
        "budget": {"monthly_limit_usd": 5},
        "members": ["ada@example.com"],
        "protect": True,
    }
    assert parse({"team": settings}) == (
        [
            Entry(
                "team",
                {"name": "team", "slug": "team", "description": "d"},
                {"monthly_limit_usd": 5},
                {"emails": ["ada@example.com"]},
                True,
            )
        ],
        [],
    )


def test_members_may_be_a_mapping() -> None:
    """Members may be the arguments of a membership instead of a list of emails."""
    members = {"user_ids": ["user_1"], "exclusive": True}
    assert parse({"team": {"members": members}})[0][0].membership == members


@pytest.mark.parametrize("value", [None, [], "team", 3])
def test_workspaces_must_be_a_mapping(value: Any) -> None:
    """Anything but a mapping of workspaces is a mistake of the whole."""
    expected = "workspaces: must be a mapping from a workspace's name to its settings"
    assert parse(value) == ([], [expected])


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (3, ": must be a mapping of settings"),
        ({"slugg": "x"}, ".slugg: there is no such setting; did you mean slug?"),
        ({"workspace_id": "x"}, ".workspace_id: there is no such setting"),
        ({"created_at": "x"}, ".created_at: there is no such setting"),
        ({"protect": "yes"}, ".protect: must be True or False"),
        ({"budget": 5}, ".budget: must be a mapping of settings"),
        ({"budget": {}}, ".budget.monthly_limit_usd: is missing, and so are all other limits"),
        ({"budget": {"limit": 5}}, ".budget.limit: there is no such setting"),
        (
            {"budget": {"workspace_id": "x", "monthly_limit_usd": 5}},
            ".budget.workspace_id: there is no such setting",
        ),
        ({"budget": {"monthly_limit_usd": "5"}}, ".budget.monthly_limit_usd: must be a finite"),
        ({"members": "ada@example.com"}, ".members: must be a mapping of settings"),
        ({"members": []}, ".members.emails: is empty"),
        ({"members": ["ada"]}, ".members.emails: element [0] must be an email address"),
        ({"name": ""}, ".name: must be text of 1 to 100 characters"),
        ({"slug": "default"}, ".slug: is the default workspace's: set adopt_existing=True"),
    ],
)
def test_a_mistake_is_named_by_its_place(settings: Any, found: str) -> None:
    """A mistake is reported with its place and with what would be right."""
    assert mistakes(settings)[0].startswith(found)


def test_all_mistakes_are_reported_at_once() -> None:
    """Mistakes in several workspaces and parts are all there, in the order of the file."""
    given = {
        "one": {"nam": "x", "budget": {"daily_limit_usd": 9, "weekly_limit_usd": 5}},
        "two": {"slug": "same"},
        "three": {"slug": "same", "members": ["x"]},
        "four": {"slug": "same"},
    }
    places = [mistake.partition(": ")[0] for mistake in parse(given)[1]]
    assert places == [
        "workspaces.one.nam",
        "workspaces.one.budget.weekly_limit_usd",
        "workspaces.three.members.emails",
        "workspaces.four.slug",
    ]


def test_the_report_names_file_and_key() -> None:
    """The report says in which file and under which key the mistakes are, and counts them."""
    assert report("dev", "shop:workspaces", ["a: b"]) == (
        "Pulumi.dev.yaml has a mistake in its configuration shop:workspaces:\n  a: b"
    )
    assert "has 2 mistakes" in report("dev", "shop:workspaces", ["a: b", "c: d"])
