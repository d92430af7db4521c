from __future__ import annotations

import gc
import logging
import re
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest

from pulumi_openrouter.api import models
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import (
    MAX_QUOTE_CHARS,
    ApiError,
    BadAnswerError,
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    OpenRouterError,
    RequestError,
    UnauthorizedError,
)
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.unit.api.conftest import Serve
from tests.unit.api.scripted import WORKSPACE, Answer, Scripted, Seen

KEY = "sk-or-mgmt-test"
TEAM = {"name": "Team", "slug": "team"}


def sent(simulator: Simulator) -> list[tuple[str, str, Any]]:
    return [(request.method, request.path, request.body) for request in simulator.log]


def team(simulator: Simulator) -> str:
    return simulator.organization.create_workspace(**TEAM).id


# Workspaces


def test_creates_a_workspace(simulator: Simulator, client: Client) -> None:
    """createWorkspace sends the fields as they are, and brings the workspace."""
    created = client.create_workspace({**TEAM, "description": None})
    assert created.id == simulator.organization.workspace("team").id
    assert (created.name, created.slug, created.description) == ("Team", "team", None)
    assert sent(simulator) == [("POST", "/workspaces", {**TEAM, "description": None})]


def test_gets_a_workspace_by_id_and_by_slug(simulator: Simulator, client: Client) -> None:
    """getWorkspace takes either name of a workspace."""
    workspace_id = team(simulator)
    assert client.get_workspace(workspace_id) == client.get_workspace("team")
    assert [path for _, path, _ in sent(simulator)] == [
        f"/workspaces/{workspace_id}",
        "/workspaces/team",
    ]


def test_updates_a_workspace(simulator: Simulator, client: Client) -> None:
    """updateWorkspace sends the given fields alone, and null clears."""
    workspace_id = simulator.organization.create_workspace(**TEAM, description="old").id
    body = {"name": "Teams", "description": None}
    updated = client.update_workspace(workspace_id, body)
    assert (updated.name, updated.description, updated.slug) == ("Teams", None, "team")
    assert sent(simulator) == [("PATCH", f"/workspaces/{workspace_id}", body)]


def test_deletes_a_workspace(simulator: Simulator, client: Client) -> None:
    """deleteWorkspace sends no body."""
    workspace_id = team(simulator)
    client.delete_workspace(workspace_id)
    assert sent(simulator) == [("DELETE", f"/workspaces/{workspace_id}", None)]
    assert [left.slug for left in simulator.organization.workspaces] == ["default"]


def test_lists_workspaces(simulator: Simulator, client: Client) -> None:
    """listWorkspaces brings them all."""
    team(simulator)
    assert [found.slug for found in client.list_workspaces()] == ["default", "team"]
    assert simulator.log[0].query == {"offset": "0", "limit": "100"}


# Budgets


def test_sets_gets_and_lists_budgets(simulator: Simulator, client: Client) -> None:
    """A budget is set per interval, and lifetime is the one that never resets."""
    team(simulator)
    assert client.set_budget("team", "lifetime", 100.5).data.interval == "lifetime"
    client.set_budget("team", "daily", 5)
    assert client.get_budget("team", "daily").data == models.BudgetInfo(
        limit_usd=5, reset_interval="daily"
    )
    assert client.list_budgets("team").limits == {"lifetime": 100.5, "daily": 5}
    assert sent(simulator)[0] == ("PUT", "/workspaces/team/budgets/lifetime", {"limit_usd": 100.5})


@pytest.mark.parametrize("flag", [True, False])
def test_a_budget_can_carry_the_flag(simulator: Simulator, client: Client, flag: bool) -> None:
    """The BYOK flag is sent where it is given, False too, and comes with every answer."""
    team(simulator)
    assert client.set_budget("team", "daily", 5, flag).include_byok_in_budgets is flag
    assert simulator.log[0].body == {"limit_usd": 5, "include_byok_in_budgets": flag}
    assert client.list_budgets("team").include_byok_in_budgets is flag


def test_deletes_a_budget(simulator: Simulator, client: Client) -> None:
    """deleteWorkspaceBudget succeeds, also where there is no budget."""
    team(simulator)
    simulator.organization.set_budget("team", "daily", 5)
    client.delete_budget("team", "daily")
    client.delete_budget("team", "daily")
    assert simulator.organization.budgets("team") == {}
    assert sent(simulator) == [("DELETE", "/workspaces/team/budgets/daily", None)] * 2


