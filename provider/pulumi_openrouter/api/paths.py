"""The paths of the API's objects."""

from __future__ import annotations

from urllib.parse import quote

from pulumi_openrouter.api.errors import OpenRouterError


def workspace_path(ref: str, *rest: str) -> str:
    """The path of a workspace, or of what is in it; refuses what would be another path."""
    # Quoting leaves dots alone, so /workspaces/.. would arrive as another path.
    if ref in ("", ".", ".."):
        raise OpenRouterError(f"{ref!r} is not the id of a workspace")
    return "/".join(["/workspaces", *(quote(part, safe="") for part in (ref, *rest))])
