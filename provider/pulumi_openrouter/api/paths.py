"""The paths of the API's objects."""

from __future__ import annotations

from urllib.parse import quote

from pulumi_openrouter.api.errors import OpenRouterError


def workspace_path(ref: str, *rest: str) -> str:
    """The path of a workspace, or of what is in it; refuses what would be another path."""
    return object_path("workspaces", ref, *rest, noun="a workspace")


def key_path(key_hash: str) -> str:
    """The path of an API key; refuses what would be another path."""
    return object_path("keys", key_hash, noun="an API key")


def object_path(collection: str, ref: str, *rest: str, noun: str) -> str:
    """The path of an object in a collection, or of what is in it."""
    # Quoting leaves dots alone, so /workspaces/.. would arrive as another path.
    if ref in ("", ".", ".."):
        raise OpenRouterError(f"{ref!r} is not the id of {noun}")
    return "/".join(["", collection, *(quote(part, safe="") for part in (ref, *rest))])
