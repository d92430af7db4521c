from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest

from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL
from pulumi_openrouter.api.client import DEFAULT_TIMEOUT, Client
from pulumi_openrouter.core.settings import (
    Settings,
    SettingsError,
    log_as_asked,
    unknown_config,
)

KEY = "sk-or-mgmt-4f1d7c0e"
OTHER_KEY = "sk-or-mgmt-other"
URL = "https://eu.openrouter.ai/api/v1"
BLANKS = ["", " ", "\t\n"]


def load(
    environment: dict[str, str] | None = None, config: dict[str, str] | None = None
) -> Settings:
    return Settings.load((config or {}).get, environment or {})


def with_key(**environment: str) -> dict[str, str]:
    return {"OPENROUTER_MANAGEMENT_KEY": KEY, **environment}


def test_the_key_comes_from_the_environment() -> None:
    """OPENROUTER_MANAGEMENT_KEY is enough."""
    settings = load(with_key())
    assert (settings.key, settings.base_url, settings.timeout) == (KEY, None, None)


def test_the_key_comes_from_the_configuration() -> None:
    """Without the variable, openrouter:managementKey is taken."""
    assert load(config={"openrouter:managementKey": KEY}).key == KEY


def test_the_environment_wins() -> None:
    """Variables go before configuration: destroy sees the configuration of the last up."""
    environment = with_key(OPENROUTER_BASE_URL=URL)
    config = {"openrouter:managementKey": OTHER_KEY, "openrouter:baseUrl": "https://a.example"}
    settings = load(environment, config)
    assert (settings.key, settings.base_url) == (KEY, URL)


@pytest.mark.parametrize("blank", BLANKS)
def test_blank_is_not_given(blank: str) -> None:
    """A variable that is empty or blank is as good as none, and so is configuration."""
    environment = {
        "OPENROUTER_MANAGEMENT_KEY": blank,
        "OPENROUTER_BASE_URL": blank,
        "OPENROUTER_TIMEOUT": blank,
    }
    config = {"openrouter:managementKey": KEY, "openrouter:baseUrl": URL}
    expected = Settings(key=KEY, base_url=URL, key_setting="openrouter:managementKey")
    assert load(environment, config) == expected
    assert load(with_key(), {"openrouter:baseUrl": blank}).base_url is None


def test_blanks_around_a_setting_are_dropped() -> None:
    """A line break that came along with a pasted key does no harm."""
    settings = load(
        {
            "OPENROUTER_MANAGEMENT_KEY": f" {KEY}\n",
            "OPENROUTER_BASE_URL": f" {URL} ",
            "OPENROUTER_TIMEOUT": " 30 ",
        }
    )
    assert (settings.key, settings.base_url, settings.timeout) == (KEY, URL, 30)


@pytest.mark.parametrize("blank", BLANKS)
def test_no_key_says_how_to_set_one(blank: str) -> None:
    """Without a key the error names the variable and the command for the configuration."""
    with pytest.raises(SettingsError) as caught:
        load({"OPENROUTER_MANAGEMENT_KEY": blank}, {"openrouter:managementKey": blank})
    assert str(caught.value).splitlines() == [
        "There is no OpenRouter management key: set OPENROUTER_MANAGEMENT_KEY, or run",
        "`pulumi config set --secret openrouter:managementKey` and `pulumi up`.",
    ]


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "nul\x00key", "esc\x1b"])
def test_what_no_header_can_carry_is_no_key(key: str) -> None:
    """A key that can't be sent is refused, by its source and without being repeated."""
    for name, given in (
        ("openrouter:managementKey", {"config": {"openrouter:managementKey": key}}),
        ("OPENROUTER_MANAGEMENT_KEY", {"environment": {"OPENROUTER_MANAGEMENT_KEY": key}}),
    ):
        with pytest.raises(SettingsError) as caught:
            load(**given)
        assert str(caught.value) == (
            f"The management key in {name} is not a valid key: expected one word of printable "
            "ASCII."
        )


