"""What WorkspaceMembership finds wrong, and what a preview of it shows."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.simulator import Simulator
from tests.support.runs import NewRun, Run
from tests.support.workspaces import NOBODY
from tests.unit.core.scenes import Members, emails


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Members:
    return Members.of_team(simulator, new_run)


@pytest.mark.parametrize(
    "declared", [{"emails": []}, {"user_ids": []}, {"user_ids": [], "emails": []}]
)
def test_an_empty_list_declares_nobody(team: Members, declared: dict[str, Any]) -> None:
    """It is a list like any other, exclusive or not."""
    assert team.check(**declared) == []
    assert team.check(**declared, exclusive=True) == []


def test_a_list_must_be_declared(team: Members) -> None:
    """With none, one problem asks for a list or for exclusive."""
    (problem,) = team.check()
    assert problem.property == "emails"
    assert "exclusive=True" in problem.reason
    assert team.check(exclusive=True) == []


@pytest.mark.parametrize(
    ("declared", "problems"),
    [
        (
            {"emails": ["ada@example.com", "ada", "a b@example.com", 7, None]},
            [
                ("emails[1]", "must be an email address"),
                ("emails[2]", "must be an email address"),
                ("emails[3]", "must be an email address; got a number"),
                ("emails[4]", "must be an email address; got nothing"),
            ],
        ),
        (
            {"user_ids": ["user_1", "", "user 2"], "emails": ["ada"]},
            [
                ("user_ids[1]", "must be a user id such as user_2abc"),
                ("user_ids[2]", "must be a user id such as user_2abc"),
                ("emails[0]", "must be an email address"),
            ],
        ),
        (
            {"emails": "ada@example.com"},
            [("emails", "must be a list of email addresses; got text")],
        ),
        ({"user_ids": {"a": 1}}, [("user_ids", "must be a list of user ids; got a mapping")]),
        (
            {"user_ids": ["u"], "exclusive": "no"},
            [("exclusive", "must be True or False; got text")],
        ),
    ],
)
def test_each_element_is_checked(
    team: Members, declared: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    """Each wrong element is a problem of its own, by its index; no other follows from it."""
    found = team.check(**declared)
    assert [(problem.property, problem.reason) for problem in found] == problems


@pytest.mark.parametrize(
    ("declared", "problems"),
    [
        ({"emails": UNKNOWN}, []),
        ({"emails": [UNKNOWN]}, []),
        ({"exclusive": UNKNOWN}, []),
        ({"emails": [UNKNOWN, "ada", UNKNOWN]}, [("emails[1]", "must be an email address")]),
        (
            {"emails": UNKNOWN, "user_ids": ["a b"]},
            [("user_ids[0]", "must be a user id such as user_2abc")],
        ),
    ],
)
def test_an_unknown_element_passes_and_the_others_are_checked(
    team: Members, declared: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    """Unknown lists and elements pass, and do not switch off the checks of the others."""
    found = team.check(**declared)
    assert [(problem.property, problem.reason) for problem in found] == problems


def test_the_inputs_are_sorted_and_the_known_come_first(run: Run, team: Members) -> None:
    """Check answers each list once over: sorted, emails in lower case, unknown elements last."""
    inputs, problems = run.memberships.check(
        {},
        team.inputs(
            user_ids=[UNKNOWN, "user_b", "user_a", "user_b"],
            emails=["Grace@Example.com", UNKNOWN, "ada@example.com", "grace@example.com", UNKNOWN],
        ),
    )
    assert problems == []
    assert inputs["user_ids"] == ["user_a", "user_b", UNKNOWN]
    assert inputs["emails"] == ["ada@example.com", "grace@example.com", UNKNOWN, UNKNOWN]


def test_order_duplicates_and_case_are_no_difference(team: Members) -> None:
    """The same people in another order, twice or in capitals are no change."""
    state = team.state(user_ids=["user_a", "user_b"], emails=emails("ada", "grace"))
    same: dict[str, Any] = {
        "user_ids": ["user_b", "user_a", "user_b"],
        "emails": ["GRACE@example.com", "Ada@Example.COM", "grace@EXAMPLE.com"],
    }
    assert team.changed(state, **same) == ()
    lifecycle = team.of(team.start())
    assert lifecycle.diff(team.id, state.outputs, team.inputs(**same)).changed == ()


@pytest.mark.parametrize(
    ("news", "changed"),
    [
        ({"user_ids": ["USER_A"]}, ("user_ids",)),
        ({"user_ids": ["user_a", UNKNOWN]}, ("user_ids",)),
        ({"user_ids": UNKNOWN}, ("user_ids",)),
        ({"emails": ["a@b.c"]}, ("user_ids", "emails")),
        ({"user_ids": ["user_a"], "exclusive": True}, ("exclusive",)),
    ],
)
def test_other_people_are_a_difference(
    team: Members, news: dict[str, Any], changed: tuple[str, ...]
) -> None:
    """What changes who is declared, or may, is shown; a user id in capitals is another one."""
    assert team.changed(team.state(user_ids=["user_a"]), **news) == changed


def test_another_workspace_replaces(team: Members) -> None:
    """Only a different workspace_id replaces, an unknown one counts as different."""
    lifecycle, olds = team.of(team.start()), team.inputs(user_ids=["user_a"])
    news = team.inputs(emails=["a@b.c"], exclusive=True)
    assert lifecycle.diff(team.id, olds, news).replaces == ()
    for other in (NOBODY, UNKNOWN):
        found = lifecycle.diff(team.id, olds, {**news, "workspace_id": other})
        assert found.replaces == ("workspace_id",)


def test_check_and_diff_ask_nothing(team: Members) -> None:
    """A preview sends no request, not even to resolve an email."""
    team.check(emails=["nobody@example.com"])
    team.changed(team.state(emails=emails("ada")), emails=["nobody@example.com"])
    assert team.sent() == []
