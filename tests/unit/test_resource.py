"""The constructors, as a program calls them and the engine hears of it."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi import Output, ResourceOptions

from pulumi_openrouter import Workspace, WorkspaceBudget, WorkspaceMembership
from pulumi_openrouter.core.fields import fields_of
from pulumi_openrouter.core.settings import KEY_CONFIG
from pulumi_openrouter.core.workspace import slug_of
from pulumi_openrouter.host import SECRET_NAMES
from tests.support.arguments import ARGUMENTS, ID
from tests.support.mock_engine import run_program

KEY = "sk-or-mgmt-0123456789"

EACH = pytest.mark.parametrize("kind", ARGUMENTS)


def registered(declare: Callable[[], Any], name: str = "it") -> dict[str, Any]:
    """The inputs that the engine gets."""
    return run_program(declare).inputs(name)


@pytest.mark.parametrize(
    ("kind", "token"),
    [
        (Workspace, "pulumi-python:dynamic/openrouter:Workspace"),
        (WorkspaceBudget, "pulumi-python:dynamic/openrouter:WorkspaceBudget"),
        (WorkspaceMembership, "pulumi-python:dynamic/openrouter:WorkspaceMembership"),
    ],
)
def test_types_are_for_ever(kind: type[Any], token: str) -> None:
    """The types in every state are these, when a resource is declared and when it is read."""

    def program() -> None:
        kind("it", **ARGUMENTS[kind])
        kind.get("found", ID)

    engine = run_program(program)
    assert engine.requests["it"].type == token
    assert engine.requests["found"].type == token


@EACH
def test_every_argument_is_registered(kind: type[Any]) -> None:
    """What is given is what the engine gets; the samples here are all the arguments there are."""
    arguments = {name for name, field in fields_of(kind).items() if field.is_argument}
    assert set(ARGUMENTS[kind]) == arguments
    assert registered(lambda: kind("it", **ARGUMENTS[kind])) == ARGUMENTS[kind]


@EACH
def test_every_argument_may_be_an_output(kind: type[Any]) -> None:
    """Each argument may be an Output, of which the value comes later."""
    given = {name: Output.from_input(value) for name, value in ARGUMENTS[kind].items()}
    assert registered(lambda: kind("it", **given)) == ARGUMENTS[kind]


@EACH
def test_every_argument_may_be_secret(kind: type[Any]) -> None:
    """Each argument may be a secret, and the engine hears that it is one."""
    given = {name: Output.secret(value) for name, value in ARGUMENTS[kind].items()}
    engine = run_program(lambda: kind("it", **given))
    inputs = engine.inputs("it")
    inputs.pop(SECRET_NAMES, None)
    assert inputs == ARGUMENTS[kind]
    assert engine.secrets("it") == set(given)


def test_an_element_of_a_list_may_be_an_output() -> None:
    """A list may have Outputs among its elements."""

    def program() -> None:
        tool = Output.from_input("openrouter:bash")
        Workspace("it", disabled_server_tools=["openrouter:datetime", tool])

    tools = registered(program)["disabled_server_tools"]
    assert tools == ["openrouter:datetime", "openrouter:bash"]


def test_what_is_not_given_is_not_declared() -> None:
    """Only defaults that are values are registered; None is as good as not given."""
    defaults = {"name": "it", "slug": "it", "adopt_existing": False, "force_destroy": False}
    assert registered(lambda: Workspace("it")) == defaults
    nothing = dict.fromkeys(ARGUMENTS[Workspace])
    assert registered(lambda: Workspace("it", **nothing)) == defaults
    limit: dict[str, Any] = {"workspace_id": ID, "daily_limit_usd": 1.0}
    assert registered(lambda: WorkspaceBudget("it", **limit)) == {**limit, "exclusive": False}


def test_options_are_passed_on() -> None:
    """The options of a resource reach the engine."""
    engine = run_program(lambda: Workspace("it", opts=ResourceOptions(protect=True)))
    assert engine.requests["it"].protect


# outputs


def test_outputs_have_their_types() -> None:
    """Integers come back as integers, though the engine's numbers are floats."""

    def program() -> Output[Any]:
        it = Workspace("it", io_logging_api_key_ids=[3, 1], io_logging_sampling_rate=1)
        return Output.all(
            it.io_logging_api_key_ids, it.io_logging_sampling_rate, it.created_at, it.id
        )

    ids, rate, created_at, id = run_program(program, answers={"created_at": "now"}).result
    assert ids == [3, 1]
    assert [type(element) for element in ids] == [int, int]
    assert (rate, created_at) == (1, "now")
    assert str(UUID(id)) == id


