from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.host import SCOPE_HINT
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.host.dynamic_host import Host, HostError, Properties, StartHost

ID = "11111111-2222-3333-4444-555555555555"
WORKSPACE: Properties = {
    "name": "X",
    "slug": "x",
    "adopt_existing": False,
    "force_destroy": False,
}
BUDGET: Properties = {"workspace_id": ID, "daily_limit_usd": 5, "exclusive": False}
MEMBERSHIP: Properties = {
    "workspace_id": ID,
    "user_ids": ["user_a"],
    "exclusive": False,
    "members": [{"user_id": "user_a", "role": "member"}],
}
Call = Callable[[Host], object]

CALLS: dict[str, Call] = {
    "creating workspace 'x'": lambda host: host.workspaces.create(WORKSPACE),
    "reading workspace 'x'": lambda host: host.workspaces.refresh(ID, WORKSPACE),
    "updating workspace 'x'": lambda host: host.workspaces.update(
        ID, WORKSPACE, {**WORKSPACE, "name": "Y"}
    ),
    # Not the one whose creation failed in the same process: that is not deleted.
    "deleting workspace 'y'": lambda host: host.workspaces.delete(ID, {**WORKSPACE, "slug": "y"}),
    f"creating budget of workspace {ID}": lambda host: host.budgets.create(BUDGET),
    f"reading budget of workspace {ID}": lambda host: host.budgets.refresh(ID, BUDGET),
    f"updating budget of workspace {ID}": lambda host: host.budgets.update(
        ID, BUDGET, {**BUDGET, "daily_limit_usd": 6}
    ),
    f"deleting budget of workspace {ID}": lambda host: host.budgets.delete(ID, BUDGET),
    f"creating membership of workspace {ID}": lambda host: host.memberships.create(MEMBERSHIP),
    f"reading membership of workspace {ID}": lambda host: host.memberships.refresh(ID, MEMBERSHIP),
    f"updating membership of workspace {ID}": lambda host: host.memberships.update(
        ID, MEMBERSHIP, {**MEMBERSHIP, "user_ids": ["user_b"]}
    ),
    f"deleting membership of workspace {ID}": lambda host: host.memberships.delete(ID, MEMBERSHIP),
}


def forgotten(doing: str) -> list[str]:
    """The last line where a workspace was to be deleted, and its children with it."""
    return [WorkspaceLifecycle.forgotten] if doing.startswith("deleting workspace") else []


def lines_of(call: Callable[[], object]) -> list[str]:
    """The error of a call; one to three lines, and nothing of where it came from."""
    with pytest.raises(HostError) as caught:
        call()
    lines = caught.value.lines
    assert 1 <= len(lines) <= 3
    assert not [line for line in lines if "Traceback" in line or "File " in line]
    return lines


@pytest.mark.parametrize("doing", CALLS)
def test_a_refusal_of_the_api_reads_well(host: Host, simulator: Simulator, doing: str) -> None:
    """An error says what was being done to which object, and what the API said."""
    fault = Fault(kind=FaultKind.STATUS, status=401, message="Not you", times=None)
    simulator.faults.add(fault)
    lines = lines_of(lambda: CALLS[doing](host))
    assert lines == [
        f"OpenRouterError: {doing}: 401 Not you",
        "The key is not accepted: was it revoked or mistyped? "
        "It comes from OPENROUTER_MANAGEMENT_KEY.",
        *forgotten(doing),
    ]


@pytest.mark.parametrize("doing", CALLS)
def test_a_403_is_never_gone(host: Host, simulator: Simulator, doing: str) -> None:
    """A refusal is an error of every call: a key may be limited to another workspace."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403, message="No", times=None))
    lines = lines_of(lambda: CALLS[doing](host))
    assert lines[0].startswith(f"OpenRouterError: {doing}: 403 No")
    assert SCOPE_HINT in lines or "Budgets need OpenRouter's Enterprise plan." in lines


@pytest.mark.parametrize("doing", CALLS)
def test_a_proxys_404_is_never_gone(host: Host, simulator: Simulator, doing: str) -> None:
    """A page that says 404 is not the API's word that something is gone."""
    simulator.faults.add(Fault(kind=FaultKind.HTML, status=404, times=None))
    lines = lines_of(lambda: CALLS[doing](host))
    assert lines == [
        f"OpenRouterError: {doing}: 404 with an HTML page",
        f"This answer did not come from the API: is the base URL {simulator.base_url} right?",
        *forgotten(doing),
    ]


@pytest.fixture(scope="module")
def keyless(simulator: Simulator) -> Iterator[Host]:
    """A host that was given no key."""
    with Host({"OPENROUTER_BASE_URL": simulator.base_url}) as running:
        yield running


