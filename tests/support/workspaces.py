"""What the engine does to a workspace, values for its fields, and what can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from pulumi_openrouter.core.lifecycle import Problem, Values
from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.runs import TIMEOUT, Run, engine_on
from tools.miniature_engine import State

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
"""The UUID of no workspace."""

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
    # These are retried until the time-out, so the last attempt may get no answer.
    (Fault(kind=FaultKind.STATUS, status=500, times=None), (ServerError, NoAnswerError), 0.5),
    (Fault(kind=FaultKind.HTML, status=502, times=None), (ServerError, NoAnswerError), 0.5),
    (Fault(kind=FaultKind.CUT_BEFORE, times=None), NoAnswerError, 0.5),
]
"""What goes wrong, the error that it leads to, and the time-out of the run in seconds."""
LOST_FOR_GOOD = 1.5
"""The time-out in seconds of a run whose requests never succeed."""


# What the constructor and the engine do


def declaration(**fields: Any) -> dict[str, Any]:
    """The properties that a program's constructor registers; None leaves one out."""
    given = {"name": "Team", "slug": "team", "adopt_existing": False, "force_destroy": False}
    return {name: value for name, value in {**given, **fields}.items() if value is not None}


def checked(run: Run, state: State | None = None, **fields: Any) -> Values:
    """The inputs after a check without problems."""
    inputs, found = engine_on(run.workspaces).check(declaration(**fields), state)
    assert found == []
    return inputs


def problems(**fields: Any) -> list[Problem]:
    """What an offline check finds wrong in a new declaration."""
    return engine_on(Run.offline().workspaces).check(declaration(**fields))[1]


def create(run: Run, **fields: Any) -> State:
    """`pulumi up` of a new workspace."""
    return engine_on(run.workspaces).up(declaration(**fields))


def up(run: Run, state: State, **fields: Any) -> State:
    """`pulumi up` of a workspace in the state; it must not replace it."""
    engine = engine_on(run.workspaces)
    step = engine.plan(declaration(**fields), state)
    assert not step.creates
    return engine.carry_out(step, state)


def get(run: Run, object_id: str) -> State:
    """The first read of a workspace that the program only looks up."""
    found = engine_on(run.workspaces).get(object_id)
    assert found is not None
    return found


def refresh(run: Run, state: State) -> State:
    """`pulumi refresh` of a workspace that exists."""
    found = engine_on(run.workspaces).refresh(state)
    assert found is not None
    return found


def is_gone(run: Run, state: State) -> bool:
    """Whether `pulumi refresh` drops the workspace from the state."""
    return engine_on(run.workspaces).refresh(state) is None


def destroy(run: Run, state: State) -> list[str]:
    """`pulumi destroy`; returns what the run told the user."""
    engine_on(run.workspaces).destroy(state)
    return run.said


def differs(run: Run, state: State, **fields: Any) -> tuple[str, ...]:
    """The fields that `pulumi preview` shows as changed."""
    return engine_on(run.workspaces).plan(declaration(**fields), state).changed


def declared_outputs(run: Run, state: State) -> Values:
    """The declared outputs that the API knows, too."""
    local = ("adopt_existing", "force_destroy")
    outputs = run.workspaces.arguments_of(state.outputs)
    return {name: value for name, value in outputs.items() if name not in local}


def requests(simulator: Simulator) -> list[tuple[str, str]]:
    """What was asked since the last look, whose key it is aside."""
    asked = [(each.method, each.path) for each in simulator.log if each.path != "/key"]
    simulator.log.clear()
    return asked


def writes(simulator: Simulator) -> list[tuple[str, str, Any]]:
    """The requests that change something, since the last call."""
    asked = [(request.method, request.path, request.body) for request in simulator.writes()]
    simulator.log.clear()
    return asked


def error_of(action: Callable[..., object], *arguments: Any) -> OpenRouterError:
    """The error that the action must raise, which is for people to read."""
    with pytest.raises(OpenRouterError) as caught:
        action(*arguments)
    # The host adds what it was doing, and a line where something is unsettled.
    assert 1 <= len(str(caught.value).splitlines()) <= 3
    assert "sk-or-mgmt" not in str(caught.value)
    return caught.value


def created_long_ago(simulator: Simulator, **fields: Any) -> models.WorkspaceInfo:
    """Somebody else's workspace, made in another year."""
    organization = simulator.organization
    workspace = organization.create_workspace(**{"name": "Team", "slug": "team", **fields})
    organization._keep_workspace(attrs.evolve(workspace, created_at="2025-01-31T10:00:00Z"))
    return Client(simulator.key, simulator.base_url).get_workspace(workspace.id)


def slugs(simulator: Simulator) -> list[str]:
    """The slugs of all workspaces."""
    return [workspace.slug for workspace in simulator.organization.workspaces]
