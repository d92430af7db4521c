"""What a program must declare for existing API keys so that nothing changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pulumi_openrouter.cli.adoption import differing
from pulumi_openrouter.core.api_key import OF_NEW_KEYS, ApiKeyArguments
from pulumi_openrouter.core.fields import fields_of
from pulumi_openrouter.core.organization import Snapshot

if TYPE_CHECKING:
    from pulumi_openrouter.api.keys import ApiKeyInfo

SUFFIX_CHARS = 8
"""How much of its hash tells a key from another one of its name."""
LONE_SECRET = "secure"
"""Pulumi takes a mapping with this name alone for an encrypted value."""
IMPLIED = ("workspace_id", "name", "limit_reset", *OF_NEW_KEYS)
"""Arguments that are written elsewhere, or that no key which exists can take."""


def adopted_keys(snapshots: Sequence[Snapshot]) -> dict[str, dict[str, dict[str, Any]]]:
    """The settings of each key that was read, by the slug of its workspace and its name.

    A resource of the key is called `<slug>-<name>`, and names that yield the same get a part of the
    hash, since OpenRouter lets any number of keys have one name.
    """
    yielded = Counter(resource_name(slug, key.name) for slug, key in _keys(snapshots))
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for slug, key in _keys(snapshots):
        is_sole = yielded[resource_name(slug, key.name)] == 1 and key.name != LONE_SECRET
        name = key.name if is_sole else f"{key.name}-{key.hash[:SUFFIX_CHARS]}"
        found.setdefault(slug, {})[name] = _settings(key)
    return found


def resource_name(slug: str, name: str) -> str:
    """What the resource of a key is called in a program."""
    return f"{slug}-{name}"


def _keys(snapshots: Sequence[Snapshot]) -> Iterator[tuple[str, ApiKeyInfo]]:
    for snapshot in snapshots:
        for key in snapshot.keys:
            yield snapshot.workspace.slug, key


def _settings(key: ApiKeyInfo) -> dict[str, Any]:
    """The hash and the name, and what differs from a new key."""
    fields = {
        name: field for name, field in fields_of(ApiKeyArguments).items() if name not in IMPLIED
    }
    # Of a reset without a limit, which says nothing, a program would be told that it is a mistake.
    has_reset = key.limit is not None and key.limit_reset is not None
    reset = {"limit_reset": key.limit_reset} if has_reset else {}
    return {"existing_hash": key.hash, "name": key.name, **differing(key, fields), **reset}