def test_no_budgets_is_an_empty_list_or_404() -> None:
    """Both answers to a workspace without budgets come through as they are."""
    with Simulator(Quirks(empty_budgets_404=False), workspaces=1) as simulator:
        assert Client(simulator.key, simulator.base_url).list_budgets("team-1").data == []
    with Simulator(workspaces=1) as simulator:
        client = Client(simulator.key, simulator.base_url)
        with pytest.raises(NotFoundError):
            client.list_budgets("team-1")


# Members


def test_adds_lists_and_removes_members(simulator: Simulator, client: Client) -> None:
    """Members go in and out by user id, and removing tells how many left."""
    team(simulator)
    ada, grace = [person.id for person in simulator.organization.people[:2]]
    added = client.add_members("team", (ada, grace))
    assert [(member.user_id, member.role) for member in added] == [
        (ada, "admin"),
        (grace, "member"),
    ]
    assert client.list_members("team") == added
    assert client.remove_members("team", [ada, "user_nobody"]) == 1
    assert simulator.organization.members("team") == [grace]
    assert sent(simulator)[0] == (
        "POST",
        "/workspaces/team/members/add",
        {"user_ids": [ada, grace]},
    )
    assert sent(simulator)[-1] == (
        "POST",
        "/workspaces/team/members/remove",
        {"user_ids": [ada, "user_nobody"]},
    )


def test_lists_the_organization(simulator: Simulator, client: Client) -> None:
    """listOrganizationMembers brings everybody with email and role."""
    members = client.list_organization_members()
    assert [member.id for member in members] == [one.id for one in simulator.organization.people]
    assert (members[0].email, members[0].role) == ("ada@example.com", "org:admin")


# API keys


def test_lists_the_keys_of_a_workspace(simulator: Simulator, client: Client) -> None:
    """Disabled keys are listed too, those of other workspaces are not."""
    workspace_id = team(simulator)
    simulator.organization.create_key("one", workspace=workspace_id)
    simulator.organization.create_key("two", workspace=workspace_id, disabled=True)
    simulator.organization.create_key("elsewhere")
    assert [(key.name, key.disabled) for key in client.keys.pages(workspace_id).rows()] == [
        ("two", True),
        ("one", False),
    ]
    assert simulator.log[0].query["workspace_id"] == workspace_id


def test_deletes_a_key(simulator: Simulator, client: Client) -> None:
    """A key is deleted by its hash."""
    key = simulator.organization.create_key("one")
    client.keys.delete(key.hash)
    assert sent(simulator) == [("DELETE", f"/keys/{key.hash}", None)]
    assert key.hash not in {left.hash for left in simulator.organization.keys}


# Headers


class CachingProxy(Scripted):
    """A server in front of the API, which answers what it has seen before unless told not to."""

    def next(self, seen: Seen) -> Answer:
        """The first answer over and over, to who does not ask for a fresh one."""
        answer = super().next(seen)
        fresh = seen.method != "GET" or seen.headers.get("Cache-Control") == "no-cache"
        return answer if fresh else STALE


STALE = Answer({"data": {**WORKSPACE, "name": "Before"}})


@pytest.mark.reliability(
    "a cache in front of the API that still has the answer from before a change",
    "it is told to ask the API again",
)
def test_what_is_read_comes_from_no_cache() -> None:
    """A cache on the way is told to ask again: its answer may be from before a change."""
    with CachingProxy(Answer({"data": WORKSPACE})) as proxy:
        client = Client(KEY, proxy.base_url)
        client.update_workspace("team", {"name": "Team"})
        assert client.get_workspace("team").name == "Team"


# Pages


LISTS: dict[str, Callable[[Client], list[Any]]] = {
    "/workspaces": lambda client: client.list_workspaces(),
    "/workspaces/default/members": lambda client: client.list_members("default"),
    "/organization/members": lambda client: client.list_organization_members(),
}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cap", [1, 2, 5])
def test_pages_by_what_came_back(path: str, cap: int) -> None:
    """A page shorter than asked for is not the last one: total_count says which is."""
    with Simulator(Quirks(page_cap=cap), members=5, workspaces=4) as simulator:
        rows = LISTS[path](Client(simulator.key, simulator.base_url))
        asked = [request.query["offset"] for request in simulator.requests("GET", path)]
    assert len({getattr(row, "id", None) or row.user_id for row in rows}) == len(rows) == 5
    assert asked == [str(offset) for offset in range(0, 5, cap)]


