"""What a type checker knows of the client."""

from __future__ import annotations

from pathlib import Path

from tests.support.type_checker import type_checked

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
    checked = type_checked(tmp_path, PROGRAM)
    assert checked.refused == checked.wrong, checked.printed
