"""Workspaces as the engine drives them: the inputs are checked, and outputs come back as floats."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NoReturn

import attrs
import pytest

from pulumi_openrouter.api import models
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.clock import ServerClock
from pulumi_openrouter.api.errors import (
    BadAnswerError,
    Call,
    ConflictError,
    ForbiddenError,
    NoAnswerError,
    OpenRouterError,
    ServerError,
    UnauthorizedError,
)
from pulumi_openrouter.context import Context
from pulumi_openrouter.fields import UNKNOWN
from pulumi_openrouter.lifecycle import Found, Outputs, Problem
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from pulumi_openrouter.workspace import SlugTakenError, WorkspaceLifecycle
from tests.conftest import TIMEOUT, Run

NewRun = Callable[..., Run]
Kind = type[OpenRouterError] | tuple[type[OpenRouterError], ...]

SETTINGS: dict[str, Any] = {
    "description": "What it is for",
    "default_text_model": "openai/gpt-4o",
    "default_image_model": "openai/dall-e-3",
    "default_provider_sort": "price",
    "io_logging_api_key_ids": [1, 3],
    "io_logging_sampling_rate": 0.5,
    "is_data_discount_logging_enabled": False,
    "is_observability_broadcast_enabled": True,
    "is_observability_io_logging_enabled": True,
    "disabled_server_tools": ["openrouter:bash", "openrouter:web_search"],
}
OTHERS: dict[str, Any] = {
    "name": "Other",
    "slug": "other",
    "description": "",
    "default_text_model": "x/y",
    "default_image_model": "x/z",
    "default_provider_sort": "exacto",
    "io_logging_api_key_ids": [],
    "io_logging_sampling_rate": 1,
    "is_data_discount_logging_enabled": True,
    "is_observability_broadcast_enabled": False,
    "is_observability_io_logging_enabled": False,
    "disabled_server_tools": ["openrouter:datetime"],
}
NULLABLE = [
    "description",
    "default_text_model",
    "default_image_model",
    "default_provider_sort",
    "io_logging_api_key_ids",
    "disabled_server_tools",
]
LASTING = [name for name in SETTINGS if name not in NULLABLE]
READ_ONLY = {"created_at", "created_by", "default_guardrail_id", "include_byok_in_budgets"}
NOBODY = "00000000-0000-4000-8000-000000000000"

APPLIED_UNANSWERED = [
    Fault(kind=FaultKind.CUT_AFTER, method="POST"),
    Fault(kind=FaultKind.TIMEOUT_AFTER, method="POST", seconds=0.1),
    Fault(kind=FaultKind.TRUNCATED, method="POST"),
    Fault(kind=FaultKind.WRONG_SHAPE, method="POST"),
    Fault(kind=FaultKind.STATUS, method="POST", status=500, applied=True),
    Fault(kind=FaultKind.STATUS, method="POST", status=504, applied=True),
]
NOT_GONE: list[tuple[Fault, Kind, float]] = [
    (Fault(kind=FaultKind.STATUS, status=401, times=None), UnauthorizedError, TIMEOUT),
    (Fault(kind=FaultKind.STATUS, status=403, times=None), ForbiddenError, TIMEOUT),
    (Fault(kind=FaultKind.HTML, status=404, times=None), BadAnswerError, TIMEOUT),
    # These are tried again until time runs out, and the last attempt may get no answer in time.
    (Fault(kind=FaultKind.STATUS, status=500, times=None), (ServerError, NoAnswerError), 0.5),
    (Fault(kind=FaultKind.HTML, status=502, times=None), (ServerError, NoAnswerError), 0.5),
    (Fault(kind=FaultKind.CUT_BEFORE, times=None), NoAnswerError, 0.5),
]
"""What goes wrong, the error that it becomes, and the seconds that a run has for it."""
LOST_FOR_GOOD = 1.5
"""Seconds for requests that never succeed."""


@pytest.fixture
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """As everywhere; with the quirks that a test asks for."""
    with Simulator(getattr(request, "param", None)) as running:
        yield running


# What the constructor and the engine do


def declaration(**fields: Any) -> dict[str, Any]:
    """The properties that the constructor registers; None: not declared."""
    given = {"name": "Team", "slug": "team", "adopt_existing": False, "force_destroy": False}
    return {name: value for name, value in {**given, **fields}.items() if value is not None}


def as_engine(value: Any) -> Any:
    """A value after a journey through the engine: all its numbers are floats."""
    if isinstance(value, Mapping):
        return {key: as_engine(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_engine(inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def checked(run: Run, olds: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """The inputs after a check that finds nothing wrong."""
    inputs, problems = run.workspaces.check(olds, as_engine(declaration(**fields)))
    assert problems == []
    return inputs


def problems(**fields: Any) -> list[Problem]:
    """What a check without network finds wrong in a new declaration."""
    return WorkspaceLifecycle(Context(_no_network)).check({}, as_engine(declaration(**fields)))[1]


def _no_network() -> NoReturn:
    raise AssertionError("check and diff must not connect")


def create(run: Run, **fields: Any) -> Found:
    """Up with a new resource."""
    found = run.workspaces.create(checked(run, {}, **fields))
    return Found(found.id, as_engine(found.outputs))


def up(run: Run, found: Found, **fields: Any) -> Found:
    """Up with a changed program; an update only if diff finds a difference."""
    inputs = checked(run, run.workspaces.declared_in(found.outputs), **fields)
    difference = run.workspaces.diff(found.id, found.outputs, inputs)
    assert difference.replaces == ()
    if not difference.changed:
        return found
    return Found(found.id, as_engine(run.workspaces.update(found.id, found.outputs, inputs)))


def refresh(run: Run, found: Found) -> Found:
    """Refresh of a workspace that is there, with the comparison that the engine makes then."""
    live = run.workspaces.read(found.id, found.outputs)
    assert live is not None
    run.workspaces.diff(live.id, live.outputs, run.workspaces.declared_in(found.outputs))
    return Found(live.id, as_engine(live.outputs))


def differs(run: Run, found: Found, **fields: Any) -> tuple[str, ...]:
    """What a preview shows as changed."""
    inputs = checked(run, run.workspaces.declared_in(found.outputs), **fields)
    return run.workspaces.diff(found.id, found.outputs, inputs).changed


def declared_outputs(run: Run, found: Found) -> Outputs:
    """The declared fields of the outputs, without those that never reach the API."""
    local = ("adopt_existing", "force_destroy")
    outputs = run.workspaces.declared_in(found.outputs)
    return {name: value for name, value in outputs.items() if name not in local}


def requests(simulator: Simulator) -> list[tuple[str, str]]:
    """What was asked since the last look."""
    asked = [(request.method, request.path) for request in simulator.log]
    simulator.log.clear()
    return asked


def writes(simulator: Simulator) -> list[tuple[str, str, Any]]:
    """What was asked to be changed since the last look."""
    asked = [(request.method, request.path, request.body) for request in simulator.writes()]
    simulator.log.clear()
    return asked


def error_of(action: Callable[..., object], *arguments: Any) -> OpenRouterError:
    """The error that the action ends with, which is for people."""
    with pytest.raises(OpenRouterError) as caught:
        action(*arguments)
    # The host adds what was being done to what, and a third line where something is unsettled.
    assert 1 <= len(str(caught.value).splitlines()) <= 2
    assert "sk-or-mgmt" not in str(caught.value)
    return caught.value


def created_long_ago(simulator: Simulator, **fields: Any) -> models.Workspace:
    """A workspace of somebody else, from another year."""
    organization = simulator.organization
    workspace = organization.create_workspace(**{"name": "Team", "slug": "team", **fields})
    organization._keep_workspace(attrs.evolve(workspace, created_at="2025-01-31T10:00:00Z"))
    return Client(simulator.key, simulator.base_url).get_workspace(workspace.id)


def slugs(simulator: Simulator) -> list[str]:
    return [workspace.slug for workspace in simulator.organization.workspaces]


# check


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("name", "", "must be text of 1 to 100 characters"),
        ("name", "   ", "must be text of 1 to 100 characters"),
        ("name", "x" * 101, "must be text of 1 to 100 characters"),
        ("name", 1, "must be text of 1 to 100 characters"),
        *(
            (
                "slug",
                value,
                "must be 1 to 50 lower-case letters and digits, with single hyphens between",
            )
            for value in [
                "",
                "Team",
                "a--b",
                "-a",
                "a-",
                "a_b",
                "a b",
                "a\n",
                "é",
                "\u017f",
                "a" * 51,
                7,
                ["a"],
            ]
        ),
        ("description", "x" * 501, "must be text of 0 to 500 characters"),
        ("description", 1, "must be text of 0 to 500 characters"),
        ("default_text_model", "", "must be text that is not empty"),
        ("default_text_model", 1, "must be text that is not empty"),
        ("default_image_model", " ", "must be text that is not empty"),
        (
            "default_provider_sort",
            "cheapest",
            "must be one of price, throughput, latency, exacto",
        ),
        ("io_logging_api_key_ids", 5, "must be a list of whole numbers"),
        ("io_logging_api_key_ids", "5", "must be a list of whole numbers"),
        ("io_logging_api_key_ids", [1, 1.5], "element [1] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", [2**53], "element [0] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", [2**53 + 1], "element [0] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", [True], "element [0] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", ["1"], "element [0] must be a whole number below 2^53"),
        ("io_logging_api_key_ids", [None], "element [0] must be a whole number below 2^53"),
        ("io_logging_sampling_rate", 0, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", 0.00009, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", 1.01, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", math.nan, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", math.inf, "must be a number from 0.0001 to 1"),
        ("io_logging_sampling_rate", True, "must be a number from 0.0001 to 1"),
        *(
            (name, value, "must be True or False")
            for name in (
                "is_data_discount_logging_enabled",
                "is_observability_broadcast_enabled",
                "is_observability_io_logging_enabled",
                "adopt_existing",
                "force_destroy",
            )
            for value in ("true", 1)
        ),
        (
            "disabled_server_tools",
            "openrouter:bash",
            "must be a list of tool names such as openrouter:web_search",
        ),
        (
            "disabled_server_tools",
            ["openrouter:bash", "bash"],
            "element [1] must be a tool's name such as openrouter:web_search",
        ),
        (
            "disabled_server_tools",
            ["openrouter:"],
            "element [0] must be a tool's name such as openrouter:web_search",
        ),
    ],
)
def test_a_rule_of_the_api_is_checked_at_preview(name: str, value: Any, reason: str) -> None:
    """A value that the API would refuse is one problem of its property, with what is right."""
    assert problems(**{name: value}) == [Problem(name, reason)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *SETTINGS.items(),
        *OTHERS.items(),
        ("name", "x"),
        ("name", "日" * 100),
        ("slug", "a"),
        ("slug", "a" * 50),
        ("slug", "0-a-1"),
        ("description", "x" * 500),
        ("description", "😀\n"),
        *(("default_provider_sort", sort) for sort in ("throughput", "latency")),
        ("io_logging_api_key_ids", [2**53 - 1, -1, 0]),
        ("io_logging_sampling_rate", 0.0001),
        ("disabled_server_tools", []),
        ("disabled_server_tools", ["openrouter:experimental__search_models", "openrouter:new"]),
    ],
)
def test_whatever_the_api_takes_is_accepted(name: str, value: Any) -> None:
    """A value within the API's rules is no problem, at the edges too; the list of tools is open."""
    assert problems(**{name: value}) == []


