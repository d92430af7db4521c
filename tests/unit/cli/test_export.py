from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulumi_openrouter.api import models
from pulumi_openrouter.cli import as_config, as_program
from pulumi_openrouter.cli.adoption import Adoption
from pulumi_openrouter.core.fields import fields_of
from pulumi_openrouter.core.organization import Snapshot
from pulumi_openrouter.core.workspace import WorkspaceArguments
from pulumi_openrouter.from_config import KEY
from pulumi_openrouter.simulator import Fault, FaultKind, Organization, Quirks, Simulator
from tests.support.formatter import NEEDS_RUFF, complaints
from tests.unit.cli.command import Command
from tools.paths import ROOT

CONFIG = """\
# Existing workspaces, adopted as they are: written by `pulumi-openrouter export`.
config:
  openrouter-workspaces:workspaces:
    default:
      name: Default
      slug: default
      adopt_existing: true
      default_text_model: openai/gpt-4o
      budget:
        weekly_limit_usd: 7
    research:
      name: Research
      slug: research
      adopt_existing: true
      description: "Zeile\\nzwei"
      default_provider_sort: price
      io_logging_api_key_ids:
        - 3
        - 20
      io_logging_sampling_rate: 0.05
      is_data_discount_logging_enabled: false
      is_observability_broadcast_enabled: true
      disabled_server_tools:
        - openrouter:bash
        - openrouter:shell
      budget:
        daily_limit_usd: 0.5
        monthly_limit_usd: 1500
        lifetime_limit_usd: 100000.25
        include_byok_in_budgets: true
      members:
        - ada@example.com
        - alan@example.com
        - grace@example.com
    team:
      name: Team
      slug: team
      adopt_existing: true
"""
PROGRAM = '''\
"""Existing workspaces, adopted as they are: written by `pulumi-openrouter export`."""

from pulumi_openrouter import TeamWorkspace

TeamWorkspace(
    "default",
    name="Default",
    slug="default",
    adopt_existing=True,
    default_text_model="openai/gpt-4o",
    weekly_limit_usd=7,
)

TeamWorkspace(
    "research",
    name="Research",
    slug="research",
    adopt_existing=True,
    description="Zeile\\nzwei",
    default_provider_sort="price",
    io_logging_api_key_ids=[
        3,
        20,
    ],
    io_logging_sampling_rate=0.05,
    is_data_discount_logging_enabled=False,
    is_observability_broadcast_enabled=True,
    disabled_server_tools=[
        "openrouter:bash",
        "openrouter:shell",
    ],
    daily_limit_usd=0.5,
    monthly_limit_usd=1500,
    lifetime_limit_usd=100000.25,
    include_byok_in_budgets=True,
    emails=[
        "ada@example.com",
        "alan@example.com",
        "grace@example.com",
    ],
)

TeamWorkspace(
    "team",
    name="Team",
    slug="team",
    adopt_existing=True,
)
'''
FORMATS = {"config": CONFIG, "python": PROGRAM}


@pytest.fixture
def seeded(organization: Organization) -> Organization:
    """A workspace as it was made, one with everything, and the default one with a budget."""
    organization.create_workspace(name="Team", slug="team")
    organization.create_workspace(
        name="Research",
        slug="research",
        description="Zeile\nzwei",
        default_provider_sort="price",
        io_logging_api_key_ids=[20, 3],
        io_logging_sampling_rate=0.05,
        is_data_discount_logging_enabled=False,
        is_observability_broadcast_enabled=True,
        disabled_server_tools=["openrouter:shell", "openrouter:bash"],
    )
    limits = {"lifetime": 100000.25, "monthly": 1500, "daily": 0.5}
    for interval, limit in limits.items():
        organization.set_budget("research", interval, limit, include_byok=True)
    organization.add_members("research", [person.id for person in organization.people[2::-1]])
    organization.set_budget("default", "weekly", 7.0)
    organization.update_workspace("default", default_text_model="openai/gpt-4o")
    return organization


