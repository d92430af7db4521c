"""The ready-made stack: workspaces described in a stack's configuration, no Python needed.

The configuration key `workspaces` maps each workspace's name in the stack to its settings: the
arguments of Workspace, plus `budget` (the arguments of WorkspaceBudget), `members` (a list of
emails, which may also be called `emails`, or the arguments of WorkspaceMembership), `keys` (names
to the arguments of ApiKey), `default_guardrail` (the arguments of WorkspaceDefaultGuardrail),
`guardrails` (names to the arguments of Guardrail), `protect` and `renamed_from` (the names that it
had here before).

The key `members` maps names to members as well. Pulumi takes a whole key for secret if a part of
it is: with `members` a secret, everything else stays in sight.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

import attrs
import pulumi
from pulumi import Alias, Output, ResourceOptions

from pulumi_openrouter import stack_settings
from pulumi_openrouter.core.api_key import ApiKeyLifecycle
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.fields import fields_of, nearest
from pulumi_openrouter.core.guardrail import GuardrailLifecycle
from pulumi_openrouter.core.guardrail_content import GuardrailArguments
from pulumi_openrouter.core.kinds import (
    FLAG,
    MAPPING,
    NUMBER,
    TRUE_OR_FALSE,
    UNKNOWN,
    Kind,
    SetKind,
    but_got,
    set_of,
    text,
)
from pulumi_openrouter.core.lifecycle import Lifecycle, Properties
from pulumi_openrouter.core.workspace import WorkspaceLifecycle, slug_of
from pulumi_openrouter.core.workspace_budget import BudgetArguments, WorkspaceBudgetLifecycle
from pulumi_openrouter.core.workspace_default_guardrail import (
    WorkspaceDefaultGuardrailLifecycle,
)
from pulumi_openrouter.core.workspace_membership import WorkspaceMembershipLifecycle
from pulumi_openrouter.team_workspace import TeamWorkspace

KEY = "workspaces"
MEMBERS_KEY = "members"
KEYS_OUTPUT = "keys"
PARTS = (
    *("protect", "budget", "members", "emails", "renamed_from"),
    *("keys", "default_guardrail", "guardrails"),
)
"""What an entry may have besides the arguments of Workspace."""
ELSEWHERE = {
    **{
        name: "belongs under default_guardrail"
        for name in fields_of(GuardrailArguments)
        if name != "description"
    },
    **dict.fromkeys(fields_of(BudgetArguments), "belongs under budget"),
    "exclusive_budget": "belongs under budget, as exclusive",
    "user_ids": "belongs under members",
    "exclusive": "belongs under members or budget",
    "exclusive_members": "belongs under members, as exclusive",
}
"""Settings that an entry has in one of its parts."""
IN_SIGHT = {
    *("name", "slug", "adopt_existing", "force_destroy"),
    *("exclusive_budget", "exclusive_members", "exclusive", "existing_id", "keys", "existing_hash"),
}
"""Arguments that stay visible even if the configuration is secret."""
FIRST = "pulumi config set --path workspaces.research.description Experiments"
OLDER_NAMES = set_of(text(1), "the workspace's older names, or one of them")
JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@attrs.frozen
class Entry:
    """One workspace of the configuration: the arguments of its resources."""

    name: str
    workspace: dict[str, Any]
    budget: dict[str, Any] | None = None
    membership: dict[str, Any] | None = None
    protect: bool = False
    renamed_from: tuple[str, ...] = ()
    """What it was called in the configuration before."""
    keys: Mapping[str, dict[str, Any]] = attrs.field(factory=dict)
    default_guardrail: dict[str, Any] | None = None
    guardrails: Mapping[str, dict[str, Any]] = attrs.field(factory=dict)
    has_members_apart: bool = False
    """Whether its members come from the key of their own."""


def declare() -> dict[str, TeamWorkspace]:
    """Declare what the configuration of the current stack describes.

    The stack's output `workspaces` has the id and the slug of each; its secret output `keys`, where
    there are any, the API keys by workspace and name.

    Raises:
        pulumi.RunError: the configuration is wrong; the error lists every mistake with its place.
    """
    stack_settings.refuse_wrong()
    config = pulumi.Config()
    entries, mistakes = parse(_read(config.get(KEY)), _read(config.get(MEMBERS_KEY)))
    if mistakes:
        raise pulumi.RunError(report(pulumi.get_stack(), config.name, mistakes))
    is_secret, are_members_secret = (
        pulumi.runtime.config.is_config_secret(config.full_key(key)) for key in (KEY, MEMBERS_KEY)
    )
    teams = {
        entry.name: _team_workspace(
            entry, is_secret, is_secret or (entry.has_members_apart and are_members_secret)
        )
        for entry in entries
    }
    pulumi.export(
        KEY, {name: {"id": team.workspace_id, "slug": team.slug} for name, team in teams.items()}
    )
    if any(entry.keys for entry in entries):
        keys = {name: team.keys for name, team in teams.items() if team.api_keys}
        pulumi.export(KEYS_OUTPUT, Output.secret(keys))
    return teams


def parse(value: Any, members: Any = None) -> tuple[list[Entry], list[str]]:
    """The entries of the configuration, and all its mistakes: where, and what would be right.

    Args:
        value: that of the key `workspaces`; None where there is none.
        members: that of the key `members`.
    """
    if not isinstance(value, Mapping):
        return [], [f"{KEY}: {_no_mapping(value)}"]
    apart, mistakes = _apart(members, [str(name) for name in value])
    entries = []
    for name, settings in value.items():
        given = {} if settings is None else settings
        entry, found = _entry(str(name), given, apart.get(name))
        mistakes += found
        entries += [entry] if entry else []
    return entries, [*mistakes, *_same_slugs(entries), *_wrong_renames(value)]


def report(stack: str, project: str, mistakes: list[str]) -> str:
    """The mistakes in a stack's configuration, one a line, for people."""
    count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    lines = "\n".join(f"  {mistake}" for mistake in mistakes)
    return f"Pulumi.{stack}.yaml has {count} in the configuration of {project}:\n{lines}"


