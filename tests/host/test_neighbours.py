"""Another dynamic provider in the same process."""

from __future__ import annotations

import importlib
import os
import sys
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


def test_a_neighbour_keeps_its_tracebacks(start_host: StartHost, neighbour: str) -> None:
    """While errors of this package have none, those of another provider show each of its lines."""
    path = os.pathsep.join([str(SOURCES), neighbour])
    host = start_host(PYTHONPATH=path, OPENROUTER_MANAGEMENT_KEY="two words")
    other = Kind(host.stub, importlib.import_module("neighbour").Neighbour())
    with pytest.raises(HostError) as refused:
        host.workspaces.create({"name": "n", "slug": "s"})
    assert refused.value.lines[0].startswith("OpenRouterError: creating workspace 's': ")
    for _ in range(2):
        with pytest.raises(HostError) as failed:
            other.create({})
        assert failed.value.lines[0] == "Traceback (most recent call last):"
        assert [line for line in failed.value.lines if "in fail" in line]
        assert failed.value.lines[-1] == "RuntimeError: the neighbour's own error"