def test_an_empty_list_is_one_request() -> None:
    """Nobody in the organization is one page without rows."""
    with Simulator(members=0) as simulator:
        assert Client(simulator.key, simulator.base_url).list_organization_members() == []
        assert len(simulator.log) == 1


def test_pages_without_a_count_end_with_an_empty_one() -> None:
    """Keys are not counted: their list ends where a page is empty."""
    with Simulator(Quirks(page_cap=2), workspaces=1) as simulator:
        workspace_id = simulator.organization.workspace("team-1").id
        for name in "abc":
            simulator.organization.create_key(name, workspace=workspace_id)
        keys = Client(simulator.key, simulator.base_url).keys.pages(workspace_id).rows()
        asked = [request.query["offset"] for request in simulator.log]
    assert [key.name for key in keys] == ["c", "b", "a"]
    assert asked == ["0", "2", "3"]


def test_a_count_too_high_ends_with_an_empty_page(serve: Serve) -> None:
    """Rows that were promised and never come are asked for once more, and then no more."""
    full = Answer({"data": [WORKSPACE], "total_count": 5})
    empty = Answer({"data": [], "total_count": 5})
    server = serve(full, empty, full, empty)
    assert len(Client(KEY, server.base_url).list_workspaces()) == 1
    assert len(server.seen) == 4


def test_a_server_that_ignores_the_offset_is_no_trap(serve: Serve) -> None:
    """The same page over and over ends the list, and no row is there twice."""
    server = serve(Answer({"data": [WORKSPACE]}))
    assert len(Client(KEY, server.base_url).list_workspaces()) == 1