def _read(text: str | None) -> Any:
    """The value of a key: Pulumi hands mappings, lists and numbers over as JSON."""
    if not text:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return "" if value is None else value


def _no_mapping(value: Any) -> str:
    if value is None:
        return f"is missing. To describe the first workspace, run for example\n    {FIRST}"
    if value == "":
        return "is empty: describe the first workspace under it, or write {} for none"
    return f"must map the names of workspaces to their settings{but_got(value, MAPPING)}"


def _apart(members: Any, names: list[str]) -> tuple[Mapping[str, Any], list[str]]:
    """The members that have a key of their own, by workspace."""
    if members in (None, ""):
        return {}, []
    if not isinstance(members, Mapping):
        reason = f"must map the names of workspaces to their members{but_got(members)}"
        return {}, [f"{MEMBERS_KEY}: {reason}"]
    strange = [name for name in members if name not in names]
    return members, [
        f"{MEMBERS_KEY}.{name}: unknown workspace{_near(name, names) if names else ''}"
        for name in strange
    ]


def _entry(name: str, settings: Any, members_apart: Any) -> tuple[Entry | None, list[str]]:
    place = f"{KEY}.{name}"
    if not isinstance(settings, Mapping):
        return None, [f"{place}: must be a mapping of settings{but_got(settings)}"]
    own = {"name": name, "slug": slug_of(name) or None, **settings}
    parts = [own.pop(part, None) for part in PARTS]
    protect, budget, members, emails, renamed_from, keys, default_guardrail, guardrails = parts
    own = _with_numbers(WorkspaceLifecycle, own)
    mistakes = _mistakes(place, WorkspaceLifecycle, own, parts=PARTS)
    protect = False if protect is None else _as_meant(FLAG, protect)
    mistakes += _flaws(f"{place}.protect", FLAG, protect)
    budget, found = _part(f"{place}.budget", WorkspaceBudgetLifecycle, budget)
    mistakes += found
    spellings = {f"{place}.members": members, f"{MEMBERS_KEY}.{name}": members_apart}
    people, found = _people(spellings, {f"{place}.emails": emails})
    mistakes += found
    older = _older_names(renamed_from)
    mistakes += _flaws(f"{place}.renamed_from", OLDER_NAMES, older)
    default_guardrail, found = _part(
        f"{place}.default_guardrail", WorkspaceDefaultGuardrailLifecycle, default_guardrail
    )
    mistakes += found
    of_keys = list(keys) if isinstance(keys, Mapping) else []
    guardrails, found = _by_name(
        f"{place}.guardrails", name, GuardrailLifecycle, guardrails, of_keys
    )
    mistakes += found
    keys, found = _by_name(f"{place}.keys", name, ApiKeyLifecycle, keys)
    mistakes += found
    if mistakes:
        return None, mistakes
    return Entry(
        name=name,
        workspace=own,
        budget=budget,
        membership=people,
        protect=protect,
        renamed_from=tuple(older),
        keys=keys,
        default_guardrail=default_guardrail,
        guardrails=guardrails,
        has_members_apart=members_apart is not None,
    ), []