def test_members_have_attributes() -> None:
    """The members of a membership come back as Member, whose parts are attributes."""
    members = [{"user_id": "user_1", "role": "admin", "email": "ada@example.com"}, {"user_id": "u"}]

    def program() -> Output[Any]:
        it = WorkspaceMembership("it", workspace_id=ID, user_ids=["user_1", "u"])
        return it.members.apply(lambda found: [(one.user_id, one.role, one.email) for one in found])

    assert run_program(program, answers={"members": members}).result == [
        ("user_1", "admin", "ada@example.com"),
        ("u", None, None),
    ]


def test_every_field_is_an_output() -> None:
    """Every declared and every read-only field can be read back; what is not there is None."""

    def program() -> Output[Any]:
        it = Workspace("it")
        return Output.all(**{name: getattr(it, name) for name in fields_of(Workspace)})

    result = run_program(program).result
    assert set(result) == set(fields_of(Workspace))
    assert {name for name, value in result.items() if value is not None} == {
        "name",
        "slug",
        "adopt_existing",
        "force_destroy",
    }


# name and slug


def test_name_and_slug_default_from_the_resources_name() -> None:
    """Without a name and a slug, both are made from the resource's own name."""
    inputs = registered(lambda: Workspace("Research & Team 2"), "Research & Team 2")
    assert (inputs["name"], inputs["slug"]) == ("Research & Team 2", "research-team-2")


def test_a_given_name_leaves_the_slug_to_the_resources_name() -> None:
    """The slug follows the resource's name, not the one for people, which may change at will."""
    inputs = registered(lambda: Workspace("it", name="Shown"))
    assert (inputs["name"], inputs["slug"]) == ("Shown", "it")


@pytest.mark.parametrize("name", ["name", "slug"])
def test_an_empty_name_is_not_replaced(name: str) -> None:
    """A name or slug that is given empty is a mistake, which check shall see."""
    given: dict[str, Any] = {name: ""}
    assert registered(lambda: Workspace("it", **given))[name] == ""


def test_a_name_without_letters_leaves_no_slug() -> None:
    """Where nothing is left for a slug, none is declared: check asks for one."""
    assert "slug" not in registered(lambda: Workspace("日本"), "日本")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("team", "team"),
        ("Team", "team"),
        ("A  b", "a-b"),
        ("--a__b--", "a-b"),
        ("Größe", "gr-e"),
        ("a" * 60, "a" * 50),
        ("a" * 49 + " b", "a" * 49),
        ("a" * 50 + " b", "a" * 50),
        ("İstanbul", "i-stanbul"),
        ("42", "42"),
        ("", ""),
        ("日本", ""),
        ("-_-", ""),
    ],
)
def test_a_slug_is_made_from_a_name(name: str, slug: str) -> None:
    """Lower case, other characters to single hyphens, at most 50, none at the ends."""
    assert slug_of(name) == slug


@settings(max_examples=100, database=None)
@given(st.text(max_size=80) | st.text("aZ0 -_é", max_size=80))
def test_a_slug_from_a_name_is_right_or_empty(name: str) -> None:
    """Whatever the name, the slug keeps to the API's rule, or there is none; and it is stable."""
    slug = slug_of(name)
    assert slug == "" or (len(slug) <= 50 and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug))
    assert slug_of(slug) == slug