@pytest.mark.parametrize("doing", CALLS)
def test_no_key_is_told_in_words(keyless: Host, simulator: Simulator, doing: str) -> None:
    """Without a key a call fails with one line that says so and one that helps."""
    before = len(simulator.log)
    assert lines_of(lambda: CALLS[doing](keyless)) == [
        f"OpenRouterError: {doing}: There is no OpenRouter management key: "
        "set OPENROUTER_MANAGEMENT_KEY, or run",
        "`pulumi config set --secret openrouter:managementKey` and `pulumi up`.",
        *forgotten(doing),
    ]
    assert len(simulator.log) == before


def test_wrong_settings_are_told_in_words(start_host: StartHost) -> None:
    """A setting that can't be used is an error that names it, at the first request."""
    host = start_host(OPENROUTER_BASE_URL="http://example.com")
    assert host.workspaces.check(WORKSPACE).failures == []
    (line,) = lines_of(lambda: host.workspaces.create(WORKSPACE))
    assert line.startswith(
        "OpenRouterError: creating workspace 'x': "
        "The base URL (OPENROUTER_BASE_URL or openrouter:baseUrl) must be https"
    )


def test_a_lost_answer_asks_for_a_refresh(start_host: StartHost, simulator: Simulator) -> None:
    """Where a change may have been made, the error ends with of what, and what to do about it."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, method="PATCH", retry_after=3600))
    host = start_host()
    lines = lines_of(lambda: CALLS["updating workspace 'x'"](host))
    assert lines == [
        "OpenRouterError: updating workspace 'x': 503 Service Unavailable",
        "Not retried: the API asked to wait 3600 seconds.",
        "It may have been done in part (name): run `pulumi refresh` before the next up",
    ]


def test_a_failed_refresh_asks_for_nothing(start_host: StartHost, simulator: Simulator) -> None:
    """Reading changes nothing, so its errors don't talk of parts that were done."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, retry_after=3600))
    host = start_host()
    assert lines_of(lambda: CALLS["reading workspace 'x'"](host)) == [
        "OpenRouterError: reading workspace 'x': 503 Service Unavailable",
        "Not retried: the API asked to wait 3600 seconds.",
    ]


REPORT = "please report this bug, with the output of OPENROUTER_LOG=debug"
PARTLY = "It may have been done in part: run `pulumi refresh` before the next up"

UNSEEN = ID.replace("1", "9")
"""A workspace whose slug the host has not met."""
BROKEN: dict[str, tuple[Call, list[str]]] = {
    "comparing workspace 'x': internal error (TypeError)": (
        lambda host: host.workspaces.diff(
            ID,
            {**WORKSPACE, "io_logging_api_key_ids": 5},
            {**WORKSPACE, "io_logging_api_key_ids": [5]},
        ),
        [],
    ),
    f"reading membership of workspace {UNSEEN}: internal error (KeyError)": (
        lambda host: host.memberships.refresh(
            UNSEEN, {**MEMBERSHIP, "members": [{"role": "member"}]}
        ),
        [],
    ),
    f"updating membership of workspace {UNSEEN}: internal error (KeyError)": (
        lambda host: host.memberships.update(UNSEEN, {**MEMBERSHIP, "members": [{}]}, MEMBERSHIP),
        [PARTLY],
    ),
    "creating workspace : internal error (KeyError)": (
        lambda host: host.workspaces.create({}),
        [PARTLY],
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_internal_error_has_no_traceback(host: Host, simulator: Simulator, what: str) -> None:
    """A state that makes no sense is told as an internal error, in lines for people."""
    simulator.faults.add(
        Fault(
            kind=FaultKind.WRONG_SHAPE,
            path=f"/workspaces/{UNSEEN}/members",
            body={"data": [], "total_count": 0},
        )
    )
    call, more = BROKEN[what]
    lines = lines_of(lambda: call(host))
    assert lines == [f"OpenRouterError: {what}: {REPORT}", *more]


def test_the_log_of_an_internal_error_has_a_traceback(start_host: StartHost) -> None:
    """With OPENROUTER_LOG=debug standard error shows where it is, and the user still does not."""
    what = "creating workspace : internal error (KeyError)"
    host = start_host(OPENROUTER_LOG="debug")
    lines = lines_of(lambda: BROKEN[what][0](host))
    assert lines == [f"OpenRouterError: {what}: {REPORT}", PARTLY]
    host.stop()
    assert "openrouter: Traceback (most recent call last):" in host.stderr
    assert [line for line in host.stderr if "workspace.py" in line and "in contested" in line]
