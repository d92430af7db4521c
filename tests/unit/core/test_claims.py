"""Each rule of what a run must not delete, by itself."""

from __future__ import annotations

from threading import Thread

import pytest

from pulumi_openrouter.core.claims import Claims
from pulumi_openrouter.core.kinds import UNKNOWN


@pytest.fixture
def claims() -> Claims:
    return Claims()


# Workspaces


def test_what_a_run_makes_it_keeps(claims: Claims) -> None:
    """A workspace that was made or adopted stays, and no other with it."""
    claims.claim_workspace("w")
    assert claims.keeps_workspace("w")
    assert not claims.keeps_workspace("v")


def test_what_is_compared_stays_where_its_slug_is_declared(claims: Claims) -> None:
    """The workspace of a resource that the program still has is kept."""
    claims.claim_slug("team")
    claims.claim_compared("team", "w")
    assert claims.keeps_workspace("w")


def test_a_refresh_keeps_nothing(claims: Claims) -> None:
    """It compares as well, but no program declares the slug."""
    claims.claim_compared("team", "w")
    assert not claims.keeps_workspace("w")


def test_a_replaced_workspace_may_go(claims: Claims) -> None:
    """Once its resource is made anew, what was compared under its slug is no longer kept."""
    claims.claim_slug("team")
    claims.claim_compared("team", "old")
    claims.release_replaced("team")
    assert not claims.keeps_workspace("old")


def test_a_replacement_releases_its_own_slug_alone(claims: Claims) -> None:
    """What another slug has, and what this run made, stays."""
    for slug in ("team", "crew"):
        claims.claim_slug(slug)
        claims.claim_compared(slug, f"old {slug}")
    claims.claim_workspace("new team")
    claims.release_replaced("team")
    kept = [name for name in ("old team", "old crew", "new team") if claims.keeps_workspace(name)]
    assert kept == ["old crew", "new team"]


def test_what_is_being_made_is_declared(claims: Claims) -> None:
    """While a workspace is made, and after that failed, its slug belongs to a resource."""
    with claims.creating("team"):
        assert claims.failed_to_create("team")
    assert not claims.failed_to_create("team")
    with pytest.raises(OSError, match="failed"), claims.creating("team"):
        raise OSError("failed")
    assert claims.failed_to_create("team")
    assert not claims.failed_to_create("crew")


# Budgets and members


def test_an_interval_stays_where_it_is_declared(claims: Claims) -> None:
    """The claim is for one interval of one workspace."""
    claims.claim_interval("w", "daily")
    assert claims.keeps_interval("w", "daily")
    assert not claims.keeps_interval("w", "weekly")
    assert not claims.keeps_interval("v", "daily")


def test_members_stay_where_they_are_declared(claims: Claims) -> None:
    """By user id and by email, each in their own workspace."""
    claims.claim_user_ids("w", ["user_ada", "user_alan"])
    claims.claim_user_ids("v", ["user_grace"])
    claims.claim_emails("w", ["ada@example.com"])
    assert claims.user_ids_in("w") == {"user_ada", "user_alan"}
    assert claims.emails_in("w") == {"ada@example.com"}
    assert claims.emails_in("v") == set()


def test_an_answer_is_a_copy(claims: Claims) -> None:
    """Whoever changes what they were told changes no claim."""
    claims.claim_user_ids("w", ["user_ada"])
    claims.claim_emails("w", ["ada@example.com"])
    claims.user_ids_in("w").clear()
    claims.emails_in("w").clear()
    assert claims.user_ids_in("w")
    assert claims.emails_in("w")


@pytest.mark.parametrize("kind", ["interval", "user id", "email"])
def test_a_workspace_has_children_once_any_is_declared(claims: Claims, kind: str) -> None:
    """A budget, a member by id or one by email: each alone holds its workspace."""
    claims.claim_interval("v", "daily")
    assert not claims.has_children("w")
    if kind == "interval":
        claims.claim_interval("w", "daily")
    elif kind == "user id":
        claims.claim_user_ids("w", ["user_ada"])
    else:
        claims.claim_emails("w", ["ada@example.com"])
    assert claims.has_children("w")


def test_declaring_nobody_is_no_child(claims: Claims) -> None:
    """Empty lists claim nothing."""
    claims.claim_user_ids("w", [])
    claims.claim_emails("w", [])
    assert not claims.has_children("w")


# What is not known yet


def test_an_unknown_slug_claims_nothing(claims: Claims) -> None:
    """It is unknown in a preview alone, which deletes nothing; nor is it a slug of that name."""
    claims.claim_slug(UNKNOWN)
    claims.claim_compared(UNKNOWN, "w")
    claims.release_replaced(UNKNOWN)
    assert not claims.keeps_workspace("w")
    claims.claim_compared(str(UNKNOWN), "w")
    assert not claims.keeps_workspace("w")


def test_children_of_an_unknown_workspace_claim_nothing(claims: Claims) -> None:
    """Nor do they belong to a workspace of that name."""
    claims.claim_interval(UNKNOWN, "daily")
    claims.claim_user_ids(UNKNOWN, ["user_ada"])
    claims.claim_emails(UNKNOWN, ["ada@example.com"])
    assert not claims.has_children(str(UNKNOWN))


def test_unknown_people_are_left_out(claims: Claims) -> None:
    """The known ones of a list are claimed all the same."""
    claims.claim_user_ids("w", ["user_ada", UNKNOWN])
    claims.claim_emails("w", [UNKNOWN, "ada@example.com"])
    assert claims.user_ids_in("w") == {"user_ada"}
    assert claims.emails_in("w") == {"ada@example.com"}


def test_threads_share_it(claims: Claims) -> None:
    """Claims on many threads while others look lose nothing."""

    def claim(thread: int) -> None:
        for number in range(200):
            claims.claim_user_ids("w", [f"{thread}-{number}"])
            claims.user_ids_in("w")

    threads = [Thread(target=claim, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claims.user_ids_in("w")) == 800