def workspaces(config: str) -> dict[str, Any]:
    """What an exported configuration declares."""
    found: dict[str, Any] = yaml.safe_load(config)["config"]["openrouter-workspaces:workspaces"]
    return found


def arguments(program: str) -> list[dict[str, Any]]:
    """The arguments of each call in a program."""
    calls = [getattr(statement, "value", None) for statement in ast.parse(program).body]
    return [
        {word.arg or "": ast.literal_eval(word.value) for word in call.keywords}
        for call in calls
        if isinstance(call, ast.Call)
    ]


# what is written


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "quirks",
    [Quirks(), Quirks(page_cap=1, empty_budgets_404=False, byok_in_answers=True)],
    ids=["as it is", "as the schema says, in short pages"],
)
@pytest.mark.usefixtures("seeded")
def test_it_declares_what_differs_from_a_new_workspace(command: Command, format: str) -> None:
    """Settings that are not the defaults, budgets, and members by email, in a fixed order."""
    said = command("export", "--format", format)
    assert (said.code, said.err) == (0, "")
    assert said.out == FORMATS[format]


@pytest.mark.usefixtures("seeded")
def test_the_configuration_is_what_is_written_unless_told_otherwise(command: Command) -> None:
    """Without --format it is that of the ready-made stack."""
    assert command("export").out == CONFIG


def test_the_defaults_are_those_of_a_new_workspace(organization: Organization) -> None:
    """The settings that are left out are what the API makes of a name and a slug."""
    new = organization.create_workspace(name="Team", slug="team")
    fields = [field for field in fields_of(WorkspaceArguments).values() if not field.local]
    initial = {field.name: field.initial for field in fields if not field.derived_from}
    assert {name: getattr(new, name) for name in initial} == initial


