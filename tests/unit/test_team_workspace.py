"""A team's workspace, its budgets and its members, declared together."""

from __future__ import annotations

import inspect
import re
from typing import Any, cast

import pulumi
import pytest
from pulumi import Output, ResourceOptions

from pulumi_openrouter import TeamWorkspace
from pulumi_openrouter.core.fields import fields_of
from tests.support.mock_engine import Engine, run_program

WHOLE: dict[str, Any] = {
    "description": "Experiments",
    "daily_limit_usd": 20,
    "monthly_limit_usd": 500,
    "include_byok_in_budgets": True,
    "exclusive_budget": True,
    "emails": ["ada@example.com"],
    "user_ids": ["user_1"],
    "exclusive_members": True,
}
CHILDREN = ("Workspace", "WorkspaceBudget", "WorkspaceMembership")


def declared(opts: ResourceOptions | None = None, **given: Any) -> Engine:
    """The engine's notes of a program with one TeamWorkspace."""
    return run_program(lambda: TeamWorkspace("research", **given, opts=opts))


def test_each_argument_reaches_its_resource() -> None:
    """Settings, limits and people are those of the three resources, all of one name."""
    engine = declared(**WHOLE)
    assert set(engine.registered) == {"TeamWorkspace", *CHILDREN}
    assert {request.name for request in engine.registered.values()} == {"research"}
    workspace, budget, membership = (engine.inputs("research", kind) for kind in CHILDREN)
    id = budget.pop("workspace_id")
    assert membership.pop("workspace_id") == id
    assert workspace == {
        "name": "research",
        "slug": "research",
        "description": "Experiments",
        "adopt_existing": False,
        "force_destroy": False,
    }
    assert budget == {
        "daily_limit_usd": 20,
        "monthly_limit_usd": 500,
        "include_byok_in_budgets": True,
        "exclusive": True,
    }
    assert membership == {
        "emails": ["ada@example.com"],
        "user_ids": ["user_1"],
        "exclusive": True,
    }


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({}, {"Workspace"}),
        ({"monthly_limit_usd": 5}, {"Workspace", "WorkspaceBudget"}),
        ({"emails": ["ada@example.com"]}, {"Workspace", "WorkspaceMembership"}),
        ({"user_ids": ["user_1"], "emails": None}, {"Workspace", "WorkspaceMembership"}),
    ],
)
def test_only_what_is_declared_is_made(given: dict[str, Any], made: set[str]) -> None:
    """Without limits there are no budgets to manage, and without people no membership."""
    assert set(declared(**given).registered) == {"TeamWorkspace", *made}


def test_the_resources_belong_to_the_component() -> None:
    """Each has the component for its parent, and is what it was when declared without one."""
    engine = declared(**WHOLE)
    component = engine.registered["TeamWorkspace"]
    assert component.type == "openrouter:index:TeamWorkspace"
    for kind in CHILDREN:
        request = engine.registered[kind]
        assert request.parent.endswith("openrouter:index:TeamWorkspace::research")
        assert [alias.spec.noParent for alias in request.aliases] == [True]


def test_its_budgets_and_members_go_with_the_workspace() -> None:
    """Destroying a TeamWorkspace deletes the workspace, and that takes the others along."""
    engine = declared(**WHOLE)
    for kind in CHILDREN[1:]:
        assert engine.registered[kind].deletedWith.endswith("Workspace::research")


def test_options_hold_for_each_resource() -> None:
    """What a TeamWorkspace is given as options, its three resources are given."""
    engine = declared(ResourceOptions(protect=True, retain_on_delete=True), **WHOLE)
    for kind in CHILDREN:
        request = engine.registered[kind]
        assert request.protect
        assert request.retainOnDelete
    assert engine.registered["WorkspaceBudget"].deletedWith == ""


def test_options_that_name_properties_take_the_names_of_the_component() -> None:
    """Each resource is given those that are about it, by the names that it has itself."""
    names = ["description", "monthly_limit_usd", "emails[0]", "exclusive_members"]
    opts = ResourceOptions(ignore_changes=names, additional_secret_outputs=["members"])
    engine = declared(opts, **WHOLE)
    ignored = [list(engine.registered[kind].ignoreChanges) for kind in CHILDREN]
    assert ignored == [["description"], ["monthly_limit_usd"], ["emails[0]", "exclusive"]]
    secret = [list(engine.registered[kind].additionalSecretOutputs) for kind in CHILDREN]
    assert secret == [[], [], ["members"]]


