"""Which SDKs of Pulumi are refused."""

from __future__ import annotations

import re
from importlib import metadata
from typing import Any

import pytest
from pulumi import dynamic

from pulumi_openrouter.internals import sdk_floor
from tools.paths import ROOT


class OldReadResult:
    """What a read answered up to 3.215."""

    def __init__(self, id_: str, outs: dict[str, Any]) -> None:
        """Without inputs."""


def test_an_older_sdk_is_told_by_both_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who imports the package reads which version there is, and which it takes."""
    monkeypatch.setattr(metadata, "version", lambda name: {"pulumi": "3.215.0"}[name])
    assert sdk_floor.too_old(OldReadResult) == (
        "pulumi-openrouter needs pulumi 3.216 or newer, but 3.215.0 is installed: "
        "run `pip install --upgrade 'pulumi>=3.216'`."
    )


def test_this_sdk_is_not_too_old() -> None:
    """The class of the installed SDK has what is looked for."""
    assert sdk_floor.too_old(dynamic.ReadResult) is None


def test_the_floor_is_the_declared_one() -> None:
    """The message names the version that pyproject.toml asks for."""
    declared = re.search(r'^    "pulumi>=([\d.]+),', (ROOT / "pyproject.toml").read_text(), re.M)
    assert declared is not None
    assert declared[1] == sdk_floor.FLOOR
