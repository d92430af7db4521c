from __future__ import annotations

from typing import Any

import pytest

from pulumi_openrouter import (
    ApiKey,
    ByokKey,
    Guardrail,
    Workspace,
    WorkspaceBudget,
    WorkspaceDefaultGuardrail,
    WorkspaceMembership,
)
from pulumi_openrouter.core.fields import fields_of
from pulumi_openrouter.review.access import ACCESS, effects
from pulumi_openrouter.review.changes import PEOPLE, TOLD_ELSEWHERE
from pulumi_openrouter.review.preview import KINDS, OF_EVERY_RESOURCE, READ_ONLY
from pulumi_openrouter.review.values import Untold

RESOURCES: dict[str, type[Any]] = {
    resource.__name__: resource
    for resource in (
        ApiKey,
        ByokKey,
        Guardrail,
        Workspace,
        WorkspaceBudget,
        WorkspaceDefaultGuardrail,
        WorkspaceMembership,
    )
}


def told(field: str, before: Any, after: Any, kind: str = "Guardrail") -> list[str]:
    """What is said of a change of one property."""
    sides = [{} if value is None else {field: value} for value in (before, after)]
    return [
        f"{effect.direction.value}: {effect.words} {' '.join(effect.items)}".strip()
        for effect in effects(kind, *sides)
    ]


@pytest.mark.parametrize("kind", RESOURCES)
def test_the_properties_are_those_of_the_resources(kind: str) -> None:
    """A review knows by name what it must tell apart: read-only outputs, limits, people."""
    fields = fields_of(RESOURCES[kind])
    read_only = {name for name, field in fields.items() if not field.is_argument}
    assert READ_ONLY[kind] == read_only - OF_EVERY_RESOURCE
    assert set(TOLD_ELSEWHERE[kind]) <= set(fields)
    assert set(ACCESS.get(kind, {})) <= set(fields)
    assert kind != "WorkspaceMembership" or set(PEOPLE) <= set(fields)


def test_every_kind_is_complete() -> None:
    """Each kind of resource has its place in every table."""
    assert set(RESOURCES) == set(KINDS) == set(READ_ONLY) == set(TOLD_ELSEWHERE)
    assert set(ACCESS) <= set(KINDS)


@pytest.mark.parametrize(
    ("field", "before", "after", "said"),
    [
        ("allowed_models", None, ["a"], ["tighter: only these models are allowed a"]),
        ("allowed_models", ["a"], None, ["looser: all models are allowed"]),
        (
            "ignored_providers",
            ["x"],
            ["y"],
            [
                "tighter: providers now forbidden y",
                "looser: providers no longer forbidden x",
            ],
        ),
        ("enforce_zdr_xai", None, False, []),
        ("enforce_zdr_xai", False, True, ["tighter: only zero data retention at xAI: on"]),
        (
            "enforce_zdr_xai",
            True,
            None,
            ["looser: only zero data retention at xAI: left to the account"],
        ),
        (
            "enable_paid_model_training",
            False,
            None,
            ["looser: training by providers of paid models: left to the account"],
        ),
        (
            "enable_paid_model_training",
            None,
            False,
            ["tighter: training by providers of paid models: off"],
        ),
        ("keys", ["a"], ["a", "b"], ["tighter: now holds for API keys b"]),
        (
            "content_filters",
            [{"pattern": "a", "action": "block"}],
            [
                {"pattern": "a", "action": "flag"},
                {"pattern": "b", "action": "redact"},
            ],
            [
                "tighter: content filters added or made stronger b",
                "looser: content filters removed or made weaker a",
            ],
        ),
        (
            "allowed_models",
            ["a"],
            Untold.SECRET,
            ["changed: allowed_models changes, to what is not told"],
        ),
        ("allowed_models", ["a"], ["a"], []),
    ],
)
def test_a_change_says_what_it_allows_and_forbids(
    field: str, before: Any, after: Any, said: list[str]
) -> None:
    """None means that nothing is declared: for lists of what is allowed, everything is."""
    assert told(field, before, after) == said


def test_values_of_another_shape_are_no_error() -> None:
    """A preview may hold what no API would take."""
    for field in ACCESS["Guardrail"]:
        for value in ("text", 1, [1, {"a": "b"}], [["x"]], {"a": 1}):
            assert isinstance(told(field, None, value), list)
            assert isinstance(told(field, value, None), list)
