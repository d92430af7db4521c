"""What check says of a workspace, without network."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.core.lifecycle import Problem
from tests.support.runs import Run
from tests.support.workspaces import (
    OTHERS,
    SETTINGS,
    declaration,
    problems,
)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("name", "", "must be text of 1 to 100 characters"),
        ("name", "   ", "must be text of 1 to 100 characters"),
        ("name", "x" * 101, "must be text of 1 to 100 characters"),
        ("name", 1, "must be text of 1 to 100 characters"),
        *(
            (
                "slug",
                value,
                "must be 1 to 50 lower-case letters and digits, with single hyphens between",
            )
            for value in [
                "",
                "Team",
                "a--b",
                "-a",
                "a-",
                "a_b",
                "a b",
                "a\n",
                "é",
                "\u017f",
                "a" * 51,
                7,
                ["a"],
            ]
        ),
        ("description", "x" * 501, "must be text of 0 to 500 characters"),
        ("description", 1, "must be text of 0 to 500 characters"),
        ("default_text_model", "", "must be text that is not empty"),
        ("default_text_model", 1, "must be text that is not empty"),
        ("default_image_model", " ", "must be text that is not empty"),
        (
            "default_provider_sort",
            "cheapest",
            "must be one of price, throughput, latency, exacto",
        ),
        ("io_logging_api_key_ids", 5, "must be a list of whole numbers"),
        ("io_logging_api_key_ids", "5", "must be a list of whole numbers"),
        ("io_logging_api_key_ids", [1, 1.5], "[1] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", [2**53], "[0] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", [2**53 + 1], "[0] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", [True], "[0] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", ["1"], "[0] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", [None], "[0] must be a whole number below 2^53"),
        ("io_logging_sampling_rate", 0, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", 0.00009, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", 1.01, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", math.nan, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", math.inf, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", True, "must be a number from 0.0001 to 1"),
        *(
            (name, value, "must be True or False")
            for name in (
                "is_data_discount_logging_enabled",
                "is_observability_broadcast_enabled",
                "is_observability_io_logging_enabled",
                "adopt_existing",
                "force_destroy",
            )
            for value in ("true", 1)
        ),
        (
            "disabled_server_tools",
            "openrouter:bash",
            "must be a list of tool names such as openrouter:web_search",
        ),
        (
            "disabled_server_tools",
            ["openrouter:bash", "bash"],
            "[1] must be a tool's name such as openrouter:web_search",
        ),
        (
            "disabled_server_tools",
            ["openrouter:"],
            "[0] must be a tool's name such as openrouter:web_search",
        ),
    ],
)
def test_a_rule_of_the_api_is_checked_at_preview(name: str, value: Any, reason: str) -> None:
    """A value that the API would refuse is one problem of its property, or of an element of it."""
    place, _, words = reason.rpartition("] ")
    (problem,) = problems(**{name: value})
    assert problem.property == f"{name}{place and place + ']'}"
    assert problem.reason.partition("; got ")[0] == words


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *SETTINGS.items(),
        *OTHERS.items(),
        ("name", "x"),
        ("name", "日" * 100),
        ("slug", "a"),
        ("slug", "a" * 50),
        ("slug", "0-a-1"),
        ("description", "x" * 500),
        ("description", "😀\n"),
        *(("default_provider_sort", sort) for sort in ("throughput", "latency")),
        ("io_logging_api_key_ids", [2**53 - 1, -1, 0]),
        ("io_logging_sampling_rate", 0.0001),
        ("disabled_server_tools", []),
        ("disabled_server_tools", ["openrouter:experimental__search_models", "openrouter:new"]),
    ],
)
def test_whatever_the_api_takes_is_accepted(name: str, value: Any) -> None:
    """A value within the API's rules is no problem, at the edges too; the list of tools is open."""
    assert problems(**{name: value}) == []


def test_all_problems_are_reported_at_once() -> None:
    """One preview shows everything that is wrong with a workspace."""
    found = problems(name="", slug="A", default_provider_sort="x", io_logging_api_key_ids=["a", 1])
    assert [problem.property for problem in found] == [
        "name",
        "slug",
        "default_provider_sort",
        "io_logging_api_key_ids[0]",
    ]


@pytest.mark.parametrize("name", [*SETTINGS, "name", "slug", "adopt_existing", "force_destroy"])
def test_an_unknown_value_passes(name: str) -> None:
    """An Output that is not known at preview is no problem, whichever field it is for."""
    assert problems(**{name: UNKNOWN}) == []


def test_a_name_that_leaves_no_slug_asks_for_one() -> None:
    """A slug that could not be made from the resource's name is a problem that says so."""
    assert problems(slug=None) == [
        Problem("slug", "is missing: none can be made from the resource's name; give one")
    ]


def test_the_default_workspace_must_be_adopted() -> None:
    """The slug of the default workspace is refused at preview, unless it is to be taken over."""
    (problem,) = problems(slug="default")
    assert problem.property == "slug"
    assert "adopt_existing=True" in problem.reason
    assert problems(slug="default", adopt_existing=True) == []
    assert problems(slug="default", adopt_existing=UNKNOWN) == []


def test_the_slug_of_the_default_workspace_stays() -> None:
    """Another slug for the default workspace is refused at preview; anything else may change."""
    workspaces = Run.offline().workspaces
    olds = declaration(slug="default", adopt_existing=True)
    _, found = workspaces.check(olds, declaration(slug="other", adopt_existing=True))
    assert found == [Problem("slug", "can't be changed: this is the default workspace")]
    for news in (
        declaration(slug="default", adopt_existing=False, name="New"),
        declaration(slug=UNKNOWN),
    ):
        assert workspaces.check(olds, news)[1] == []


def test_preview_needs_no_network() -> None:
    """check and diff answer where nothing can be reached, for what is new and what exists."""
    workspaces = Run.offline().workspaces
    olds, _ = workspaces.check({}, declaration(**SETTINGS))
    news, _ = workspaces.check(olds, declaration(slug="new", name=UNKNOWN))
    assert set(workspaces.diff("id", olds, news).changed) == {"name", "slug", *SETTINGS}
