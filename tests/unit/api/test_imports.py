"""What parts of the client load, for a preview sends nothing and should start fast."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"cattrs", "requests", "urllib3"}


@pytest.mark.parametrize("name", ["base_url", "errors", "key", "limits", "member", "models"])
def test_what_is_needed_before_a_request_is_light(name: str) -> None:
    """Neither requests nor cattrs is loaded before something is sent."""
    script = (
        f"import json, sys, pulumi_openrouter.api.{name}\n"
        "print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert set(json.loads(done.stdout)) & HEAVY == set()
