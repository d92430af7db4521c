"""The ready-made stack: workspaces described in a stack's configuration, no Python needed.

Under the configuration key `workspaces`, each entry is a workspace by its name in the stack:
the arguments of Workspace, with `budget` (those of WorkspaceBudget), `members` (a list of
emails, or the arguments of WorkspaceMembership; a list may be called `emails` as well) and
`protect`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

import attrs
import pulumi
from pulumi import Output, ResourceOptions

from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.fields import nearest
from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.core.lifecycle import Lifecycle, Properties
from pulumi_openrouter.core.workspace import WorkspaceLifecycle, slug_of
from pulumi_openrouter.core.workspace_budget import WorkspaceBudgetLifecycle
from pulumi_openrouter.core.workspace_membership import WorkspaceMembershipLifecycle
from pulumi_openrouter.team_workspace import TeamWorkspace

KEY = "workspaces"
PARTS = ("protect", "budget", "members", "emails")
"""What an entry has beside the arguments of Workspace."""
IN_SIGHT = {
    *("name", "slug", "adopt_existing", "force_destroy"),
    *("exclusive_budget", "exclusive_members"),
}
"""What is shown even where the configuration is secret."""


@attrs.frozen
class Entry:
    """One workspace of the configuration; the arguments of its resources."""

    name: str
    workspace: dict[str, Any]
    budget: dict[str, Any] | None = None
    membership: dict[str, Any] | None = None
    protect: bool = False


def declare() -> dict[str, TeamWorkspace]:
    """Declare what the configuration of the current stack describes.

    The stack's output `workspaces` has id and slug of each.

    Raises:
        pulumi.RunError: the configuration is wrong; lists every mistake with its place.
    """
    config = pulumi.Config()
    entries, mistakes = parse(config.get_object(KEY))
    if mistakes:
        raise pulumi.RunError(report(pulumi.get_stack(), config.full_key(KEY), mistakes))
    is_secret = pulumi.runtime.config.is_config_secret(config.full_key(KEY))
    teams = {entry.name: _team_workspace(entry, is_secret) for entry in entries}
    pulumi.export(
        KEY, {name: {"id": team.workspace_id, "slug": team.slug} for name, team in teams.items()}
    )
    return teams


def parse(value: Any) -> tuple[list[Entry], list[str]]:
    """The entries of the configuration, and all that is wrong with it: place and remedy."""
    if not isinstance(value, Mapping):
        return [], [f"{KEY}: must be a mapping from a workspace's name to its settings"]
    entries, mistakes = [], []
    for name, settings in value.items():
        entry, found = _entry(str(name), {} if settings is None else settings)
        mistakes += [f"{KEY}.{name}{mistake}" for mistake in found]
        entries += [entry] if entry else []
    return entries, mistakes + list(_same_slugs(entries))


def report(stack: str, key: str, mistakes: list[str]) -> str:
    """The mistakes of a stack's configuration, in lines for people."""
    count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    lines = "\n".join(f"  {mistake}" for mistake in mistakes)
    return f"Pulumi.{stack}.yaml has {count} in its configuration {key}:\n{lines}"


def _entry(name: str, settings: Any) -> tuple[Entry | None, list[str]]:
    if not isinstance(settings, Mapping):
        return None, [": must be a mapping of settings"]
    own = {"name": name, "slug": slug_of(name) or None, **settings}
    protect, budget, members, emails = (own.pop(part, None) for part in PARTS)
    mistakes = _mistakes("", WorkspaceLifecycle, own, parts=PARTS)
    if not isinstance(protect, (bool, type(None))):
        mistakes.append(".protect: must be True or False")
    mistakes += _part_mistakes(".budget", WorkspaceBudgetLifecycle, budget)
    people, found = _people(members, emails)
    mistakes += found
    return (None if mistakes else Entry(name, own, budget, people, bool(protect))), mistakes


def _people(members: Any, emails: Any) -> tuple[dict[str, Any] | None, list[str]]:
    """The arguments of the membership, whichever way they are spelled."""
    if members is not None and emails is not None:
        return None, [".emails: must not be given beside members, which is the same list"]
    if emails is not None:
        return {"emails": emails}, _part_mistakes(
            "", WorkspaceMembershipLifecycle, {"emails": emails}
        )
    people = {"emails": members} if isinstance(members, list) else members
    return people, _part_mistakes(".members", WorkspaceMembershipLifecycle, people)


def _part_mistakes(place: str, lifecycle: type[Lifecycle], given: Any) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        return [f"{place}: must be a mapping of settings"]
    return _mistakes(place, lifecycle, given, workspace_id=UNKNOWN)


def _mistakes(
    place: str,
    lifecycle: type[Lifecycle],
    given: Properties,
    *,
    parts: Sequence[str] = (),
    **implied: Any,
) -> list[str]:
    """What check says of the given settings, and which of them do not exist."""
    checker = lifecycle(Context(_never))
    known = [*(name for name in checker.arguments if name not in implied), *parts]
    strange = [
        f"{place}.{name}: there is no such setting{_near(str(name), known)}"
        for name in given
        if name not in known
    ]
    problems = checker.check({}, {**checker.arguments_of(given), **implied})[1]
    return strange + [f"{place}.{problem.property}: {problem.reason}" for problem in problems]


def _near(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    return f"; did you mean {near}?" if near else f"; expected one of {', '.join(known)}"


def _same_slugs(entries: list[Entry]) -> Iterator[str]:
    first: dict[str, str] = {}
    for entry in entries:
        holder = first.setdefault(entry.workspace["slug"], entry.name)
        if holder != entry.name:
            yield f"{KEY}.{entry.name}.slug: must differ from that of {KEY}.{holder}"


def _team_workspace(entry: Entry, is_secret: bool) -> TeamWorkspace:
    settings = {
        **entry.workspace,
        **_renamed(entry.budget, exclusive="exclusive_budget"),
        **_renamed(entry.membership, exclusive="exclusive_members"),
    }
    opts = ResourceOptions(
        protect=entry.protect or None,
        # Emails come back in the members, where the engine does not know that they are secret.
        additional_secret_outputs=["members"] if is_secret else None,
    )
    return TeamWorkspace(entry.name, **_hidden(settings, is_secret), opts=opts)


def _renamed(part: Mapping[str, Any] | None, **names: str) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in (part or {}).items()}


def _hidden(given: Mapping[str, Any], is_secret: bool) -> dict[str, Any]:
    """The values of a secret configuration, secret again; names and switches stay in sight."""
    return {
        name: Output.secret(value) if is_secret and name not in IN_SIGHT else value
        for name, value in given.items()
        if value is not None
    }


def _never() -> NoReturn:
    raise AssertionError("checking sends nothing")
