"""What `check` says of API keys: nobody may know of one that was never used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import ForbiddenError
from pulumi_openrouter.cli.key_facts import day, expires_within, is_expired
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.organization import SNAPSHOT_THREADS, Organization

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client
    from pulumi_openrouter.api.keys import ApiKeyInfo
    from pulumi_openrouter.api.models import WorkspaceInfo

SOON = timedelta(days=30)


def look_at_keys(client: Client, workspaces: Sequence[WorkspaceInfo]) -> Iterator[tuple[str, str]]:
    """What to say of the keys of these workspaces: of which matter, and what.

    A kill between the creation of a key and the next line of the state leaves a key that was never
    used, and that only this can find.
    """
    try:
        keys = _read(client, workspaces)
    except ForbiddenError as error:
        yield "API keys", f"not readable with this key ({error.message})"
        return
    yield "API keys", str(len(keys))
    for slug, key in keys:
        if not key.is_used:
            yield "never used", f"{_named(slug, key)}, created {day(key.created_at)}"
    now = client.clock.now()
    for slug, key in keys:
        if expires_within(key, SOON, now) and not is_expired(key, now):
            yield "expires soon", f"{_named(slug, key)}, on {day(key.expires_at)}"


def _read(client: Client, workspaces: Sequence[WorkspaceInfo]) -> list[tuple[str, ApiKeyInfo]]:
    """All keys with the slug of their workspace, in the order of both names."""
    organization = Organization(Context(lambda: client))
    ordered = sorted(workspaces, key=lambda workspace: workspace.slug)
    with ThreadPoolExecutor(SNAPSHOT_THREADS) as threads:
        listed = threads.map(lambda workspace: organization.keys(workspace.id), ordered)
        return [
            (workspace.slug, key)
            for workspace, keys in zip(ordered, listed, strict=True)
            for key in keys
        ]


def _named(slug: str, key: ApiKeyInfo) -> str:
    return f"{slug}: {key.name!r} ({key.label})"
