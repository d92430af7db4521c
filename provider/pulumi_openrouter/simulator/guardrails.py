"""The guardrails of the simulated organization, and who is assigned to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from . import errors
from .entities import ApiKey, Entity, Number, Workspace
from .guardrail_rules import CHANGED_GUARDRAIL, NEW_GUARDRAIL, clean
from .model_catalogue import canonical_models

if TYPE_CHECKING:
    from .state import Organization

Row = TypeVar("Row", bound="KeyAssignment | MemberAssignment")

MODEL_LISTS = ("allowed_models", "ignored_models")


@attrs.frozen(kw_only=True)
class Guardrail(Entity):
    """What keys and members of a workspace may use."""

    id: str
    name: str
    workspace_id: str
    description: str | None = None
    limit_usd: Number | None = None
    reset_interval: str | None = None
    include_byok_in_budgets: bool = False
    allowed_models: list[str] | None = None
    ignored_models: list[str] | None = None
    allowed_providers: list[str] | None = None
    ignored_providers: list[str] | None = None
    enforce_zdr_anthropic: bool | None = None
    enforce_zdr_openai: bool | None = None
    enforce_zdr_google: bool | None = None
    enforce_zdr_xai: bool | None = None
    enforce_zdr_other: bool | None = None
    enable_free_model_training: bool | None = None
    enable_free_model_publication: bool | None = None
    enable_paid_model_training: bool | None = None
    allow_safety_retention_google: bool | None = None
    allow_safety_retention_other: bool | None = None
    allowed_data_regions: list[str] | None = None
    content_filters: list[dict[str, Any]] | None = None
    content_filter_builtins: list[dict[str, Any]] | None = None
    created_at: str
    updated_at: str | None = None


@attrs.frozen(kw_only=True)
class KeyAssignment(Entity):
    """An API key that a guardrail governs."""

    id: str
    guardrail_id: str
    key_hash: str
    key_name: str
    key_label: str
    assigned_by: str | None
    created_at: str


@attrs.frozen(kw_only=True)
class MemberAssignment(Entity):
    """A member that a guardrail governs in its workspace."""

    hidden = frozenset({"workspace_id"})

    id: str
    guardrail_id: str
    workspace_id: str
    user_id: str
    organization_id: str
    assigned_by: str | None
    created_at: str


@attrs.define
class GuardrailTables:
    """The guardrails by id, and their assignments: keys by hash, members by workspace first."""

    guardrails: dict[str, Guardrail] = attrs.field(factory=dict)
    keys: dict[str, KeyAssignment] = attrs.field(factory=dict)
    members: dict[str, dict[str, MemberAssignment]] = attrs.field(factory=dict)


class Guardrails:
    """The guardrails of an organization; breaking a rule raises ApiError.

    A key has one guardrail at the most, a member one in each workspace: assigning moves them.
    The default guardrail of a workspace begins to exist when it is first changed.
    """

    def __init__(
        self,
        organization: Organization,
        tables: GuardrailTables,
        lock: AbstractContextManager[object],
        new_id: Callable[[], str],
        now: Callable[[], str],
    ) -> None:
        self._organization = organization
        self._lock = lock
        self._new_id = new_id
        self._now = now
        self._tables = tables

    # Guardrails

    @property
    def all(self) -> list[Guardrail]:
        """All guardrails, the oldest first."""
        with self._lock:
            return list(self._tables.guardrails.values())

    def of(self, ref: str) -> list[Guardrail]:
        """The guardrails of a workspace, the oldest first."""
        workspace = self._organization.workspace(ref)
        return [each for each in self.all if each.workspace_id == workspace.id]

    def get(self, guardrail_id: str) -> Guardrail:
        """The guardrail with this id."""
        with self._lock:
            if guardrail_id not in self._tables.guardrails:
                raise errors.not_found()
            return self._tables.guardrails[guardrail_id]

    def create(
        self, /, workspace_id: str | None = None, guardrail_id: str | None = None, **fields: Any
    ) -> Guardrail:
        """Create a guardrail in a workspace (the default one) with these fields of the API."""
        given = fields if workspace_id is None else {**fields, "workspace_id": workspace_id}
        cleaned = self._cleaned(given, NEW_GUARDRAIL, partial=False)
        with self._lock:
            home = self._organization.home(cleaned.pop("workspace_id", None))
            return self._keep(
                Guardrail(
                    id=guardrail_id or self._new_id(),
                    workspace_id=home,
                    created_at=self._now(),
                    **cleaned,
                )
            )

    def update(self, guardrail_id: str, /, **fields: Any) -> Guardrail:
        """Change these fields of the API, and leave the others."""
        cleaned = self._cleaned(fields, CHANGED_GUARDRAIL, partial=True)
        with self._lock:
            old = self._tables.guardrails.get(guardrail_id) or self._first_default(guardrail_id)
            return self._keep(attrs.evolve(old, **cleaned, updated_at=self._now()))

    def delete(self, guardrail_id: str) -> None:
        """Delete a guardrail, which frees all that are assigned to it."""
        with self._lock:
            if self._default_of(guardrail_id):
                raise errors.default_guardrail_stays()
            self._drop(self.get(guardrail_id))

    def drop_workspace(self, workspace_id: str) -> None:
        """Delete the guardrails of a workspace, which is gone."""
        with self._lock:
            for guardrail in self.all:
                if guardrail.workspace_id == workspace_id:
                    self._drop(guardrail)

    # Assignments of keys

    def key_rows(self, guardrail_id: str | None = None) -> list[KeyAssignment | None]:
        """The assignments of keys, of one guardrail or of all; None for a key that is deleted."""
        with self._lock:
            if guardrail_id is not None:
                self.get(guardrail_id)
            there = {key.hash for key in self._organization.keys}
            return [
                row if row.key_hash in there else None
                for row in self._tables.keys.values()
                if guardrail_id in (None, row.guardrail_id)
            ]

    def keys(self, guardrail_id: str) -> list[str]:
        """The hashes of the keys that a guardrail governs."""
        return [row.key_hash for row in self.key_rows(guardrail_id) if row is not None]

    def assign_keys(self, guardrail_id: str, hashes: Iterable[str]) -> int:
        """Assign keys, and move those that have another guardrail; unknown ones are skipped."""
        with self._lock:
            guardrail = self._assignable(guardrail_id, errors.keys_of_default_guardrail)
            known = {key.hash: key for key in self._organization.keys}
            keys = [known[each] for each in dict.fromkeys(hashes) if each in known]
            if any(key.workspace_id != guardrail.workspace_id for key in keys):
                raise errors.keys_of_another_workspace()
            for key in keys:
                self._assign_key(guardrail, key)
            return len(keys)

    def unassign_keys(self, guardrail_id: str, hashes: Iterable[str]) -> int:
        """Free keys of this guardrail; how many it had."""
        with self._lock:
            self.get(guardrail_id)
            leaving = [each for each in dict.fromkeys(hashes) if each in self.keys(guardrail_id)]
            for key_hash in leaving:
                del self._tables.keys[key_hash]
            return len(leaving)

    # Assignments of members

    def member_rows(self, guardrail_id: str | None = None) -> list[MemberAssignment]:
        """The assignments of members, of one guardrail or of all."""
        with self._lock:
            if guardrail_id is not None:
                self.get(guardrail_id)
            return [
                row
                for rows in self._tables.members.values()
                for row in rows.values()
                if guardrail_id in (None, row.guardrail_id)
                and row.user_id in self._organization.members(row.workspace_id)
            ]

    def members(self, guardrail_id: str) -> list[str]:
        """The user ids of the members that a guardrail governs."""
        return [row.user_id for row in self.member_rows(guardrail_id)]

    def assign_members(self, guardrail_id: str, user_ids: Iterable[str]) -> int:
        """Assign members, and move those that have another guardrail in this workspace."""
        wanted = list(dict.fromkeys(user_ids))
        with self._lock:
            guardrail = self._assignable(guardrail_id, errors.members_of_default_guardrail)
            if not set(wanted) <= set(self._organization.members(guardrail.workspace_id)):
                raise errors.strangers_to_workspace()
            for user_id in wanted:
                self._assign_member(guardrail, user_id)
            return len(wanted)

    def unassign_members(self, guardrail_id: str, user_ids: Iterable[str]) -> int:
        """Free members of this guardrail; how many it had."""
        with self._lock:
            home = self.get(guardrail_id).workspace_id
            there = self.members(guardrail_id)
            leaving = [user_id for user_id in dict.fromkeys(user_ids) if user_id in there]
            for user_id in leaving:
                del self._tables.members[home][user_id]
            return len(leaving)

    # Shared by the above

    def _cleaned(self, fields: dict[str, Any], rules: Any, *, partial: bool) -> dict[str, Any]:
        cleaned = clean(fields, rules, partial)
        models = {name: cleaned[name] for name in MODEL_LISTS if cleaned.get(name)}
        return {**cleaned, **{name: canonical_models(given) for name, given in models.items()}}

    def _keep(self, guardrail: Guardrail) -> Guardrail:
        self._tables.guardrails[guardrail.id] = guardrail
        return guardrail

    def _drop(self, guardrail: Guardrail) -> None:
        del self._tables.guardrails[guardrail.id]
        self._tables.keys = _without(guardrail, self._tables.keys)
        members = self._tables.members.get(guardrail.workspace_id, {})
        self._tables.members[guardrail.workspace_id] = _without(guardrail, members)

    def _default_of(self, guardrail_id: str) -> Workspace | None:
        workspaces = self._organization.workspaces
        return next((w for w in workspaces if w.default_guardrail_id == guardrail_id), None)

    def _first_default(self, guardrail_id: str) -> Guardrail:
        """The default guardrail of a workspace, which nobody has changed yet."""
        workspace = self._default_of(guardrail_id)
        if workspace is None:
            raise errors.not_found()
        return Guardrail(
            id=guardrail_id,
            name=f"Workspace {workspace.id} Default",
            workspace_id=workspace.id,
            created_at=self._now(),
        )

    def _assignable(self, guardrail_id: str, refusal: Callable[[], errors.ApiError]) -> Guardrail:
        if self._default_of(guardrail_id):
            raise refusal()
        return self.get(guardrail_id)

    def _assign_key(self, guardrail: Guardrail, key: ApiKey) -> None:
        row = KeyAssignment(
            id=self._new_id(),
            guardrail_id=guardrail.id,
            key_hash=key.hash,
            key_name=key.name,
            key_label=key.label,
            assigned_by=self._organization.creator(),
            created_at=self._now(),
        )
        if self._tables.keys.get(key.hash, row).guardrail_id != guardrail.id:
            del self._tables.keys[key.hash]
        self._tables.keys.setdefault(key.hash, row)

    def _assign_member(self, guardrail: Guardrail, user_id: str) -> None:
        rows = self._tables.members.setdefault(guardrail.workspace_id, {})
        row = MemberAssignment(
            id=self._new_id(),
            guardrail_id=guardrail.id,
            workspace_id=guardrail.workspace_id,
            user_id=user_id,
            organization_id=self._organization.id,
            assigned_by=self._organization.creator(),
            created_at=self._now(),
        )
        if rows.get(user_id, row).guardrail_id != guardrail.id:
            del rows[user_id]
        rows.setdefault(user_id, row)


def _without(guardrail: Guardrail, rows: dict[str, Row]) -> dict[str, Row]:
    return {ref: row for ref, row in rows.items() if row.guardrail_id != guardrail.id}
