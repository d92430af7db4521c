"""What is told of a guardrail at preview, each at its property and its element."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.core.regular_expressions import flaw_of_pattern
from pulumi_openrouter.simulator import Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Guardrails

BLOCK = {"action": "block"}


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Guardrails:
    return Guardrails.of_team(simulator, new_run)


@pytest.mark.parametrize(
    ("inputs", "property_name", "words"),
    [
        ({"limit_usd": 5}, "reset_interval", "is missing: limit_usd needs it"),
        ({"reset_interval": "daily"}, "limit_usd", "is missing: reset_interval needs it"),
        ({"limit_usd": 0, "reset_interval": "daily"}, "limit_usd", "greater than 0"),
        ({"reset_interval": "yearly", "limit_usd": 1}, "reset_interval", "daily, weekly, monthly"),
        ({"allowed_models": []}, "allowed_models", "to restrict nothing, leave it out"),
        ({"ignored_models": ["x"]}, "ignored_models[0]", "a model's slug"),
        ({"allowed_providers": [" "]}, "allowed_providers[0]", "a provider's slug"),
        ({"allowed_data_regions": ["us", "mars"]}, "allowed_data_regions[1]", "global, europe, us"),
        ({"enforce_zdr_xai": "yes"}, "enforce_zdr_xai", "True or False"),
        ({"keys": ["sk-or-v1-secret"]}, "keys[0]", "never the key itself"),
        ({"emails": ["Ada <ada@example.com>"]}, "emails[0]", "an email address"),
        ({"content_filters": {}}, "content_filters", "a list of filters"),
        ({"content_filters": []}, "content_filters", "to filter nothing, leave it out"),
        ({"content_filters": ["[0-9]"]}, "content_filters[0]", "a filter such as"),
        ({"content_filters": [BLOCK]}, "content_filters[0].pattern", "is missing"),
        (
            {"content_filters": [{"pattern": "a", "action": "drop"}]},
            "content_filters[0].action",
            "one of redact, block, flag",
        ),
        (
            {"content_filters": [{"pattern": "a", **BLOCK, "lable": "x"}]},
            "content_filters[0].lable",
            "is unknown: expected pattern, action, label",
        ),
        (
            {"content_filters": [{"pattern": "a", **BLOCK}, {"pattern": "(a+)+", **BLOCK}]},
            "content_filters[1].pattern",
            "must not repeat what repeats itself",
        ),
        (
            {"content_filter_builtins": [{"slug": "ip", **BLOCK}]},
            "content_filter_builtins[0].slug",
            "ip-address",
        ),
        (
            {"content_filter_builtins": [{"slug": "email", "scan_scope": "user_only", **BLOCK}]},
            "content_filter_builtins[0].scan_scope",
            "is only for regex-prompt-injection",
        ),
        (
            {"content_filter_builtins": [{"slug": "email", **BLOCK}, {"slug": "email", **BLOCK}]},
            "content_filter_builtins[1].slug",
            "is there already",
        ),
        ({"existing_id": "safe"}, "existing_id", "the UUID of a guardrail"),
    ],
)
def test_bad_input_is_told_at_its_place(
    team: Guardrails, inputs: dict[str, Any], property_name: str, words: str
) -> None:
    """What would be right, in words, and never the value."""
    (problem,) = team.check(**inputs)
    assert problem.property == property_name
    assert words in problem.reason


def test_all_problems_are_told_at_once(team: Guardrails) -> None:
    """One unknown element does not switch off the checks of the others."""
    filters = [
        {"pattern": UNKNOWN, "action": "x"},
        UNKNOWN,
        {"pattern": "(?=x)", "action": UNKNOWN},
    ]
    problems = team.check(content_filters=filters, allowed_models=[UNKNOWN, "x"], limit_usd=UNKNOWN)
    assert [problem.property for problem in problems] == [
        "allowed_models[1]",
        "content_filters[0].action",
        "content_filters[2].pattern",
        "reset_interval",
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        "[0-9]{3}-[0-9]{2}",
        r"\bACME-\d+\b",
        r"(?<year>\d{4})",
        r"(?:red|blue)+",
        r"\p{L}+",
        r"\(?=x",
        r"[(?=+*)]+",
        r"(\(a+\))",
        "(a+)?",
    ],
)
def test_what_javascript_runs_in_linear_time_passes(pattern: str) -> None:
    """Also what Python would not understand."""
    assert flaw_of_pattern(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(?=x)", "lookaround"),
        ("(?<!x)y", "lookaround"),
        (r"\\(?!x)", "lookaround"),
        (r"(a)\1", "back-references"),
        (r"(?<n>a)\k<n>", "back-references"),
        ("(a+)+", "repeat"),
        ("(?:a*b){2,}", "repeat"),
        ("((a+)b)*", "repeat"),
        ("(?P<n>a)", "JavaScript"),
        ("(?i)a", "JavaScript"),
        ("(a", "missing )"),
        ("[a", "unterminated"),
        ("a)", "unbalanced"),
        ("*a", "nothing to repeat"),
    ],
)
def test_what_openrouter_refuses_is_told_before_it_is_sent(pattern: str, words: str) -> None:
    """As far as that can be known without asking it."""
    assert words in str(flaw_of_pattern(pattern))
