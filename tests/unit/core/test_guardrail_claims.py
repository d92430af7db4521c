"""What the guardrails of a run tell each other of whom they govern."""

from __future__ import annotations

import threading

from pulumi_openrouter.core import guardrail_claims
from pulumi_openrouter.core.guardrail_claims import GuardrailClaims
from pulumi_openrouter.core.kinds import UNKNOWN

A, B = ("team", "A"), ("team", "B")
KEY = guardrail_claims.key("abc")


def test_who_is_in_two_is_known_from_the_second_on() -> None:
    """The same resource may be checked twice."""
    claims = GuardrailClaims()
    claims.claim(A, [KEY])
    assert claims.governed_by_another(A, [KEY]) == []
    assert claims.governed_by_another(B, [KEY]) == [KEY]


def test_a_guardrail_of_the_stack_gives_up_what_it_no_longer_declares() -> None:
    """Once the engine has compared it; one that nobody compared gives up nothing."""
    claims = GuardrailClaims()
    claims.claim(A, [KEY])
    claims.claim(B, [])
    claims.compared("id-b", B)
    assert claims.gives_up("id-b", [KEY], 0)
    claims.compared("id-a", A)
    assert not claims.gives_up("id-a", [KEY], 0)
    assert not claims.gives_up("id-others", [KEY], 0)


def test_a_refresh_claims_nothing() -> None:
    """It compares too, but the program did not declare anything."""
    claims = GuardrailClaims()
    claims.compared("id-a", A)
    assert not claims.gives_up("id-a", [KEY], 0)


def test_a_guardrail_that_is_replaced_gives_up_everything() -> None:
    """The engine checks it like something new after it compared the old one."""
    claims = GuardrailClaims()
    claims.claim(A, [KEY])
    claims.compared("id-a", A)
    claims.release_replaced(A)
    assert claims.is_replaced("id-a")
    assert claims.gives_up("id-a", [KEY], 0)


def test_the_other_guardrail_is_waited_for() -> None:
    """The engine may update one before it has compared the other."""
    claims = GuardrailClaims()
    claims.claim(B, [])
    found: list[bool] = []
    waiter = threading.Thread(target=lambda: found.append(claims.gives_up("id-b", [KEY], 60)))
    waiter.start()
    claims.compared("id-b", B)
    waiter.join()
    assert found == [True]


def test_what_is_unknown_claims_no_default_guardrail() -> None:
    """It is unknown in previews alone, which clear nothing."""
    claims = GuardrailClaims()
    claims.claim_default(UNKNOWN, ["description"])
    claims.claim_default("team", ["description"])
    assert claims.fields_of_default("team") == {"description"}
    assert claims.fields_of_default("other") == set()


def test_what_a_run_made_it_keeps() -> None:
    """By id, as the deletion of a renamed resource knows it."""
    claims = GuardrailClaims()
    claims.claim_id("id-a")
    assert claims.keeps("id-a")
    assert not claims.keeps("id-b")
