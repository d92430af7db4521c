"""What an organization has, read with a few requests at a time."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import attrs

from pulumi_openrouter.api.errors import ForbiddenError, OpenRouterError
from pulumi_openrouter.api.models import Budgets
from pulumi_openrouter.budget_plan import INTERVALS
from pulumi_openrouter.directory import Directory

if TYPE_CHECKING:
    from pulumi_openrouter.api import models
    from pulumi_openrouter.api.client import Client

THREADS = 8
NO_BUDGETS = "budgets are left out: OpenRouter refuses them, they need its Enterprise plan"


@attrs.frozen
class Member:
    """A member of a workspace; no email where none is known that names only this person."""

    user_id: str
    role: str
    email: str | None


@attrs.frozen(kw_only=True)
class Environment:
    """A workspace with what belongs to it."""

    workspace: models.Workspace
    budgets: Budgets | None
    """None where the account has no budgets at all."""
    members: list[Member]
    keys: list[models.ApiKey]

    @property
    def limits(self) -> dict[str, float]:
        """The limit in USD of each interval that has one, from narrow to wide."""
        limits = self.budgets.limits if self.budgets else {}
        return {interval: limits[interval] for interval in INTERVALS if interval in limits}

    @property
    def byok(self) -> bool | None:
        """Whether spending with own provider keys counts; None where nobody says."""
        answered = self.budgets.include_byok_in_budgets if self.budgets else None
        return self.workspace.include_byok_in_budgets if answered is None else answered


def add_patterns(parser: argparse.ArgumentParser) -> None:
    """Which workspaces: what `read` takes as patterns."""
    parser.add_argument(
        "patterns",
        metavar="SLUG",
        nargs="*",
        help="only workspaces with this slug; * and ? stand for any characters (all)",
    )


def read(client: Client, patterns: Sequence[str], *, keys: bool = False) -> list[Environment]:
    """The workspaces whose slugs match any of the patterns, all if there are none, by slug.

    Raises:
        OpenRouterError: a pattern matches none, or the API does not answer.
    """
    workspaces = sorted(client.list_workspaces(), key=lambda workspace: workspace.slug)
    reader = _Reader(client, keys=keys)
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(reader.environment, _selected(workspaces, patterns)))


def lacks_budgets(environments: Sequence[Environment]) -> bool:
    """Whether the account has no budgets at all."""
    return any(environment.budgets is None for environment in environments)


def _selected(
    workspaces: Sequence[models.Workspace], patterns: Sequence[str]
) -> list[models.Workspace]:
    slugs = [workspace.slug for workspace in workspaces]
    for pattern in patterns:
        if not any(fnmatchcase(slug, pattern) for slug in slugs):
            raise OpenRouterError(f"no workspace has a slug like {pattern!r}")
    return [
        workspace
        for workspace in workspaces
        if not patterns or any(fnmatchcase(workspace.slug, pattern) for pattern in patterns)
    ]


class _Reader:
    """Asks for what belongs to a workspace; the threads of a pool share it."""

    def __init__(self, client: Client, *, keys: bool) -> None:
        self._client = client
        self._directory = Directory(client.list_organization_members)
        self._keys: Callable[[str], list[models.ApiKey]] = (
            client.list_keys if keys else lambda workspace_id: []
        )

    def environment(self, workspace: models.Workspace) -> Environment:
        """The workspace with all that was asked for."""
        return Environment(
            workspace=workspace,
            budgets=self._budgets(workspace.id),
            members=self._members(workspace.id),
            keys=sorted(self._keys(workspace.id), key=lambda key: (key.name, key.hash)),
        )

    def _budgets(self, id: str) -> Budgets | None:
        try:
            return self._client.find_budgets(id) or Budgets(data=[])
        except ForbiddenError:
            return None

    def _members(self, id: str) -> list[Member]:
        emails = self._emails()
        found = self._client.list_members(id)
        members = [Member(each.user_id, each.role, emails.get(each.user_id)) for each in found]
        return sorted(members, key=lambda member: (member.email or "", member.user_id))

    def _emails(self) -> dict[str, str]:
        known = self._directory.emails_by_id()
        holders = Counter(known.values())
        return {id: email for id, email in known.items() if holders[email] == 1}
