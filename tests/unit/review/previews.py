"""Documents as `pulumi preview --json` prints them, made of what a test is about."""

from __future__ import annotations

import json
from typing import Any

from pulumi_openrouter.review.changes import review
from pulumi_openrouter.review.lines import told
from pulumi_openrouter.review.markdown import MARKER, written
from pulumi_openrouter.review.model import Review
from pulumi_openrouter.review.preview import TYPE_PREFIX, read

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UUID = "00000000-0000-4000-8000-00000000000"
Document = dict[str, Any]


def urn(kind: str, name: str) -> str:
    """The URN of a resource; a kind with a colon is the type of another package."""
    return f"urn:pulumi:dev::shop::{kind if ':' in kind else TYPE_PREFIX + kind}::{name}"


def step(
    op: str,
    kind: str,
    name: str,
    old: Document | None = None,
    new: Document | None = None,
    *,
    workspace: str | None = None,
    **more: Any,
) -> Document:
    """A step of a preview: the inputs before and after, and the Workspace that they are given."""
    where = {"dependencies": [urn("Workspace", workspace)]} if workspace else {}
    states = {
        key: {"urn": urn(kind, name), "inputs": {"__provider": "p", **inputs}, **where}
        for key, inputs in (("oldState", old), ("newState", new))
        if inputs is not None
    }
    return {"op": op, "urn": urn(kind, name), **states, **more}


def created(kind: str, name: str, workspace: str | None = None, /, **inputs: Any) -> Document:
    """A step that makes something."""
    return step("create", kind, name, None, inputs, workspace=workspace)


def deleted(kind: str, name: str, workspace: str | None = None, /, **inputs: Any) -> Document:
    """A step that deletes something."""
    return step("delete", kind, name, inputs, None, workspace=workspace)


def updated(
    kind: str, name: str, old: Document, new: Document, workspace: str | None = None, **more: Any
) -> Document:
    """A step that changes something."""
    return step("update", kind, name, old, new, workspace=workspace, **more)


def kept(kind: str, name: str, workspace: str | None = None, /, **inputs: Any) -> Document:
    """A step that changes nothing."""
    return step("same", kind, name, inputs, inputs, workspace=workspace)


def replaced(kind: str, name: str, old: Document, new: Document, *reasons: str) -> list[Document]:
    """The three steps of a replacement."""
    words = ("create-replacement", "replace", "delete-replaced")
    return [step(op, kind, name, old, new, replaceReasons=[*reasons]) for op in words]


def document(*steps: Document, unchanged: int = 0, errors: tuple[str, ...] = ()) -> str:
    """What Pulumi prints for these steps."""
    stack = step("same", "pulumi:pulumi:Stack", "shop-dev", {}, {})
    diagnostics = [{"message": message, "severity": "error"} for message in errors]
    summary = {"same": 1 + unchanged}
    return json.dumps(
        {"steps": [stack, *steps], "changeSummary": summary, "diagnostics": diagnostics}
    )


def reviewed(*steps: Document, **more: Any) -> Review:
    """The review of these steps."""
    return review(read(document(*steps, **more)))


def lines(*steps: Document, **more: Any) -> list[str]:
    """The lines of the Markdown below its title, without empty ones."""
    text = written([told(reviewed(*steps, **more))])
    found = [line for line in text.splitlines() if line]
    assert found[0] == MARKER
    return found[1:]