def test_all_properties_may_be_named_at_once() -> None:
    """The path * is about every resource."""
    engine = declared(ResourceOptions(ignore_changes=["*"]), **WHOLE)
    assert [list(engine.registered[kind].ignoreChanges) for kind in CHILDREN] == [["*"]] * 3


@pytest.mark.parametrize("option", ["ignore_changes", "additional_secret_outputs"])
def test_an_option_that_names_no_property_is_refused(option: str) -> None:
    """It would do nothing, without a word; the error names what was probably meant."""
    expected = f"{option} names 'emials', which is no property of it; did you mean 'emails'?"
    with pytest.raises(ValueError, match=re.escape(expected)):
        declared(ResourceOptions(**cast(Any, {option: ["emials"]})), **WHOLE)


def test_an_alias_holds_for_the_resources_too() -> None:
    """They carried the component's older name, below the component of that name."""
    engine = declared(ResourceOptions(aliases=[pulumi.Alias(name="lab")]), **WHOLE)
    for kind in CHILDREN:
        specs = [alias.spec for alias in engine.registered[kind].aliases]
        assert ("lab", True) in [
            (spec.name, spec.parentUrn.endswith("openrouter:index:TeamWorkspace::lab"))
            for spec in specs
        ]


def test_what_it_offers_is_what_its_resources_offer() -> None:
    """Id, slug, settings and limits are outputs of the component."""

    def program() -> Output[Any]:
        made = TeamWorkspace("research", **WHOLE)
        assert made.budget is not None
        assert made.membership is not None
        return Output.all(
            made.slug, made.description, made.daily_limit_usd, made.workspace_id, made.workspace.id
        )

    *values, id, same_id = run_program(program).result
    assert values == ["research", "Experiments", 20]
    assert id == same_id


def test_a_misspelt_argument_is_an_error_at_its_line() -> None:
    """It names the one that was probably meant."""
    with pytest.raises(
        TypeError, match="unexpected keyword argument 'emals'; did you mean 'emails'"
    ):
        declared(emals=["ada@example.com"])


def test_every_argument_is_in_the_docstring() -> None:
    """Those of the workspace and its budgets too."""
    doc = inspect.getdoc(TeamWorkspace) or ""
    assert [name for name in fields_of(TeamWorkspace) if f"    {name}: " not in doc] == []


def test_a_parent_is_its_own() -> None:
    """A TeamWorkspace may belong to another component; its resources belonged to that before."""

    def program() -> None:
        parent = pulumi.ComponentResource("test:index:Team", "team")
        TeamWorkspace("research", opts=ResourceOptions(parent=parent))

    engine = run_program(program)
    (alias,) = engine.registered["Workspace"].aliases
    assert alias.spec.parentUrn.endswith("test:index:Team::team")


LOCKED_DOWN: dict[str, Any] = {
    "emails": ["ada@example.com"],
    "default_guardrail": {"enforce_zdr_other": True, "allowed_models": ["x/y"]},
    "guardrails": {
        "strict": {"limit_usd": 5, "reset_interval": "daily", "emails": ["ada@example.com"]},
        "loose": {},
    },
}