def test_all_problems_are_reported_at_once() -> None:
    """One preview shows everything that is wrong with a workspace."""
    found = problems(name="", slug="A", default_provider_sort="x", io_logging_api_key_ids=["a", 1])
    assert [problem.property for problem in found] == [
        "name",
        "slug",
        "default_provider_sort",
        "io_logging_api_key_ids",
    ]


@pytest.mark.parametrize("name", [*SETTINGS, "name", "slug", "adopt_existing", "force_destroy"])
def test_an_unknown_value_passes(name: str) -> None:
    """An Output that is not known at preview is no problem, whichever field it is for."""
    assert problems(**{name: UNKNOWN}) == []


def test_a_name_that_leaves_no_slug_asks_for_one() -> None:
    """A slug that could not be made from the resource's name is a problem that says so."""
    assert problems(slug=None) == [
        Problem("slug", "is missing: none can be made from the resource's name; give one")
    ]


def test_the_default_workspace_must_be_adopted() -> None:
    """The slug of the default workspace is refused at preview, unless it is to be taken over."""
    (problem,) = problems(slug="default")
    assert problem.property == "slug"
    assert "adopt_existing=True" in problem.reason
    assert problems(slug="default", adopt_existing=True) == []
    assert problems(slug="default", adopt_existing=UNKNOWN) == []


def test_the_slug_of_the_default_workspace_stays() -> None:
    """Another slug for the default workspace is refused at preview; anything else may change."""
    workspaces = WorkspaceLifecycle(Context(_no_network))
    olds = declaration(slug="default", adopt_existing=True)
    _, found = workspaces.check(olds, declaration(slug="other", adopt_existing=True))
    assert found == [Problem("slug", "can't be changed: this is the default workspace")]
    for news in (
        declaration(slug="default", adopt_existing=False, name="New"),
        declaration(slug=UNKNOWN),
    ):
        assert workspaces.check(olds, news)[1] == []


