"""What the state holds of a provider: a name, the same in every process and every version."""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_openrouter.host import LIFECYCLES, Provider, provider
from tools.paths import SOURCES

STORED = {
    "workspace": (
        "gASVNwAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAhwcm92aWRlcpSTlIwJd29ya3NwYWNllIWUUpQu"
    ),
    "budget": (
        "gASVNAAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAhwcm92aWRlcpSTlIwGYnVkZ2V0lIWUUpQu"
    ),
    "membership": (
        "gASVOAAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAhwcm92aWRlcpSTlIwKbWVtYmVyc2hpcJSFlFKU"
        "Lg=="
    ),
    "API key": (
        "gASVNQAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAhwcm92aWRlcpSTlIwHQVBJIGtleZSFlFKULg=="
    ),
    "guardrail": (
        "gASVNwAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAhwcm92aWRlcpSTlIwJZ3VhcmRyYWlslIWUUpQu"
    ),
    "default guardrail": (
        "gASVPwAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAhwcm92aWRlcpSTlIwRZGVmYXVsdCBndWFyZHJh"
        "aWyUhZRSlC4="
    ),
    "provider key": (
        "gASVOgAAAAAAAACMFnB1bHVtaV9vcGVucm91dGVyLmhvc3SUjAhwcm92aWRlcpSTlIwMcHJvdmlkZXIga2V5lIWU"
        "UpQu"
    ),
}
"""What states hold."""
SCRIPT = """
import sys
from pulumi.dynamic.dynamic import serialize_provider
from pulumi_openrouter.host import provider
print(serialize_provider(provider(sys.argv[1])))
"""
EACH = pytest.mark.parametrize("noun", LIFECYCLES)


def elsewhere(noun: str, seed: str) -> str:
    """What another process, in which a key is set, writes into the state."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCES),
        "PYTHONHASHSEED": seed,
        "OPENROUTER_MANAGEMENT_KEY": f"sk-or-mgmt-{seed}",
    }
    command = [sys.executable, "-c", SCRIPT, noun]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@EACH
def test_every_process_writes_the_same(noun: str) -> None:
    """What stands for a provider in the state is the same in every process, with any key."""
    assert elsewhere(noun, "1") == elsewhere(noun, "2") == STORED[noun]


@EACH
def test_a_provider_is_stored_by_reference(noun: str) -> None:
    """The state holds the provider's name, under 110 bytes, and none of its code."""
    stored = serialize_provider(provider(noun))
    assert len(stored) < 110
    assert b"cpulumi_openrouter.host\nprovider\n" in pickle.dumps(provider(noun), protocol=0)


@EACH
def test_old_states_load(noun: str) -> None:
    """What the first version wrote into states must load in every later one."""
    loaded = pickle.loads(base64.b64decode(STORED[noun]))
    assert isinstance(loaded, Provider)
    assert loaded.lifecycle_class is LIFECYCLES[noun]


@EACH
def test_no_resource_is_a_secret_for_its_provider(noun: str) -> None:
    """A provider holds no secret, so the state need not encrypt its name."""
    assert provider(noun).serialize_as_secret_always is False
