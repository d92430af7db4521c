from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime import rpc

from pulumi_openrouter.simulator import Simulator
from tests.host.dynamic_host import HostError, StartHost

KEY_CONFIG = "openrouter:managementKey"
URL_CONFIG = "openrouter:baseUrl"


@pytest.mark.parametrize("is_secret", [True, False])
def test_configuration_is_enough(
    start_host: StartHost, simulator: Simulator, is_secret: bool
) -> None:
    """Key and base URL may both come from the configuration, the key as a secret."""
    host = start_host(OPENROUTER_MANAGEMENT_KEY=None, OPENROUTER_BASE_URL=None)
    key: Any = rpc.wrap_rpc_secret(simulator.key) if is_secret else simulator.key
    host.configure({KEY_CONFIG: key, URL_CONFIG: simulator.base_url})
    id = simulator.organization.workspace("default").id
    assert host.workspaces.get(id).outputs["slug"] == "default"


def test_the_environment_wins(start_host: StartHost, simulator: Simulator) -> None:
    """A key in the configuration, as old as the last up, doesn't stand in the way of a new one."""
    host = start_host()
    host.configure({KEY_CONFIG: "sk-or-mgmt-old", URL_CONFIG: "http://127.0.0.1:9"})
    id = simulator.organization.workspace("default").id
    assert host.workspaces.get(id).outputs["slug"] == "default"


def test_blank_variables_leave_it_to_the_configuration(
    start_host: StartHost, simulator: Simulator
) -> None:
    """A variable that a pipeline sets to nothing is none."""
    host = start_host(OPENROUTER_MANAGEMENT_KEY=" ", OPENROUTER_BASE_URL="", OPENROUTER_TIMEOUT="")
    host.configure({KEY_CONFIG: simulator.key, URL_CONFIG: simulator.base_url})
    id = simulator.organization.workspace("default").id
    assert host.workspaces.get(id).outputs["slug"] == "default"


def test_a_wrong_key_is_refused_without_being_shown(
    start_host: StartHost, simulator: Simulator
) -> None:
    """The API's refusal of a key reaches the user, and the key doesn't."""
    host = start_host(OPENROUTER_MANAGEMENT_KEY="sk-or-mgmt-wrong", OPENROUTER_LOG="debug")
    with pytest.raises(HostError, match=r"401 User not found\.") as caught:
        host.workspaces.create({"name": "x", "slug": "x"})
    host.stop()
    assert "wrong" not in "\n".join([str(caught.value), *host.stdout, *host.stderr])


def test_an_inference_key_gets_a_hint(start_host: StartHost, simulator: Simulator) -> None:
    """A key of the wrong kind is told by its looks."""
    host = start_host(OPENROUTER_MANAGEMENT_KEY=simulator.inference_key)
    with pytest.raises(HostError) as caught:
        host.workspaces.create({"name": "x", "slug": "x"})
    assert caught.value.lines == [
        "OpenRouterError: creating workspace 'x': "
        "403 Only management keys can perform this operation",
        "The key looks like an inference key: workspaces need a management key (sk-or-mgmt-...).",
    ]