def test_preview_needs_no_network() -> None:
    """check and diff answer where nothing can be reached, for what is new and what exists."""
    workspaces = WorkspaceLifecycle(Context(_no_network))
    olds, _ = workspaces.check({}, declaration(**SETTINGS))
    news, _ = workspaces.check(olds, declaration(slug="new", name=UNKNOWN))
    assert set(workspaces.diff("id", olds, news).changed) == {"name", "slug", *SETTINGS}


# create


def test_create_is_one_post_of_what_is_declared(simulator: Simulator, run: Run) -> None:
    """The only request has the declared fields, and none of those that are not for the API."""
    create(run)
    assert requests(simulator) == [("POST", "/workspaces")]
    create(run, name="All", slug="all", force_destroy=True, **SETTINGS)
    assert writes(simulator) == [
        ("POST", "/workspaces", {"name": "All", "slug": "all", **SETTINGS})
    ]


def test_sets_are_sent_in_one_spelling(simulator: Simulator, run: Run) -> None:
    """A set is sent sorted and without duplicates, and its integers as integers."""
    create(
        run,
        io_logging_api_key_ids=[3, 1, 3.0],
        disabled_server_tools=["openrouter:b", "openrouter:a", "openrouter:b"],
    )
    ((_, _, body),) = writes(simulator)
    assert body["disabled_server_tools"] == ["openrouter:a", "openrouter:b"]
    assert body["io_logging_api_key_ids"] == [1, 3]
    assert all(type(element) is int for element in body["io_logging_api_key_ids"])


def test_outputs_are_the_declared_and_the_read_only_fields(simulator: Simulator, run: Run) -> None:
    """State holds what the stack declares, what only the API sets, and nothing else."""
    found = create(run, description="d")
    assert set(found.outputs) == {*declaration(description="d"), *READ_ONLY}
    workspace = simulator.organization.workspace("team")
    assert found.id == workspace.id
    for name in READ_ONLY:
        assert found.outputs[name] == getattr(workspace, name)
    changed = up(run, found, description="e")
    assert set(changed.outputs) == {*found.outputs, "updated_at"}


def test_outputs_are_as_declared_where_the_api_trims(simulator: Simulator, run: Run) -> None:
    """A name that the API trims stays as declared in the state, and the next up sends nothing."""
    found = create(run, name=" Team ", description=" d ")
    assert simulator.organization.workspace("team").name == "Team"
    assert declared_outputs(run, found) == {"name": " Team ", "slug": "team", "description": " d "}
    assert differs(run, found, name=" Team ", description=" d ") == ()
    found = up(run, found, name=" New ", description=" d ")
    assert found.outputs["name"] == " New "
    assert differs(run, found, name=" New ", description=" d ") == ()


@pytest.mark.parametrize("simulator", [Quirks(byok_in_answers=False)], indirect=True)
def test_a_read_only_field_is_an_output_only_where_it_is_answered(run: Run) -> None:
    """An API that says nothing of own provider keys gives no output about them."""
    found = create(run)
    assert "include_byok_in_budgets" not in found.outputs
    assert "include_byok_in_budgets" not in up(run, found, name="New").outputs
    assert "include_byok_in_budgets" not in refresh(run, found).outputs


# update


@pytest.mark.parametrize("name", OTHERS)
def test_update_is_one_patch_of_what_changed(simulator: Simulator, run: Run, name: str) -> None:
    """A single changed field is sent alone, by the id, in the only request."""
    found = create(run, **SETTINGS)
    simulator.log.clear()
    changed = up(run, found, **{**SETTINGS, name: OTHERS[name]})
    assert requests(simulator) == [("PATCH", f"/workspaces/{found.id}")]
    assert changed.outputs[name] == OTHERS[name]
    workspace = simulator.organization.workspace(found.id)
    assert getattr(workspace, name) == OTHERS[name]
    up(run, changed, **SETTINGS)
    (request,) = simulator.writes()[-1:]
    assert request.body == {name: {"name": "Team", "slug": "team", **SETTINGS}[name]}


def test_several_changes_are_one_patch(simulator: Simulator, run: Run) -> None:
    """Everything that changes at once is changed in one request: new, other and cleared."""
    found = create(run, description="d", default_text_model="m", io_logging_sampling_rate=0.5)
    simulator.log.clear()
    up(run, found, name="New", default_text_model="n", is_observability_broadcast_enabled=True)
    assert writes(simulator) == [
        (
            "PATCH",
            f"/workspaces/{found.id}",
            {
                "name": "New",
                "description": None,
                "default_text_model": "n",
                "is_observability_broadcast_enabled": True,
            },
        )
    ]


def test_no_change_sends_nothing(simulator: Simulator, run: Run) -> None:
    """The same declaration in another order is no difference, and an update with it no request."""
    found = create(run, **SETTINGS)
    simulator.log.clear()
    same = {
        **SETTINGS,
        "io_logging_api_key_ids": [3, 1, 3],
        "disabled_server_tools": [*reversed(SETTINGS["disabled_server_tools"])],
    }
    assert differs(run, found, **same) == ()
    outputs = run.workspaces.update(found.id, found.outputs, checked(run, {"slug": "s"}, **same))
    assert outputs == found.outputs
    assert requests(simulator) == []


@pytest.mark.parametrize("name", ["adopt_existing", "force_destroy"])
def test_a_local_change_sends_nothing(simulator: Simulator, run: Run, name: str) -> None:
    """adopt_existing or force_destroy alone is an update without request, and outputs stay."""
    found = create(run)
    simulator.log.clear()
    assert differs(run, found, **{name: True}) == (name,)
    changed = up(run, found, **{name: True})
    assert changed.outputs == {**found.outputs, name: True}
    assert requests(simulator) == []


@pytest.mark.parametrize("name", NULLABLE)
def test_no_longer_declared_is_cleared_with_null(simulator: Simulator, run: Run, name: str) -> None:
    """A nullable field that was declared before is cleared, and then belongs to nobody."""
    found = create(run, **SETTINGS)
    simulator.log.clear()
    rest = {key: value for key, value in SETTINGS.items() if key != name}
    changed = up(run, found, **rest)
    assert writes(simulator) == [("PATCH", f"/workspaces/{found.id}", {name: None})]
    assert name not in changed.outputs
    assert getattr(simulator.organization.workspace("team"), name) is None
    simulator.organization.update_workspace("team", **{name: OTHERS[name]})
    assert differs(run, refresh(run, changed), **rest) == ()