def test_it_names_things_as_the_provider_does() -> None:
    """The key of the configuration, which can't be imported without Pulumi."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["name"]
    assert f"{project}:{KEY}" == as_config.KEY


def test_least_is_asked(command: Command, simulator: Simulator, seeded: Organization) -> None:
    """One request for the workspaces, one for the people, three for each workspace."""
    command("export")
    paths = sorted(request.path for request in simulator.log)
    ids = [workspace.id for workspace in seeded.workspaces]
    each = [f"/workspaces/{id}/{what}" for id in ids for what in ("budgets", "members")]
    each += ["/guardrails" for _ in ids]
    assert paths == sorted(["/workspaces", "/organization/members", *each])


@pytest.mark.parametrize("quirks", [Quirks(enterprise=False)], ids=["no Enterprise plan"])
def test_without_an_enterprise_plan_there_are_no_budgets(
    command: Command, organization: Organization
) -> None:
    """Everything else is written, and one warning says what is missing."""
    for slug in ("one", "two"):
        organization.create_workspace(name=slug, slug=slug)
    said = command("export")
    assert said.code == 0
    assert said.err.count("warning") == said.err.count("\n") == 1
    assert "Enterprise plan" in said.err
    assert [*workspaces(said.out)] == ["default", "one", "two"]
    assert "budget" not in said.out


@pytest.mark.parametrize("quirks", [Quirks(byok_in_answers=False)], ids=["no flag in answers"])
@pytest.mark.usefixtures("seeded")
def test_a_flag_that_nobody_knows_is_not_declared(command: Command) -> None:
    """Where the API does not say whether own provider keys count, nothing is declared of it."""
    assert "include_byok_in_budgets" not in command("export").out


def test_a_flag_without_a_budget_is_not_declared(
    command: Command, organization: Organization
) -> None:
    """The flag rides on a budget, and there is none."""
    organization.create_workspace(name="Team", slug="team")
    organization.set_budget("team", "daily", 1, include_byok=True)
    organization.delete_budget("team", "daily")
    assert "budget" not in command("export").out


@pytest.mark.parametrize(
    "answer",
    [Fault(kind=FaultKind.STATUS, path="/organization/members", status=s) for s in (403, 404)],
    ids=["not allowed", "no organization"],
)
def test_without_emails_members_are_declared_by_id(
    command: Command, simulator: Simulator, seeded: Organization, answer: Fault
) -> None:
    """Where nobody tells the emails, all members are declared by their user ids."""
    simulator.faults.add(Fault(kind=answer.kind, path=answer.path, status=answer.status, times=9))
    members = workspaces(command("export").out)["research"]["members"]
    assert members == {"user_ids": sorted(seeded.members("research"))}


@pytest.mark.parametrize("format", FORMATS)
def test_an_email_that_names_nobody_in_particular_is_not_used(
    command: Command, organization: Organization, format: str
) -> None:
    """Two people with one email, and one with none that could be declared, go by their ids."""
    twins = [organization.add_member(email) for email in ("Twin@example.com", "twin@example.com")]
    nameless = organization.add_member("nobody at all")
    upper = organization.add_member("Upper@Example.com")
    organization.create_workspace(name="Team", slug="team")
    organization.add_members("team", [person.id for person in (*twins, nameless, upper)])
    out = command("export", "team", "--format", format).out
    found = workspaces(out)["team"]["members"] if format == "config" else arguments(out)[0]
    assert found["emails"] == ["upper@example.com"]
    assert found["user_ids"] == sorted(person.id for person in (*twins, nameless))


def test_nothing_chosen_and_everything_chosen_differ(
    command: Command, organization: Organization
) -> None:
    """No list of logged keys means all keys, and an empty one none: only the latter is declared."""
    organization.create_workspace(name="All", slug="all")
    organization.create_workspace(
        name="None", slug="none", io_logging_api_key_ids=[], disabled_server_tools=[]
    )
    found = workspaces(command("export").out)
    assert set(found["none"]) - set(found["all"]) == {"io_logging_api_key_ids"}
    assert found["none"]["io_logging_api_key_ids"] == []


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("limit", [1e-7, 0.1 + 0.2, 12.0, 2.0**53, 1e22, 1.5e300])
def test_limits_are_exact(
    command: Command, organization: Organization, format: str, limit: float
) -> None:
    """A limit reads back as the number that it is, a whole one without a fraction."""
    organization.set_budget("default", "daily", limit)
    out = command("export", "--format", format).out
    budget = workspaces(out)["default"]["budget"] if format == "config" else arguments(out)[0]
    assert budget["daily_limit_usd"] == limit
    assert isinstance(budget["daily_limit_usd"], int) == (limit == 12)


def test_an_empty_list_of_disabled_tools_is_the_default() -> None:
    """The API may answer a list for what it takes for nothing."""
    new = models.WorkspaceInfo(id="id", name="T", slug="t", created_at="", disabled_server_tools=[])
    found = Snapshot(workspace=new, budgets=None, members=[], keys=[])
    assert [*Adoption.of(found, {}).settings] == ["name", "slug", "adopt_existing"]


# which workspaces


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([], ["default", "team-1", "team-2", "teapot"]),
        (["team-1"], ["team-1"]),
        (["team-*", "default"], ["default", "team-1", "team-2"]),
        (["tea?-*", "team-1"], ["team-1", "team-2"]),
    ],
)
def test_workspaces_are_selected_by_slug(
    command: Command, organization: Organization, patterns: list[str], expected: list[str]
) -> None:
    """A workspace is written once if any pattern matches its slug; all if there are none."""
    for slug in ("teapot", "team-2", "team-1"):
        organization.create_workspace(name=slug, slug=slug)
    assert [*workspaces(command("export", *patterns).out)] == expected


def test_a_pattern_that_selects_nothing_is_a_mistake(command: Command) -> None:
    """It is named, and nothing is written."""
    said = command("export", "default", "team-*")
    assert (said.code, said.out) == (1, "")
    assert said.err == "pulumi-openrouter: no workspace has a slug like 'team-*'\n"


# where to


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.usefixtures("seeded")
def test_it_writes_to_a_file(command: Command, tmp_path: Path, format: str) -> None:
    """The file has what would be printed, and nothing is printed."""
    file = tmp_path / "written"
    said = command("export", "--format", format, "--output", str(file))
    assert (said.code, said.out, said.err) == (0, "", "")
    assert file.read_bytes().decode() == FORMATS[format]


@pytest.mark.reliability("export to a file that exists", "refused, and the file stays as it was")
def test_a_file_that_exists_stays(command: Command, simulator: Simulator, tmp_path: Path) -> None:
    """It is refused before anything is asked."""
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text("precious")
    said = command("export", "--output", str(file))
    assert (said.code, said.out) == (1, "")
    assert f"{file} already exists; use --force to replace its workspaces\n" in said.err
    assert file.read_text() == "precious"
    assert simulator.log == []


def test_a_file_that_appears_meanwhile_stays_too(
    command: Command, simulator: Simulator, tmp_path: Path
) -> None:
    """Not even a file that was not there at the first look is overwritten."""
    file = tmp_path / "loop"
    file.symlink_to(tmp_path / "absent")
    assert not file.exists()
    said = command("export", "--output", str(file))
    assert (said.code, said.out) == (1, "")
    assert "already exists" in said.err
    assert not (tmp_path / "absent").exists()


def test_a_place_that_can_not_be_written_is_said(command: Command, tmp_path: Path) -> None:
    """The error names the file and what the system says."""
    file = tmp_path / "absent" / "file"
    said = command("export", "--output", str(file))
    assert (said.code, said.out) == (1, "")
    assert said.err == f"pulumi-openrouter: can't write {file}: No such file or directory\n"


@pytest.mark.reliability(
    "export while the API fails at any of its requests", "an error, and no file that is not whole"
)
@pytest.mark.parametrize(
    "path", ["/workspaces", "/organization/members", "*/members", "*/budgets"], ids=str
)
def test_an_api_that_fails_leaves_no_file(
    command: Command, simulator: Simulator, tmp_path: Path, path: str
) -> None:
    """What is not known in full is not written."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=500, path=path, times=None))
    file = tmp_path / "written"
    said = command("export", "--output", str(file))
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("pulumi-openrouter: the API failed: GET /")
    assert not file.exists()


