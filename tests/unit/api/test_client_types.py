"""What a type checker knows of the client."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

PROGRAM = """\
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.models import CurrentKey

client = Client(
    "k", "https://a.example", organization_id="o", timeout=5, allowance=1.5, connections=4
)
Client("k", organization_id=None, key_origin="a file", notify=print)
owner: str | None = client.owner.organization_id()
client.request("POST", "/keys", CurrentKey, body={}, creates=True)
label: str = client.request("GET", "/key", CurrentKey, query={"a": 1}, body=None).label
with client.operation(), client.operation(0.5):
    pages: list[str] = [row.slug for page in client.pages_of_workspaces() for row in page]

Client()  # wrong: call-arg
Client(5)  # wrong: arg-type
Client("k", 5)  # wrong: arg-type
Client("k", organization_id=5)  # wrong: arg-type
Client("k", timeout="x")  # wrong: arg-type
Client("k", allowance="x")  # wrong: arg-type
Client("k", connections=1.5)  # wrong: arg-type
Client("k", patience=5)  # wrong: call-arg
Client("k", notify="x")  # wrong: arg-type
client.request("POST", "/key", CurrentKey, creates=1)  # wrong: arg-type
client.request("GET", "/key", CurrentKey, quary={})  # wrong: call-arg
client.request("GET", "/key", CurrentKey, body=[])  # wrong: arg-type
number: int = client.request("GET", "/key", CurrentKey).label  # wrong: assignment
"""


def test_type_checkers_know_the_parameters(tmp_path: Path) -> None:
    """mypy accepts right calls, and refuses each wrong one for the right reason."""
    (tmp_path / "program.py").write_text(PROGRAM)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"]
    done = subprocess.run(
        [*mypy, "--config-file", ROOT / "pyproject.toml", "--cache-dir", "cache", "program.py"],
        cwd=tmp_path,
        env={"PATH": "", "MYPYPATH": str(ROOT / "provider")},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.stderr == ""
    refused = set(re.findall(r"^program\.py:(\d+): error: .*\[([a-z-]+)\]$", done.stdout, re.M))
    wrong = {
        (str(number), line.partition("# wrong: ")[2])
        for number, line in enumerate(PROGRAM.splitlines(), start=1)
        if "# wrong: " in line
    }
    assert refused == wrong, done.stdout
