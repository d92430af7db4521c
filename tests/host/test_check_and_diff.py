from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.host.dynamic_host import UNKNOWN, Host, Kind, Properties

ID = "11111111-2222-3333-4444-555555555555"
SECRET = "s3cret"
KINDS = ["workspaces", "budgets", "memberships"]

WORKSPACE: Properties = {
    "name": "Team",
    "slug": "team",
    "adopt_existing": False,
    "force_destroy": False,
}
BUDGET: Properties = {"workspace_id": ID, "monthly_limit_usd": 100, "exclusive": False}
MEMBERSHIP: Properties = {"workspace_id": ID, "user_ids": ["user_a"], "exclusive": False}
INPUTS: dict[str, Properties] = {
    "workspaces": WORKSPACE,
    "budgets": BUDGET,
    "memberships": MEMBERSHIP,
}
OUTPUTS: dict[str, Properties] = {
    "workspaces": {**WORKSPACE, "created_at": "2026-01-02T03:04:05Z"},
    "budgets": BUDGET,
    "memberships": {**MEMBERSHIP, "members": [{"user_id": "user_a", "role": "member"}]},
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """An API that is away: whatever is sent fails."""
    with Simulator() as running:
        running.pause()
        yield running


@pytest.fixture(scope="module")
def environment(simulator: Simulator) -> dict[str, str]:
    """No key, and nobody to send it to."""
    return {"OPENROUTER_BASE_URL": simulator.base_url}


def kind_of(host: Host, name: str) -> Kind:
    kind = getattr(host, name)
    assert isinstance(kind, Kind)
    return kind


# Without key and network, as every test of this module


@pytest.mark.parametrize("name", KINDS)
def test_previews_without_key_and_network(host: Host, name: str) -> None:
    """Check and diff of every resource work where there is no key and nothing listens."""
    kind, inputs, outputs = kind_of(host, name), INPUTS[name], OUTPUTS[name]
    assert kind.check(inputs).failures == []
    assert kind.check(inputs, inputs).inputs == inputs
    assert not kind.diff(ID, outputs, inputs).changes


# Unknown values


@pytest.mark.parametrize(
    ("name", "unknown"),
    [
        ("workspaces", {"name": UNKNOWN}),
        ("workspaces", {"slug": UNKNOWN}),
        ("workspaces", {"description": UNKNOWN, "io_logging_sampling_rate": UNKNOWN}),
        ("workspaces", {"adopt_existing": UNKNOWN, "force_destroy": UNKNOWN}),
        ("workspaces", {"io_logging_api_key_ids": UNKNOWN}),
        ("workspaces", {"io_logging_api_key_ids": [1, 2, UNKNOWN]}),
        ("workspaces", {"disabled_server_tools": [UNKNOWN, UNKNOWN]}),
        ("budgets", {"workspace_id": UNKNOWN}),
        ("budgets", {"monthly_limit_usd": UNKNOWN, "daily_limit_usd": UNKNOWN}),
        ("budgets", {"include_byok_in_budgets": UNKNOWN, "exclusive": UNKNOWN}),
        ("memberships", {"workspace_id": UNKNOWN}),
        ("memberships", {"user_ids": UNKNOWN}),
        ("memberships", {"emails": ["ada@example.com", UNKNOWN]}),
        ("memberships", {"user_ids": [UNKNOWN], "exclusive": UNKNOWN}),
    ],
)
def test_unknown_values_pass_and_stay_unknown(host: Host, name: str, unknown: Properties) -> None:
    """A value that only the update will know passes check, nested too, and comes back unknown."""
    checked = kind_of(host, name).check({**INPUTS[name], **unknown})
    assert checked.failures == []
    assert checked.inputs == {**INPUTS[name], **unknown}


@pytest.mark.parametrize(
    ("name", "inputs", "wrong"),
    [
        ("workspaces", {"slug": UNKNOWN, "name": 5, "description": UNKNOWN}, ["name"]),
        ("workspaces", {"io_logging_api_key_ids": [UNKNOWN, 1.5]}, ["io_logging_api_key_ids[1]"]),
        ("workspaces", {"disabled_server_tools": [UNKNOWN, "bash"]}, ["disabled_server_tools[1]"]),
        ("budgets", {"workspace_id": UNKNOWN, "daily_limit_usd": -1}, ["daily_limit_usd"]),
        (
            "budgets",
            {"monthly_limit_usd": UNKNOWN, "weekly_limit_usd": 5, "daily_limit_usd": 10},
            ["weekly_limit_usd"],
        ),
        ("memberships", {"workspace_id": UNKNOWN, "user_ids": [5]}, ["user_ids[0]"]),
        ("memberships", {"emails": [UNKNOWN, "nobody"], "user_ids": UNKNOWN}, ["emails[1]"]),
    ],
)
def test_an_unknown_value_hides_no_problem(
    host: Host, name: str, inputs: Properties, wrong: list[str]
) -> None:
    """Beside an unknown value everything else is checked, the other elements of its list too."""
    failures = kind_of(host, name).check({**INPUTS[name], **inputs}).failures
    assert [property for property, _ in failures] == wrong


@pytest.mark.parametrize(
    ("name", "unknown", "replaces"),
    [
        ("workspaces", {"description": UNKNOWN}, []),
        ("workspaces", {"io_logging_api_key_ids": [UNKNOWN]}, []),
        ("budgets", {"monthly_limit_usd": UNKNOWN}, []),
        ("budgets", {"workspace_id": UNKNOWN}, ["workspace_id"]),
        ("memberships", {"emails": [UNKNOWN]}, []),
        ("memberships", {"workspace_id": UNKNOWN}, ["workspace_id"]),
    ],
)
def test_an_unknown_value_differs(
    host: Host, name: str, unknown: Properties, replaces: list[str]
) -> None:
    """An unknown value may be another one: that is a change, and a replacement of its parent."""
    diffed = kind_of(host, name).diff(ID, OUTPUTS[name], {**INPUTS[name], **unknown})
    assert (diffed.changes, diffed.replaces) == (True, replaces)


# The engine's numbers and nulls


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("workspaces", {"io_logging_api_key_ids": [1, 2**53 - 1]}),
        ("workspaces", {"io_logging_sampling_rate": 1}),
        ("budgets", {"daily_limit_usd": 5, "lifetime_limit_usd": 1e300}),
    ],
)
def test_every_number_is_a_double(host: Host, name: str, numbers: Properties) -> None:
    """Whole numbers arrive as doubles, are as good as integers, and make no difference."""
    inputs = {**INPUTS[name], **numbers}
    assert kind_of(host, name).check(inputs).failures == []
    assert not kind_of(host, name).diff(ID, {**OUTPUTS[name], **numbers}, inputs).changes