def test_a_workspace_that_is_deleted_meanwhile_is_said(
    command: Command, simulator: Simulator
) -> None:
    """Between the list and the look at its members a workspace may go."""
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, status=404, path="/workspaces/*/members", times=None)
    )
    said = command("export")
    assert said.code == 1
    assert "was the workspace just deleted?" in said.err


# any text

TEXTS = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.text("'\"\\\n\t {}$#:-é☃😀", max_size=12),
        st.text("0123456789.eExXo_:+-~ynYN", max_size=6),
    ),
    min_size=1,
)


def declaration(texts: list[str]) -> Adoption:
    settings = {"name": texts[0], "adopt_existing": True, "io_logging_api_key_ids": []}
    return Adoption("team", settings, {}, texts, texts[1:])


@NEEDS_RUFF
@given(TEXTS)
@settings(max_examples=20)
def test_any_program_is_valid_and_formatted(texts: list[str]) -> None:
    """Whatever people wrote reads back the same, and neither Ruff's formatter nor its linter
    has anything to say.
    """
    program = as_program.written([declaration(texts), declaration(texts[:1])])
    lists = {"emails": texts, "user_ids": texts[1:]}
    expected = {**declaration(texts).settings, **{k: v for k, v in lists.items() if v}}
    assert arguments(program)[0] == expected
    assert complaints(program) == ""


