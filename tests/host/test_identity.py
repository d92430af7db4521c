from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_openrouter.host import Provider
from pulumi_openrouter.workspace import WorkspaceProvider
from pulumi_openrouter.workspace_budget import WorkspaceBudgetProvider
from pulumi_openrouter.workspace_membership import WorkspaceMembershipProvider
from tests.host.dynamic_host import SOURCES

PROVIDERS: list[type[Provider]] = [
    WorkspaceProvider,
    WorkspaceBudgetProvider,
    WorkspaceMembershipProvider,
]
STORED = [
    (
        WorkspaceProvider,
        "gASVOAAAAAAAAACMG3B1bHVtaV9vcGVucm91dGVyLndvcmtzcGFjZZSMEVdvcmtzcGFjZVByb3ZpZGVylJOUKYGU"
        "Lg==",
    ),
    (
        WorkspaceBudgetProvider,
        "gASVRQAAAAAAAACMInB1bHVtaV9vcGVucm91dGVyLndvcmtzcGFjZV9idWRnZXSUjBdXb3Jrc3BhY2VCdWRnZXRQ"
        "cm92aWRlcpSTlCmBlC4=",
    ),
    (
        WorkspaceMembershipProvider,
        "gASVTQAAAAAAAACMJnB1bHVtaV9vcGVucm91dGVyLndvcmtzcGFjZV9tZW1iZXJzaGlwlIwbV29ya3NwYWNlTWVt"
        "YmVyc2hpcFByb3ZpZGVylJOUKYGULg==",
    ),
    (
        WorkspaceProvider,
        "gASVMQAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAJvZpSTlIwJd29ya3NwYWNllIWUUpQu",
    ),
    (
        WorkspaceBudgetProvider,
        "gASVLgAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAJvZpSTlIwGYnVkZ2V0lIWUUpQu",
    ),
    (
        WorkspaceMembershipProvider,
        "gASVMgAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAJvZpSTlIwKbWVtYmVyc2hpcJSFlFKULg==",
    ),
]
"""What states hold: the class by its name first, and then a shorter name."""
SCRIPT = """
import sys
from importlib import import_module
from pulumi.dynamic.dynamic import serialize_provider
print(serialize_provider(getattr(import_module(sys.argv[1]), sys.argv[2])()))
"""


def elsewhere(provider: type[Provider], seed: str) -> str:
    """What another process, in which a key is set, writes into the state."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCES),
        "PYTHONHASHSEED": seed,
        "OPENROUTER_MANAGEMENT_KEY": f"sk-or-mgmt-{seed}",
    }
    command = [sys.executable, "-c", SCRIPT, provider.__module__, provider.__name__]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_process_writes_the_same(provider: type[Provider]) -> None:
    """What stands for a provider in the state is the same in every process, with any key."""
    assert elsewhere(provider, "1") == elsewhere(provider, "2") == serialize_provider(provider())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_is_stored_by_reference(provider: type[Provider]) -> None:
    """The state holds the provider's name, under 100 bytes, and none of its code."""
    stored = serialize_provider(provider())
    assert len(stored) < 100
    assert (provider, stored) in STORED


@pytest.mark.parametrize(("provider", "stored"), STORED)
def test_old_states_load(provider: type[Provider], stored: str) -> None:
    """What the first version wrote into states must load in every later one."""
    assert type(pickle.loads(base64.b64decode(stored))) is provider


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_resource_is_a_secret_for_its_provider(provider: type[Provider]) -> None:
    """A provider holds no secret, so the state need not encrypt its name."""
    assert provider().serialize_as_secret_always is False