# mistakes at their line


def mistake_of(program: Callable[[], Any]) -> tuple[BaseException, list[str]]:
    """The error of a program, and the lines of it that the traceback shows."""
    with pytest.raises((TypeError, ValueError, pulumi.RunError)) as caught:
        run_program(program)
    frames = traceback.extract_tb(caught.value.__traceback__)
    return caught.value, [frame.line or "" for frame in frames if frame.name == "program"]


@EACH
def test_an_argument_that_does_not_exist_is_an_error_at_its_line(kind: type[Any]) -> None:
    """It is a TypeError that names the argument, those that there are, and where."""

    def program() -> None:
        kind("it", **ARGUMENTS[kind], quux=True)

    error, lines = mistake_of(program)
    assert isinstance(error, TypeError)
    assert str(error).startswith(
        f"{kind.__name__}() got an unexpected keyword argument 'quux'; expected "
    )
    assert all(name in str(error) for name in ARGUMENTS[kind])
    assert lines == ['kind("it", **ARGUMENTS[kind], quux=True)']


def test_a_misspelt_argument_is_told_from_the_one_that_was_meant() -> None:
    """Where one is near, the error asks whether that was meant."""
    error, _ = mistake_of(lambda: Workspace("it", descripton="d"))  # type: ignore[call-arg]
    assert str(error) == (
        "Workspace() got an unexpected keyword argument 'descripton'; did you mean 'description'?"
    )


@EACH
@pytest.mark.parametrize("name", ["created_at", "members", "id", "urn"])
def test_a_read_only_field_is_no_argument(kind: type[Any], name: str) -> None:
    """What only the API or the engine sets can't be given, as little as what does not exist."""
    given = {**ARGUMENTS[kind], name: "x"}
    error, _ = mistake_of(lambda: kind("it", **given))
    assert isinstance(error, TypeError)
    assert f"unexpected keyword argument {name!r}" in str(error)


@pytest.mark.parametrize("kind", [WorkspaceBudget, WorkspaceMembership])
def test_a_missing_workspace_is_an_error_at_its_line(kind: type[Any]) -> None:
    """A budget or membership without workspace_id is a TypeError that names the argument."""

    def program() -> None:
        kind("it", exclusive=True)

    error, lines = mistake_of(program)
    assert isinstance(error, TypeError)
    assert str(error) == f"{kind.__name__}() missing required argument 'workspace_id'"
    assert lines == ['kind("it", exclusive=True)']


@EACH
def test_arguments_are_given_by_name(kind: type[Any]) -> None:
    """A second positional argument is a TypeError, as the order of the fields means nothing."""
    error, _ = mistake_of(lambda: kind("it", "team"))
    assert isinstance(error, TypeError)


@EACH
def test_an_import_is_refused_with_what_to_do_instead(kind: type[Any]) -> None:
    """Pulumi can't import dynamic resources, so the error says how to take over what exists."""
    opts = ResourceOptions(import_=ID)
    error, _ = mistake_of(lambda: kind("it", **ARGUMENTS[kind], opts=opts))
    assert isinstance(error, pulumi.RunError)
    assert "adopt_existing=True" in str(error)


# the management key


def test_a_key_in_clear_is_refused() -> None:
    """A key that is no secret in the configuration is an error that does not repeat it."""

    def program() -> None:
        Workspace("it")

    with pytest.raises(pulumi.RunError) as caught:
        run_program(program, config={KEY_CONFIG: KEY})
    assert "pulumi config set --secret openrouter:managementKey" in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_secret_key_is_accepted_and_goes_nowhere() -> None:
    """A key that is a secret is no problem, and no part of what the engine gets."""
    engine = run_program(
        lambda: Workspace("it"), config={KEY_CONFIG: KEY}, secret_config=[KEY_CONFIG]
    )
    assert KEY not in str(engine.requests["it"])


# secrets