# Statuses


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, BadRequestError),
        (401, UnauthorizedError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (409, ConflictError),
        (418, ApiError),
        (422, ApiError),
    ],
)
def test_a_refusal_is_an_error_at_once(
    simulator: Simulator, client: Client, status: int, expected: type[ApiError]
) -> None:
    """A refusal becomes its class with the API's words, is not repeated, and changed nothing."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=status, message="Because."))
    with pytest.raises(ApiError) as caught:
        client.create_workspace(TEAM)
    assert type(caught.value) is expected
    assert str(caught.value).splitlines()[0] == f"{status} Because."
    assert (caught.value.status, caught.value.api_message) == (status, "Because.")
    assert not caught.value.unsettled
    assert len(simulator.log) == 1


def test_a_refusal_shows_its_request_id(serve: Serve) -> None:
    """The id by which the server knows the request is shown, where it gives one."""
    body = {"error": {"code": 400, "message": "No", "metadata": {"field": "slug"}}}
    server = serve(Answer(body, 400, {"X-Request-Id": "req-7"}))
    with pytest.raises(BadRequestError) as caught:
        Client(KEY, server.base_url).create_workspace(TEAM)
    assert str(caught.value) == "400 No (request req-7)"


@pytest.mark.parametrize("metadata", [None, "text", [1]])
def test_metadata_of_any_shape_is_dropped(serve: Serve, metadata: Any) -> None:
    """Metadata of another shape doesn't hide the API's message."""
    body = {"error": {"code": 400, "message": "No", "metadata": metadata}}
    with pytest.raises(BadRequestError, match=r"^400 No$"):
        Client(KEY, serve(Answer(body, 400)).base_url).create_workspace(TEAM)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418])
@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html>no</html>", content_type="text/html; charset=utf-8"),
        Answer(b"", content_type="text/plain"),
        Answer({"detail": "no"}),
        Answer({"error": "no"}),
        Answer({"error": {"message": 5}}),
        Answer([]),
    ],
    ids=["html", "empty", "other", "text", "number", "list"],
)
def test_a_refusal_in_foreign_words_is_not_the_api(
    serve: Serve, status: int, answer: Answer
) -> None:
    """A proxy's 404 or 403 says nothing of the object: it is a BadAnswerError, at once."""
    server = serve(Answer(answer.body, status, content_type=answer.content_type))
    with pytest.raises(BadAnswerError, match=f"^{status} with ") as caught:
        Client(KEY, server.base_url).delete_workspace("team")
    assert server.base_url in caught.value.hint
    assert not caught.value.unsettled
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(serve: Serve, status: int) -> None:
    """A redirect is an error that says so, and the key goes to no other address."""
    elsewhere = serve(Answer({"data": WORKSPACE}))
    server = serve(Answer(b"", status, {"Location": f"{elsewhere.base_url}/workspaces/team"}))
    with pytest.raises(BadAnswerError, match=f"^{status}, a redirect to another address"):
        Client(KEY, server.base_url).get_workspace("team")
    assert elsewhere.seen == []
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("two\nlines", "two lines"),
        ("  tabs\tand \r\n ends ", "tabs and ends"),
        ("red \x1b[31m and \u2028 more\x00", "red [31m and more"),
        ("x" * MAX_QUOTE_CHARS, "x" * MAX_QUOTE_CHARS),
        ("x" * (MAX_QUOTE_CHARS + 1), "x" * MAX_QUOTE_CHARS + "..."),
        ("a\n" * 10_000, "a " * (MAX_QUOTE_CHARS // 2) + "..."),
    ],
)
def test_the_words_of_the_api_are_one_short_line(
    simulator: Simulator, client: Client, message: str, shown: str
) -> None:
    """A long message, one of several lines or with control characters is shown as one line."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=400, message=message))
    with pytest.raises(BadRequestError) as caught:
        client.create_workspace(TEAM)
    assert str(caught.value) == f"400 {shown}"


# Answers


def test_unknown_fields_are_ignored(serve: Serve) -> None:
    """A field that the API adds one day does no harm."""
    server = serve(Answer({"data": {**WORKSPACE, "colour": {"r": 1}}, "took": 3}))
    assert Client(KEY, server.base_url).get_workspace("team").slug == "team"


def test_fields_that_were_not_always_there_may_be_missing(serve: Serve) -> None:
    """Only id, name, slug and created_at must be in a workspace."""
    found = Client(KEY, serve(Answer({"data": WORKSPACE})).base_url).get_workspace("team")
    assert (found.include_byok_in_budgets, found.disabled_server_tools) == (None, None)


def test_a_whole_number_may_stand_for_a_float(serve: Serve) -> None:
    """A sampling rate of 1 is a number as good as 1.0."""
    server = serve(Answer({"data": {**WORKSPACE, "io_logging_sampling_rate": 1}}))
    assert Client(KEY, server.base_url).get_workspace("team").io_logging_sampling_rate == 1


WRONG: list[Any] = [
    None,
    [],
    "text",
    {},
    {"data": None},
    {"data": [WORKSPACE]},
    {"data": {"id": WORKSPACE["id"]}},
    {"data": {**WORKSPACE, "name": 5}},
    {"data": {**WORKSPACE, "name": None}},
    {"data": {**WORKSPACE, "io_logging_sampling_rate": "0.5"}},
    {"data": {**WORKSPACE, "io_logging_sampling_rate": True}},
    {"data": {**WORKSPACE, "io_logging_api_key_ids": ["5"]}},
    {"data": {**WORKSPACE, "io_logging_api_key_ids": [5.5]}},
    {"data": {**WORKSPACE, "io_logging_api_key_ids": 5}},
    {"data": {**WORKSPACE, "disabled_server_tools": "openrouter:bash"}},
    {"data": {**WORKSPACE, "is_observability_io_logging_enabled": 1}},
    {"data": {**WORKSPACE, "is_observability_io_logging_enabled": "true"}},
]


@pytest.mark.parametrize("body", WRONG)
def test_an_answer_of_another_shape_is_not_taken(serve: Serve, body: Any) -> None:
    """Nothing is converted: a text where a number should be is not the API's answer."""
    server = serve(Answer(body), Answer({"data": WORKSPACE}))
    assert Client(KEY, server.base_url).get_workspace("team").slug == "team"
    assert len(server.seen) == 2


@pytest.fixture
def _no_collection() -> Iterator[None]:
    """Nothing is finalized where nesting has used the stack up: that would fail some other test."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"data": ' * 100_000]
)
@pytest.mark.usefixtures("_no_collection")
def test_an_answer_that_is_no_json_is_not_taken(serve: Serve, content: bytes) -> None:
    """Neither is what can't be read at all, however deep it is."""
    server = serve(Answer(content), Answer({"data": WORKSPACE}))
    assert Client(KEY, server.base_url).get_workspace("team").slug == "team"
    assert len(server.seen) == 2


