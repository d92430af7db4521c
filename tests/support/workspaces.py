"""Workspaces as the engine drives them: inputs are checked, and outputs come back as floats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import attrs
import pytest

from pulumi_openrouter.api import models
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.errors import (
    BadAnswerError,
    ForbiddenError,
    NoAnswerError,
    OpenRouterError,
    ServerError,
    UnauthorizedError,
)
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.lifecycle import Found, Problem, Values
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.runs import TIMEOUT, Run

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
    inputs = checked(run, run.workspaces.arguments_of(found.outputs), **fields)
    difference = run.workspaces.diff(found.id, found.outputs, inputs)
    assert difference.replaces == ()
    if not difference.changed:
        return found
    return Found(found.id, as_engine(run.workspaces.update(found.id, found.outputs, inputs)))


def refresh(run: Run, found: Found) -> Found:
    """Refresh of a workspace that is there, with the comparison that the engine makes then."""
    live = run.workspaces.read(found.id, found.outputs)
    assert live is not None
    run.workspaces.diff(live.id, live.outputs, run.workspaces.arguments_of(found.outputs))
    return Found(live.id, as_engine(live.outputs))


def differs(run: Run, found: Found, **fields: Any) -> tuple[str, ...]:
    """What a preview shows as changed."""
    inputs = checked(run, run.workspaces.arguments_of(found.outputs), **fields)
    return run.workspaces.diff(found.id, found.outputs, inputs).changed


def declared_outputs(run: Run, found: Found) -> Values:
    """The declared fields of the outputs, without those that never reach the API."""
    local = ("adopt_existing", "force_destroy")
    outputs = run.workspaces.arguments_of(found.outputs)
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


def created_long_ago(simulator: Simulator, **fields: Any) -> models.WorkspaceInfo:
    """A workspace of somebody else, from another year."""
    organization = simulator.organization
    workspace = organization.create_workspace(**{"name": "Team", "slug": "team", **fields})
    organization._keep_workspace(attrs.evolve(workspace, created_at="2025-01-31T10:00:00Z"))
    return Client(simulator.key, simulator.base_url).get_workspace(workspace.id)


def slugs(simulator: Simulator) -> list[str]:
    return [workspace.slug for workspace in simulator.organization.workspaces]
