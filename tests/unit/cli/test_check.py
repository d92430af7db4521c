from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Organization, Quirks, Simulator
from tests.unit.cli.command import BASE_URL, KEY, ORGANIZATION_ID, Command, Said


def wrong(said: Said) -> str:
    """What a check that fails says."""
    assert said.code == 1
    assert said.err.startswith("pulumi-openrouter: ")
    assert 1 <= said.err.count("\n") <= 3
    return said.err.removeprefix("pulumi-openrouter: ")


def test_all_is_well(command: Command, simulator: Simulator, organization: Organization) -> None:
    """It prints the id of the organization, and what else was found."""
    organization.create_workspace(name="Team", slug="team")
    said = command("check")
    assert (said.code, said.err) == (0, "")
    assert [[line[:14].rstrip(), line[14:]] for line in said.out.splitlines()] == [
        ["base URL", simulator.base_url],
        ["key", "a management key"],
        ["organization", organization.id],
        ["workspaces", "2"],
        ["budgets", "available"],
        ["guardrails", "available"],
        ["API keys", "0"],
    ]


def test_the_right_organization_is_well_too(command: Command, organization: Organization) -> None:
    """The organization that must be changed is that of the key."""
    assert command("check", **{ORGANIZATION_ID: organization.id}).code == 0


@pytest.mark.parametrize("quirks", [Quirks(personal_account=True)], ids=["personal account"])
def test_a_personal_account_is_well_too(command: Command) -> None:
    """Its key has no organization, and the check says so."""
    said = command("check")
    assert said.code == 0
    assert "none: the key belongs to a personal account" in said.out


@pytest.mark.parametrize("quirks", [Quirks(enterprise=False)], ids=["no Enterprise plan"])
def test_no_enterprise_plan(command: Command) -> None:
    """Key and base URL are right, and a warning says that there are no budgets."""
    said = command("check")
    assert said.code == 0
    assert said.err.startswith("warning: no Enterprise plan: OpenRouter refuses budgets (403 ")


@pytest.mark.parametrize("key", ["", "  "], ids=["empty", "blank"])
def test_no_key(command: Command, simulator: Simulator, key: str) -> None:
    """The variable is named, and nothing is asked."""
    text = wrong(command("check", **{KEY: key}))
    assert text.startswith("OPENROUTER_MANAGEMENT_KEY is not set")
    assert simulator.log == []


def test_a_misspelt_key(command: Command, simulator: Simulator) -> None:
    """The variable that was meant is named, rather than said to be missing."""
    text = wrong(command("check", **{KEY: "", "OPENROUTER_MANAGMENT_KEY": simulator.key}))
    assert text == f"unknown setting OPENROUTER_MANAGMENT_KEY; did you mean {KEY}?\n"
    assert simulator.log == []


def test_what_can_not_be_a_key(command: Command, simulator: Simulator) -> None:
    """Such as the words of somebody who copied too much."""
    assert "is not a valid key" in wrong(command("check", **{KEY: "the key is sk-or-mgmt-1"}))
    assert simulator.log == []


def test_a_key_that_nobody_knows(command: Command) -> None:
    """It is not accepted, and may be incomplete or deleted."""
    text = wrong(command("check", **{KEY: "sk-or-mgmt-old"}))
    assert text.startswith("wrong key: GET /key: 401")
    assert "was it revoked or mistyped?" in text


def test_an_inference_key(command: Command, simulator: Simulator) -> None:
    """A key that may spend is said to be one, and which one is needed."""
    text = wrong(command("check", **{KEY: simulator.inference_key}))
    assert text.startswith("the key is an inference key\n")
    assert "management key (sk-or-mgmt-...)" in text


