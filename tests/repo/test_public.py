"""What programs rely on changes on purpose only: docs/compatibility.md."""

from __future__ import annotations

import difflib

import pulumi_openrouter
from tools import public


def test_nothing_public_changes_unseen() -> None:
    """Whoever changes a name, an argument, a type or a message that is promised changes the file.

    `make docs` writes it. After a release, a line that changed or went away makes another version.
    """
    was, now = public.FILE.read_text().splitlines(), public.listed().splitlines()
    assert "\n".join(difflib.unified_diff(was, now, public.FILE.name, "the code", n=0)) == ""


def test_every_public_name_is_in_the_list() -> None:
    """Classes with what they take and have, functions with their parameters."""
    lines = public.FILE.read_text().splitlines()
    for name in pulumi_openrouter.__all__:
        assert [
            line for line in lines if line.startswith((f"class {name}", f"{name}(", f"{name}."))
        ]
