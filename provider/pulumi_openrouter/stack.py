"""The ready-made stack: workspaces described in a stack's configuration, no Python needed.

Under the configuration key `workspaces`, each entry is a workspace by its name in the stack:
the arguments of Workspace, with `budget` (those of WorkspaceBudget), `members` (a list of
emails, or the arguments of WorkspaceMembership) and `protect`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

import attrs
import pulumi
from pulumi import Output, ResourceOptions

from pulumi_openrouter.context import Context
from pulumi_openrouter.environment import Environment
from pulumi_openrouter.fields import UNKNOWN, nearest
from pulumi_openrouter.lifecycle import Lifecycle, Properties
from pulumi_openrouter.workspace import WorkspaceLifecycle, slug_of
from pulumi_openrouter.workspace_budget import WorkspaceBudgetLifecycle
from pulumi_openrouter.workspace_membership import WorkspaceMembershipLifecycle

KEY = "workspaces"
IN_SIGHT = {
    *("name", "slug", "adopt_existing", "force_destroy"),
    *("exclusive_budget", "exclusive_members"),
}


@attrs.frozen
class Entry:
    """One workspace of the configuration; the arguments of its resources."""

    name: str
    workspace: dict[str, Any]
    budget: dict[str, Any] | None = None
    membership: dict[str, Any] | None = None
    protect: bool = False


def declare() -> dict[str, Environment]:
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
    declared = {entry.name: _declare_entry(entry, is_secret) for entry in entries}
    pulumi.export(
        KEY, {n: {"id": found.workspace_id, "slug": found.slug} for n, found in declared.items()}
    )
    return declared


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
    protect, budget, members = (own.pop(part, None) for part in ("protect", "budget", "members"))
    membership = {"emails": members} if isinstance(members, list) else members
    mistakes = _mistakes("", WorkspaceLifecycle, own, parts=["protect", "budget", "members"])
    if not isinstance(protect, (bool, type(None))):
        mistakes.append(".protect: must be True or False")
    for part, lifecycle, given in (
        (".budget", WorkspaceBudgetLifecycle, budget),
        (".members", WorkspaceMembershipLifecycle, membership),
    ):
        if isinstance(given, Mapping):
            mistakes += _mistakes(part, lifecycle, given, workspace_id=UNKNOWN)
        elif given is not None:
            mistakes.append(f"{part}: must be a mapping of settings")
    return (None if mistakes else Entry(name, own, budget, membership, bool(protect))), mistakes


def _mistakes(
    place: str,
    lifecycle: type[Lifecycle],
    given: Properties,
    *,
    parts: Sequence[str] = (),
    **implied: Any,
) -> list[str]:
    """What check says of the given settings, and which of them there are not."""
    checker = lifecycle(Context(_never))
    known = [*(name for name in checker.declarable if name not in implied), *parts]
    strange = [
        f"{place}.{name}: there is no such setting{_near(str(name), known)}"
        for name in given
        if name not in known
    ]
    problems = checker.check({}, {**checker.declared_in(given), **implied})[1]
    return strange + [f"{place}.{problem.property}: {problem.reason}" for problem in problems]


def _near(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    return f"; did you mean {near}?" if near else f"; there are {', '.join(known)}"


def _same_slugs(entries: list[Entry]) -> Iterator[str]:
    first: dict[str, str] = {}
    for entry in entries:
        holder = first.setdefault(entry.workspace["slug"], entry.name)
        if holder != entry.name:
            yield f"{KEY}.{entry.name}.slug: must differ from that of {KEY}.{holder}"


def _declare_entry(entry: Entry, is_secret: bool) -> Environment:
    settings = {
        **entry.workspace,
        **_renamed(entry.budget, exclusive="exclusive_budget"),
        **_renamed(entry.membership, emails="members", exclusive="exclusive_members"),
    }
    opts = ResourceOptions(
        protect=entry.protect or None,
        # Emails come back in the members, where the engine does not know them for secret.
        additional_secret_outputs=["members"] if is_secret else None,
    )
    return Environment(entry.name, **_hidden(settings, is_secret), opts=opts)


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
