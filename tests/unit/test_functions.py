"""What a program can ask about the organization."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi import Output

import pulumi_openrouter as openrouter
from pulumi_openrouter.core.settings import KEY_CONFIG
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.mock_engine import run_program


@pytest.fixture(autouse=True)
def _settings(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that talks to the simulator."""
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", simulator.key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", simulator.base_url)


@pytest.fixture
def team(simulator: Simulator) -> str:
    """The id of a workspace with a budget and a member."""
    organization = simulator.organization
    organization.create_workspace(name="Other", slug="other")
    id = organization.create_workspace(name="Team", slug="team", description="d").id
    organization.set_budget("team", "monthly", 20)
    organization.add_members("team", [organization.person("ada@example.com").id])
    return id


def asked(program: Callable[[], Any]) -> Any:
    """What a program returns."""
    return run_program(program).result


def paths(simulator: Simulator) -> list[str]:
    """What the program read."""
    return [request.path for request in simulator.log]


def test_a_workspace_is_found_by_slug_and_by_id(team: str) -> None:
    """Both give the same workspace, with all of its settings."""
    by_slug = asked(lambda: openrouter.get_workspace("team").id)
    by_id = asked(lambda: openrouter.get_workspace(team).description)
    assert (by_slug, by_id) == (team, "d")


def test_all_workspaces_come_in_order_of_slug(team: str) -> None:
    """However the API orders them."""
    slugs = asked(lambda: [found.slug for found in openrouter.get_workspaces()])
    assert slugs == ["default", "other", "team"]


def test_the_budgets_of_a_workspace(team: str) -> None:
    """They are limits in USD by interval; none is no error, though the API answers 404 then."""
    assert asked(lambda: openrouter.get_workspace_budgets("team").limits) == {"monthly": 20}
    assert asked(lambda: openrouter.get_workspace_budgets("other").limits) == {}


def test_the_members_of_a_workspace(team: str, simulator: Simulator) -> None:
    """They have their emails, which the workspace itself does not know."""
    ada = simulator.organization.person("ada@example.com")
    (member,) = asked(lambda: openrouter.get_workspace_members(team))
    assert (member.user_id, member.email, member.role) == (ada.id, "ada@example.com", "admin")


def test_the_members_of_the_organization(simulator: Simulator) -> None:
    """Everybody, also who is in no workspace."""
    emails = asked(lambda: [found.email for found in openrouter.get_organization_members()])
    assert emails == [person.email for person in simulator.organization.people]


@pytest.mark.parametrize("quirks", [Quirks(personal_account=True)], ids=["personal account"])
def test_members_without_an_organization_have_no_emails(simulator: Simulator) -> None:
    """Where nobody knows an email, the members are still listed."""
    members = asked(lambda: openrouter.get_workspace_members("default"))
    assert {member.email for member in members} == {None}


def test_each_form_with_output_takes_outputs(team: str) -> None:
    """What is only known later can be asked about too."""
    ref = Output.from_input("team")
    found = asked(
        lambda: Output.all(
            openrouter.get_workspace_output(ref).id,
            openrouter.get_workspace_budgets_output(ref).limits,
            openrouter.get_workspace_members_output(ref).apply(len),
            openrouter.get_workspaces_output().apply(len),
            openrouter.get_organization_members_output().apply(len),
        )
    )
    assert found == [team, {"monthly": 20}, 1, 3, 5]


def test_each_list_is_fetched_once(team: str, simulator: Simulator) -> None:
    """However many calls there are in a program; the next run asks anew."""

    def program() -> None:
        for ref in ("team", team, "other"):
            openrouter.get_workspace(ref)
            openrouter.get_workspaces()
        for _ in range(2):
            openrouter.get_workspace_budgets("team")
            openrouter.get_workspace_members("team")
            openrouter.get_organization_members()

    run_program(program)
    once = ["/workspaces", f"/workspaces/{team}/budgets", f"/workspaces/{team}/members"]
    assert sorted(paths(simulator)) == sorted([*once, "/organization/members"])
    run_program(openrouter.get_workspaces)
    assert paths(simulator)[4:] == ["/workspaces"]


def test_a_missing_workspace_names_near_ones(team: str) -> None:
    """The error lists the slugs that may have been meant."""
    with pytest.raises(pulumi.RunError) as caught:
        run_program(lambda: openrouter.get_workspace("taem"))
    assert str(caught.value) == "workspace 'taem': not found; did you mean team?"


def test_what_was_made_in_between_is_found(simulator: Simulator) -> None:
    """A workspace that is younger than the list is looked for once more."""

    def program() -> str:
        openrouter.get_workspaces()
        simulator.organization.create_workspace(name="New", slug="new")
        return openrouter.get_workspace("new").name

    assert asked(program) == "New"
    assert paths(simulator) == ["/workspaces", "/workspaces"]


def test_what_a_workspace_has_spent(team: str, simulator: Simulator) -> None:
    """Interval by interval, and key by key, beside the limits."""
    organization = simulator.organization
    organization.spend(organization.create_key("ci", "team").hash, 5)
    monthly = asked(lambda: openrouter.get_spend("team").intervals[2])
    assert (monthly.interval, monthly.limit_usd, monthly.left_usd) == ("monthly", 20, 15)
    names = run_program(
        lambda: openrouter.get_spend_output(Output.from_input(team)).apply(
            lambda found: [key.name for key in found.keys]
        )
    )
    assert names.result is not None


def test_a_refusal_is_told_in_words(simulator: Simulator) -> None:
    """What the API said, and to what."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403))
    with pytest.raises(pulumi.RunError, match=r"^workspaces: 403 "):
        run_program(openrouter.get_workspaces)


def test_without_a_key_a_program_is_told_how_to_set_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking needs a key, at preview too."""
    monkeypatch.delenv("OPENROUTER_MANAGEMENT_KEY")
    with pytest.raises(pulumi.RunError, match="set OPENROUTER_MANAGEMENT_KEY"):
        run_program(openrouter.get_workspaces)


def test_the_key_may_be_configured(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for resources: the environment, else the stack's configuration."""
    monkeypatch.delenv("OPENROUTER_MANAGEMENT_KEY")
    found = run_program(
        lambda: openrouter.get_workspace("default").slug,
        config={KEY_CONFIG: simulator.key},
        secret_config=[KEY_CONFIG],
    )
    assert found.result == "default"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"openrouter:baseurl": "x"}, "unknown setting openrouter:baseurl; did you mean"),
        ({KEY_CONFIG: "sk-or-mgmt-1"}, f"{KEY_CONFIG} is set without --secret"),
    ],
)
@pytest.mark.parametrize("ask", [openrouter.get_workspaces, openrouter.from_config.declare])
def test_wrong_settings_are_refused_here_too(
    simulator: Simulator, ask: Callable[[], Any], config: dict[str, str], reason: str
) -> None:
    """A program that declares no resource hears of them as well, before anything is asked."""
    with pytest.raises(pulumi.RunError, match=reason):
        run_program(ask, config=config)
    assert simulator.log == []
