"""The configuration of the ready-made stack: what it becomes, and what is said of mistakes."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from pulumi_openrouter.from_config import Entry, _read, parse, report
from tools.paths import ROOT


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, "is missing. To describe the first workspace, run for example"),
        ("", "is empty: describe the first workspace under it, or write {} for none"),
        ("null", "is empty: describe the first workspace under it, or write {} for none"),
        ("[]", "must map the names of workspaces to their settings; got a list"),
        ("s3cret", "must map the names of workspaces to their settings; got text"),
        ("3", "must map the names of workspaces to their settings; got a number"),
    ],
)
def test_workspaces_must_be_a_mapping(text: str | None, found: str) -> None:
    """Anything but a mapping of workspaces is a mistake of the whole, told as what it is."""
    (mistake,) = parse(_read(text))[1]
    assert mistake.partition("\n")[0] == f"workspaces: {found}"
    assert "s3cret" not in mistake


def test_an_empty_mapping_declares_no_workspace() -> None:
    """A stack may have no workspaces."""
    assert parse(_read("{}")) == ([], [])


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (3, ": must be a mapping of settings; got a number"),
        ({"slugg": "x"}, ".slugg: unknown setting; did you mean slug?"),
        ({"workspace_id": "x"}, ".workspace_id: unknown setting"),
        ({"created_at": "x"}, ".created_at: unknown setting"),
        ({"protect": "yes"}, ".protect: must be True or False; got text"),
        ({"monthly_limit_usd": 5}, ".monthly_limit_usd: belongs under budget"),
        ({"include_byok_in_budgets": True}, ".include_byok_in_budgets: belongs under budget"),
        ({"user_ids": ["u"]}, ".user_ids: belongs under members"),
        ({"exclusive": True}, ".exclusive: belongs under members or budget"),
        ({"exclusive_members": True}, ".exclusive_members: belongs under members, as exclusive"),
        (
            {"monthly_limit": 5},
            ".monthly_limit: unknown setting; did you mean monthly_limit_usd, which belongs under",
        ),
        ({"budget": {"user_ids": ["u"]}}, ".budget.user_ids: unknown setting"),
        ({"budget": 5}, ".budget: must be a mapping of settings; got a number"),
        ({"budget": {}}, ".budget.monthly_limit_usd: is missing, and so are all other limits"),
        ({"budget": {"limit": 5}}, ".budget.limit: unknown setting"),
        (
            {"budget": {"workspace_id": "x", "monthly_limit_usd": 5}},
            ".budget.workspace_id: unknown setting",
        ),
        (
            {"budget": {"monthly_limit_usd": "5 USD"}},
            ".budget.monthly_limit_usd: must be a finite number greater than 0, in USD; got text",
        ),
        (
            {"members": "ada@example.com"},
            ".members: must be a list of email addresses, "
            "or a mapping of settings such as exclusive; got text",
        ),
        ({"emails": "a@b"}, ".emails: must be a list of email addresses; got text"),
        ({"emails": ["ada"]}, ".emails[0]: must be an email address"),
        ({"members": {"emails": ["ada"]}}, ".members.emails[0]: must be an email address"),
        (
            {"members": ["a@b"], "emails": ["a@b"]},
            ".emails: is the same list as workspaces.team.members; give only one of them",
        ),
        ({"renamed_from": 5}, ".renamed_from: must be a list of the workspace's older names, or"),
        ({"renamed_from": ["", 5]}, ".renamed_from[0]: must be text that is not empty"),
        ({"renamed_from": "team"}, ".renamed_from: names workspaces.team, which still exists"),
        ({"members": {}}, ".members.emails: is missing, and so is user_ids"),
        ({"members": ["ada"]}, ".members[0]: must be an email address"),
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
        "workspaces.three.members[0]",
        "workspaces.four.slug",
    ]


def test_the_report_names_file_and_key() -> None:
    """The report says in which file and whose configuration the mistakes are, and counts them."""
    assert report("dev", "shop", ["a: b"]) == (
        "Pulumi.dev.yaml has a mistake in the configuration of shop:\n  a: b"
    )
    assert "has 2 mistakes" in report("dev", "shop", ["a: b", "c: d"])


# numbers and flags as text


@pytest.mark.parametrize("text", ["5", "99.5", "0.25", "1e3", "1E-2", "12.5e+1"])
def test_a_text_that_is_a_number_is_one_in_the_configuration(text: str) -> None:
    """`pulumi config set --path` keeps fractions and secrets as text: a limit takes them."""
    ((entry,), found) = parse({"team": {"budget": {"lifetime_limit_usd": text}}})
    assert found == []
    assert entry.budget == {"lifetime_limit_usd": float(text)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 5",
        "5 ",
        "5\n",
        "+5",
        "05",
        ".5",
        "5.",
        "1_000",
        "0x5",
        "inf",
        "nan",
        "NaN",
        "\N{ARABIC-INDIC DIGIT FIVE}",
    ],
)
def test_what_is_not_exactly_a_number_stays_text(text: str) -> None:
    """Nothing but the numbers of JSON is taken for one."""
    (found,) = mistakes({"budget": {"daily_limit_usd": text}})
    assert found.endswith("in USD; got text")


def test_a_number_as_text_must_be_right_too() -> None:
    """A text that is a number is judged as that number."""
    budget = {"daily_limit_usd": "-5", "weekly_limit_usd": "1e999", "monthly_limit_usd": "9" * 9999}
    found = mistakes({"budget": budget})
    assert len(found) == 3
    assert all(
        mistake.endswith("must be a finite number greater than 0, in USD") for mistake in found
    )


def test_ids_and_flags_may_be_text() -> None:
    """Ids in a list, rates, and flags are taken from text as well; a text field keeps its text."""
    settings = {
        "name": "42",
        "description": "true",
        "io_logging_api_key_ids": ["12", 7],
        "io_logging_sampling_rate": "0.5",
        "is_data_discount_logging_enabled": "false",
        "force_destroy": "true",
        "protect": "true",
        "members": {"user_ids": ["1"], "exclusive": "true"},
        "budget": {"daily_limit_usd": 1, "exclusive": "false"},
    }
    ((entry,), found) = parse({"team": settings})
    assert found == []
    assert entry.workspace == {
        "name": "42",
        "slug": "team",
        "description": "true",
        "io_logging_api_key_ids": [12, 7],
        "io_logging_sampling_rate": 0.5,
        "is_data_discount_logging_enabled": False,
        "force_destroy": True,
    }
    assert entry.protect is True
    assert entry.membership == {"user_ids": ["1"], "exclusive": True}
    assert entry.budget == {"daily_limit_usd": 1, "exclusive": False}


@pytest.mark.parametrize("text", ["True", "yes", "1", " true", "TRUE"])
def test_only_true_and_false_are_flags(text: str) -> None:
    """Other words are no flag."""
    assert mistakes({"force_destroy": text}) == [".force_destroy: must be True or False; got text"]


# renames


@pytest.mark.parametrize("older", ["lab", ["lab", "library"], []])
def test_a_workspace_may_have_older_names(older: Any) -> None:
    """The older names, one or several, go with the entry."""
    ((entry,), found) = parse({"team": {"renamed_from": older}})
    assert found == []
    assert entry.renamed_from == (("lab",) if older == "lab" else tuple(older))


def test_an_older_name_is_nobody_elses() -> None:
    """An older name that still exists, or that two workspaces claim, is a mistake of each."""
    given = {
        "one": {"renamed_from": ["three", "lab"]},
        "two": {"renamed_from": "lab"},
        "three": {},
        "four": {"renamed_from": 4},
        "five": 5,
    }
    found = parse(given)[1]
    assert "workspaces.one.renamed_from: names workspaces.three, which still exists" in found
    assert "workspaces.two.renamed_from: must differ from that of workspaces.one" in found
    assert len(found) == 4


# members with a key of their own


def test_members_may_have_a_key_of_their_own() -> None:
    """The key `members` maps names to the same that an entry takes as members."""
    people = {"one": ["ada@example.com"], "two": {"user_ids": ["user_1"]}, "three": None}
    entries, found = parse({"one": None, "two": {}, "three": None}, people)
    assert found == []
    assert [(entry.membership, entry.has_members_apart) for entry in entries] == [
        ({"emails": ["ada@example.com"]}, True),
        ({"user_ids": ["user_1"]}, True),
        (None, False),
    ]


def test_a_workspace_may_be_called_like_a_setting() -> None:
    """A name is a name, even one that is a setting elsewhere."""
    entries, found = parse({"emails": None}, {"emails": {"user_ids": ["user_1"]}})
    assert found == []
    assert entries[0].membership == {"user_ids": ["user_1"]}


def test_members_of_no_workspace_at_all_are_a_mistake() -> None:
    """Without workspaces there are no names to suggest."""
    assert parse({}, {"team": ["a@b"]}) == ([], ["members.team: unknown workspace"])


@pytest.mark.parametrize(
    ("members", "found"),
    [
        (["a@b"], "members: must map the names of workspaces to their members; got a list"),
        ({"tema": ["a@b"]}, "members.tema: unknown workspace; did you mean team?"),
        (
            {"team": ["a@b"], "other": ["a@b"]},
            "members.other: is the same list as workspaces.other.members; give only one of them",
        ),
        ({"team": ["a@b", "ada"]}, "members.team[1]: must be an email address"),
        ({"team": {"emials": []}}, "members.team.emials: unknown setting; did you mean emails?"),
        ({"team": "a@b"}, "members.team: must be a list of email addresses, or a mapping of "),
    ],
)
def test_a_mistake_among_members_apart_has_their_place(members: Any, found: str) -> None:
    """A mistake in the key of the members is told with its place there."""
    given = {"team": {}, "other": {"members": ["b@c"]}}
    assert parse(given, members)[1][0].startswith(found)


def test_guardrails_are_parts_of_an_entry() -> None:
    """The default one, and others by name; a number may be text, as `pulumi config set` has it."""
    settings = {
        "default_guardrail": {"enforce_zdr_other": True, "allowed_data_regions": ["europe"]},
        "guardrails": {"strict": {"limit_usd": "2.5", "reset_interval": "daily"}, "loose": None},
    }
    ((entry,), found) = parse({"team": settings})
    assert found == []
    assert entry.default_guardrail == settings["default_guardrail"]
    assert entry.guardrails == {
        "strict": {"name": "team-strict", "limit_usd": 2.5, "reset_interval": "daily"},
        "loose": {"name": "team-loose"},
    }


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"allowed_models": ["x/y"]}, ".allowed_models: belongs under default_guardrail"),
        ({"default_guardrail": 5}, ".default_guardrail: must be a mapping of settings"),
        (
            {"default_guardrail": {"limit_usd": 5}},
            ".default_guardrail.reset_interval: is missing: limit_usd needs it",
        ),
        ({"default_guardrail": {"name": "x"}}, ".default_guardrail.name: unknown setting"),
        ({"guardrails": ["x"]}, ".guardrails: must map names to settings; got a list"),
        ({"guardrails": {"x": 5}}, ".guardrails.x: must be a mapping of settings; got a number"),
        (
            {"guardrails": {"x": {"allowed_models": []}}},
            ".guardrails.x.allowed_models: must not be empty",
        ),
        (
            {"guardrails": {"x": {"content_filters": [{"pattern": "(a+)+", "action": "block"}]}}},
            ".guardrails.x.content_filters[0].pattern: must not repeat",
        ),
    ],
)
def test_a_mistake_in_a_guardrail_is_told_at_its_place(
    settings: dict[str, Any], found: str
) -> None:
    """With the entry, the guardrail and the element."""
    (mistake,) = mistakes(settings)
    assert mistake.startswith(found)


def test_keys_are_parts_of_an_entry() -> None:
    """Each has a name and the arguments of ApiKey, or none; one that exists keeps its own name."""
    keys = {"ci": {"limit": "2.5", "limit_reset": "daily"}, "cron": None}
    existing = {"existing_hash": 64 * "0"}
    (entry,), mistakes = parse({"team": {"keys": {**keys, "old": existing}}})
    assert mistakes == []
    assert entry.keys == {
        "ci": {"name": "team-ci", "limit": 2.5, "limit_reset": "daily"},
        "cron": {"name": "team-cron"},
        "old": existing,
    }


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["ci"], ".keys: must map names to settings; got a list"),
        ({"ci": 5}, ".keys.ci: must be a mapping of settings; got a number"),
        ({"ci": {"limt": 5}}, ".keys.ci.limt: unknown setting; did you mean limit?"),
        ({"ci": {"limit_reset": "daily"}}, ".keys.ci.limit_reset: needs a limit"),
        ({"ci": {"expires_at": "2001-01-01T00:00:00Z"}}, ".keys.ci.expires_at: is in the past"),
    ],
)
def test_a_mistake_in_a_key_is_told_at_its_place(keys: Any, said: str) -> None:
    """With the entry, the key and the setting."""
    _, (mistake,) = parse({"team": {"keys": keys}})
    assert mistake.startswith(f"workspaces.team{said}")


def test_a_guardrail_may_name_the_keys_of_its_entry() -> None:
    """As they are called there; what is neither a name nor a hash is a mistake."""
    settings = {"keys": {"ci": None}, "guardrails": {"safe": {"keys": ["ci", 64 * "0"]}}}
    ((entry,), found) = parse({"team": settings})
    assert found == []
    assert entry.guardrails["safe"]["keys"] == ["ci", 64 * "0"]
    settings["guardrails"] = {"safe": {"keys": ["ci", "cron"]}}
    (mistake,) = mistakes(settings)
    assert mistake.startswith(".guardrails.safe.keys[1]: must be an ApiKey, or the hash of a key")
