"""Which workspace each resource of a preview belongs to, and what people call it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pulumi_openrouter.review.preview import Op, Preview, Step, name_of
from pulumi_openrouter.review.values import Properties, Untold

Side = Literal[0, 1]
BEFORE: Side = 0
AFTER: Side = 1
SIDES = (BEFORE, AFTER)
WORKSPACE, KEY, GUARDRAIL = "Workspace", "ApiKey", "Guardrail"
LISTS_OF_KEYS = ("keys", "allowed_keys")
"""The properties that name API keys by their hashes."""


def sides(step: Step) -> tuple[Properties | None, Properties | None]:
    """What is declared before and after."""
    return step.before, step.after


def own_name(step: Step) -> str:
    """What people call a key or a guardrail."""
    for properties in (step.after, step.before):
        name = (properties or {}).get("name")
        if isinstance(name, str):
            return name
    return step.name


def takes_over(properties: Properties | None) -> bool:
    """Whether a key or a guardrail that exists is taken over."""
    return not {"existing_hash", "existing_id"}.isdisjoint(properties or {})


def differs(step: Step, name: str) -> bool:
    """Whether a property changes, as far as the preview tells: a secret may."""
    was, is_now = ((properties or {}).get(name) for properties in sides(step))
    return bool(was != is_now) or may_differ(step, name)


def may_differ(step: Step, name: str) -> bool:
    """Whether a property is secret before and after, in a resource that changes."""
    values = [(properties or {}).get(name) for properties in sides(step)]
    return values == [Untold.SECRET] * 2 and step.op in (Op.CHANGED, Op.REPLACED)


class World:
    """The resources of a preview. A workspace is known by its URN, or by its UUID without one."""

    def __init__(self, preview: Preview) -> None:
        self.steps = sorted(preview.steps, key=lambda step: (step.kind, step.name, step.urn))
        self._workspaces = {step.urn: step for step in self.of_kind(WORKSPACE)}
        self._by_id = {step.object_id: urn for urn, step in self._workspaces.items()}
        self._emails = dict(_emails(preview))
        self._keys = {step.object_id: step for step in self.of_kind(KEY)}

    def of_kind(self, *kinds: str) -> Iterator[Step]:
        """The resources of these kinds, by name."""
        return (step for step in self.steps if step.kind in kinds)

    def workspace_of(self, step: Step, side: Side) -> str | None:
        """The workspace of a resource; None where there is none on that side."""
        properties = sides(step)[side]
        if properties is None:
            return None
        given = properties.get("workspace_id")
        if isinstance(given, str):
            return self._by_id.get(given) or step.workspaces[side] or given
        return step.workspaces[side] or step.name

    def either_workspace_of(self, step: Step) -> str:
        """The workspace afterwards, or before if there is none afterwards."""
        return self.workspace_of(step, AFTER) or self.workspace_of(step, BEFORE) or step.name

    def label(self, workspace: str, side: Side = AFTER) -> str:
        """The slug of a workspace, where the preview tells it."""
        step = self._workspaces.get(workspace)
        if step is None:
            return name_of(workspace)
        properties = sides(step)[side] or step.after or step.before or {}
        slug = properties.get("slug")
        return slug if isinstance(slug, str) else step.name

    def fate(self, workspace: str) -> Op:
        """What happens to a workspace; the same where it is not in the preview."""
        step = self._workspaces.get(workspace)
        return step.op if step else Op.SAME

    def adopts(self, workspace: str) -> bool:
        """Whether a new workspace may be one that exists."""
        step = self._workspaces.get(workspace)
        return bool(step and step.after and step.after.get("adopt_existing") is True)

    def existing(self, side: Side) -> set[str]:
        """The workspaces that the stack has on a side."""
        return {urn for urn, step in self._workspaces.items() if sides(step)[side] is not None}

    def with_key_names(self, properties: Properties | None) -> Properties:
        """The properties with names in place of the hashes of the stack's own API keys."""
        return {
            name: [*map(self._key, value)]
            if name in LISTS_OF_KEYS and isinstance(value, list)
            else value
            for name, value in (properties or {}).items()
        }

    def _key(self, key_hash: Any) -> Any:
        """The name of a key; one that is replaced is as unknown as the new one will be."""
        step = self._keys.get(key_hash) if isinstance(key_hash, str) else None
        if step is None:
            return key_hash
        return Untold.UNKNOWN if step.op is Op.REPLACED else own_name(step)

    def person(self, user_id: Any) -> Any:
        """The email of a person, where the state knows it; otherwise the user id."""
        return self._emails.get(user_id, user_id) if isinstance(user_id, str) else user_id


def _emails(preview: Preview) -> Iterator[tuple[str, str]]:
    for step in preview.steps:
        members = step.outputs.get("members")
        for member in members if isinstance(members, list) else ():
            match member:
                case {"user_id": str(user_id), "email": str(email)}:
                    yield user_id, email
