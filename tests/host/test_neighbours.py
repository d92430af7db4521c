"""Another dynamic provider in the same process."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.dynamic_host import HostError, Kind, StartHost
from tools.paths import SOURCES

NEIGHBOUR = """
from pulumi.dynamic import ResourceProvider


class Neighbour(ResourceProvider):
    def create(self, props):
        return self.fail()

    def fail(self):
        raise RuntimeError("the neighbour's own error")
"""


@pytest.fixture
def neighbour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder with the module of another provider, on the path of this process too."""
    (tmp_path / "neighbour.py").write_text(NEIGHBOUR)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "neighbour", raising=False)
    return str(tmp_path)


def test_a_neighbour_keeps_its_errors(start_host: StartHost, neighbour: str) -> None:
    """While errors of this package are their words, another provider's are what they were."""
    path = os.pathsep.join([str(SOURCES), neighbour])
    host = start_host(PYTHONPATH=path, OPENROUTER_MANAGEMENT_KEY="two words")
    other = Kind(host.stub, importlib.import_module("neighbour").Neighbour())
    before = error_of(lambda: other.create({}))
    assert "the neighbour's own error" in before
    ours = error_of(lambda: host.workspaces.create({"name": "n", "slug": "s"}))
    assert ours.startswith("OpenRouterError: creating workspace 's': ")
    assert error_of(lambda: other.create({})) == before


def error_of(call: Callable[[], object]) -> str:
    """What the engine would print for a call that fails."""
    with pytest.raises(HostError) as caught:
        call()
    return str(caught.value)
