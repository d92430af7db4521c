"""What follows from the declarations of the resources, and must not drift from them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pulumi import Output

import pulumi_openrouter
from pulumi_openrouter import (
    ApiKey,
    ByokKey,
    Guardrail,
    Workspace,
    WorkspaceBudget,
    WorkspaceDefaultGuardrail,
    WorkspaceMember,
    WorkspaceMembership,
    host,
)
from pulumi_openrouter.core.fields import Field, fields_of
from tests.support.type_checker import type_checked

RESOURCES: list[type[Any]] = [
    Workspace,
    WorkspaceBudget,
    WorkspaceMembership,
    ApiKey,
    Guardrail,
    WorkspaceDefaultGuardrail,
    ByokKey,
]
EACH = pytest.mark.parametrize("resource", RESOURCES)
EACH_FIELD = pytest.mark.parametrize(
    "field",
    [
        pytest.param(field, id=f"{resource.__name__}.{name}")
        for resource in RESOURCES
        for name, field in fields_of(resource).items()
    ],
)

PROGRAM = """
from datetime import datetime, timezone

from pulumi import Output, ResourceOptions
from pulumi_openrouter import (
    ApiKey, ByokKey, Guardrail, WorkspaceDefaultGuardrail,
    WorkspaceMember, Workspace, WorkspaceBudget, WorkspaceMembership, host
)

known: Output[str] = Output.from_input("x")
team = Workspace("team")
full = Workspace(
    "full",
    name="Full",
    slug=known,
    description=None,
    default_provider_sort="price",
    io_logging_api_key_ids=[1, Output.from_input(2)],
    io_logging_sampling_rate=1,
    is_observability_broadcast_enabled=True,
    disabled_server_tools=("openrouter:bash", known),
    adopt_existing=Output.from_input(True),
    force_destroy=False,
    opts=ResourceOptions(protect=True),
)
budget = WorkspaceBudget("budget", workspace_id=team, daily_limit_usd=1, exclusive=True)
WorkspaceBudget("by-id", workspace_id=team.id, monthly_limit_usd=Output.from_input(2.5))
people = WorkspaceMembership("people", workspace_id="x", emails=["ada@example.com"])
Workspace.get("got", team.id, ResourceOptions(parent=team))
key = ApiKey("ci", workspace_id=team, limit=5, expires_at=datetime.now(timezone.utc))
ApiKey("ci", workspace_id=team.id, expires_at=known, keepers={"month": "2027-01"})
safe = Guardrail(
    "safe",
    workspace_id=team,
    limit_usd=5,
    reset_interval="monthly",
    allowed_models=["x/y", known],
    content_filters=[{"pattern": known, "action": "redact"}],
    content_filter_builtins=[{"slug": "email", "action": "block"}],
    keys=[key, known, "x"],
    emails=["ada@example.com"],
)
WorkspaceDefaultGuardrail("everybody", workspace_id=team.id, enforce_zdr_other=True)
own = ByokKey("own", workspace_id=team, provider="openai", key=known, allowed_keys=[key])

slug: Output[str] = full.slug
sort: Output["str | None"] = full.default_provider_sort
created: Output[str] = full.created_at
limit: Output["float | None"] = budget.daily_limit_usd
secret: Output[str] = key.key
members: Output[list[WorkspaceMember]] = people.members
got: WorkspaceMembership = WorkspaceMembership.get("got", "x")

