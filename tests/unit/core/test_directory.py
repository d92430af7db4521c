from __future__ import annotations

from threading import Barrier, Thread

import pytest

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.api.models import OrganizationMember
from pulumi_openrouter.core.directory import Directory

ADA = OrganizationMember(id="user_ada", email="Ada@Example.com", role="org:admin")
ALAN = OrganizationMember(id="user_alan", email="alan@example.com", role="org:member")


def test_an_email_is_known_in_any_case() -> None:
    """Emails are kept in lower case, whichever way the API writes them."""
    directory = Directory(lambda: [ADA, ALAN])
    assert directory.ids_by_email() == {
        "ada@example.com": "user_ada",
        "alan@example.com": "user_alan",
    }
    assert directory.emails_by_id() == {
        "user_ada": "ada@example.com",
        "user_alan": "alan@example.com",
    }


def test_strangers_are_told_from_members() -> None:
    """Who is not in the organization is named once, in order."""
    directory = Directory(lambda: [ADA])
    assert directory.strangers(["user_z", "user_ada", "user_b", "user_z"]) == ["user_b", "user_z"]
    assert directory.strangers([]) == []


def test_everybody_is_fetched_once() -> None:
    """However many threads and questions there are, the organization is asked once."""
    fetched: list[int] = []
    barrier = Barrier(8)

    def fetch() -> list[OrganizationMember]:
        fetched.append(1)
        return [ADA]

    directory = Directory(fetch)

    def ask() -> None:
        barrier.wait()
        directory.members()
        directory.strangers(["user_z"])

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fetched) == 1


def test_nothing_is_fetched_before_a_question() -> None:
    """A directory that nobody asks sends nothing."""
    Directory(lambda: pytest.fail("fetched"))


def test_an_empty_organization_is_fetched_once_too() -> None:
    """Nobody there is an answer like any other."""
    answers: list[list[OrganizationMember]] = [[]]
    directory = Directory(lambda: answers.pop())
    assert directory.members() == directory.members() == []


def test_a_failed_fetch_is_tried_again() -> None:
    """An error reaches whoever asked, and the next question asks the API again."""
    failures = [OpenRouterError("no answer")]

    def fetch() -> list[OrganizationMember]:
        if failures:
            raise failures.pop()
        return [ADA]

    directory = Directory(fetch)
    with pytest.raises(OpenRouterError, match=r"^no answer$"):
        directory.members()
    assert directory.members() == [ADA]