@pytest.mark.parametrize("name", LASTING)
def test_no_longer_declared_is_kept_where_null_is_not_possible(
    simulator: Simulator, run: Run, name: str
) -> None:
    """A field that can't be null keeps its value; the update sends nothing and gives it up."""
    found = create(run, **SETTINGS)
    simulator.log.clear()
    rest = {key: value for key, value in SETTINGS.items() if key != name}
    assert differs(run, found, **rest) == (name,)
    changed = up(run, found, **rest)
    assert requests(simulator) == []
    assert changed.outputs == {key: value for key, value in found.outputs.items() if key != name}
    assert getattr(simulator.organization.workspace("team"), name) == SETTINGS[name]
    simulator.organization.update_workspace("team", **{name: OTHERS[name]})
    assert differs(run, refresh(run, changed), **rest) == ()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_field_goes_through_its_three_states(simulator: Simulator, run: Run, name: str) -> None:
    """Unmanaged, managed, given up and managed again, each with just the request it needs."""
    found = create(run)
    simulator.organization.update_workspace("team", **{name: OTHERS[name]})
    found = refresh(run, found)
    assert name not in found.outputs
    assert differs(run, found) == ()

    found = up(run, found, **{name: SETTINGS[name]})
    simulator.organization.update_workspace("team", **{name: OTHERS[name]})
    found = refresh(run, found)
    assert differs(run, found, **{name: SETTINGS[name]}) == (name,)
    simulator.log.clear()
    found = up(run, found, **{name: SETTINGS[name]})
    assert writes(simulator) == [("PATCH", f"/workspaces/{found.id}", {name: SETTINGS[name]})]

    found = up(run, found)
    assert name not in found.outputs
    assert [body for _, _, body in writes(simulator)] == ([{name: None}] * (name in NULLABLE))

    found = up(run, found, **{name: OTHERS[name]})
    assert [body for _, _, body in writes(simulator)] == [{name: OTHERS[name]}]
    assert found.outputs[name] == OTHERS[name]


def test_a_slug_is_renamed_in_place(simulator: Simulator, run: Run) -> None:
    """Another slug and name are one PATCH; id, budgets and members stay, nothing is replaced."""
    organization = simulator.organization
    found = create(run)
    organization.set_budget("team", "daily", 5)
    organization.add_members("team", [organization.people[0].id])
    simulator.log.clear()
    renamed = up(run, found, slug="crew", name="Crew")
    body = {"name": "Crew", "slug": "crew"}
    assert writes(simulator) == [("PATCH", f"/workspaces/{found.id}", body)]
    assert organization.workspace("crew").id == found.id == renamed.id
    assert organization.budgets("crew") == {"daily": 5}
    assert organization.members("crew") == [organization.people[0].id]


def test_no_tools_are_the_same_as_null(simulator: Simulator, run: Run) -> None:
    """An empty list of tools, which the API answers as null, is never seen as drift."""
    found = create(run, disabled_server_tools=[])
    assert simulator.organization.workspace("team").disabled_server_tools is None
    found = refresh(run, found)
    assert found.outputs["disabled_server_tools"] == []
    assert differs(run, found, disabled_server_tools=[]) == ()
    found = up(run, found, disabled_server_tools=["openrouter:bash"])
    found = up(run, found, disabled_server_tools=[])
    assert simulator.organization.workspace("team").disabled_server_tools is None
    assert differs(run, refresh(run, found), disabled_server_tools=[]) == ()


def test_update_of_a_workspace_that_is_gone_says_what_to_do(simulator: Simulator, run: Run) -> None:
    """A 404 says that it was deleted outside the stack, and to run pulumi refresh."""
    found = create(run)
    simulator.organization.delete_workspace("team")
    error = error_of(lambda: up(run, found, name="New"))
    assert "deleted outside this stack" in str(error)
    assert "`pulumi refresh`" in str(error)
    assert not error.unsettled


def test_update_to_a_slug_that_is_taken_says_what_the_api_says(
    simulator: Simulator, run: Run
) -> None:
    """The API's refusal is passed on with its status, and nothing is changed."""
    found = create(run)
    simulator.organization.create_workspace(name="Other", slug="other")
    error = error_of(lambda: up(run, found, slug="other", name="New"))
    assert '400 A workspace with the slug "other" already exists' in str(error)
    assert simulator.organization.workspace(found.id).name == "Team"


@pytest.mark.parametrize("fault", APPLIED_UNANSWERED)
def test_an_update_whose_answer_was_lost_is_repeated(
    simulator: Simulator, run: Run, fault: Fault
) -> None:
    """A PATCH that was applied unheard is sent again, and the update succeeds."""
    found = create(run)
    simulator.faults.add(attrs.evolve(fault, method="PATCH"))
    assert up(run, found, name="New", slug="new").outputs["slug"] == "new"
    assert simulator.organization.workspace(found.id).slug == "new"


def test_an_update_lost_for_good_is_unsettled(simulator: Simulator, new_run: NewRun) -> None:
    """An update that may have been made, but was never confirmed, says that it is not settled."""
    found = create(new_run())
    simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER, method="PATCH", times=None))
    error = error_of(lambda: up(new_run(LOST_FOR_GOOD), found, name="New"))
    assert isinstance(error, NoAnswerError)
    assert error.unsettled


# read


def test_read_brings_the_servers_values_of_what_is_declared(simulator: Simulator, run: Run) -> None:
    """Refresh shows drift of the declared fields, and the next up repairs just that."""
    found = create(run, **SETTINGS)
    simulator.organization.update_workspace("team", **OTHERS)
    drifted = refresh(run, found)
    assert declared_outputs(run, drifted) == OTHERS
    assert drifted.outputs["updated_at"] == simulator.organization.workspace("other").updated_at
    simulator.log.clear()
    up(run, drifted, **SETTINGS)
    body = {"name": "Team", "slug": "team", **SETTINGS}
    assert writes(simulator) == [("PATCH", f"/workspaces/{found.id}", body)]


def test_read_keeps_to_what_is_declared(simulator: Simulator, run: Run) -> None:
    """What somebody else set is not stored, and one request is all that refresh takes."""
    found = create(run, description="d")
    simulator.organization.update_workspace("team", default_text_model="m")
    simulator.log.clear()
    assert refresh(run, found).outputs == {
        **found.outputs,
        "updated_at": simulator.organization.workspace("team").updated_at,
    }
    assert requests(simulator) == [("GET", f"/workspaces/{found.id}")]


@pytest.mark.parametrize("name", [name for name in NULLABLE if name != "disabled_server_tools"])
def test_a_field_cleared_by_hand_is_drift(simulator: Simulator, run: Run, name: str) -> None:
    """A declared field that is null on the server is missing after refresh, and comes back."""
    found = create(run, **SETTINGS)
    simulator.organization.update_workspace("team", **{name: None})
    drifted = refresh(run, found)
    assert name not in drifted.outputs
    assert differs(run, drifted, **SETTINGS) == (name,)
    up(run, drifted, **SETTINGS)
    assert getattr(simulator.organization.workspace("team"), name) == SETTINGS[name]


