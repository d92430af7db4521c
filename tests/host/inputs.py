"""The inputs of resources, as a program's constructor completes them."""

from __future__ import annotations

from typing import Any

from tests.host.dynamic_host import Properties


def workspace(slug: str, **more: Any) -> Properties:
    """Those of a Workspace."""
    return {"name": slug, "slug": slug, "adopt_existing": False, "force_destroy": False, **more}


def api_key(workspace_id: str, **more: Any) -> Properties:
    """Those of an ApiKey."""
    return {"workspace_id": workspace_id, "name": "ci", "keepers": {}, **more}


def child(workspace_id: str, **more: Any) -> Properties:
    """Those of a WorkspaceBudget or a WorkspaceMembership."""
    return {"workspace_id": workspace_id, "exclusive": False, **more}
