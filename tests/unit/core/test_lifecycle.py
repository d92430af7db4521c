from __future__ import annotations

from typing import Any

import pytest
from typing_extensions import override

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.fields import Field, fields_of
from pulumi_openrouter.core.kinds import FLAG, INTEGER, UNKNOWN, pattern, set_of, text
from pulumi_openrouter.core.lifecycle import (
    Difference,
    Found,
    Lifecycle,
    Problem,
    Properties,
    Values,
)
from tests.support.runs import Run


class Thing:
    """What the lifecycle below declares."""

    place = Field(
        kind=pattern("[a-z]+", "letters", lower=True), doc="", required=True, replaces=True
    )
    title = Field(kind=text(1, 5), doc="")
    note = Field(kind=text(), doc="", nullable=True)
    tags = Field(kind=set_of(text(1), "words", empty_is_null=True), doc="", nullable=True)
    ids = Field(kind=set_of(INTEGER, "whole numbers"), doc="", nullable=True)
    greedy = Field(kind=FLAG, doc="", local=True)
    created_at = Field(kind=None, doc="")


class ThingLifecycle(Lifecycle):
    noun = "thing"
    fields = fields_of(Thing)
    managed_mark = "greedy"

    def __init__(self) -> None:
        super().__init__(Run.offline().context)
        self.between: list[Properties] = []
        self.noted: list[Properties] = []

    @override
    def problems_between(self, olds: Properties, news: Properties) -> Any:
        self.between.append(news)
        if news.get("title") == news.get("note") not in (None, UNKNOWN):
            yield Problem("note", "must differ from title")

    @override
    def claim(self, olds: Properties, news: Properties) -> None:
        self.noted.append(news)

    @override
    def label(self, id: str, properties: Properties) -> str:
        return id

    @override
    def create(self, news: Properties) -> Found:
        raise NotImplementedError

    @override
    def read(self, id: str, olds: Properties) -> Found | None:
        raise NotImplementedError

    @override
    def update(self, id: str, olds: Properties, news: Properties) -> Values:
        raise NotImplementedError

    @override
    def delete(self, id: str, olds: Properties) -> None:
        raise NotImplementedError


@pytest.fixture
def things() -> ThingLifecycle:
    return ThingLifecycle()


# check


def test_check_reports_every_problem_at_once_by_its_property(things: ThingLifecycle) -> None:
    """One problem for each wrong thing, also for several elements of one list."""
    _, problems = things.check({}, {"title": "", "note": 1, "tags": ["", "ok", 2], "greedy": 1})
    assert [(problem.property, problem.reason) for problem in problems] == [
        ("place", "is missing: must be letters"),
        ("title", "must be text of 1 to 5 characters"),
        ("note", "must be text; got a number"),
        ("tags[0]", "must be text that is not empty"),
        ("tags[2]", "must be text that is not empty; got a number"),
        ("greedy", "must be True or False; got a number"),
    ]


def test_check_brings_the_canonical_spelling(things: ThingLifecycle) -> None:
    """Inputs come back sorted, without duplicates, in one case, with integers as integers."""
    inputs, problems = things.check({}, {"place": "HERE", "tags": ["b", "a", "b"], "ids": [2.0, 1]})
    assert not problems
    assert inputs == {"place": "here", "tags": ["a", "b"], "ids": [1, 2]}
    assert all(type(element) is int for element in inputs["ids"])


def test_check_drops_what_is_none(things: ThingLifecycle) -> None:
    """An argument that is None is not declared, and is no input."""
    inputs, problems = things.check({}, {"place": "here", "note": None, "tags": None})
    assert (inputs, problems) == ({"place": "here"}, [])


def test_check_leaves_a_wrong_value_as_it_is(things: ThingLifecycle) -> None:
    """A value that has no canonical spelling is handed back, so that the engine can name it."""
    inputs, _ = things.check({}, {"place": "here", "tags": ["x", 1], "ids": "no list"})
    assert inputs == {"place": "here", "tags": ["x", 1], "ids": "no list"}


def test_check_adds_no_default(things: ThingLifecycle) -> None:
    """Defaults are set by the constructor: what is not there stays undeclared."""
    assert things.check({}, {"place": "here"})[0] == {"place": "here"}


@pytest.mark.parametrize("name", ["place", "title", "note", "tags", "ids", "greedy"])
def test_check_lets_unknown_values_through(things: ThingLifecycle, name: str) -> None:
    """An unknown value of any field is no problem, and stays unknown."""
    inputs, problems = things.check({}, {"place": "here", name: UNKNOWN})
    assert not problems
    assert inputs[name] is UNKNOWN


def test_check_judges_the_others_beside_an_unknown_element(things: ThingLifecycle) -> None:
    """An unknown element of a list switches off no check of the other elements."""
    _, problems = things.check({}, {"place": "here", "tags": [UNKNOWN, "", UNKNOWN]})
    assert problems == [Problem("tags[1]", "must be text that is not empty")]


def test_check_judges_fields_together_after_each_alone(things: ThingLifecycle) -> None:
    """Problems between fields are reported beside those of single fields."""
    _, problems = things.check({}, {"title": "x", "note": "x"})
    assert [problem.property for problem in problems] == ["place", "note"]