@given(TEXTS)
@example(["A\x85", "B\u2028C", "D\r\nE", "F\n\nG"])
@settings(max_examples=200)
def test_any_configuration_reads_back_the_same(texts: list[str]) -> None:
    """Whatever people wrote reads back the same."""
    found = workspaces(as_config.written([declaration(texts)]))["team"]
    assert found["name"] == texts[0]
    members = found["members"]
    assert (members["emails"] if texts[1:] else members) == texts


@pytest.mark.parametrize(
    "text", ["1e3", "0o17", "0x1F", "1_000", "y", "N", "12:30", ".inf", "~", "", "2026-11-24"]
)
def test_text_that_looks_like_something_else_is_quoted(text: str) -> None:
    """No reader takes it for a number, a flag, a date or nothing."""
    assert f'name: "{text}"\n' in as_config.written([declaration([text])])


def test_long_text_stays_on_its_line() -> None:
    """A diff of two exports shows what changed, and no new line breaks."""
    text = "A long description " * 20 + "ends"
    assert f"name: {text}\n" in as_config.written([declaration([text])])


@pytest.mark.parametrize("text", ["yes", "Off", "null", "True"])
def test_words_with_a_meaning_are_quoted(text: str) -> None:
    """No reader takes them for a flag or nothing."""
    assert f"name: '{text}'\n" in as_config.written([declaration([text])])


GUARDRAILS = """\
      default_guardrail:
        enforce_zdr_other: true
      guardrails:
        no-secrets:
          existing_id: "{id}"
          name: No secrets!
          limit_usd: 5
          reset_interval: daily
          allowed_models:
            - acme/swift-2026-03-01
          content_filters:
            - pattern: "[0-9]+"
              action: redact
          keys:
            - "{key}"
          emails:
            - ada@example.com
"""
PROGRAM = """\
    default_guardrail={{
        "enforce_zdr_other": True,
    }},
    guardrails={{
        "no-secrets": {{
            "existing_id": "{id}",
            "name": "No secrets!",
            "limit_usd": 5,
            "reset_interval": "daily",
            "allowed_models": [
                "acme/swift-2026-03-01",
            ],
            "content_filters": [
                {{
                    "pattern": "[0-9]+",
                    "action": "redact",
                }},
            ],
            "keys": [
                "{key}",
            ],
            "emails": [
                "ada@example.com",
            ],
        }},
    }},
"""


@pytest.mark.parametrize(
    ("options", "expected"), [((), GUARDRAILS), (("--format", "python"), PROGRAM)]
)
def test_guardrails_are_exported_with_whom_they_govern(
    command: Command, organization: Organization, options: tuple[str, ...], expected: str
) -> None:
    """The default one by what it has, the others by their ids, which are taken over."""
    team = organization.create_workspace(name="Team", slug="team")
    ada = organization.person("ada@example.com").id
    organization.add_members("team", [ada])
    key = organization.create_key("ci", "team").hash
    organization.guardrails.update(team.default_guardrail_id, enforce_zdr_other=True)
    guardrail = organization.guardrails.create(
        name="No secrets!",
        workspace_id=team.id,
        limit_usd=5,
        reset_interval="daily",
        allowed_models=["acme/swift"],
        content_filters=[{"pattern": "[0-9]+", "action": "redact"}],
    )
    organization.guardrails.assign_keys(guardrail.id, [key])
    organization.guardrails.assign_members(guardrail.id, [ada])
    text = command("export", "team", *options).out
    assert expected.format(id=guardrail.id, key=key) in text


def test_an_account_without_guardrails_is_exported_without_them(
    command: Command, simulator: Simulator, organization: Organization
) -> None:
    """A 403 for guardrails alone holds nothing else back; `check` tells of it."""
    organization.create_workspace(name="Team", slug="team")
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403, path="/guardrails", times=None))
    said = command("export", "team")
    assert (said.code, said.err) == (0, "")
    assert [*workspaces(said.out)] == ["team"]
    checked = command("check")
    assert checked.code == 0
    assert "OpenRouter refuses guardrails (403" in checked.err