@pytest.mark.parametrize(
    "quirks", [Quirks(inference_key_status=s) for s in (401, 403)], ids=["401", "403"]
)
@pytest.mark.parametrize("path", ["/key", "/workspaces"])
def test_an_inference_key_that_is_refused(
    command: Command, simulator: Simulator, quirks: Quirks, path: str
) -> None:
    """The same where the API does not tell the kind of a key, and only refuses it."""
    untold = {"data": {"label": "sk-or-v1-...", "organization_id": None}}
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, path=path, status=quirks.inference_key_status),
        Fault(kind=FaultKind.WRONG_SHAPE, path="/key", body=untold),
    )
    text = wrong(command("check", **{KEY: simulator.inference_key}))
    assert f"GET {path}: {quirks.inference_key_status} " in text
    assert "inference key" in text
    assert "management key (sk-or-mgmt-...)" in text


def test_nobody_listens(command: Command, simulator: Simulator) -> None:
    """A refused connection is said to be one, with the host."""
    simulator.pause()
    text = wrong(command("check"))
    assert text.startswith(
        "the API did not answer: GET /key: no connection: connection refused (127."
    )
    assert "Is the network up" in text


def test_nobody_answers(command: Command, simulator: Simulator) -> None:
    """Who waits is told so."""
    simulator.faults.add(Fault(kind=FaultKind.TIMEOUT_BEFORE, seconds=60, times=None))
    assert "no answer in time" in wrong(command("check"))


def test_a_connection_that_is_not_to_be_trusted(command: Command, simulator: Simulator) -> None:
    """A failure of TLS is said to be one, and what to do behind a proxy."""
    text = wrong(command("check", **{BASE_URL: simulator.base_url.replace("http:", "https:")}))
    assert "no trusted TLS connection" in text
    assert "is the base URL right?" in text


@pytest.mark.parametrize("status", [200, 404])
def test_a_page_in_place_of_the_api(command: Command, simulator: Simulator, status: int) -> None:
    """A base URL where a web site answers is said to be wrong."""
    simulator.faults.add(Fault(kind=FaultKind.HTML, status=status, times=None))
    text = wrong(command("check"))
    assert text.startswith(f"this is not OpenRouter's API: GET /key: {status} with an HTML page")
    assert "base URL" in text


def test_a_base_url_that_leads_elsewhere(command: Command, simulator: Simulator) -> None:
    """An address of the API's host that the API does not know is said to be wrong."""
    text = wrong(command("check", **{BASE_URL: simulator.base_url.removesuffix("/api/v1")}))
    assert text.startswith("not found: GET /key: 404")
    assert "it usually ends in /api/v1" in text


@pytest.mark.parametrize("url", ["http://openrouter.ai/api/v1", "openrouter.ai", "https://a:b@c"])
def test_a_base_url_that_no_key_is_sent_to(
    command: Command, simulator: Simulator, url: str
) -> None:
    """The variable is named, and nothing is asked."""
    assert "The base URL (OPENROUTER_BASE_URL" in wrong(command("check", **{BASE_URL: url}))
    assert simulator.log == []


def test_another_organization(command: Command, organization: Organization) -> None:
    """Both are named, and the setting that may be wrong."""
    text = wrong(command("check", **{ORGANIZATION_ID: "org_prod"}))
    assert f"belongs to organization {organization.id}, not to org_prod" in text
    assert ORGANIZATION_ID in text


@pytest.mark.parametrize(
    ("status", "meaning", "hint"),
    [
        (429, "too many requests", "Not retried: the API asked to wait 60 seconds."),
        (503, "the API failed", "Try again later."),
    ],
)
def test_an_api_that_is_busy(
    command: Command, simulator: Simulator, status: int, meaning: str, hint: str
) -> None:
    """What passes is said to pass, with the time that the API asks to wait."""
    wait = 60 if status == 429 else None
    fault = Fault(kind=FaultKind.STATUS, status=status, retry_after=wait, times=None)
    simulator.faults.add(fault)
    text = wrong(command("check"))
    assert text.startswith(f"{meaning}: GET /key: {status} ")
    assert text.endswith(f"\n{hint}\n")


def test_an_error_of_no_kind_in_particular(command: Command, simulator: Simulator) -> None:
    """Any other refusal is quoted."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=418, message="teapot", times=None))
    assert wrong(command("check")) == "the API refused: GET /key: 418 teapot\n"