@pytest.mark.parametrize("quotes", ['""', "''", "``", '"', "'", "\u201c\u201d", "\u2018\u2019"])
@pytest.mark.parametrize(
    "name",
    [
        "OPENROUTER_MANAGEMENT_KEY",
        "OPENROUTER_BASE_URL",
        "OPENROUTER_ORGANIZATION_ID",
        "OPENROUTER_TIMEOUT",
    ],
)
def test_quotes_that_came_along_are_told(name: str, quotes: str) -> None:
    """Quotes of a .env file or a web page are not part of a setting, and its value is not shown."""
    value = {"OPENROUTER_BASE_URL": URL, "OPENROUTER_TIMEOUT": "30"}.get(name, KEY)
    for quoted in (quotes[0] + value + quotes[-1], value + quotes[-1]):
        with pytest.raises(SettingsError) as caught:
            load(with_key(**{name: quoted}))
        assert str(caught.value) == f"{name} has quotes around it: remove them."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("managementKey", KEY),
        ("baseUrl", URL),
        ("organizationId", "org_x"),
    ],
)
def test_quotes_in_the_configuration_are_told(name: str, value: str) -> None:
    """The same for configuration, where nothing goes before it."""
    config = {"openrouter:managementKey": KEY, f"openrouter:{name}": f"'{value}'"}
    with pytest.raises(SettingsError) as caught:
        load(config=config)
    assert str(caught.value) == f"openrouter:{name} has quotes around it: remove them."


def test_a_client_refuses_quotes_as_well() -> None:
    """Without settings it is the client that says so."""
    with pytest.raises(ValueError, match=r"^the key has quotes around it: remove them$"):
        Client(f'"{KEY}"')


@pytest.mark.parametrize(("text", "seconds"), [("30", 30.0), ("0.5", 0.5), ("1e3", 1000.0)])
def test_the_time_is_a_number_of_seconds(text: str, seconds: float) -> None:
    """OPENROUTER_TIMEOUT is taken in seconds."""
    assert load(with_key(OPENROUTER_TIMEOUT=text)).timeout == seconds


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf", "-inf", "1m", "1e999"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    """A time that is no positive, finite number is refused."""
    with pytest.raises(SettingsError) as caught:
        load(with_key(OPENROUTER_TIMEOUT=text))
    assert str(caught.value) == "OPENROUTER_TIMEOUT must be a number of seconds greater than 0."


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OPENROUTER_ORGANISATION_ID", "OPENROUTER_ORGANIZATION_ID"),
        ("OPENROUTER_ORGANIZATION", "OPENROUTER_ORGANIZATION_ID"),
        ("OPENROUTER_ORGANIZATIONID", "OPENROUTER_ORGANIZATION_ID"),
        ("OPENROUTER_BASEURL", "OPENROUTER_BASE_URL"),
        ("OPENROUTER_BASE_URI", "OPENROUTER_BASE_URL"),
        ("OPENROUTER_TIME_OUT", "OPENROUTER_TIMEOUT"),
    ],
)
def test_a_misspelt_variable_is_refused(name: str, meant: str) -> None:
    """A variable that is nearly a setting is refused, with the one that was probably meant."""
    with pytest.raises(SettingsError) as caught:
        load(with_key(**{name: "s3cret"}))
    assert str(caught.value) == f"unknown setting {name}; did you mean {meant}?"


def test_a_misspelt_key_is_refused() -> None:
    """A key whose variable is misspelt is told as that, and not as missing."""
    with pytest.raises(SettingsError) as caught:
        load({"OPENROUTER_MANAGMENT_KEY": KEY})
    assert str(caught.value) == (
        "unknown setting OPENROUTER_MANAGMENT_KEY; did you mean OPENROUTER_MANAGEMENT_KEY?"
    )


@pytest.mark.parametrize(
    "name",
    [
        *("OPENROUTER_API_KEY", "OPENROUTER_API_BASE", "OPENROUTER_API_BASE_URL"),
        *("OPENROUTER_SITE_URL", "OPENROUTER_SITE_NAME", "OPENROUTER_APP_URL", "OPENROUTER_URL"),
        *("OPENROUTER_HTTP_REFERER", "OPENROUTER_MODEL", "OPENROUTER_DEBUG", "OPENROUTER_ORG"),
        *("OPENROUTER_TIMEOUT_MS", "OPENROUTER_TIMEOUT_S", "OPENROUTER_TIMEOUT_SECONDS"),
        *("OPENROUTER_MANAGEMENT_API_KEY", "OPENROUTER_PROVISIONING_KEY", "OPENROUTER_LOG"),
        *("OPENROUTER_SERVER_URL", "OPENROUTER_ORG_ID", "OPENROUTER_USER_ID", "BASE_URL"),
        "MY_OPENROUTER_BASEURL",
    ],
)
def test_other_tools_have_variables_too(name: str) -> None:
    """Variables of OpenRouter's SDKs and of other tools are left alone."""
    assert load(with_key(**{name: "x"})) == load(with_key())


@pytest.mark.parametrize("blank", BLANKS)
def test_a_misspelling_that_does_no_harm_is_left_alone(blank: str) -> None:
    """A misspelt variable is no mistake where it is blank, or where the right one is set too."""
    assert load(with_key(OPENROUTER_BASEURL=blank)).base_url is None
    both = with_key(OPENROUTER_BASEURL="https://a.example", OPENROUTER_BASE_URL=URL)
    assert load(both).base_url == URL