@pytest.mark.parametrize("name", KINDS)
def test_none_is_not_declared(host: Host, name: str) -> None:
    """A property that is null is as good as absent, in check and in diff."""
    nulls = {
        "workspaces": {"description": None, "disabled_server_tools": None},
        "budgets": {"daily_limit_usd": None, "include_byok_in_budgets": None},
        "memberships": {"emails": None},
    }[name]
    checked = kind_of(host, name).check({**INPUTS[name], **nulls})
    assert (checked.inputs, checked.failures) == (INPUTS[name], [])
    assert not kind_of(host, name).diff(ID, OUTPUTS[name], {**INPUTS[name], **nulls}).changes


# What the engine gives as old


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("workspaces", {"description": "old"}),
        ("budgets", {"daily_limit_usd": 5}),
        ("memberships", {"emails": ["ada@example.com"]}),
    ],
)
def test_what_is_declared_no_longer_differs(host: Host, name: str, declared: Properties) -> None:
    """The old outputs say what was declared: gone from the inputs, it is a change."""
    kind, outputs = kind_of(host, name), OUTPUTS[name]
    assert kind.diff(ID, {**outputs, **declared}, INPUTS[name]).changes
    assert not kind.diff(ID, outputs, INPUTS[name]).changes


def test_read_only_outputs_never_differ(host: Host) -> None:
    """Outputs that no program declares are no difference."""
    outputs = {**OUTPUTS["workspaces"], "updated_at": "2026-01-02", "created_by": "user_a"}
    assert not host.workspaces.diff(ID, outputs, WORKSPACE).changes