Workspace()  # wrong: call-arg
Workspace("team", "slug")  # wrong: call-arg
Workspace("team", slugg="x")  # wrong: call-arg
Workspace("team", created_at="x")  # wrong: call-arg
Workspace("team", slug=1)  # wrong: arg-type
Workspace("team", force_destroy="yes")  # wrong: arg-type
Workspace("team", io_logging_api_key_ids=["1"])  # wrong: list-item
Workspace("team", io_logging_api_key_ids=1)  # wrong: arg-type
Workspace("team", opts={})  # wrong: arg-type
WorkspaceBudget("budget", daily_limit_usd=1)  # wrong: call-arg
WorkspaceBudget("budget", workspace_id=1)  # wrong: arg-type
WorkspaceBudget("budget", workspace_id=team, daily_limit_usd="1")  # wrong: arg-type
WorkspaceMembership("people", workspace_id=team, emails=[1])  # wrong: list-item
ApiKey("ci", workspace_id=team, keepers={"month": 1})  # wrong: dict-item
ApiKey("ci", workspace_id=team, key="sk-or-v1-x")  # wrong: call-arg
Guardrail("safe", workspace_id=team, keys=[1])  # wrong: list-item
Guardrail("safe", workspace_id=team, content_filters=[{"patern": "x"}])  # wrong: list-item
WorkspaceDefaultGuardrail("safe", workspace_id=team, name="x")  # wrong: call-arg
ByokKey("own", workspace_id=team, provider="openai")  # wrong: call-arg
number: Output[int] = full.slug  # wrong: assignment
"""


@EACH_FIELD
def test_every_field_is_documented(field: Field) -> None:
    """Each field says in a sentence what it is, and knows its own name."""
    assert re.fullmatch(r"[A-Z][^\n]*\.", field.doc)
    assert field.name


@EACH_FIELD
def test_a_fields_default_is_right(field: Field) -> None:
    """The default of an argument passes its own check; a required one has none."""
    if field.is_argument and not field.required:
        assert list(field.flaws(field.default)) == []
    assert not (field.required and field.default is not None)


@EACH
def test_every_field_is_an_output_for_pulumi(resource: type[Any]) -> None:
    """Pulumi learns from the class the type of every output, and of nothing else."""
    hints = inspect.get_annotations(resource)
    assert list(hints) == list(fields_of(resource))
    origins: set[Any] = {get_origin(hint) for hint in hints.values()}
    assert origins == {Output}


def test_outputs_have_the_declared_types() -> None:
    """The types of outputs follow from the declarations."""
    hints = inspect.get_annotations(Workspace)
    arguments = {name: get_args(hint)[0] for name, hint in hints.items()}
    assert arguments["slug"] is str
    assert arguments["io_logging_api_key_ids"] == list[int]
    assert arguments["disabled_server_tools"] == list[str]
    assert get_args(inspect.get_annotations(WorkspaceMembership)["members"]) == (
        list[WorkspaceMember],
    )
    assert get_args(inspect.get_annotations(WorkspaceBudget)["workspace_id"]) == (str,)


@EACH
def test_the_docstring_lists_every_field(resource: type[Any]) -> None:
    """help() shows each argument and each read-only output with what it is, once."""
    doc = inspect.getdoc(resource) or ""
    arguments, _, outputs = doc.partition("Read-only outputs:")
    for name, field in fields_of(resource).items():
        section = arguments if field.is_argument else outputs
        (line,) = [line for line in section.splitlines() if line.startswith(f"    {name}: ")]
        assert field.doc in line
        assert len(re.findall(rf"^    {name}: ", doc, re.M)) == 1
    assert "\n    resource_name: " in arguments
    assert not doc.startswith("None")


def test_every_public_name_is_documented() -> None:
    """The package, what it exports, and what those offer to a program have docstrings."""
    assert pulumi_openrouter.__doc__
    for name in pulumi_openrouter.__all__:
        assert inspect.getdoc(getattr(pulumi_openrouter, name))
    for resource in RESOURCES:
        assert inspect.getdoc(resource.get)


def test_every_public_class_is_known_by_its_public_name() -> None:
    """A traceback, help() and the documentation call it as programs do."""
    for name in pulumi_openrouter.__all__:
        found = getattr(pulumi_openrouter, name)
        assert found.__name__.rpartition(".")[2] == name


@EACH
def test_a_provider_manages_what_its_resource_declares(resource: type[Any]) -> None:
    """The lifecycle of a resource is over its fields, and known by its own noun."""
    lifecycle = host.LIFECYCLES[resource.noun]
    assert lifecycle.fields == fields_of(resource)
    assert lifecycle.managed_mark in fields_of(resource)


@EACH
def test_a_managed_resource_always_has_its_mark(resource: type[Any]) -> None:
    """The field by which a managed resource is known always has a value, and no `get` reads it."""
    mark = fields_of(resource)[host.LIFECYCLES[resource.noun].managed_mark]
    assert mark.required or (mark.local and mark.default is not None)


def test_type_checkers_know_the_arguments(tmp_path: Path) -> None:
    """mypy accepts a right program, and refuses each wrong line of it, for the right reason."""
    checked = type_checked(tmp_path, PROGRAM)
    assert checked.wrong <= checked.refused, checked.printed
    assert {line for line, _ in checked.wrong} == {line for line, _ in checked.refused}