def test_read_keeps_what_never_reaches_the_api(run: Run) -> None:
    """adopt_existing and force_destroy are as they were declared after a refresh."""
    found = create(run, adopt_existing=True, force_destroy=True)
    outputs = refresh(run, found).outputs
    assert outputs["adopt_existing"] is outputs["force_destroy"] is True


def test_a_workspace_that_is_gone_is_read_as_nothing(simulator: Simulator, run: Run) -> None:
    """The API's own 404 for the workspace, and only it, drops the resource from the state."""
    found = create(run)
    simulator.organization.delete_workspace("team")
    assert run.workspaces.read(found.id, found.outputs) is None


@pytest.mark.parametrize(("fault", "kind", "seconds"), NOT_GONE)
def test_a_read_that_fails_never_says_gone(
    simulator: Simulator, new_run: NewRun, fault: Fault, kind: Kind, seconds: float
) -> None:
    """401, 403, 5xx, a proxy's 404 and a broken connection are errors, and change nothing."""
    found = create(new_run())
    simulator.faults.add(fault)
    run = new_run(seconds)
    error = error_of(run.workspaces.read, found.id, found.outputs)
    assert isinstance(error, kind)
    assert not error.unsettled


# a slug that is taken


@pytest.mark.parametrize(
    "simulator",
    [Quirks(duplicate_slug_status=400), Quirks(duplicate_slug_status=409)],
    indirect=True,
)
def test_a_slug_that_is_taken_names_who_has_it(simulator: Simulator, run: Run) -> None:
    """Whatever the status, the error names the holder, and the two ways out of it."""
    holder = created_long_ago(simulator, name="Theirs")
    simulator.log.clear()
    error = error_of(create, run)
    assert isinstance(error, SlugTakenError)
    for words in (holder.id, "Theirs", holder.created_at, "adopt_existing=True", "alias"):
        assert words in str(error)
    assert not error.unsettled
    assert requests(simulator) == [("POST", "/workspaces"), ("GET", "/workspaces/team")]
    assert simulator.organization.workspace("team").name == "Theirs"


def test_another_refusal_is_not_taken_for_the_slug(simulator: Simulator, run: Run) -> None:
    """A 400 while nobody has the slug is the API's own, in its words."""
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="POST", status=400, message="already exists, or not")
    )
    error = error_of(create, run)
    assert str(error) == "400 already exists, or not"
    assert slugs(simulator) == ["default"]


def test_a_refusal_whose_reason_cannot_be_looked_up_is_the_apis(
    simulator: Simulator, run: Run
) -> None:
    """Where the slug can't be looked up, the error is about the creation, not about the look."""
    created_long_ago(simulator)
    simulator.faults.add(Fault(kind=FaultKind.STATUS, method="GET", status=403))
    error = error_of(create, run)
    assert str(error) == '400 A workspace with the slug "team" already exists'
    assert not error.unsettled


# answers that were lost


@pytest.mark.parametrize(
    "simulator",
    [Quirks(duplicate_slug_status=400), Quirks(duplicate_slug_status=409)],
    indirect=True,
)
@pytest.mark.parametrize("fault", APPLIED_UNANSWERED)
def test_a_creation_whose_answer_was_lost_is_recognised(
    simulator: Simulator, run: Run, fault: Fault
) -> None:
    """The conflict of the repeated POST is our own workspace: it is taken, and is the only one."""
    simulator.faults.add(fault)
    found = create(run, name=" Team ")
    assert found.id == simulator.organization.workspace("team").id
    assert slugs(simulator) == ["default", "team"]
    assert set(found.outputs) == {*declaration(), *READ_ONLY}
    assert requests(simulator) == [
        ("POST", "/workspaces"),
        ("POST", "/workspaces"),
        ("GET", "/workspaces/team"),
    ]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.CUT_BEFORE, method="POST"),
        Fault(kind=FaultKind.TIMEOUT_BEFORE, method="POST", seconds=0.1),
        Fault(kind=FaultKind.STATUS, method="POST", status=500),
        Fault(kind=FaultKind.HTML, method="POST", status=502),
    ],
)
def test_an_older_workspace_is_not_taken_for_our_own(
    simulator: Simulator, run: Run, fault: Fault
) -> None:
    """One of the same name that was there before the first attempt is somebody else's."""
    holder = created_long_ago(simulator, description="theirs")
    simulator.faults.add(fault)
    error = error_of(create, run)
    assert isinstance(error, SlugTakenError)
    assert holder.id in str(error)
    assert simulator.organization.workspace("team").description == "theirs"


def test_a_workspace_of_another_name_is_not_taken_for_our_own(
    simulator: Simulator, run: Run
) -> None:
    """One made since the first attempt, but under another name, is somebody else's."""
    simulator.organization.create_workspace(name="Theirs", slug="team")
    simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, method="POST"))
    assert isinstance(error_of(create, run), SlugTakenError)


def test_without_a_lost_answer_nothing_is_our_own(simulator: Simulator, run: Run) -> None:
    """A first POST that is refused has made nothing, however new and alike the holder is."""
    simulator.organization.create_workspace(name="Team", slug="team")
    assert isinstance(error_of(create, run), SlugTakenError)


FIRST_ATTEMPT = datetime(2026, 11, 1, 12, 0, 0, tzinfo=timezone.utc)


class ToldClock(ServerClock):
    """A server's clock that shows the same whenever it is asked."""

    def __init__(self, shows: datetime | None) -> None:
        super().__init__()
        self._shows = shows

    def at(self, moment: float) -> datetime | None:
        return self._shows


class Conflicting(Client):
    """A client whose creation meets a conflict, with a workspace that was created when said."""

    def __init__(self, created_at: str, first_sent: datetime | None) -> None:
        super().__init__("sk-or-mgmt-x", "http://127.0.0.1:9")
        self.clock = ToldClock(first_sent)
        self._holder = models.Workspace(id=NOBODY, name="Team", slug="team", created_at=created_at)

    def create_workspace(self, body: Mapping[str, Any]) -> models.Workspace:
        raise ConflictError(Call("POST", "/workspaces", may_be_applied=True), 409, "exists")

    def get_workspace(self, ref: str) -> models.Workspace:
        return self._holder


def found_created_at(created_at: str, first_sent: datetime | None = FIRST_ATTEMPT) -> Found:
    context = Context(lambda: Conflicting(created_at, first_sent))
    return WorkspaceLifecycle(context).create(declaration())


@pytest.mark.parametrize("seconds", [-2, -1.5, 0, 60])
def test_a_workspace_made_since_the_first_attempt_is_our_own(seconds: float) -> None:
    """created_at not before the first attempt, with two seconds of grace, marks our own."""
    created = FIRST_ATTEMPT + timedelta(seconds=seconds)
    assert found_created_at(created.isoformat()).id == NOBODY
    assert found_created_at(created.isoformat().replace("+00:00", "Z")).id == NOBODY


