from __future__ import annotations

import math
from typing import Any

import pytest

from pulumi_openrouter.core.fields import Field, fields_of
from pulumi_openrouter.core.kinds import (
    FLAG,
    INTEGER,
    UNKNOWN,
    USD,
    Flaw,
    Kind,
    choice,
    number,
    pattern,
    set_of,
    text,
)

SORT = choice("price", "latency")
RATE = number(0.0001, 1)
TITLE = text(1, 5)
SLUG = pattern(r"[a-z]+", "lower-case letters")
EMAIL = pattern(r"[^@\s]+@[^@\s]+", "an email address", lower=True)
IDS = set_of(INTEGER, "whole numbers")
EMAILS = set_of(EMAIL, "email addresses")

RIGHT: list[tuple[Kind, Any]] = [
    (text(), ""),
    (text(), "  "),
    (text(0, 3), ""),
    (text(0, 3), "abc"),
    (text(1), "x"),
    (TITLE, "x"),
    (TITLE, "x" * 5),
    (TITLE, " x "),
    (TITLE, "größe"),
    (TITLE, "日本語テス"),
    (TITLE, "😀" * 5),
    (SLUG, "abc"),
    (EMAIL, "Ada@Example.com"),
    (SORT, "price"),
    (RATE, 0.0001),
    (RATE, 1),
    (RATE, 1.0),
    (RATE, 0.5),
    (FLAG, True),
    (FLAG, False),
    (INTEGER, 0),
    (INTEGER, -7),
    (INTEGER, 3.0),
    (INTEGER, 2**53 - 1),
    (INTEGER, float(2**53 - 1)),
    (INTEGER, -(2**53) + 1),
    (USD, 0.01),
    (USD, 1e308),
    (USD, 5e-324),
    (IDS, []),
    (IDS, [1, 2.0]),
    (IDS, (1, 2)),
    (IDS, [UNKNOWN]),
]

WRONG: list[tuple[Kind, Any]] = [
    (text(), 1),
    (text(), True),
    (text(), ["x"]),
    (text(0, 3), "abcd"),
    (text(1), ""),
    (text(1), " \t\n"),
    (TITLE, ""),
    (TITLE, "   "),
    (TITLE, "\u2003"),
    (TITLE, "x" * 6),
    (TITLE, "😀" * 6),
    (TITLE, b"x"),
    (SLUG, ""),
    (SLUG, "aB"),
    (SLUG, "abc\n"),
    (SLUG, "abé"),
    (SLUG, 1.0),
    (EMAIL, "ada"),
    (EMAIL, "a da@example.com"),
    (EMAIL, "ada@example@com"),
    (SORT, "Price"),
    (SORT, ""),
    (SORT, ["price"]),
    (SORT, {"price": 1}),
    (RATE, 0),
    (RATE, 0.00009),
    (RATE, 1.0000001),
    (RATE, True),
    (RATE, "0.5"),
    (RATE, math.nan),
    (RATE, math.inf),
    (FLAG, 1),
    (FLAG, 0.0),
    (FLAG, "true"),
    (FLAG, []),
    (INTEGER, True),
    (INTEGER, 1.5),
    (INTEGER, "1"),
    (INTEGER, math.nan),
    (INTEGER, math.inf),
    (INTEGER, -math.inf),
    (INTEGER, 2**53),
    (INTEGER, float(2**53)),
    (INTEGER, -(2**53)),
    (INTEGER, 10**400),
    (USD, 0),
    (USD, 0.0),
    (USD, -0.01),
    (USD, True),
    (USD, math.nan),
    (USD, math.inf),
    (USD, 10**400),
    (USD, "5"),
    (IDS, "12"),
    (IDS, {"1": 1}),
    (IDS, 1),
    (IDS, [True]),
    (IDS, [None]),
    (IDS, [[1]]),
    (EMAILS, ["ada"]),
]


class Sample:
    """A declaration of every sort of field."""

    title = Field(kind=TITLE, doc="Needed.", required=True)
    note = Field(kind=text(), doc="Optional.", nullable=True)
    tools = Field(kind=set_of(SLUG, "tools", empty_is_null=True), doc="A set.")
    created_at = Field(kind=None, doc="Read-only.")
    constant = 1


@pytest.mark.parametrize(("kind", "value"), RIGHT)
def test_a_right_value_has_no_problem(kind: Kind, value: Any) -> None:
    """A value of the kind is accepted, at the edges of its range too."""
    assert list(kind.flaws(value)) == []


@pytest.mark.parametrize(("kind", "value"), WRONG)
def test_a_wrong_value_has_one_problem_in_words(kind: Kind, value: Any) -> None:
    """A value of another kind, or beyond the edge, is refused with what would be right."""
    (flaw,) = kind.flaws(value)
    assert flaw.reason.startswith("must be")


@pytest.mark.parametrize(
    ("kind", "wants"),
    [
        (text(), "text"),
        (text(1), "text that is not empty"),
        (text(0, 500), "text of 0 to 500 characters"),
        (SLUG, "lower-case letters"),
        (SORT, "one of price, latency"),
        (RATE, "a number from 0.0001 to 1"),
        (FLAG, "True or False"),
        (INTEGER, "a whole number below 2^53"),
        (USD, "a finite number greater than 0, in USD"),
        (IDS, "a list of whole numbers"),
    ],
)
def test_a_problem_says_what_would_be_right(kind: Kind, wants: str) -> None:
    """The reason is 'must be' and the words with which the kind describes itself."""
    assert kind.wants == wants
    assert list(kind.flaws({})) == [Flaw("", f"must be {wants}; got a mapping")]