def test_check_is_given_the_old_inputs(host: Host) -> None:
    """That a workspace is the default one is known from its old inputs."""
    olds = {**WORKSPACE, "slug": "default", "adopt_existing": True}
    failures = host.workspaces.check({**olds, "slug": "team"}, olds).failures
    assert [property for property, _ in failures] == ["slug"]
    assert host.workspaces.check({**olds, "slug": "team"}).failures == []


@pytest.mark.parametrize("name", ["budgets", "memberships"])
def test_another_workspace_replaces(host: Host, name: str) -> None:
    """What belongs to a workspace can't move to another one."""
    news = {**INPUTS[name], "workspace_id": ID.replace("1", "9")}
    diffed = kind_of(host, name).diff(ID, OUTPUTS[name], news)
    assert (diffed.changes, diffed.replaces) == (True, ["workspace_id"])


def test_a_workspace_is_never_replaced(host: Host) -> None:
    """Name and slug are changed in place."""
    diffed = host.workspaces.diff(ID, OUTPUTS["workspaces"], {"name": "X", "slug": "x"})
    assert (diffed.changes, diffed.replaces) == (True, [])


# Failures


ALL_WRONG: dict[str, dict[str, Any]] = {
    "workspaces": {
        "name": "",
        "slug": f"{SECRET}!",
        "description": SECRET * 100,
        "default_text_model": [SECRET],
        "default_provider_sort": SECRET,
        "io_logging_api_key_ids": [SECRET],
        "io_logging_sampling_rate": SECRET,
        "is_data_discount_logging_enabled": SECRET,
        "disabled_server_tools": [SECRET],
        "adopt_existing": SECRET,
        "force_destroy": SECRET,
    },
    "budgets": {
        "workspace_id": SECRET,
        "daily_limit_usd": SECRET,
        "weekly_limit_usd": 0,
        "monthly_limit_usd": -1,
        "lifetime_limit_usd": True,
        "include_byok_in_budgets": SECRET,
        "exclusive": SECRET,
    },
    "memberships": {
        "workspace_id": SECRET,
        "user_ids": [f"{SECRET} {SECRET}"],
        "emails": [SECRET],
        "exclusive": SECRET,
    },
}


@pytest.mark.parametrize("name", KINDS)
def test_all_problems_come_at_once(host: Host, name: str) -> None:
    """Every wrong property is named by one check, and no reason repeats a value."""
    failures = kind_of(host, name).check(ALL_WRONG[name]).failures
    assert [property.partition("[")[0] for property, _ in failures] == list(ALL_WRONG[name])
    assert not [reason for _, reason in failures if SECRET in reason]
    assert not [reason for _, reason in failures if not reason.startswith("must ")]


def test_several_problems_of_one_property(host: Host) -> None:
    """Each wrong element of a list is a failure of its own, told by its index."""
    emails = ["ada@example.com", "nobody", UNKNOWN, 5]
    failures = host.memberships.check({"workspace_id": ID, "emails": emails}).failures
    assert [property for property, _ in failures] == ["emails[1]", "emails[3]"]


@pytest.mark.parametrize("name", KINDS)
def test_nothing_declared_is_a_failure_and_no_crash(host: Host, name: str) -> None:
    """Inputs without anything are answered with failures."""
    assert kind_of(host, name).check({}).failures


def test_wrong_inputs_come_back_as_they_were(host: Host) -> None:
    """The value of a failed property is handed back untouched, so that the engine shows it."""
    inputs = {**WORKSPACE, "io_logging_api_key_ids": ["x", UNKNOWN]}
    assert host.workspaces.check(inputs).inputs == inputs
