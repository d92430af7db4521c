"""TeamWorkspace: a workspace with all that belongs to it, as one component."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pulumi
from pulumi import Alias, Input, Output, ResourceOptions

from pulumi_openrouter.api_key import ApiKey
from pulumi_openrouter.core.fields import (
    Argument,
    Property,
    SetArgument,
    fields_of,
    nearest,
    optional,
)
from pulumi_openrouter.core.kinds import FLAG, mapping
from pulumi_openrouter.core.people import EMAILS, USER_IDS
from pulumi_openrouter.core.workspace import WorkspaceArguments
from pulumi_openrouter.core.workspace_budget import BudgetArguments
from pulumi_openrouter.guardrail import Guardrail
from pulumi_openrouter.resource import Component, Resource
from pulumi_openrouter.workspace import Workspace
from pulumi_openrouter.workspace_budget import WorkspaceBudget
from pulumi_openrouter.workspace_default_guardrail import WorkspaceDefaultGuardrail
from pulumi_openrouter.workspace_membership import WorkspaceMembership

DEFAULT_GUARDRAIL, GUARDRAILS, KEYS = "default_guardrail", "guardrails", "keys"


class KeysArgument(Property[Mapping[str, str], Mapping[str, Mapping[str, Any] | None]]):
    """The arguments of API keys by name, read back as the secrets of these keys."""


class TeamWorkspace(WorkspaceArguments, BudgetArguments, Component):
    """A workspace with its budgets, members, API keys and guardrails, declared together.

    The resources carry the name of the component, and its options hold for each of them. Options
    that name properties (ignore_changes, additional_secret_outputs, replace_on_changes) take the
    names that the component has.
    Resources that were declared one by one before, under this name, are taken in as they are.
    """

    type_token = "openrouter:index:TeamWorkspace"

    emails: SetArgument[str] = optional(
        EMAILS, default=None, nullable=True, doc="Who is in the workspace, by email."
    )
    user_ids: SetArgument[str] = optional(
        USER_IDS, default=None, nullable=True, doc="Who is in the workspace, by user id."
    )
    exclusive_budget: Argument[bool] = optional(
        FLAG, default=False, doc="Remove the budgets of intervals that are not declared here."
    )
    exclusive_members: Argument[bool] = optional(
        FLAG, default=False, doc="Remove every member that is not declared here."
    )
    keys: KeysArgument = optional(
        mapping("names to the arguments of ApiKey"),
        default=None,
        nullable=True,
        doc="Its API keys; `<team>-<name>` is the name of each. As an output: name to secret.",
    )
    default_guardrail: Argument[Mapping[str, Any] | None] = optional(
        mapping("the arguments of WorkspaceDefaultGuardrail"),
        default=None,
        nullable=True,
        doc="What everybody in the workspace may use.",
    )
    guardrails: Argument[Mapping[str, Mapping[str, Any]] | None] = optional(
        mapping("names to the arguments of Guardrail"),
        default=None,
        nullable=True,
        doc="What some keys and members may use; `<team>-<name>` is the name of each.",
    )

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self._workspace

    @property
    def workspace_id(self) -> Output[str]:
        """The UUID of the workspace."""
        return self._workspace.id

    @property
    def budget(self) -> WorkspaceBudget | None:
        """Its budgets, None where no limit is declared."""
        return self._budget

    @property
    def membership(self) -> WorkspaceMembership | None:
        """Its members, None where none are declared."""
        return self._membership

    @property
    def api_keys(self) -> Mapping[str, ApiKey]:
        """Its API keys, by the names that they have here."""
        return self._api_keys

    @property
    def workspace_default_guardrail(self) -> WorkspaceDefaultGuardrail | None:
        """Its default guardrail, None where nothing of it is declared."""
        return self._default_guardrail

    @property
    def guardrail_resources(self) -> Mapping[str, Guardrail]:
        """Its other guardrails, by the names that they have here."""
        return self._guardrails

    def declare(self, resource_name: str, given: dict[str, Any], opts: ResourceOptions) -> None:
        """Make the resources, and give each argument back as an output."""
        refuse_unknown_properties(resource_name, opts)
        own, budget, membership = (
            self._opts_for(kind, resource_name, opts)
            for kind in (Workspace, WorkspaceBudget, WorkspaceMembership)
        )
        settings = fields_of(WorkspaceArguments)
        self._workspace = Workspace(resource_name, **_those_of(settings, given), opts=own)
        self._budget = _budget(resource_name, self._workspace, given, budget)
        self._membership = _membership(resource_name, self._workspace, given, membership)
        self._api_keys = self._with_keys(resource_name, given, opts)
        self._default_guardrail = self._with_default_guardrail(resource_name, given, opts)
        self._guardrails = self._with_guardrails(resource_name, given, opts)
        for name in fields_of(type(self)):
            value = getattr(self._workspace, name) if name in settings else given.get(name)
            setattr(self, name, Output.from_input(value))
        secrets = {name: key.key for name, key in self._api_keys.items()}
        self.keys = Output.secret(Output.all(**secrets) if secrets else {})
        self.register_outputs({"workspace_id": self._workspace.id, "slug": self._workspace.slug})

    def _with_keys(
        self, name: str, given: Mapping[str, Any], opts: ResourceOptions
    ) -> dict[str, ApiKey]:
        """The API keys; whose they are must be in the workspace before, and leave it after."""
        found = {}
        for part, arguments in _mapping(name, KEYS, given.get(KEYS)).items():
            place = f"{KEYS}.{part}"
            found[part] = ApiKey(
                f"{name}-{part}",
                workspace_id=self._workspace,
                **_mapping(name, place, arguments),
                opts=self._after_members(self._opts_for_part(name, f"-{part}", place, opts)),
            )
        return found

    def _after_members(self, opts: ResourceOptions) -> ResourceOptions:
        after = [self._membership] if self._membership else []
        return ResourceOptions.merge(opts, ResourceOptions(depends_on=after))

    def _with_default_guardrail(
        self, name: str, given: Mapping[str, Any], opts: ResourceOptions
    ) -> WorkspaceDefaultGuardrail | None:
        arguments = _mapping(name, DEFAULT_GUARDRAIL, given.get(DEFAULT_GUARDRAIL))
        if not arguments:
            return None
        own = self._opts_for_part(name, "", DEFAULT_GUARDRAIL, opts)
        return WorkspaceDefaultGuardrail(name, workspace_id=self._workspace, **arguments, opts=own)

    def _with_guardrails(
        self, name: str, given: Mapping[str, Any], opts: ResourceOptions
    ) -> dict[str, Guardrail]:
        """The guardrails; whom they govern must be in the workspace before.

        A key of the team may be named as it is here.
        """
        found = {}
        for part, arguments in _mapping(name, GUARDRAILS, given.get(GUARDRAILS)).items():
            place = f"{GUARDRAILS}.{part}"
            found[part] = Guardrail(
                f"{name}-{part}",
                workspace_id=self._workspace,
                **self._with_own_keys(_mapping(name, place, arguments)),
                opts=self._after_members(self._opts_for_part(name, f"-{part}", place, opts)),
            )
        return found

    def _with_own_keys(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        keys = arguments.get(KEYS)
        if not isinstance(keys, (list, tuple)):
            return {**arguments}
        ours = [self._api_keys.get(key, key) if isinstance(key, str) else key for key in keys]
        return {**arguments, KEYS: ours}

    def _opts_for_part(
        self, resource_name: str, suffix: str, place: str, opts: ResourceOptions
    ) -> ResourceOptions:
        """The options of a resource that is declared by one argument, or by an entry of it."""
        given: dict[str, Any] = {name: getattr(opts, name, None) for name in FOR_EACH}
        given.update((name, _within(opts, name, place)) for name in NAMING_PROPERTIES)
        return ResourceOptions(
            parent=self,
            aliases=_aliases(resource_name, opts, suffix),
            **{name: value for name, value in given.items() if value is not None},
        )

    def _opts_for(
        self, kind: type[Resource], resource_name: str, opts: ResourceOptions
    ) -> ResourceOptions:
        """The options of one of the resources."""
        given: dict[str, Any] = {name: getattr(opts, name, None) for name in FOR_EACH}
        given.update((name, _translated(opts, name, kind)) for name in NAMING_PROPERTIES)
        return ResourceOptions(
            parent=self,
            aliases=_aliases(resource_name, opts),
            **{name: value for name, value in given.items() if value is not None},
        )


def _aliases(
    resource_name: str, opts: ResourceOptions, suffix: str = ""
) -> list[Input[str | Alias]]:
    """What the resources of the component may have been before.

    Declared without the component, they had its parent, or none. Under an older name of it, they
    had that name: the engine follows the component's alias only until the new one is in the state,
    which it is once an up without the alias has failed.
    """
    before = opts.parent or pulumi.ROOT_STACK_RESOURCE
    return [
        Alias(parent=before),
        *(_of_older_component(alias, resource_name, opts, suffix) for alias in opts.aliases or []),
    ]


def _of_older_component(
    alias: Input[str | Alias], resource_name: str, opts: ResourceOptions, suffix: str
) -> Input[str | Alias]:
    if isinstance(alias, str):
        return Alias(name=alias.rpartition("::")[2] + suffix, parent=alias)
    if not isinstance(alias, Alias):
        raise ValueError(
            f"TeamWorkspace {resource_name!r}: an alias must be an Alias or a URN, not an Output"
        )
    # What an Alias does not say is an ellipsis, of which its types know nothing.
    said: dict[str, Any] = {key: value for key, value in vars(alias).items() if value is not ...}
    name, parent = said.get("name") or resource_name, said.get("parent", opts.parent)
    component = pulumi.create_urn(name, TeamWorkspace.type_token, parent)
    return Alias(name=f"{name}{suffix}", parent=component)


def _translated(opts: ResourceOptions, option: str, kind: type[Resource]) -> list[str] | None:
    """The property paths of an option that are about this kind of resource, by its own names."""
    paths: list[str] | None = getattr(opts, option, None)
    if paths is None:
        return None
    names = PROPERTIES[kind]
    found = []
    for path in paths:
        head = re.match(r"\w*", path)[0]  # type: ignore[index]  # it matches the empty text too
        if head in names or path == "*":
            found.append(names.get(head, head) + path[len(head) :])
    return found


def _within(opts: ResourceOptions, option: str, place: str) -> list[str] | None:
    """The property paths of an option that are about what one argument declares."""
    paths: list[str] | None = getattr(opts, option, None)
    if paths is None:
        return None
    inner = [path.removeprefix(f"{place}.") for path in paths if path.startswith(f"{place}.")]
    everything = {"*", place, place.partition(".")[0]}
    return [*inner, *("*" for path in paths if path in everything)]


def _mapping(name: str, place: str, value: Any) -> Mapping[str, Any]:
    """What an argument maps; nothing is an empty mapping.

    Raises:
        TypeError: it is no mapping; an Output of one tells too late which resources there are.
    """
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(
            f"TeamWorkspace {name!r}: {place} must be a mapping, whose values may be Outputs; "
            f"got {type(value).__name__}"
        )
    return value or {}


def refuse_unknown_properties(resource_name: str, opts: ResourceOptions) -> None:
    """Refuse options that name a property which the component does not have.

    Raises:
        ValueError: names the option, the path, and what was probably meant.
    """
    known = {DEFAULT_GUARDRAIL, GUARDRAILS, KEYS}
    known |= {name for names in PROPERTIES.values() for name in names}
    for option in NAMING_PROPERTIES:
        for path in getattr(opts, option, None) or []:
            head = path.partition(".")[0].partition("[")[0]
            if head not in known and path != "*":
                near = nearest(head, known)
                hint = f"; did you mean {near!r}?" if near else ""
                raise ValueError(
                    f"TeamWorkspace {resource_name!r}: {option} names {path!r}, "
                    f"which is no property of it{hint}"
                )


FOR_EACH = (
    "protect",
    "retain_on_delete",
    "depends_on",
    "delete_before_replace",
    "custom_timeouts",
)
"""The options that hold for each resource as they are."""
NAMING_PROPERTIES = (
    "ignore_changes",
    "additional_secret_outputs",
    "replace_on_changes",
    "hide_diffs",
)
"""The options that name properties."""
PROPERTIES: dict[type[Resource], dict[str, str]] = {
    Workspace: {name: name for name in fields_of(Workspace)},
    WorkspaceBudget: {
        **{name: name for name in fields_of(BudgetArguments)},
        "exclusive_budget": "exclusive",
    },
    WorkspaceMembership: {
        **{name: name for name in ("emails", "user_ids", "members")},
        "exclusive_members": "exclusive",
    },
}
"""What each resource calls the component's properties."""


def _budget(
    name: str, workspace: Workspace, given: Mapping[str, Any], opts: ResourceOptions
) -> WorkspaceBudget | None:
    settings = {
        **_those_of(fields_of(BudgetArguments), given),
        **_renamed(given, exclusive_budget="exclusive"),
    }
    return (
        WorkspaceBudget(name, workspace_id=workspace, **settings, opts=opts) if settings else None
    )


def _membership(
    name: str, workspace: Workspace, given: Mapping[str, Any], opts: ResourceOptions
) -> WorkspaceMembership | None:
    people = _renamed(given, emails="emails", user_ids="user_ids", exclusive_members="exclusive")
    return (
        WorkspaceMembership(name, workspace_id=workspace, **people, opts=opts) if people else None
    )


def _those_of(names: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


def _renamed(given: Mapping[str, Any], **names: str) -> dict[str, Any]:
    return {new: given[old] for old, new in names.items() if old in given}