def test_guardrails_are_declared_with_the_team() -> None:
    """The default one has the team's name, the others that and their own; members come first."""
    engine = declared(**LOCKED_DOWN)
    default = engine.inputs("research", "WorkspaceDefaultGuardrail")
    strict = engine.inputs("research-strict")
    assert default.pop("workspace_id") == strict.pop("workspace_id")
    assert default == LOCKED_DOWN["default_guardrail"]
    assert strict == {
        **LOCKED_DOWN["guardrails"]["strict"],
        "name": "research-strict",
        "exclusive": False,
    }
    assert engine.inputs("research-loose")["name"] == "research-loose"
    needed = engine.requests["research-strict"].dependencies
    assert any("WorkspaceMembership" in urn for urn in needed)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"default_guardrail": Output.from_input({})}, "default_guardrail must be a mapping"),
        ({"guardrails": ["strict"]}, "guardrails must be a mapping"),
        ({"guardrails": {"strict": True}}, "guardrails.strict must be a mapping"),
        ({"default_guardrail": {"name": "x"}}, "unexpected keyword argument 'name'"),
        ({"guardrails": {"strict": {"limit": 5}}}, "did you mean 'limit_usd'"),
    ],
)
def test_a_part_that_is_none_is_told_at_its_place(given: dict[str, Any], words: str) -> None:
    """What the parts are must be known when the program runs; their values need not be."""
    with pytest.raises(TypeError, match=re.escape(words)):
        declared(**given)


def test_options_reach_into_the_guardrails() -> None:
    """A path that begins with the argument is about what that declares, by its own names."""
    paths = ["default_guardrail.allowed_models", "guardrails.strict.limit_usd", "guardrails.loose"]
    engine = declared(ResourceOptions(ignore_changes=paths), **LOCKED_DOWN)
    ignored = {
        request.name: list(request.ignoreChanges)
        for request in engine.registrations
        if "Guardrail" in request.type
    }
    assert ignored == {
        "research": ["allowed_models"],
        "research-strict": ["limit_usd"],
        "research-loose": ["*"],
    }


KEYS: dict[str, Any] = {"ci": {"limit": 5, "limit_reset": "monthly"}, "ada": {}, "cron": None}


def test_keys_are_declared_with_the_team() -> None:
    """Each is an ApiKey with the names of the team and its own, made after the members."""
    engine = declared(keys=KEYS, emails=["ada@example.com"])
    made = {name: engine.inputs(name) for name in engine.requests if name.startswith("research-")}
    assert {name: inputs["name"] for name, inputs in made.items()} == {
        name: name for name in ("research-ci", "research-ada", "research-cron")
    }
    assert made["research-ci"]["limit"] == 5
    request = engine.requests["research-ada"]
    assert any(urn.endswith("WorkspaceMembership::research") for urn in request.dependencies)
    assert request.deletedWith == ""
    assert list(request.additionalSecretOutputs) == ["key"]


def test_its_keys_are_read_back_as_secrets() -> None:
    """The output `keys` maps the names to the secrets, and whoever reads it has a secret."""

    def program() -> Output[Any]:
        made = TeamWorkspace("research", keys=KEYS)
        pulumi.export("keys", made.keys)
        return Output.all(
            made.keys, Output.from_input(made.keys).is_secret(), sorted(made.api_keys)
        )

    engine = run_program(program, answers={"key": "sk-or-v1-x"})
    assert engine.result == [dict.fromkeys(KEYS, "sk-or-v1-x"), True, ["ada", "ci", "cron"]]


def test_options_reach_into_the_keys() -> None:
    """A path names a property of one key, one key, or all of them."""
    paths = ["keys.ci.limit", "keys.ada"]
    engine = declared(ResourceOptions(ignore_changes=paths), keys=KEYS)
    ignored = {name: list(engine.requests[f"research-{name}"].ignoreChanges) for name in KEYS}
    assert ignored == {"ci": ["limit"], "ada": ["*"], "cron": []}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["ci"], "keys must be a mapping"),
        ({"ci": 5}, "keys.ci must be a mapping"),
        ({"ci": {"limt": 5}}, "did you mean 'limit'"),
    ],
)
def test_a_mistake_in_a_key_is_an_error_at_its_line(keys: Any, said: str) -> None:
    """It names the part of the team that is wrong."""
    with pytest.raises(TypeError, match=re.escape(said)):
        declared(keys=keys)


def test_a_guardrail_may_name_the_keys_of_its_team() -> None:
    """As they are called there: the guardrail gets their hashes, and comes after them."""
    engine = declared(keys={"ci": {}}, guardrails={"safe": {"keys": ["ci", 64 * "0"]}})
    first, second = engine.inputs("research-safe")["keys"]
    assert (first != "ci", second) == (True, 64 * "0")
    assert any("ApiKey" in urn for urn in engine.requests["research-safe"].dependencies)
