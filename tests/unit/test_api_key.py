"""An ApiKey as a program declares it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pulumi import Output, ResourceOptions

from pulumi_openrouter import ApiKey, Workspace
from tests.support.mock_engine import Engine, run_program

ID = "3f0c7d1a-54d1-4a3e-9a55-0f3a5a6b7c8d"
BERLIN = timezone(timedelta(hours=1))
ZEROS = 64 * "0"


def declared(**given: Any) -> dict[str, Any]:
    """The inputs of a program's key."""
    return run_program(lambda: ApiKey("ci", workspace_id=ID, **given)).inputs("ci")


def test_its_name_is_that_of_the_resource() -> None:
    """Unless one is given, or the key exists and has one."""
    assert declared()["name"] == "ci"
    assert declared(name="robot")["name"] == "robot"
    assert "name" not in declared(existing_hash=ZEROS)


@pytest.mark.parametrize("wrap", [lambda value: value, Output.from_input], ids=["plain", "Output"])
def test_a_datetime_is_a_moment_in_utc(wrap: Any) -> None:
    """In whatever zone it is, known now or later."""
    expires_at = wrap(datetime(2999, 1, 31, 1, tzinfo=BERLIN))
    assert declared(expires_at=expires_at)["expires_at"] == "2999-01-31T00:00:00Z"


def test_a_datetime_without_a_zone_is_refused() -> None:
    """Nobody can tell which moment it is."""
    with pytest.raises(
        ValueError, match=re.escape("ApiKey 'ci': expires_at is a datetime without")
    ):
        declared(expires_at=datetime(2999, 1, 31))  # that is the mistake


def test_its_secret_is_encrypted_from_the_first_moment() -> None:
    """The engine is told so, beside what the program says itself."""

    def program() -> None:
        opts = ResourceOptions(additional_secret_outputs=["label"])
        ApiKey("ci", workspace_id=ID, opts=opts)

    request = run_program(program).requests["ci"]
    assert set(request.additionalSecretOutputs) == {"key", "label"}


def test_it_outlives_no_workspace_by_itself() -> None:
    """A workspace is not deleted while it has keys, so the engine must delete the key first."""

    def program() -> None:
        ApiKey("ci", workspace_id=Workspace("team"))

    engine: Engine = run_program(program)
    assert engine.deleted_with("ci") is None
    assert any(urn.endswith("Workspace::team") for urn in engine.requests["ci"].dependencies)


def test_two_of_one_existing_key_are_refused() -> None:
    """The error names both; the case of the hash makes no difference."""

    def program() -> None:
        ApiKey("one", workspace_id=ID, existing_hash=64 * "a")
        ApiKey("two", workspace_id=ID, existing_hash=64 * "A")

    with pytest.raises(ValueError, match="ApiKey 'two': ApiKey 'one' has this existing_hash"):
        run_program(program)