@pytest.mark.parametrize("seconds", [-2.000001, -3600])
def test_a_workspace_made_before_the_first_attempt_is_not(seconds: float) -> None:
    """Beyond the two seconds of grace it is somebody else's."""
    created = FIRST_ATTEMPT + timedelta(seconds=seconds)
    with pytest.raises(SlugTakenError):
        found_created_at(created.isoformat())


def test_nothing_is_our_own_without_the_servers_clock() -> None:
    """Where no answer had a Date, or created_at is no date, a person must decide."""
    with pytest.raises(SlugTakenError):
        found_created_at(FIRST_ATTEMPT.isoformat(), first_sent=None)
    with pytest.raises(SlugTakenError):
        found_created_at("just now")


@pytest.mark.parametrize("kind", [FaultKind.WRONG_SHAPE, FaultKind.CUT_AFTER])
def test_a_creation_never_answered_is_looked_for(
    simulator: Simulator, new_run: NewRun, kind: FaultKind
) -> None:
    """Where no POST is ever answered, one more look finds the workspace, and the up succeeds."""
    simulator.faults.add(Fault(kind=kind, method="POST", times=None))
    found = create(new_run(LOST_FOR_GOOD))
    assert found.id == simulator.organization.workspace("team").id
    assert slugs(simulator) == ["default", "team"]


def test_a_creation_that_may_be_somebody_elses_says_what_to_do(
    simulator: Simulator, new_run: NewRun
) -> None:
    """If the workspace that is found can't be ours, the error is unsettled and names the way."""
    simulator.organization.create_workspace(name="Theirs", slug="team")
    simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, method="POST", times=None))
    error = error_of(create, new_run(LOST_FOR_GOOD))
    assert isinstance(error, NoAnswerError)
    assert error.unsettled
    assert "adopt_existing=True" in str(error)


@pytest.mark.parametrize("times", [None, 1])
def test_a_creation_that_cannot_be_asked_for_says_what_to_do(
    simulator: Simulator, new_run: NewRun, times: int | None
) -> None:
    """If the look fails too, after silence or a conflict, the error is unsettled and advises."""
    simulator.faults.add(
        Fault(kind=FaultKind.WRONG_SHAPE, method="POST", times=times),
        Fault(kind=FaultKind.STATUS, method="GET", status=403, times=None),
    )
    error = error_of(create, new_run(LOST_FOR_GOOD))
    assert error.unsettled
    assert "if the next up finds the slug taken, set adopt_existing=True" in str(error)


def test_a_creation_that_was_never_made_is_unsettled(simulator: Simulator, new_run: NewRun) -> None:
    """A POST that was cut off each time may still be under way: the error says so."""
    simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, method="POST", times=None))
    error = error_of(create, new_run(LOST_FOR_GOOD))
    assert error.unsettled
    assert slugs(simulator) == ["default"]
    simulator.faults.clear()
    create(new_run())
    assert slugs(simulator) == ["default", "team"]


# adopt_existing


def test_adoption_patches_what_differs(simulator: Simulator, run: Run) -> None:
    """An existing workspace is changed where it differs, and what is not declared is left."""
    existing = simulator.organization.create_workspace(
        name="Team", slug="team", description="theirs", default_text_model="m"
    )
    simulator.log.clear()
    found = create(run, adopt_existing=True, description="ours", io_logging_sampling_rate=1)
    assert found.id == existing.id
    assert requests(simulator) == [
        ("GET", "/workspaces/team"),
        ("PATCH", f"/workspaces/{existing.id}"),
    ]
    now = simulator.organization.workspace("team")
    assert (now.description, now.default_text_model) == ("ours", "m")
    assert set(found.outputs) == {
        *declaration(description="", io_logging_sampling_rate=1),
        *READ_ONLY,
        "updated_at",
    }


def test_adoption_sends_only_the_difference(simulator: Simulator, run: Run) -> None:
    """The PATCH of an adoption has the fields that differ, and no others."""
    simulator.organization.create_workspace(name="Theirs", slug="team", **SETTINGS)
    simulator.log.clear()
    create(run, adopt_existing=True, **{**SETTINGS, "disabled_server_tools": []})
    ((_, _, body),) = writes(simulator)
    assert body == {"name": "Team", "disabled_server_tools": []}


def test_adoption_of_what_is_right_already_sends_nothing(simulator: Simulator, run: Run) -> None:
    """Where nothing differs, taking over is one look."""
    existing = simulator.organization.create_workspace(name="Team", slug="team", **SETTINGS)
    simulator.log.clear()
    found = create(run, adopt_existing=True, **SETTINGS)
    assert (found.id, requests(simulator)) == (existing.id, [("GET", "/workspaces/team")])


def test_adoption_of_nothing_creates(simulator: Simulator, run: Run) -> None:
    """Where nobody has the slug, adopt_existing creates the workspace."""
    create(run, adopt_existing=True)
    assert requests(simulator) == [("GET", "/workspaces/team"), ("POST", "/workspaces")]
    assert slugs(simulator) == ["default", "team"]


def test_adoption_that_cannot_look_creates_nothing(simulator: Simulator, run: Run) -> None:
    """A look that fails is an error before anything is sent."""
    simulator.faults.add(Fault(kind=FaultKind.HTML, status=404, method="GET"))
    error = error_of(lambda: create(run, adopt_existing=True))
    assert isinstance(error, BadAnswerError)
    assert not error.unsettled
    assert simulator.writes() == []


def test_adoption_whose_answer_was_lost_converges(simulator: Simulator, new_run: NewRun) -> None:
    """An adoption that failed may be run again, and takes the same workspace."""
    existing = simulator.organization.create_workspace(name="Theirs", slug="team")
    simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER, method="PATCH", times=None))
    error = error_of(lambda: create(new_run(LOST_FOR_GOOD), adopt_existing=True))
    assert error.unsettled
    simulator.faults.clear()
    assert create(new_run(), adopt_existing=True).id == existing.id
    assert simulator.organization.workspace("team").name == "Team"


# the default workspace


def test_the_default_workspace_is_adopted_and_changed(simulator: Simulator, run: Run) -> None:
    """With adopt_existing the default workspace is taken over, and changed as any other."""
    id = simulator.organization.workspace("default").id
    found = create(run, slug="default", name="Main", adopt_existing=True, description="d")
    assert found.id == id
    assert writes(simulator) == [
        ("PATCH", f"/workspaces/{id}", {"name": "Main", "description": "d"})
    ]
    changed = up(run, found, slug="default", name="Main", adopt_existing=True)
    assert writes(simulator) == [("PATCH", f"/workspaces/{id}", {"description": None})]
    assert changed.outputs["slug"] == "default"


