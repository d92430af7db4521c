"""The fixtures of the pytest plugin."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_openrouter.testing.isolation import isolated_pulumi

# Every pytest run on a machine that has this package imports this module: nothing heavy here.
if TYPE_CHECKING:
    from pulumi_openrouter.simulator import Simulator
    from pulumi_openrouter.testing.stack import NewStack

NO_ENGINE = (
    "The fixture openrouter_stack needs Pulumi, and there is no `pulumi` on PATH: "
    "see https://www.pulumi.com/docs/install/"
)


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
        _replace_pulumi(environment, isolated_pulumi(folder))
        yield NewStack(folder, request.path.parent, openrouter)


def _marked(node: pytest.Item) -> dict[str, Any]:
    """What the marks say; one of a test adds to that of its class or module.

    A seed is found beside the file of the test.
    """
    settings: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers("openrouter"))):
        settings.update(mark.kwargs)
    if settings.get("seed"):
        settings["seed"] = node.path.parent / settings["seed"]
    return settings


def _replace_pulumi(environment: pytest.MonkeyPatch, isolated: Mapping[str, str]) -> None:
    """Let this process see the isolated Pulumi; settings of OpenRouter stay as they are."""
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        if name not in isolated:
            environment.delenv(name)
    for name, value in isolated.items():
        if os.environ.get(name) != value:
            environment.setenv(name, value)
