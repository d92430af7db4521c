"""Pulumi's own mocks, with which people test a program without an engine."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pulumi
import pytest
from pulumi import Output
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

import pulumi_openrouter as openrouter
from pulumi_openrouter.simulator import Simulator

TEAM = {"id": "1", "name": "Team", "slug": "team", "created_at": "2026-01-01T00:00:00Z"}
BUDGETS = {"data": [{"limit_usd": 5, "reset_interval": "monthly"}]}
SPEND = {
    "id": "1",
    "slug": "team",
    "name": "Team",
    "intervals": [],
    "keys": [],
    "includes_byok": False,
    "includes_deleted_keys": False,
}
ANSWERS = {
    "getWorkspace": TEAM,
    "getWorkspaces": {"data": [TEAM]},
    "getWorkspaceBudgets": BUDGETS,
    "getWorkspaceMembers": {"data": [{"user_id": "user_1", "role": "member"}]},
    "getApiKeys": {"data": []},
    "getGuardrails": {"data": []},
    "getSpend": SPEND,
    "getOrganizationMembers": {"data": [{"id": "user_1", "email": "ada@example.com"}]},
}


@attrs.define
class Answering(Mocks):
    """Gives these answers, and notes the calls."""

    answers: dict[str, Any]
    calls: list[tuple[str, dict[str, Any]]] = attrs.field(factory=list)

    def call(self, args: MockCallArgs) -> Any:
        self.calls.append((args.token, args.args))
        return self.answers[args.token.rpartition(":")[2]]

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", args.inputs


@pytest.fixture(autouse=True)
def _real(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of somebody who uses the real API, which hears nothing of a mocked program."""
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", simulator.key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", simulator.base_url)
    yield
    assert simulator.log == []


def mocked(program: Callable[[], Any], mocks: Mocks) -> Any:
    """What a program returns that Pulumi's documentation would test with these mocks."""
    found: list[Any] = []

    def inside() -> None:
        pulumi.runtime.set_mocks(mocks)
        pulumi.runtime.test(lambda: Output.from_input(program()).apply(found.append))()  # type: ignore[no-untyped-call]

    contextvars.copy_context().run(inside)
    return found[0]


def everything() -> list[Any]:
    return [
        openrouter.get_workspace("team").slug,
        [workspace.slug for workspace in openrouter.get_workspaces()],
        openrouter.get_workspace_budgets("team").limits,
        [member.user_id for member in openrouter.get_workspace_members("team")],
        openrouter.get_api_keys("team"),
        openrouter.get_guardrails("team"),
        openrouter.get_spend("team").slug,
        [person.email for person in openrouter.get_organization_members()],
    ]


def test_mocks_answer_each_function() -> None:
    """They get its token and its arguments, and answer as the API does."""
    mocks = Answering(ANSWERS)
    assert mocked(everything, mocks) == [
        "team",
        ["team"],
        {"monthly": 5},
        ["user_1"],
        [],
        [],
        "team",
        ["ada@example.com"],
    ]
    assert mocks.calls == [
        ("openrouter:index:getWorkspace", {"ref": "team"}),
        ("openrouter:index:getWorkspaces", {}),
        ("openrouter:index:getWorkspaceBudgets", {"ref": "team"}),
        ("openrouter:index:getWorkspaceMembers", {"ref": "team"}),
        ("openrouter:index:getApiKeys", {"ref": "team"}),
        ("openrouter:index:getGuardrails", {"ref": "team"}),
        ("openrouter:index:getSpend", {"ref": "team"}),
        ("openrouter:index:getOrganizationMembers", {}),
    ]


def test_the_forms_that_take_outputs_are_mocked_as_well() -> None:
    """They ask the mocks once their argument is known."""
    found = mocked(
        lambda: openrouter.get_workspace_output(Output.from_input("team")).slug, Answering(ANSWERS)
    )
    assert found == "team"


def test_every_function_can_be_mocked() -> None:
    """None has been forgotten here."""
    names = [name for name in openrouter.__all__ if name.startswith("get_")]
    short = {name.removeprefix("get_") for name in names if not name.endswith("_output")}
    assert short == {
        "".join(f"_{char.lower()}" if char.isupper() else char for char in name)[4:]
        for name in ANSWERS
    }


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "with something else than WorkspaceInfo"),
        (None, "with something else than WorkspaceInfo"),
        (({**TEAM}, None), None),
    ],
)
def test_an_answer_of_another_shape_is_told(answer: Any, reason: str | None) -> None:
    """Mocks that know nothing of a function are named, and so is what they should answer."""
    program = lambda: openrouter.get_workspace("team").slug  # noqa: E731
    if reason is None:
        assert mocked(program, Answering({"getWorkspace": answer})) == "team"
        return
    with pytest.raises(pulumi.RunError, match=f"openrouter:index:getWorkspace {reason}"):
        mocked(program, Answering({"getWorkspace": answer}))


def test_resources_are_mocked_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind is made of what the mocks answer; components have their resources."""
    monkeypatch.delenv("OPENROUTER_MANAGEMENT_KEY")

    def program() -> Any:
        own = openrouter.Workspace("own", description="d")
        budget = openrouter.WorkspaceBudget("own", workspace_id=own, daily_limit_usd=5)
        openrouter.WorkspaceMembership("own", workspace_id=own, emails=["ada@example.com"])
        team = openrouter.TeamWorkspace("team", monthly_limit_usd=7)
        found = openrouter.Workspace.get("found", "2284b7a4-47e7-4593-8b58-85ca0bb2c3f0")
        assert team.budget
        return Output.all(
            own.id, own.slug, budget.workspace_id, team.budget.monthly_limit_usd, found.id
        )

    assert mocked(program, Answering({})) == [
        "own-id",
        "own",
        "own-id",
        7,
        "2284b7a4-47e7-4593-8b58-85ca0bb2c3f0",
    ]