@pytest.mark.parametrize(
    ("emails", "names"),
    [
        (lambda: ["ada@example.com"], None),
        (lambda: [Output.from_input("ada@example.com")], None),
        (lambda: [Output.secret("ada@example.com"), "grace@example.com"], ["emails"]),
        (lambda: Output.secret(["ada@example.com"]), ["emails"]),
    ],
)
def test_the_provider_is_told_what_is_secret(
    emails: Callable[[], Any], names: list[str] | None
) -> None:
    """Only where one is: the property is there for nobody else."""
    inputs = registered(lambda: WorkspaceMembership("it", workspace_id=ID, emails=emails()))
    assert inputs.get(SECRET_NAMES) == names


# settings that do not exist


@EACH
def test_a_misspelt_setting_in_the_configuration_is_refused(kind: type[Any]) -> None:
    """The first resource refuses a name in our namespace that is no setting, also when it reads."""
    config = {"openrouter:organisationId": "s3cret", "shop:baseurl": "x"}
    for program in (lambda: kind("it", **ARGUMENTS[kind]), lambda: kind.get("it", ID)):
        with pytest.raises(pulumi.RunError) as caught:
            run_program(program, config=config)
        assert str(caught.value) == (
            "unknown setting openrouter:organisationId; did you mean openrouter:organizationId?"
        )


def test_a_misspelt_variable_is_refused_by_the_program_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A preview sends nothing, but it tells that a variable would be ignored."""
    monkeypatch.setenv("OPENROUTER_ORGANISATION_ID", "s3cret")
    with pytest.raises(pulumi.RunError) as caught:
        run_program(lambda: Workspace("it"))
    assert str(caught.value) == (
        "unknown setting OPENROUTER_ORGANISATION_ID; did you mean OPENROUTER_ORGANIZATION_ID?"
    )


def test_names_of_others_in_the_configuration_are_left_alone() -> None:
    """Other namespaces have names that are like ours."""
    config = {"openrouter:baseUrl": "https://openrouter.ai/api/v1", "shop:baseurl": "x"}
    assert run_program(lambda: Workspace("it"), config=config).inputs("it")


# get


@EACH
def test_get_reads_by_id_and_declares_nothing(kind: type[Any]) -> None:
    """get sends the id, and none of the properties by which a managed resource is known."""
    engine = run_program(lambda: kind.get("it", ID))
    assert type(engine.requests["it"]).__name__ == "ReadResourceRequest"
    assert engine.requests["it"].id == ID
    assert engine.inputs("it") == {}


@EACH
@pytest.mark.parametrize("preview", [False, True])
def test_the_id_of_a_get_is_known(kind: type[Any], preview: bool) -> None:
    """The id that was asked for is the id, also in a preview where the engine names none."""

    def program() -> Output[Any]:
        return Output.all(
            kind.get("one", ID).id,
            kind.get("two", Output.from_input(ID)).id,
            kind.get("three", ID, ResourceOptions(protect=True)).id,
        )

    assert run_program(program, preview=preview).result == [ID, ID, ID]


@EACH
def test_get_keeps_the_options(kind: type[Any]) -> None:
    """Options given to get are options of the resource."""

    def program() -> None:
        first = Workspace("first")
        kind.get("it", ID, ResourceOptions(parent=first))

    assert run_program(program).requests["it"].parent.endswith("openrouter:Workspace::first")


def test_a_get_has_outputs() -> None:
    """What the engine reads are the outputs, with their types."""

    def program() -> Output[Any]:
        it = Workspace.get("it", ID)
        return Output.all(it.slug, it.io_logging_api_key_ids)

    answers = {"slug": "team", "io_logging_api_key_ids": [1.0]}
    assert run_program(program, answers=answers).result == ["team", [1]]


def test_a_key_in_clear_is_refused_by_get_too() -> None:
    """Reading needs the same key as writing, and the state would hold it all the same."""
    with pytest.raises(pulumi.RunError):
        run_program(lambda: Workspace.get("it", ID), config={KEY_CONFIG: KEY})