# Paths


@pytest.mark.parametrize(
    ("ref", "path"),
    [
        ("a/b", "/workspaces/a%2Fb"),
        ("a/../b", "/workspaces/a%2F..%2Fb"),
        ("a b?c#d", "/workspaces/a%20b%3Fc%23d"),
        ("50%", "/workspaces/50%25"),
        ("zürich", "/workspaces/z%C3%BCrich"),
        ("...", "/workspaces/..."),
    ],
)
def test_a_name_stays_one_part_of_the_path(serve: Serve, ref: str, path: str) -> None:
    """Whatever a workspace is called, the request goes to that workspace."""
    server = serve(Answer({"data": WORKSPACE}))
    Client(KEY, server.base_url).get_workspace(ref)
    assert server.seen[0].target == f"/api/v1{path}"


def test_a_key_hash_stays_one_part_of_the_path(serve: Serve) -> None:
    """The hash of a key is quoted as well."""
    server = serve(Answer({"deleted": True}))
    Client(KEY, server.base_url).keys.delete("a/b")
    assert server.seen[0].target == "/api/v1/keys/a%2Fb"


@pytest.mark.parametrize("ref", ["", ".", ".."])
def test_a_name_that_would_lead_elsewhere_is_refused(
    simulator: Simulator, client: Client, ref: str
) -> None:
    """Dots can't be quoted, and would name another path: nothing is sent."""
    with pytest.raises(OpenRouterError, match=r"is not the id of a workspace$"):
        client.delete_workspace(ref)
    assert simulator.log == []


def test_a_slash_at_the_end_of_the_base_url_means_nothing(serve: Serve) -> None:
    """There is one slash between base URL and path."""
    server = serve(Answer({"data": WORKSPACE}))
    Client(KEY, server.base_url + "/").get_workspace("team")
    assert server.seen[0].target == "/api/v1/workspaces/team"


# Connections


def test_connections_are_reused(serve: Serve) -> None:
    """Requests that follow each other, errors included, share one connection."""
    refusal = Answer({"error": {"code": 404, "message": "No"}}, 404)
    server = serve(Answer({"data": WORKSPACE}), refusal, Answer({"data": WORKSPACE}))
    client = Client(KEY, server.base_url)
    client.create_workspace(TEAM)
    with pytest.raises(NotFoundError):
        client.get_workspace("team")
    client.get_workspace("team")
    assert len({seen.connection for seen in server.seen}) == 1


def test_a_connection_that_was_closed_is_opened_anew(simulator: Simulator, client: Client) -> None:
    """A server that went away and came back costs no attempt."""
    client.list_workspaces()
    simulator.pause()
    simulator.resume()
    client.create_workspace(TEAM)
    assert len(simulator.requests("POST")) == 1


def test_threads_share_a_client(simulator: Simulator, client: Client) -> None:
    """Many threads at once each get their own answer."""
    found: dict[str, str] = {}

    def create(slug: str) -> None:
        found[slug] = client.create_workspace({"name": slug, "slug": slug}).slug

    slugs = [f"team-{number}" for number in range(8)]
    threads = [Thread(target=create, args=(slug,)) for slug in slugs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {slug: slug for slug in slugs}


# Log


def test_every_attempt_is_logged(
    simulator: Simulator, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A debug line tells method, path, status or its lack, milliseconds and attempt."""
    caplog.set_level(logging.DEBUG, "pulumi_openrouter")
    team(simulator)
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=503), Fault(kind=FaultKind.CUT_BEFORE))
    client.list_members("team")
    lines = [record.getMessage() for record in caplog.records if "openrouter" in record.name]
    patterns = [r"503 \d+ ms attempt 1", r"no answer \d+ ms attempt 2", r"200 \d+ ms attempt 3"]
    assert len(lines) == len(patterns)
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(rf"GET /workspaces/team/members {pattern}", line)


def test_a_client_is_shown_by_its_address(simulator: Simulator, client: Client) -> None:
    """The repr of a client names the base URL alone."""
    assert repr(client) == f"Client({simulator.base_url!r})"


def test_every_error_knows_its_call(simulator: Simulator, client: Client) -> None:
    """An error can be asked which request it belongs to."""
    with pytest.raises(RequestError) as caught:
        client.get_workspace("nobody")
    assert str(caught.value.call) == "GET /workspaces/nobody"