@pytest.mark.parametrize("force_destroy", [False, True])
def test_the_default_workspace_is_only_forgotten(
    simulator: Simulator, new_run: NewRun, force_destroy: bool
) -> None:
    """Its deletion sends nothing, keeps its API keys, and says what it does."""
    found = create(
        new_run(), slug="default", adopt_existing=True, force_destroy=force_destroy, name="Default"
    )
    simulator.organization.create_key("theirs", workspace="default")
    simulator.log.clear()
    run = new_run()
    run.workspaces.delete(found.id, found.outputs)
    assert requests(simulator) == []
    (said,) = run.said
    assert "'default' can't be deleted: it is only forgotten" in said


# delete


def test_delete_is_one_request(simulator: Simulator, new_run: NewRun) -> None:
    """A workspace is deleted by its id, in one request, in silence."""
    found = create(new_run())
    simulator.log.clear()
    run = new_run()
    run.workspaces.delete(found.id, found.outputs)
    assert requests(simulator) == [("DELETE", f"/workspaces/{found.id}")]
    assert slugs(simulator) == ["default"]
    assert run.said == []


def test_delete_of_what_is_gone_succeeds(simulator: Simulator, new_run: NewRun) -> None:
    """A workspace that somebody else deleted needs nothing more, nor do its keys."""
    for force_destroy in (False, True):
        found = create(new_run(), force_destroy=force_destroy)
        simulator.organization.delete_workspace("team")
        new_run().workspaces.delete(found.id, found.outputs)
    assert slugs(simulator) == ["default"]


@pytest.mark.parametrize("fault", APPLIED_UNANSWERED)
def test_a_delete_whose_answer_was_lost_succeeds(
    simulator: Simulator, new_run: NewRun, fault: Fault
) -> None:
    """The 404 of the repeated DELETE says that the first one was heard."""
    found = create(new_run())
    simulator.faults.add(attrs.evolve(fault, method="DELETE"))
    new_run().workspaces.delete(found.id, found.outputs)
    assert slugs(simulator) == ["default"]


@pytest.mark.parametrize(("fault", "kind", "seconds"), NOT_GONE)
@pytest.mark.parametrize("force_destroy", [False, True])
def test_a_delete_that_fails_never_says_gone(
    simulator: Simulator,
    new_run: NewRun,
    fault: Fault,
    kind: Kind,
    seconds: float,
    force_destroy: bool,
) -> None:
    """401, 403, 5xx, a proxy's 404 and a broken connection are errors, and delete nothing."""
    found = create(new_run(), force_destroy=force_destroy)
    simulator.faults.add(fault)
    run = new_run(seconds)
    assert isinstance(error_of(run.workspaces.delete, found.id, found.outputs), kind)
    assert slugs(simulator) == ["default", "team"]


def test_api_keys_that_hold_a_workspace_back_are_named(
    simulator: Simulator, new_run: NewRun
) -> None:
    """The error names each active key with its label, and every way out; nothing is deleted."""
    organization = simulator.organization
    found = create(new_run())
    keys = [organization.create_key(name, workspace="team") for name in ("build", "deploy")]
    organization.create_key("asleep", workspace="team", disabled=True)
    organization.create_key("elsewhere", workspace="default")
    run = new_run()
    error = error_of(run.workspaces.delete, found.id, found.outputs)
    for key in keys:
        assert f"{key.name} ({key.label})" in str(error)
    assert "asleep" not in str(error)
    assert "elsewhere" not in str(error)
    assert "force_destroy=True" in str(error)
    assert "another workspace" in str(error)
    assert not error.unsettled
    assert len(organization.keys) == 4
    assert slugs(simulator) == ["default", "team"]


def test_disabled_keys_hold_nothing_back(simulator: Simulator, new_run: NewRun) -> None:
    """A workspace with disabled keys alone is deleted without force_destroy."""
    found = create(new_run())
    simulator.organization.create_key("asleep", workspace="team", disabled=True)
    new_run().workspaces.delete(found.id, found.outputs)
    assert slugs(simulator) == ["default"]


def test_another_refusal_to_delete_is_the_apis(simulator: Simulator, new_run: NewRun) -> None:
    """A 400 that no key explains is passed on in the API's words."""
    found = create(new_run())
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="DELETE", status=400, message="not on a Sunday")
    )
    error = error_of(new_run().workspaces.delete, found.id, found.outputs)
    assert str(error) == "400 not on a Sunday"


def test_a_refusal_to_delete_whose_keys_cannot_be_listed_is_the_apis(
    simulator: Simulator, new_run: NewRun
) -> None:
    """Where the keys can't be listed, the error is about the deletion, not about the list."""
    found = create(new_run())
    simulator.organization.create_key("build", workspace="team")
    simulator.faults.add(Fault(kind=FaultKind.STATUS, path="/keys", status=403))
    error = error_of(new_run().workspaces.delete, found.id, found.outputs)
    assert "400 Workspaces with active API keys cannot be deleted" in str(error)


def test_force_destroy_deletes_the_keys_first(simulator: Simulator, new_run: NewRun) -> None:
    """The keys of the workspace, disabled ones too, are listed and deleted before it."""
    organization = simulator.organization
    found = create(new_run(), force_destroy=True)
    keys = [organization.create_key(name, workspace="team") for name in ("build", "deploy")]
    keys.append(organization.create_key("asleep", workspace="team", disabled=True))
    other = organization.create_key("elsewhere", workspace="default")
    simulator.log.clear()
    new_run().workspaces.delete(found.id, found.outputs)
    # The list of keys has no count: only an empty page says that it is complete.
    assert requests(simulator) == [
        ("GET", "/keys"),
        ("GET", "/keys"),
        *(("DELETE", f"/keys/{key.hash}") for key in keys),
        ("DELETE", f"/workspaces/{found.id}"),
    ]
    assert organization.keys == [other]


def test_a_key_that_somebody_else_deletes_is_no_error(
    simulator: Simulator, new_run: NewRun
) -> None:
    """force_destroy goes on where a key is gone by the time that it is deleted."""
    found = create(new_run(), force_destroy=True)
    for name in ("build", "deploy"):
        simulator.organization.create_key(name, workspace="team")
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="DELETE", path="/keys/*", status=404, applied=True)
    )
    new_run().workspaces.delete(found.id, found.outputs)
    assert slugs(simulator) == ["default"]
    assert simulator.organization.keys == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.STATUS, path="/keys*", status=403),
        Fault(kind=FaultKind.HTML, path="/keys*", status=404),
        Fault(kind=FaultKind.STATUS, method="DELETE", path="/keys/*", status=403),
        Fault(kind=FaultKind.HTML, method="DELETE", path="/keys/*", status=404),
    ],
)
def test_force_destroy_stops_where_a_key_cannot_be_deleted(
    simulator: Simulator, new_run: NewRun, fault: Fault
) -> None:
    """A refusal or a proxy's page about the keys is an error, and the workspace stays."""
    found = create(new_run(), force_destroy=True)
    simulator.organization.create_key("build", workspace="team")
    simulator.faults.add(fault)
    error_of(new_run().workspaces.delete, found.id, found.outputs)
    assert slugs(simulator) == ["default", "team"]