def test_a_wrong_value_is_reported_once(things: ThingLifecycle) -> None:
    """Between the others, a value that is wrong by itself counts as not known yet."""
    things.check({}, {"place": "here", "title": 1, "note": "n"})
    assert things.between == [{"place": "here", "title": UNKNOWN, "note": "n"}]


def test_only_a_sound_declaration_is_noted(things: ThingLifecycle) -> None:
    """What this run declares is noted once it has no problem, and not before."""
    things.check({}, {"title": "x"})
    assert things.noted == []
    things.check({}, {"place": "HERE"})
    assert things.noted == [{"place": "here"}]


def test_check_keeps_properties_it_does_not_know(things: ThingLifecycle) -> None:
    """A property of another version, or one that only the API sets, is no reason to fail."""
    news = {"place": "here", "later": [2, 1], "created_at": "now"}
    assert things.check({}, news) == (news, [])


# diff


def changed(things: ThingLifecycle, olds: Properties, news: Properties) -> tuple[str, ...]:
    return things.diff("id", olds, news).changed


@pytest.mark.parametrize(
    ("olds", "news", "expected"),
    [
        ({}, {}, ()),
        ({"note": "x"}, {"note": "x"}, ()),
        ({"note": "x"}, {"note": "y"}, ("note",)),
        ({}, {"note": "x"}, ("note",)),
        ({"note": "x"}, {}, ("note",)),
        ({"title": "x"}, {}, ("title",)),
        ({"greedy": False}, {"greedy": True}, ("greedy",)),
        ({"note": ""}, {}, ("note",)),
        ({}, {"tags": []}, ("tags",)),
        ({"greedy": False}, {}, ("greedy",)),
    ],
)
def test_diff_compares_declared_before_with_declared_now(
    things: ThingLifecycle, olds: Properties, news: Properties, expected: tuple[str, ...]
) -> None:
    """A field differs if its value does, or if only one of the two declares it."""
    assert changed(things, olds, news) == expected


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        ({"tags": ["b", "a"]}, {"tags": ["a", "b", "b"]}),
        ({"ids": [2.0, 1.0]}, {"ids": [1, 2]}),
        ({"place": "HERE"}, {"place": "here"}),
        ({"tags": []}, {"tags": []}),
    ],
)
def test_another_spelling_is_no_difference(
    things: ThingLifecycle, olds: Properties, news: Properties
) -> None:
    """Order, duplicates, case and the engine's floats never make a difference."""
    assert changed(things, olds, news) == ()


def test_diff_looks_only_at_declared_fields(things: ThingLifecycle) -> None:
    """What only the API sets, and what nobody knows, never makes a difference."""
    olds = {"place": "here", "created_at": "then", "unheard_of": 1}
    assert changed(things, olds, {"place": "here", "created_at": "now"}) == ()


@pytest.mark.parametrize("news", [UNKNOWN, ["a", UNKNOWN]])
def test_an_unknown_value_differs(things: ThingLifecycle, news: Any) -> None:
    """What is not known at preview may change, in whole or in an element."""
    assert changed(things, {"tags": ["a", "b"]}, {"tags": news}) == ("tags",)


def test_two_unknown_values_are_not_the_same(things: ThingLifecycle) -> None:
    """What is not known yet may turn out to be anything, beside another unknown value too."""
    assert not things.same("note", UNKNOWN, UNKNOWN)
    assert things.same("note", None, None)


@pytest.mark.parametrize("place", ["there", UNKNOWN])
def test_only_a_field_that_identifies_replaces(things: ThingLifecycle, place: Any) -> None:
    """Another place asks for a new object, an unknown one too; another title does not."""
    olds = {"place": "here", "title": "x"}
    news = {"place": place, "title": "y"}
    assert things.diff("id", olds, news) == Difference(("place", "title"), ("place",))
    assert things.diff("id", olds, {**news, "place": "here"}) == Difference(("title",), ())


def test_differences_are_listed_in_the_order_of_the_declaration(things: ThingLifecycle) -> None:
    """The order of the properties has no influence."""
    news = {"greedy": True, "tags": ["a"], "note": "n", "title": "t", "place": "p"}
    assert changed(things, {}, news) == ("place", "title", "note", "tags", "greedy")


# what resources use


def test_properties_are_told_apart(things: ThingLifecycle) -> None:
    """Declared and read-only fields are picked out of the properties, and nothing else."""
    properties = {"created_at": "now", "note": "n", "unheard_of": 1}
    assert things.arguments_of(properties) == {"note": "n"}
    assert things.read_only_of(properties) == {"created_at": "now"}
    assert "created_at" not in things.arguments


def test_a_managed_resource_is_known_by_its_mark(things: ThingLifecycle) -> None:
    """Only what a program declares has the property that marks it, whatever its value."""
    assert things.is_managed({"greedy": False})
    assert not things.is_managed({"created_at": "now"})


def test_the_client_is_made_at_the_first_request_and_once(client: Client) -> None:
    """Every lifecycle of a process shares the client that the first request makes."""
    made: list[Client] = []

    def connect() -> Client:
        made.append(client)
        return client

    context = Context(connect)
    assert made == []
    assert (context.client, context.client) == (client, client)
    assert made == [client]
