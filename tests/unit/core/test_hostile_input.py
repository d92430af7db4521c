"""Values at the edges of what a program may declare, from the declaration to the API and back."""

from __future__ import annotations

import math
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_openrouter.api.limits import MAX_BATCH_IDS
from pulumi_openrouter.core.budget_plan import INTERVALS
from pulumi_openrouter.core.lifecycle import Problem
from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support import workspaces
from tests.support.runs import NewRun, Run
from tests.unit.core import scenes

ID = "11111111-2222-3333-4444-555555555555"


OFFLINE = Run.offline()
BUDGETS, MEMBERSHIPS = OFFLINE.budgets, OFFLINE.memberships

# Amounts


AMOUNTS = [5e-324, 0.01, 0.1 + 0.2, 1 / 3, 100, 2.0**53 + 2, 1e22, 1e308, sys.float_info.max]


@pytest.fixture
def budgets(simulator: Simulator, new_run: NewRun) -> scenes.Budgets:
    """A workspace without budgets."""
    return scenes.Budgets.of_team(simulator, new_run)


@pytest.mark.parametrize("amount", AMOUNTS)
@pytest.mark.reliability(
    "budgets of 5e-324, 0.1+0.2, 1e308 and others, created, changed and refreshed",
    "the API has each to the last bit, and the next preview shows nothing",
)
def test_an_amount_reaches_the_api_to_the_last_bit(budgets: scenes.Budgets, amount: float) -> None:
    """An amount is neither rounded nor cut, and refresh finds the very same."""
    created = budgets.up(lifetime=amount)
    assert budgets.live == {"lifetime": amount}
    changed = budgets.up(budgets.up(created, daily=7), lifetime=amount)
    assert budgets.live == {"lifetime": amount}
    refreshed = budgets.refresh(changed)
    assert refreshed is not None
    assert refreshed.outputs["lifetime_limit_usd"] == amount
    assert budgets.changed(refreshed, lifetime=amount) == ()


def without_type(problem: Problem) -> tuple[str, str]:
    """A problem without which type came, where it is the type that is wrong."""
    return problem.property, problem.reason.partition("; got ")[0]


@settings(max_examples=200, database=None)
@given(st.floats() | st.integers() | st.text() | st.booleans() | st.just(10**400))
def test_an_amount_is_finite_and_more_than_nothing(amount: Any) -> None:
    """Every other number, and whatever is no number, is refused for each interval."""
    is_number = isinstance(amount, (int, float)) and not isinstance(amount, bool)
    is_right = is_number and 0 < amount <= sys.float_info.max
    for interval in INTERVALS:
        name = f"{interval}_limit_usd"
        _, problems = BUDGETS.check({}, {"workspace_id": ID, name: amount, "exclusive": False})
        wrong = (name, "must be a finite number greater than 0, in USD")
        assert [without_type(problem) for problem in problems] == ([] if is_right else [wrong])


@pytest.mark.parametrize(
    "rate", [0, -0.0, 9.99e-5, 1.0000000000000002, math.nan, math.inf, -1, "0.5", True, [0.5]]
)
def test_a_share_beyond_its_range_is_refused(rate: Any) -> None:
    """The sampling rate is a number from 0.0001 to 1."""
    (problem,) = workspaces.problems(io_logging_sampling_rate=rate)
    wrong = ("io_logging_sampling_rate", "must be a number from 0.0001 to 1")
    assert without_type(problem) == wrong


# Text


TEXTS = {
    "emoji of several characters": "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}" * 9,
    "flags": "\N{REGIONAL INDICATOR SYMBOL LETTER U}\N{REGIONAL INDICATOR SYMBOL LETTER N}",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "overridden direction": "a\N{RIGHT-TO-LEFT OVERRIDE}b\N{POP DIRECTIONAL FORMATTING}",
    "combining": "e\N{COMBINING ACUTE ACCENT}" + "\N{COMBINING TILDE}" * 90,
    "composed and not": "\N{LATIN SMALL LETTER E WITH ACUTE}e\N{COMBINING ACUTE ACCENT}",
    "control": "a\x00b\x07c\x1b[31md\x7f",
    "lines": "a\nb\r\nc\u2028d\x85e",
    "marks": "\ufeffa\ufffeb\uffff",
    "beyond 16 bits": "\U0001f4a9" * 100,
    "half a character": "a\ud83d",
    "of other languages": "%s ${x} {{y}} \\u0041 <b>&amp;</b> '\"; DROP TABLE--",
    "sign of an unknown value": "04da6b54-80e4-46f7-96ec-b56ff0331ba9x",
}


