"""Fixtures for tests of the command line."""

from __future__ import annotations

import pytest

from pulumi_openrouter.cli import main
from pulumi_openrouter.simulator import Organization, Simulator
from tests.unit.cli.command import BASE_URL, KEY, ORGANIZATION_ID, Command, Said


@pytest.fixture
def organization(simulator: Simulator) -> Organization:
    """The one that a command looks at."""
    return simulator.organization


@pytest.fixture
def command(
    simulator: Simulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Run `pulumi-openrouter` with arguments, and an environment where it is to differ.

    Whatever it does, it changes nothing, and shows neither key nor traceback.
    """

    def run(*arguments: str, **environment: str) -> Said:
        settings = {
            KEY: simulator.key,
            BASE_URL: simulator.base_url,
            ORGANIZATION_ID: "",
            "OPENROUTER_TIMEOUT": "1",
            "OPENROUTER_LOG": "",
            **environment,
        }
        for name in ("COLUMNS", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        said = Said(main(arguments), *capsys.readouterr())
        assert simulator.writes() == []
        for text in (said.out, said.err):
            assert simulator.key not in text
            assert not settings[KEY].strip() or settings[KEY] not in text
            assert "Traceback" not in text
        return said

    return run