@pytest.mark.parametrize(
    ("kind", "value", "got"),
    [
        (USD, "5", "; got text"),
        (USD, True, "; got True or False"),
        (USD, math.nan, ""),
        (FLAG, 1, "; got a number"),
        (FLAG, 0.5, "; got a number"),
        (TITLE, [], "; got a list"),
        (TITLE, (), "; got a list"),
        (TITLE, {}, "; got a mapping"),
        (TITLE, None, "; got nothing"),
        (TITLE, object(), ""),
        (TITLE, "", ""),
        (SORT, "Price", ""),
        (IDS, "12", "; got text"),
    ],
)
def test_a_wrong_type_is_told_by_its_name(kind: Kind, value: Any, got: str) -> None:
    """The reason says which type came where it is the type that is wrong, and only there."""
    assert list(kind.flaws(value)) == [Flaw("", f"must be {kind.wants}{got}")]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (TITLE, "hunter2-hunter2"),
        (SLUG, "HUNTER2"),
        (EMAIL, "hunter2"),
        (SORT, "hunter2"),
        (FLAG, "hunter2"),
        (INTEGER, 98765.4321),
        (USD, -98765.4321),
        (RATE, 98765.4321),
        (IDS, "hunter2"),
        (EMAILS, ["hunter2"]),
        (IDS, [98765.4321]),
    ],
)
def test_a_problem_never_repeats_the_value(kind: Kind, value: Any) -> None:
    """The value may be secret, so the reason tells nothing of it."""
    reasons = " ".join(flaw.reason for flaw in kind.flaws(value)).lower()
    assert reasons
    assert "hunter" not in reasons
    assert "98765" not in reasons


def test_every_wrong_element_of_a_set_is_named_by_its_index() -> None:
    """A set reports each of its wrong elements, with the place where it stands."""
    assert list(IDS.flaws([1, "x", 3, None, True])) == [
        Flaw("[1]", "must be a whole number below 2^53; got text"),
        Flaw("[3]", "must be a whole number below 2^53; got nothing"),
        Flaw("[4]", "must be a whole number below 2^53; got True or False"),
    ]


def test_an_unknown_element_passes_and_hides_no_other() -> None:
    """Elements that are not known yet are accepted, and the others checked nevertheless."""
    assert list(EMAILS.flaws([UNKNOWN, "ada@example.com", UNKNOWN])) == []
    (flaw,) = EMAILS.flaws([UNKNOWN, "ada"])
    assert flaw.place == "[1]"


@pytest.mark.parametrize(
    ("kind", "value", "canonical"),
    [
        (IDS, [3, 1, 2, 1.0, 3.0], [1, 2, 3]),
        (IDS, (2, 1), [1, 2]),
        (IDS, [], []),
        (EMAILS, ["B@x.org", "a@x.org", "b@X.ORG"], ["a@x.org", "b@x.org"]),
        (IDS, [UNKNOWN, 3, UNKNOWN, 1], [1, 3, UNKNOWN, UNKNOWN]),
        (EMAIL, "Ada@Example.com", "ada@example.com"),
        (SLUG, "abc", "abc"),
        (TITLE, " x ", " x "),
        (INTEGER, 7.0, 7),
        (RATE, 0.1 + 0.2, 0.1 + 0.2),
    ],
)
def test_of_several_spellings_one_is_kept(kind: Kind, value: Any, canonical: Any) -> None:
    """Order, duplicates and, where it means nothing, case are gone; unknown elements come last."""
    assert kind.canonical(value) == canonical
    assert kind.canonical(canonical) == canonical


def test_whole_numbers_become_integers() -> None:
    """The engine's numbers are floats, and an integer among them is one again."""
    assert [type(element) for element in IDS.canonical([3.0, 1])] == [int, int]
    assert type(INTEGER.canonical(7.0)) is int


def test_a_field_knows_its_name_and_its_place() -> None:
    """Fields are listed in the order of their declaration, each with its name, and nothing else."""
    fields = fields_of(Sample)
    assert list(fields) == ["title", "note", "tools", "created_at"]
    assert [field.name for field in fields.values()] == list(fields)
    assert [field.is_argument for field in fields.values()] == [True, True, True, False]


def test_only_a_required_field_must_be_there() -> None:
    """A missing value is a problem of a required field alone, which says what it must be."""
    missing = Flaw("", "is missing: must be text of 1 to 5 characters")
    assert list(Sample.title.flaws(None)) == [missing]
    assert list(Sample.note.flaws(None)) == []


def test_an_unknown_value_passes_every_field() -> None:
    """A value that only the update will know is neither wrong nor missing, and stays as it is."""
    for field in (Sample.title, Sample.note, Sample.tools):
        assert list(field.flaws(UNKNOWN)) == []
        assert field.canonical(UNKNOWN) is UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"


def test_what_is_not_declared_stays_so() -> None:
    """None has no other spelling."""
    assert Sample.tools.canonical(None) is None
    assert Sample.created_at.canonical(None) is None


def test_null_of_the_api_is_an_empty_set_only_where_they_mean_the_same() -> None:
    """An API that answers null for an empty list has the spelling of the declaration."""
    assert Sample.tools.from_api(None) == []
    assert Sample.tools.from_api(["b", "a", "b"]) == ["a", "b"]
    assert Sample.note.from_api(None) is None
    assert Sample.note.from_api("x") == "x"


def test_a_read_only_field_takes_whatever_the_api_answers() -> None:
    """What nobody declares has one spelling, the API's, and no value of a declaration fits it."""
    assert Sample.created_at.from_api(["b", "a"]) == ["b", "a"]
    assert Sample.created_at.canonical("as it is") == "as it is"
    with pytest.raises(TypeError, match="created_at is read-only"):
        list(Sample.created_at.flaws("x"))