# what this run declares, this run never deletes


def delete(run: Run, found: Found) -> list[str]:
    """Delete, and tell what was said."""
    run.workspaces.delete(found.id, found.outputs)
    return run.said


def test_a_resource_renamed_without_an_alias_keeps_its_workspace(
    simulator: Simulator, new_run: NewRun
) -> None:
    """What a new resource adopts is not deleted by the removal of the old one in the same run."""
    old = create(new_run())
    run = new_run()
    new = create(run, adopt_existing=True)
    assert new.id == old.id
    (said,) = delete(run, old)
    assert "'team' is left alone: another resource of this stack declares it" in said
    assert slugs(simulator) == ["default", "team"]


def test_a_workspace_that_was_compared_is_kept(simulator: Simulator, new_run: NewRun) -> None:
    """What one resource still declares is not deleted by the removal of another one."""
    found = create(new_run())
    run = new_run()
    assert differs(run, found) == ()
    assert "left alone" in delete(run, found)[0]
    assert slugs(simulator) == ["default", "team"]


def test_a_plain_destroy_deletes_everything(simulator: Simulator, new_run: NewRun) -> None:
    """A run that declares nothing deletes what it is told to."""
    found = create(new_run(), adopt_existing=True)
    assert delete(new_run(), found) == []
    assert slugs(simulator) == ["default"]


def test_destroy_after_refresh_deletes_everything(simulator: Simulator, new_run: NewRun) -> None:
    """The comparison that a refresh makes declares nothing."""
    found = create(new_run())
    run = new_run()
    assert delete(run, refresh(run, found)) == []
    assert slugs(simulator) == ["default"]


def test_an_up_after_refresh_keeps_what_it_declares(simulator: Simulator, new_run: NewRun) -> None:
    """What is checked is declared, though it was read and compared before."""
    found = create(new_run())
    run = new_run()
    found = refresh(run, found)
    assert differs(run, found) == ()
    assert "left alone" in delete(run, found)[0]
    assert slugs(simulator) == ["default", "team"]


def test_delete_before_replace_really_deletes(simulator: Simulator, new_run: NewRun) -> None:
    """A replacement is checked like something new, so the old object may go, and comes back."""
    old = create(new_run())
    run = new_run()
    differs(run, old)
    inputs = checked(run, {})
    assert delete(run, old) == []
    assert slugs(simulator) == ["default"]
    new = run.workspaces.create(inputs)
    assert new.id != old.id
    assert slugs(simulator) == ["default", "team"]


def test_create_before_delete_keeps_what_is_adopted(simulator: Simulator, new_run: NewRun) -> None:
    """A replacement that adopts its own predecessor is not deleted with it."""
    old = create(new_run(), adopt_existing=True)
    run = new_run()
    differs(run, old, adopt_existing=True)
    new = create(run, adopt_existing=True)
    assert new.id == old.id
    assert "left alone" in delete(run, old)[0]
    assert slugs(simulator) == ["default", "team"]


def test_a_new_workspace_does_not_forget_another(simulator: Simulator, new_run: NewRun) -> None:
    """Only a check of something new gives anything up, and only what stands for its own slug."""
    found = create(new_run())
    run = new_run()
    differs(run, found)
    checked(run, {}, slug="other")
    checked(run, declaration(slug="other"))
    assert "left alone" in delete(run, found)[0]
    assert slugs(simulator) == ["default", "team"]


# get


def test_get_reads_every_field(simulator: Simulator, run: Run) -> None:
    """All that the API tells is an output, and nothing that only a managed resource has."""
    workspace = simulator.organization.create_workspace(name="Team", slug="team", **SETTINGS)
    simulator.log.clear()
    found = run.workspaces.read(workspace.id, {})
    assert found is not None
    assert found.id == workspace.id
    assert {**found.outputs, "name": "Team", "slug": "team", **SETTINGS} == found.outputs
    assert set(found.outputs) == {"name", "slug", *SETTINGS, *READ_ONLY}
    assert not run.workspaces.is_managed(found.outputs)
    assert requests(simulator) == [("GET", f"/workspaces/{workspace.id}")]


def test_refresh_of_a_get_reads_every_field_again(simulator: Simulator, run: Run) -> None:
    """A field set since the last look appears, one that was cleared goes."""
    workspace = simulator.organization.create_workspace(name="Team", slug="team", description="d")
    first = run.workspaces.read(workspace.id, {})
    assert first is not None
    simulator.organization.update_workspace("team", description=None, default_text_model="m")
    again = run.workspaces.read(workspace.id, as_engine(first.outputs))
    assert again is not None
    assert "description" not in again.outputs
    assert again.outputs["default_text_model"] == "m"


def test_get_by_slug_is_refused_with_the_id(simulator: Simulator, run: Run) -> None:
    """A slug is not an id: the error names the UUID that belongs there."""
    workspace = simulator.organization.create_workspace(name="Team", slug="team")
    error = error_of(run.workspaces.read, "team", {})
    assert str(error) == f"get takes the UUID, not the slug: that is {workspace.id}"


@pytest.mark.parametrize("ref", [NOBODY, "nobody"])
def test_get_of_nothing_is_an_error(run: Run, ref: str) -> None:
    """A workspace that does not exist can't be had."""
    assert str(error_of(run.workspaces.read, ref, {})) == "there is no such workspace"


def test_a_get_that_is_gone_is_dropped_by_refresh(simulator: Simulator, run: Run) -> None:
    """What was read before and is deleted since leaves the state."""
    workspace = simulator.organization.create_workspace(name="Team", slug="team")
    found = run.workspaces.read(workspace.id, {})
    assert found is not None
    simulator.organization.delete_workspace("team")
    assert run.workspaces.read(workspace.id, found.outputs) is None


def test_a_get_declares_nothing(simulator: Simulator, new_run: NewRun) -> None:
    """A workspace that is only read in a run may be deleted by that run."""
    found = create(new_run())
    run = new_run()
    assert run.workspaces.read(found.id, {}) is not None
    assert delete(run, found) == []
    assert slugs(simulator) == ["default"]


# how errors call it


def test_errors_call_a_workspace_by_its_slug(run: Run) -> None:
    """People know the slug; where it is not known, the id must do."""
    assert run.workspaces.label(NOBODY, {"slug": "team"}) == "'team'"
    assert run.workspaces.label(NOBODY, {"slug": UNKNOWN}) == NOBODY
    assert run.workspaces.label(NOBODY, {}) == NOBODY
