"""Test one's own stack: a pytest plugin, at hand wherever pulumi-openrouter is installed.

It needs `pip install 'pulumi-openrouter[testing]'`, and Pulumi on PATH::

    def test_the_team_gets_its_workspace(openrouter, openrouter_stack):
        stack = openrouter_stack()  # of the nearest Pulumi.yaml
        assert stack.up().changes == {"Workspace team": "create"}
        assert openrouter.organization.workspace("team").description == "Experiments"
        assert stack.preview().changes == {}
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# Every pytest run on a machine that has this package imports this module: nothing heavy here.
if TYPE_CHECKING:
    from pulumi_openrouter.simulator import Simulator
    from pulumi_openrouter.testing.stack import NewStack

MARK = (
    "openrouter(members=5, workspaces=0, quirks=None, seed=0): "
    "what the simulated organization of the fixture `openrouter` begins with"
)
NO_ENGINE = (
    "The fixture openrouter_stack needs Pulumi, and there is no `pulumi` on PATH: "
    "see https://www.pulumi.com/docs/install/"
)
KEPT = (
    "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", MARK)


@pytest.fixture
def openrouter(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """A simulated organization, its faults, and the log of what was asked of it.

    Everything in the process of the test talks to it, and can't reach the real API by mistake.
    """
    try:
        from pulumi_openrouter.simulator import Simulator
    except ImportError as error:
        pytest.fail(f"The fixture openrouter is not installed in full: {error}", pytrace=False)
    with (
        Simulator(**_marked(request.node)) as simulator,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.delenv("OPENROUTER_ORGANIZATION_ID", raising=False)
        environment.setenv("OPENROUTER_MANAGEMENT_KEY", simulator.key)
        environment.setenv("OPENROUTER_BASE_URL", simulator.base_url)
        yield simulator


@pytest.fixture
def openrouter_stack(
    openrouter: Simulator,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[NewStack]:
    """Makes stacks of a program, on the real engine against `openrouter`; see `NewStack`."""
    if shutil.which("pulumi") is None:
        pytest.fail(NO_ENGINE, pytrace=False)
    from pulumi_openrouter.testing.stack import NewStack

    folder = tmp_path_factory.mktemp("pulumi-openrouter")
    with pytest.MonkeyPatch.context() as environment:
        _isolate(environment, folder)
        yield NewStack(folder, request.path.parent, openrouter)


def _marked(node: pytest.Item) -> dict[str, Any]:
    """What the marks say; one of a test adds to that of its class or module."""
    settings: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers("openrouter"))):
        settings.update(mark.kwargs)
    return settings


def _isolate(environment: pytest.MonkeyPatch, folder: Path) -> None:
    """Nothing of the user's own Pulumi matters, but the plugins that it has downloaded."""
    plugins = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
    for name in ("home", "state"):
        (folder / name).mkdir()
    if plugins.is_dir():
        (folder / "home" / "plugins").symlink_to(plugins)
    for name in [name for name in os.environ if name.startswith("PULUMI_") and name not in KEPT]:
        environment.delenv(name)
    environment.setenv("PULUMI_HOME", str(folder / "home"))
    environment.setenv("PULUMI_BACKEND_URL", (folder / "state").as_uri())
    environment.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")
    environment.setenv("PULUMI_SKIP_UPDATE_CHECK", "true")
    # The programs and their provider run in the Python that runs the tests.
    environment.setenv("PULUMI_PYTHON_CMD", sys.executable)
    environment.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