@pytest.mark.parametrize("quirks", [Quirks(trim_text=False)], ids=["untrimmed"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
@pytest.mark.reliability(
    "names and descriptions in emoji, right to left, combining and control characters",
    "the API has them unchanged after create, update and refresh",
)
def test_any_text_survives(simulator: Simulator, run: Run, text: str) -> None:
    """A name or description is the same at the API, and again when it is read."""
    found = workspaces.create(run, name=text, description=text)
    workspace = simulator.organization.workspace(found.id)
    assert (workspace.name, workspace.description) == (text, text)
    assert (
        workspaces.differs(run, workspaces.refresh(run, found), name=text, description=text) == ()
    )

    changed = workspaces.up(run, found, name="plain", description="plain")
    workspaces.up(run, changed, name=text, description=text)
    workspace = simulator.organization.workspace(found.id)
    assert (workspace.name, workspace.description) == (text, text)


@pytest.mark.parametrize("name", ["", " ", "\t\n", "\u3000", "\u2028", "x" * 101, "x" * 10**6])
def test_a_name_of_nothing_or_too_much_is_refused(name: str) -> None:
    """Blanks of any kind are no name, and more than 100 characters are too many."""
    assert workspaces.problems(name=name) == [
        Problem("name", "must be text of 1 to 100 characters")
    ]


# Slugs


SLUGS = ["a", "0", "42", "0-0", "a-b-c", "a" * 50, "a" + "-b" * 24 + "c", "9" * 50]
NO_SLUGS = [
    *("", "-", "a-", "-a", "a--b", "a" * 51, "a-" * 25, "A", "Team", "a b", "a_b", "a.b", "a/b"),
    *("..", "a\n", "\na", "a\r", "a\x00", " a", "a ", "%61", "a\u200b", "a\N{SOFT HYPHEN}b"),
    "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "\N{ARABIC-INDIC DIGIT FOUR}",
    "\N{FULLWIDTH DIGIT FOUR}",
    "\N{SUPERSCRIPT TWO}",
    "\N{FULLWIDTH LATIN SMALL LETTER A}",
    "\N{LATIN SMALL LETTER DOTLESS I}",
    "\N{LATIN SMALL LETTER LONG S}",
    "\N{KELVIN SIGN}",
    "a\N{NON-BREAKING HYPHEN}b",
    "a\N{EN DASH}b",
    "\N{PILE OF POO}",
    "a\ud800",
]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_slug_at_the_edge_is_taken(simulator: Simulator, run: Run, slug: str) -> None:
    """1 to 50 letters and digits with single hyphens between are a slug, digits alone too."""
    found = workspaces.create(run, slug=slug)
    assert simulator.organization.workspace(slug).id == found.id
    assert workspaces.differs(run, workspaces.refresh(run, found), slug=slug) == ()


@pytest.mark.parametrize("slug", NO_SLUGS, ids=ascii)
@pytest.mark.reliability(
    "slugs beyond the edge: 51 characters, hyphens at the ends, a line's end, foreign digits",
    "refused at preview, in words",
)
def test_a_slug_beyond_the_edge_is_refused(slug: str) -> None:
    """Neither a line's end nor a letter or digit of another script slips through."""
    reason = "must be 1 to 50 lower-case letters and digits, with single hyphens between"
    assert workspaces.problems(slug=slug) == [Problem("slug", reason)]


@pytest.mark.parametrize(
    "id",
    [
        f"{ID}\n",
        f" {ID}",
        ID.replace("1", "\N{FULLWIDTH DIGIT ONE}"),
        f"{{{ID}}}",
        ID[:-1],
        "default",
    ],
)
def test_what_is_nearly_a_uuid_is_refused(id: str) -> None:
    """The id of a workspace has the digits and hyphens of a UUID, and nothing around them."""
    for lifecycle in (BUDGETS, MEMBERSHIPS):
        _, problems = lifecycle.check(
            {}, {"workspace_id": id, "daily_limit_usd": 1, "emails": ["a@b"]}
        )
        assert [problem.property for problem in problems] == ["workspace_id"]


# Members


EMAILS = [
    "first.last+tag@example.com",
    "o'brien@example.com",
    "!#$%&'*+-/=?^_`{|}~@example.com",
    "a@b",
    "user@[IPv6:2001:db8::1]",
    "user@xn--bcher-kva.example",
    "user@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example",
    "\u7528\u6237@\u4f8b\u5b50.\u516c\u53f8",
    "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}stanbul@example.com",
    "\N{GREEK CAPITAL LETTER SIGMA}\N{GREEK CAPITAL LETTER SIGMA}@example.com",
    f"{'x' * 64}@{'y' * 63}.{'z' * 63}.example",
]
NO_EMAILS = [
    "",
    "a",
    "@",
    "a@",
    "@b",
    "a@b@c",
    "a b@c",
    "a@b\n",
    "a@b c",
    "a@\u3000",
    5,
    None,
    ["a@b"],
]


@pytest.fixture
def members(simulator: Simulator, new_run: NewRun) -> scenes.Members:
    """A workspace without members."""
    return scenes.Members.of_team(simulator, new_run)


@pytest.mark.parametrize("email", EMAILS, ids=ascii)
def test_an_odd_email_finds_its_owner(members: scenes.Members, email: str) -> None:
    """An address in an unusual form is looked up, added, kept and removed as any other."""
    owner = members.simulator.organization.add_member(email)
    created = members.up(emails=[email])
    assert members.simulator.organization.members(members.id) == [owner.id]
    assert members.changed(created, emails=[email.upper().lower()]) == ()
    refreshed = members.refresh(created)
    assert refreshed is not None
    assert members.changed(refreshed, emails=[email]) == ()
    members.destroy(refreshed)
    assert members.live == []


@pytest.mark.parametrize("email", NO_EMAILS, ids=ascii)
def test_what_is_no_email_is_refused(email: Any) -> None:
    """What can be no address is told by its place in the list, beside addresses that are right."""
    inputs = {"workspace_id": ID, "emails": ["ada@example.com", email], "exclusive": False}
    _, problems = MEMBERSHIPS.check({}, inputs)
    assert [without_type(problem) for problem in problems] == [
        ("emails[1]", "must be an email address")
    ]


@pytest.mark.parametrize("people", [10_000], ids=["10,000"])
@pytest.mark.parametrize("by", ["user_ids", "emails"])
@pytest.mark.reliability(
    "a membership of 10,000 created, changed by one, and deleted",
    "no request has more than 100 ids; changing one member sends one removal and one addition",
)
def test_ten_thousand_members(members: scenes.Members, by: str) -> None:
    """A very large team takes a request per hundred, and a small change of it a small one."""
    everybody = members.simulator.organization.people
    first, *others = [person.id if by == "user_ids" else person.email for person in everybody]
    created = members.up(**{by: others})
    assert len(members.simulator.organization.members(members.id)) == len(others)
    pages = len(members.simulator.requests("GET", "/organization/members"))
    assert pages == (0 if by == "user_ids" else 100)
    sent = sizes(members)
    assert (sum(sent), max(sent), len(sent)) == (len(others), MAX_BATCH_IDS, 100)

    changed = members.up(created, **{by: [first, *others[1:]]})
    assert sizes(members) == [1, 1]
    assert members.changed(changed, **{by: [*reversed(others[1:]), first]}) == ()
    members.destroy(changed)
    sent = sizes(members)
    assert (sum(sent), max(sent), len(sent)) == (len(others), MAX_BATCH_IDS, 100)
    assert members.simulator.organization.members(members.id) == []


def sizes(members: scenes.Members) -> list[int]:
    """How many ids each change has carried since the last look."""
    found = [len(request.body["user_ids"]) for request in members.simulator.writes()]
    members.simulator.log.clear()
    return found


# Lists


@pytest.mark.parametrize("name", ["io_logging_api_key_ids", "disabled_server_tools"])
def test_an_empty_list_is_declared(simulator: Simulator, run: Run, name: str) -> None:
    """An empty list is a value: the API has it, refresh finds it, and nothing differs."""
    found = workspaces.create(run, **{name: []})
    assert not getattr(simulator.organization.workspace(found.id), name)
    assert found.outputs[name] == []
    assert workspaces.differs(run, workspaces.refresh(run, found), **{name: []}) == ()


def test_empty_lists_of_members_name_nobody(members: scenes.Members) -> None:
    """Two empty lists are nobody: others stay, unless nobody is to."""
    members.given("ada")
    members.up(user_ids=[], emails=[])
    assert members.live == ["ada"]
    members.up(user_ids=[], emails=[], exclusive=True)
    assert members.live == []


LISTS = ["io_logging_api_key_ids", "disabled_server_tools", "user_ids", "emails"]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "wrong", [None, [], [None], {}, True, math.nan, "", " ", "\ud800 "], ids=ascii
)
@pytest.mark.reliability(
    "None, empty text, lists and other wrong elements in every list",
    "each is told by its place, and no value is repeated",
)
def test_a_wrong_element_is_told_by_its_place(name: str, wrong: Any) -> None:
    """None in a list, and whatever else is no element, is a problem with an index."""
    if name in LISTS[:2]:
        problems = workspaces.problems(**{name: [wrong, wrong]})
    else:
        _, problems = MEMBERSHIPS.check({}, {"workspace_id": ID, name: [wrong, wrong]})
    assert [problem.property for problem in problems] == [f"{name}[0]", f"{name}[1]"]
    assert [problem.reason[:8] for problem in problems] == ["must be ", "must be "]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("wrong", ["text", 5, {"a": "b"}, True, math.inf], ids=repr)
def test_what_is_no_list_is_refused(name: str, wrong: Any) -> None:
    """A single value is not taken for a list of one, nor a text for a list of characters."""
    if name in LISTS[:2]:
        problems = workspaces.problems(**{name: wrong})
    else:
        _, problems = MEMBERSHIPS.check({}, {"workspace_id": ID, name: wrong, "exclusive": True})
    (problem,) = problems
    assert (problem.property, problem.reason[:14]) == (name, "must be a list")