KNOWN = "openrouter:managementKey, openrouter:baseUrl, openrouter:organizationId"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("openrouter:organisationId", "did you mean openrouter:organizationId?"),
        ("openrouter:baseurl", "did you mean openrouter:baseUrl?"),
        ("openrouter:management_key", "did you mean openrouter:managementKey?"),
        ("openrouter:apiKey", f"expected one of {KNOWN}"),
        ("openrouter:timeout", f"expected one of {KNOWN}"),
    ],
)
def test_an_unknown_name_in_the_configuration_is_told(name: str, hint: str) -> None:
    """A name in our namespace that is no setting is told, with the one that was meant."""
    names = ["openrouter:baseUrl", name, "shop:baseurl"]
    assert unknown_config(names, "shop") == f"unknown setting {name}; {hint}"


@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("openrouter:managementKey", "shop"),
        ("openrouter:baseUrl", "shop"),
        ("openrouter:organizationId", "shop"),
        ("shop:baseurl", "shop"),
        ("openrouter-workspaces:baseurl", "shop"),
        ("openrouter:workspaces", "openrouter"),
        ("openrouter:members", "openrouter"),
        ("openrouter:timeout", "openrouter"),
    ],
)
def test_other_names_in_the_configuration_are_right(name: str, project: str) -> None:
    """Other namespaces are not ours, and a project called openrouter has names of its own."""
    assert unknown_config([name], project) is None


def test_a_misspelling_is_told_in_a_project_called_like_the_namespace() -> None:
    """Where the namespace is the project's own, a name that is nearly a setting is still told."""
    assert unknown_config(["openrouter:baseurl"], "openrouter") == (
        "unknown setting openrouter:baseurl; did you mean openrouter:baseUrl?"
    )


def test_connects_with_what_was_given() -> None:
    """The client gets base URL and time."""
    client = Settings(key=KEY, base_url=URL, timeout=7).connect()
    assert (client.base_url, client.timeout) == (URL, 7)


def test_connects_to_the_public_api_unless_told_otherwise() -> None:
    """Without settings it is the public API, and two minutes for an operation."""
    client = Settings(key=KEY).connect()
    assert (client.base_url, client.timeout) == (PUBLIC_BASE_URL, DEFAULT_TIMEOUT)
    assert DEFAULT_TIMEOUT == 120


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/s3cret", "must be https: http would send the key in clear"),
        ("https://s3cret@example.com", "must not contain a user name or password"),
        ("https://example.com?s3cret", "must not contain a query or a fragment"),
        ("s3cret", f"must be a URL such as {PUBLIC_BASE_URL}"),
    ],
)
def test_a_wrong_base_url_names_its_sources(url: str, reason: str) -> None:
    """The error about a base URL says where it may come from, and never repeats it."""
    with pytest.raises(SettingsError) as caught:
        load(with_key(OPENROUTER_BASE_URL=url)).connect()
    shown = str(caught.value)
    assert shown.startswith("The base URL (OPENROUTER_BASE_URL or openrouter:baseUrl) " + reason)
    assert "s3cret" not in shown


def test_the_key_is_in_no_repr() -> None:
    """Showing the settings doesn't show the key."""
    assert KEY not in repr(load(with_key()))


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The logger of the package, as it was afterwards."""
    logger = logging.getLogger("pulumi_openrouter")
    before = (logger.handlers, logger.level)
    logger.handlers = []
    yield logger
    logger.handlers, level = before
    logger.setLevel(level)


@pytest.mark.parametrize("value", ["debug", "DEBUG", " Debug "])
def test_logs_to_standard_error_where_asked(
    logger: logging.Logger, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """OPENROUTER_LOG=debug writes to standard error, each line once however often it is asked."""
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    log_as_asked({"OPENROUTER_LOG": value})
    log_as_asked({"OPENROUTER_LOG": value})
    logging.getLogger("pulumi_openrouter.api").debug("GET %s", "/workspaces")
    assert stderr.getvalue() == "openrouter: GET /workspaces\n"


@pytest.mark.parametrize("environment", [{}, {"OPENROUTER_LOG": ""}, {"OPENROUTER_LOG": "info"}])
def test_logs_nothing_unless_asked(logger: logging.Logger, environment: dict[str, str]) -> None:
    """Without OPENROUTER_LOG=debug nothing is set up."""
    log_as_asked(environment)
    assert logger.handlers == []
