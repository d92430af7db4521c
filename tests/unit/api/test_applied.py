"""What is known of a change whose answer is unusual: that it was made, was not, or may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pulumi_openrouter.api import attempts, backoff, sender
from pulumi_openrouter.api.answer import MAX_ANSWER_BYTES
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import (
    ApiError,
    BadAnswerError,
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    RequestError,
    ServerError,
)
from pulumi_openrouter.api.models import Data, WorkspaceInfo
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import WORKSPACE, Answer

KEY = "sk-or-mgmt-test"
TEAM = {"name": "Team", "slug": "team"}
CREATE: dict[str, Any] = {"method": "POST", "path": "/workspaces"}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat after hundredths of seconds; else as ever."""
    monkeypatch.setattr(backoff, "FIRST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(backoff, "MAX_WAIT_SECONDS", 0.2)


def failure(act: Callable[[], object]) -> RequestError:
    with pytest.raises(RequestError) as caught:
        act()
    return caught.value


# 408


@pytest.mark.reliability(
    "408 in answer to a change, made and not made",
    "sent again like a 503; if that is refused then, it counts as perhaps made",
)
def test_a_refusal_after_a_408_is_unsettled(simulator: Simulator, client: Client) -> None:
    """The API may have created what it timed out on: a repeat that is refused proves nothing."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=408, applied=True, **CREATE))
    error = failure(lambda: client.create_workspace(TEAM))
    assert isinstance(error, BadRequestError)
    assert error.call.may_be_applied
    assert len(simulator.log) == 2


# Creations that nothing would keep from happening twice

LOST = {
    "500": Fault(kind=FaultKind.STATUS, status=500, applied=True),
    "408": Fault(kind=FaultKind.STATUS, status=408),
    "502 with a page": Fault(kind=FaultKind.HTML, status=502),
    "cut before": Fault(kind=FaultKind.CUT_BEFORE),
    "cut after": Fault(kind=FaultKind.CUT_AFTER),
    "time-out": Fault(kind=FaultKind.TIMEOUT_AFTER, seconds=0.1),
    "truncated": Fault(kind=FaultKind.TRUNCATED),
    "of another shape": Fault(kind=FaultKind.WRONG_SHAPE),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
def test_a_key_is_never_asked_for_twice(simulator: Simulator, fault: Fault) -> None:
    """Once an answer may be lost the creation ends, and the error says that it may be applied."""
    simulator.faults.add(fault)
    client = Client(simulator.key, simulator.base_url, timeout=0.4)
    error = failure(lambda: client.keys.create({"name": "ci"}))
    assert error.unsettled
    assert len(simulator.log) == 1


def test_a_key_that_was_put_off_is_asked_for_again(simulator: Simulator, client: Client) -> None:
    """What the API refused for now made nothing, and is sent again as ever."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=429, retry_after=0.01))
    made = client.keys.create({"name": "ci"})
    assert [key.hash for key in simulator.organization.keys] == [made.data.hash]
    assert made.key not in repr(made)


# The API's error in a 2xx


@pytest.mark.reliability(
    "the API's error as the body of a 200",
    "it is that error, by its code: refused, gone, or failed and tried again",
)
@pytest.mark.parametrize(
    ("code", "expected"),
    [(400, BadRequestError), (403, ForbiddenError), (404, NotFoundError), (418, ApiError)],
)
def test_an_error_in_a_success_is_that_error(
    simulator: Simulator, client: Client, code: int, expected: type[ApiError]
) -> None:
    """A refusal is one by its code, whatever the status, and is neither repeated nor applied."""
    simulator.faults.add(
        Fault(kind=FaultKind.ERROR_IN_200, status=code, message="Because.", **CREATE)
    )
    error = failure(lambda: client.create_workspace(TEAM))
    assert type(error) is expected
    assert error.message == f"{code} Because."
    assert not error.unsettled
    assert len(simulator.log) == 1


@pytest.mark.parametrize("code", [None, "no", "404", 0, 200, 302, 1042, -1, True, 404.0, [404]])
def test_an_error_with_a_code_of_its_own_is_a_failure(serve: Serve, code: Any) -> None:
    """A code that is no status of an error tells nothing, so the request is sent again."""
    odd = Answer({"error": {"code": code, "message": "Odd"}})
    server = serve(odd, Answer({"data": WORKSPACE}))
    assert Client(KEY, server.base_url).create_workspace(TEAM).slug == "team"
    error = failure(lambda: Client(KEY, serve(odd).base_url, timeout=0.3).create_workspace(TEAM))
    assert isinstance(error, ServerError)
    assert (error.message, error.unsettled) == ("500 Odd", True)


@pytest.mark.parametrize(
    "more",
    [{"error": None}, {"error": {"message": "Slow"}}, {"error": {}}, {"note": 'an "error" of old'}],
)
def test_an_answer_with_data_is_no_error(serve: Serve, more: dict[str, Any]) -> None:
    """What the API gives beside the data takes nothing away from it."""
    server = serve(Answer({"data": WORKSPACE, **more}))
    assert Client(KEY, server.base_url).create_workspace(TEAM).slug == "team"
    assert len(server.seen) == 1


# A 2xx without a body


@pytest.mark.reliability(
    "204, or a 200 without a body, in answer to a deletion", "the deletion is done"
)
@pytest.mark.parametrize("status", [200, 202, 204])
def test_an_empty_success_answers_a_deletion(
    simulator: Simulator, client: Client, status: int
) -> None:
    """A workspace, a budget and a key are deleted by one request each, though nothing is said."""
    simulator.organization.create_workspace(**TEAM)
    key = simulator.organization.create_key("one")
    simulator.faults.add(Fault(kind=FaultKind.EMPTY, status=status, times=None))
    client.delete_budget("team", "daily")
    client.keys.delete(key.hash)
    client.delete_workspace("team")
    assert [request.method for request in simulator.log] == ["DELETE"] * 3


OTHERS: dict[str, Callable[[Client], object]] = {
    "GET": lambda client: client.get_workspace("team"),
    "PATCH": lambda client: client.update_workspace("team", {}),
    "PUT": lambda client: client.set_budget("team", "daily", 1),
    "POST": lambda client: client.add_members("team", ["user_ada"]),
}


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("method", OTHERS)
def test_an_empty_success_answers_nothing_else(serve: Serve, method: str, status: int) -> None:
    """Whoever asks for something must get it, and is asked for it again a few times."""
    server = serve(Answer(b"", status))
    error = failure(lambda: OTHERS[method](Client(KEY, server.base_url)))
    assert error.message == f"{status} with an empty body that is not the API's answer"
    assert len(server.seen) == sender.MAX_BAD_ANSWERS


@pytest.mark.parametrize("body", [b"{}", b"null", b"<html>", b'{"data": 42}'])
def test_a_deletion_is_not_answered_by_just_anything(serve: Serve, body: bytes) -> None:
    """A body that says something else is still no answer."""
    server = serve(Answer(body))
    error = failure(lambda: Client(KEY, server.base_url).delete_workspace("team"))
    assert isinstance(error, BadAnswerError)


# Creations

UNREADABLE: dict[str, tuple[Fault, str]] = {
    "wrong shape": (Fault(kind=FaultKind.WRONG_SHAPE, **CREATE), "200 with JSON that is not"),
    "empty": (Fault(kind=FaultKind.EMPTY, status=201, **CREATE), "201 with an empty body"),
    "page": (Fault(kind=FaultKind.HTML, status=200, **CREATE), "200 with an HTML page"),
    "cut short": (
        Fault(kind=FaultKind.TRUNCATED, **CREATE),
        "201, then the connection broke before the answer was complete",
    ),
}


@pytest.mark.reliability(
    "an answer to a creation that says 2xx, and can't be read or is cut short",
    "not sent again: an error that says so, and what was created is looked for",
)
@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_success_is_not_created_twice(
    simulator: Simulator, client: Client, name: str
) -> None:
    """What was created is not created once more: the error comes at once, and is unsettled."""
    fault, message = UNREADABLE[name]
    simulator.faults.add(fault)
    error = failure(lambda: client.create_workspace(TEAM))
    assert isinstance(error, BadAnswerError)
    assert error.message.startswith(message)
    assert error.call.may_be_applied
    assert error.unsettled
    assert not error.transient
    assert len(simulator.log) == 1


def test_an_answer_that_is_too_large_is_not_created_twice(serve: Serve) -> None:
    """The same where the answer is not read to its end."""
    server = serve(Answer(b" " * (MAX_ANSWER_BYTES + 1), 201))
    error = failure(lambda: Client(KEY, server.base_url).create_workspace(TEAM))
    assert (type(error), error.unsettled) == (BadAnswerError, True)
    assert len(server.seen) == 1


def test_a_success_that_takes_too_long_is_not_created_twice(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where the rest of the answer never comes."""
    monkeypatch.setattr(attempts, "MAX_READ_SECONDS", 0.3)
    server = serve(Answer(b"{", 201, {"Content-Length": "9"}))
    error = failure(lambda: Client(KEY, server.base_url).create_workspace(TEAM))
    assert error.message == "201, then no answer in time"
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": FaultKind.CUT_BEFORE},
        {"kind": FaultKind.STATUS, "status": 503},
        {"kind": FaultKind.STATUS, "status": 408},
        {"kind": FaultKind.ERROR_IN_200, "status": 502},
    ],
    ids=["cut", "503", "408", "502 in a 200"],
)
def test_a_creation_without_a_success_is_sent_again(
    simulator: Simulator, client: Client, fault: dict[str, Any]
) -> None:
    """Where no answer said that it was created, the next attempt creates it, or is refused."""
    simulator.faults.add(Fault(**fault, **CREATE))
    assert client.create_workspace(TEAM).slug == "team"
    assert len(simulator.log) == 2


def test_one_success_says_nothing_of_the_next_attempt(simulator: Simulator, client: Client) -> None:
    """An attempt that is cut after one that brought an error in a 200 is sent again, too."""
    simulator.faults.add(
        Fault(kind=FaultKind.ERROR_IN_200, status=503, **CREATE),
        Fault(kind=FaultKind.CUT_BEFORE, **CREATE),
    )
    assert client.create_workspace(TEAM).slug == "team"
    assert len(simulator.log) == 3


def test_an_operation_says_itself_whether_it_creates(serve: Serve) -> None:
    """Not the method or the status decides, but what the request is said to be."""
    for creates, requests in ((False, 2), (True, 1)):
        server = serve(Answer(b"{", 201), Answer({"data": WORKSPACE}, 200))
        client = Client(KEY, server.base_url)
        try:
            client.request("POST", "/keys", Data[WorkspaceInfo], body={}, creates=creates)
        except BadAnswerError:
            assert creates
        assert len(server.seen) == requests
