"""What a workspace can have only one of, and a program's own classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi import ResourceOptions

from pulumi_openrouter import (
    ApiKey,
    Guardrail,
    Workspace,
    WorkspaceBudget,
    WorkspaceDefaultGuardrail,
    WorkspaceMembership,
)
from tests.support.mock_engine import run_program

ID = "3f0c7d1a-54d1-4a3e-9a55-0f3a5a6b7c8d"


def refusal(program: Callable[[], Any]) -> str:
    """The error at the line of the second."""
    with pytest.raises(ValueError, match="already") as caught:
        run_program(program)
    return str(caught.value)


def test_two_workspaces_of_one_slug_are_refused() -> None:
    """They would undo each other for ever; the error names both, and what to do."""

    def program() -> None:
        Workspace("one", slug="team")
        Workspace("two", slug="team")

    assert refusal(program) == (
        "Workspace 'two': Workspace 'one' has the slug 'team' already; "
        "give one of the two another slug, or remove it"
    )


def test_a_slug_that_is_made_from_the_name_counts() -> None:
    """Names that differ may make the same slug."""

    def program() -> None:
        Workspace("Data Team")
        Workspace("data-team")

    assert "slug 'data-team'" in refusal(program)


def test_a_run_knows_nothing_of_another() -> None:
    """A process may run a program twice, a preview and an up for one."""
    for _ in range(2):
        run_program(lambda: Workspace("team"))


def test_a_workspace_that_is_only_read_counts_not() -> None:
    """It has no slug until it was read."""

    def program() -> None:
        Workspace.get("there", ID)
        Workspace.get("again", ID)

    run_program(program)


@pytest.mark.parametrize("by", ["resource", "id"])
@pytest.mark.parametrize(
    ("kind", "given", "instead"),
    [
        (WorkspaceBudget, {"daily_limit_usd": 1}, "declare all its intervals there"),
        (
            WorkspaceMembership,
            {"exclusive": True},
            "two exclusive ones would remove each other's members",
        ),
        (WorkspaceDefaultGuardrail, {"description": "d"}, "declare all its fields there"),
    ],
)
def test_two_that_would_own_the_same_are_refused(
    kind: Any, given: dict[str, Any], instead: str, by: str
) -> None:
    """Two budgets of a workspace, two exclusive memberships, or two default guardrails of it."""

    def program() -> None:
        team = Workspace("team") if by == "resource" else ID
        kind("one", workspace_id=team, **given)
        kind("two", workspace_id=team, **given)

    name = kind.__name__
    assert refusal(program) == (f"{name} 'two': the workspace has {name} 'one' already; {instead}")


def test_memberships_that_are_not_exclusive_share_a_workspace() -> None:
    """Each owns its own people, beside one that is exclusive."""

    def program() -> None:
        team = Workspace("team")
        WorkspaceMembership("one", workspace_id=team, emails=["ada@example.com"])
        WorkspaceMembership("two", workspace_id=team, emails=["alan@example.com"])
        WorkspaceMembership("all", workspace_id=team, exclusive=True)

    run_program(program)


class Team(Workspace):
    """A program's own kind of workspace."""

    size: int

    def __init__(self, name: str, size: int, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, description=f"{size} people", opts=opts)
        self.size = size


def test_a_subclass_keeps_its_type() -> None:
    """It is the same resource to the engine, with the same outputs."""
    engine = run_program(lambda: Team("team", 5).description)
    (request,) = engine.registered.values()
    assert request.type == "pulumi-python:dynamic/openrouter:Workspace"
    assert engine.result == "5 people"
    assert (Team.__doc__ or "").startswith("A program's own")
    assert "Args:" not in (Team.__doc__ or "")


@pytest.mark.parametrize("field", ["keys", "emails", "user_ids"])
def test_who_is_in_two_guardrails_is_refused(field: str) -> None:
    """A key has one guardrail at the most, a member one in each workspace."""

    def program() -> None:
        team = Workspace("team")
        who = ApiKey("ci", workspace_id=team) if field == "keys" else "ada@example.com"
        governed: dict[str, Any] = {field: [who]}
        for name in ("one", "two"):
            Guardrail(name, workspace_id=team, **governed)

    assert refusal(program) == (
        f"Guardrail 'two': {field} has somebody whom Guardrail 'one' has already; "
        "a key or member has one guardrail at the most"
    )


def test_somebody_may_have_a_guardrail_in_each_workspace() -> None:
    """Only keys have one workspace."""

    def program() -> None:
        for name in ("one", "two"):
            team = Workspace(name)
            Guardrail(name, workspace_id=team, emails=["ada@example.com", "ADA@example.com"])

    run_program(program)


def test_two_guardrails_of_one_name_are_refused() -> None:
    """Nobody could tell them apart, nor which one a lost answer was about."""

    def program() -> None:
        team = Workspace("team")
        Guardrail("safe", workspace_id=team)
        Guardrail("other", workspace_id=Workspace("another"), name="safe")
        Guardrail("second", workspace_id=team, name="safe")

    assert refusal(program) == (
        "Guardrail 'second': Guardrail 'safe' of the same workspace has the name 'safe' already; "
        "give one of the two another name, or remove it"
    )