def _by_name(
    place: str,
    workspace: str,
    lifecycle: type[Lifecycle],
    given: Any,
    of_keys: Sequence[str] = (),
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The arguments of resources that have a name each, by that name, and their mistakes.

    Args:
        place: where they are.
        workspace: the name of the workspace in the configuration.
        lifecycle: that of the resources.
        given: names to settings.
        of_keys: the names of the workspace's keys, which may stand for these.
    """
    if given is None:
        return {}, []
    if not isinstance(given, Mapping):
        return {}, [f"{place}: must map names to settings{but_got(given)}"]
    parts, mistakes = {}, []
    for name, settings in given.items():
        if not isinstance(settings or {}, Mapping):
            mistakes.append(f"{place}.{name}: must be a mapping of settings{but_got(settings)}")
            continue
        given_name = {} if "existing_hash" in (settings or {}) else {"name": f"{workspace}-{name}"}
        settings = {**given_name, **(settings or {})}
        found, wrong = _part(f"{place}.{name}", lifecycle, settings, of_keys=of_keys)
        parts[str(name)] = found or {}
        mistakes += wrong
    return parts, mistakes


def _people(
    members: Mapping[str, Any], emails: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, list[str]]:
    """The arguments of the membership, from the one place that has them.

    Args:
        members: what takes a list or a mapping, by place.
        emails: what takes a list, by place.
    """
    given = {**members, **emails}
    places = [place for place, value in given.items() if value is not None]
    if not places:
        return None, []
    first, *others = places
    if others:
        return None, [
            f"{place}: is the same list as {first}; give only one of them" for place in others
        ]
    listed = given[first]
    if isinstance(listed, list) or first in emails:
        people, found = _part(first, WorkspaceMembershipLifecycle, {"emails": listed})
        return people, [first + mistake.removeprefix(f"{first}.emails") for mistake in found]
    return _part(
        first,
        WorkspaceMembershipLifecycle,
        listed,
        wants="a list of email addresses, or a mapping of settings such as exclusive",
    )


def _part(
    place: str,
    lifecycle: type[Lifecycle],
    given: Any,
    *,
    wants: str = "a mapping of settings",
    of_keys: Sequence[str] = (),
) -> tuple[dict[str, Any] | None, list[str]]:
    """The arguments of a resource that belongs to the workspace, and their mistakes."""
    if given is None:
        return None, []
    if not isinstance(given, Mapping):
        return None, [f"{place}: must be {wants}{but_got(given)}"]
    settings = _with_numbers(lifecycle, given)
    checked = {**settings, **_keys_by_name(settings, of_keys)}
    return settings, _mistakes(place, lifecycle, checked, workspace_id=UNKNOWN)


def _keys_by_name(settings: Properties, of_keys: Sequence[str]) -> dict[str, Any]:
    """The keys of a guardrail, where names stand for hashes that only the up will know."""
    keys = settings.get("keys")
    if not of_keys or not isinstance(keys, list):
        return {}
    return {"keys": [UNKNOWN if key in of_keys else key for key in keys]}


def _with_numbers(lifecycle: type[Lifecycle], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with numbers and flags in place of texts that stand for one.

    `pulumi config set --path` keeps fractions as text, and every secret.
    """
    fields = lifecycle.fields
    return {
        name: _as_meant(fields[name].kind, value) if name in fields else value
        for name, value in given.items()
    }


def _as_meant(kind: Kind | None, value: Any) -> Any:
    if isinstance(kind, SetKind) and isinstance(value, list):
        return [_as_meant(kind.item, element) for element in value]
    if kind is None or not isinstance(value, str):
        return value
    if kind.type == NUMBER and JSON_NUMBER.fullmatch(value):
        return float(value)
    if kind.type == TRUE_OR_FALSE:
        return {"true": True, "false": False}.get(value, value)
    return value


def _older_names(renamed_from: Any) -> Any:
    if renamed_from is None:
        return []
    return [renamed_from] if isinstance(renamed_from, str) else renamed_from


def _flaws(place: str, kind: Kind, value: Any) -> list[str]:
    return [f"{place}{flaw.place}: {flaw.reason}" for flaw in kind.flaws(value)]


def _mistakes(
    place: str,
    lifecycle: type[Lifecycle],
    given: Properties,
    *,
    parts: Sequence[str] = (),
    **implied: Any,
) -> list[str]:
    """The settings that do not exist, and what `check` says about the others."""
    checker = lifecycle(Context(_never))
    known = [*(name for name in checker.arguments if name not in implied), *parts]
    strange = [
        f"{place}.{name}: {_why_strange(str(name), known, parts)}"
        for name in given
        if name not in known
    ]
    problems = checker.check({}, {**checker.arguments_of(given), **implied})[1]
    return strange + [f"{place}.{problem.property}: {problem.reason}" for problem in problems]


def _why_strange(name: str, known: list[str], parts: Sequence[str]) -> str:
    elsewhere = ELSEWHERE if parts else {}
    if name in elsewhere:
        return elsewhere[name]
    near = nearest(name, [*known, *elsewhere])
    if near in elsewhere:
        return f"unknown setting; did you mean {near}, which {elsewhere[near]}?"
    return f"unknown setting{_near(name, known)}"


def _near(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    return f"; did you mean {near}?" if near else f"; expected one of {', '.join(known)}"


def _same_slugs(entries: list[Entry]) -> Iterator[str]:
    first: dict[str, str] = {}
    for entry in entries:
        holder = first.setdefault(entry.workspace["slug"], entry.name)
        if holder != entry.name:
            yield f"{KEY}.{entry.name}.slug: must differ from that of {KEY}.{holder}"


def _wrong_renames(value: Mapping[str, Any]) -> Iterator[str]:
    """Older names that are still somebody's, or that two entries claim."""
    first: dict[str, str] = {}
    for name, settings in value.items():
        older = _older_names(
            settings.get("renamed_from") if isinstance(settings, Mapping) else None
        )
        place = f"{KEY}.{name}.renamed_from"
        for before in older if isinstance(older, list) else []:
            if not isinstance(before, str):
                continue
            if before in value:
                yield f"{place}: names {KEY}.{before}, which still exists"
            elif first.setdefault(before, name) != name:
                yield f"{place}: must differ from that of {KEY}.{first[before]}"


def _team_workspace(entry: Entry, is_secret: bool, are_members_secret: bool) -> TeamWorkspace:
    own = {**entry.workspace, **_renamed(entry.budget, exclusive="exclusive_budget")}
    people = _renamed(entry.membership, exclusive="exclusive_members")
    opts = ResourceOptions(
        protect=entry.protect or None,
        aliases=[Alias(name=name) for name in entry.renamed_from] or None,
    )
    settings = {**_hidden(own, is_secret), **_hidden(people, are_members_secret)}
    guardrails = {name: _hidden(part, is_secret) for name, part in entry.guardrails.items()}
    return TeamWorkspace(
        entry.name,
        **settings,
        keys={name: _hidden(part, is_secret) for name, part in entry.keys.items()} or None,
        default_guardrail=_hidden(entry.default_guardrail or {}, is_secret) or None,
        guardrails=guardrails or None,
        opts=opts,
    )


def _renamed(part: Mapping[str, Any] | None, **names: str) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in (part or {}).items()}


def _hidden(given: Mapping[str, Any], is_secret: bool) -> dict[str, Any]:
    """Make the values of a secret configuration secret again; names and switches stay visible."""
    return {
        name: Output.secret(value) if is_secret and name not in IN_SIGHT else value
        for name, value in given.items()
        if value is not None
    }


def _never() -> NoReturn:
    raise AssertionError("checking sends nothing")
