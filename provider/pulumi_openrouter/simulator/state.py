"""The simulated organization: what it has, and the rules for changing it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from random import Random
from string import ascii_letters, digits
from threading import RLock
from typing import Any
from uuid import UUID, uuid5

import attrs

from . import errors, spending, validation
from .contents import Contents
from .entities import ApiKey, Budget, Membership, Number, Person, Workspace, timestamp
from .guardrails import Guardrails
from .provider_keys import ProviderKeys
from .quirks import Quirks
from .spending import Spent

FIRST_MEMBERS = (
    ("Ada", "Lovelace"),
    ("Grace", "Hopper"),
    ("Alan", "Turing"),
    ("Katherine", "Johnson"),
    ("Edsger", "Dijkstra"),
    ("Barbara", "Liskov"),
)


class Organization(Contents):
    """An OpenRouter organization with its workspaces, budgets, members, API keys and guardrails.

    The HTTP routes work on it, and so may a test that changes something behind the back of an API
    client. A workspace is named by its id or its slug. Returned objects never change afterwards.
    Breaking a rule raises ApiError.
    """

    def __init__(
        self,
        quirks: Quirks | None = None,
        *,
        random_seed: int = 0,
        members: int = 0,
        workspaces: int = 0,
        key: str | None = None,
    ) -> None:
        super().__init__()
        self.quirks = quirks or Quirks()
        self._lock = RLock()
        self._random = Random(random_seed)
        self.id = f"org_{self._token(27)}"
        self.management_key = key or f"sk-or-mgmt-{self._hex()}"
        self.inference_key = f"sk-or-v1-{self._hex()}"
        for number in range(1, members + 1):
            self._seed_member(number)
        self._add_workspace({"name": "Default", "slug": "default"}, is_default=True)
        for number in range(1, workspaces + 1):
            self.create_workspace(name=f"Team {number}", slug=f"team-{number}")

    # Workspaces

    @property
    def workspaces(self) -> list[Workspace]:
        """All workspaces, the oldest first."""
        with self._lock:
            return list(self._workspaces.values())

    def workspace(self, ref: str) -> Workspace:
        """The workspace with this id or slug."""
        with self._lock:
            found = self._workspaces.get(ref) or self._workspaces.get(
                self._ids_by_slug.get(ref, "")
            )
        if found is None:
            raise errors.not_found()
        return found

    def create_workspace(self, /, **fields: Any) -> Workspace:
        """Create a workspace with these fields of the API; name and slug are required."""
        cleaned = validation.clean(self._trimmed(fields), validation.WORKSPACE)
        with self._lock:
            self._check_slug(cleaned["slug"])
            return self._add_workspace(cleaned)

    def update_workspace(self, ref: str, /, **fields: Any) -> Workspace:
        """Change these fields of the API, and leave the others."""
        cleaned = validation.clean(self._trimmed(fields), validation.WORKSPACE, partial=True)
        with self._lock:
            old = self.workspace(ref)
            self._check_slug(cleaned.get("slug", old.slug), owner=old)
            new = attrs.evolve(old, **cleaned, updated_at=self._now())
            del self._ids_by_slug[old.slug]
            return self._keep_workspace(new)

    def delete_workspace(self, ref: str, force: bool = True, confirm_default: bool = False) -> None:
        """Delete a workspace and all it has; without force, only if no key in it is active."""
        with self._lock:
            workspace = self.workspace(ref)
            self._check_deletable(workspace, confirm_default)
            keys = [key for key in self._keys.values() if key.workspace_id == workspace.id]
            if not force and any(key.is_active(self.clock()) for key in keys):
                raise errors.workspace_has_keys()
            for key in keys:
                del self._keys[key.hash]
            del self._workspaces[workspace.id]
            del self._budgets[workspace.id]
            del self._memberships[workspace.id]
            del self._ids_by_slug[workspace.slug]
            self.guardrails.drop_workspace(workspace.id)
            self.provider_keys.lose_workspace(
                workspace.id, delete=self.quirks.provider_keys_go_along
            )

    # Budgets

    def budgets(self, ref: str) -> dict[str, Number]:
        """The limit of each interval that has one, the widest first."""
        return {budget.interval: budget.limit_usd for budget in self.budget_list(ref)}

    def budget_list(self, ref: str) -> list[Budget]:
        """The budgets of the workspace, the widest first."""
        with self._lock:
            budgets = self._budgets[self.workspace(ref).id]
            return [budgets[name] for name in validation.INTERVALS if name in budgets]

    def set_budget(
        self, ref: str, interval: str, limit_usd: Number, include_byok: bool | None = None
    ) -> Budget:
        """Set the limit of an interval, and the flag of the workspace if one is given."""
        validation.interval(interval)
        body = {"limit_usd": limit_usd}
        limit: Number = validation.clean(body, validation.BUDGET)["limit_usd"]
        with self._lock:
            workspace = self.workspace(ref)
            check_order({**self.budgets(ref), interval: limit})
            if include_byok is not None:
                self._workspaces[workspace.id] = attrs.evolve(
                    workspace, include_byok_in_budgets=include_byok
                )
            return self._keep_budget(workspace, interval, limit)

    def delete_budget(self, ref: str, interval: str) -> None:
        """Remove the limit of an interval, if it has one."""
        validation.interval(interval)
        with self._lock:
            self._budgets[self.workspace(ref).id].pop(interval, None)

    # Members of the organization

    @property
    def people(self) -> list[Person]:
        """The members of the organization, in order of joining."""
        with self._lock:
            return list(self._people.values())

    def person(self, ref: str) -> Person:
        """The member of the organization with this user id or email."""
        for person in self.people:
            if ref == person.id or (ref and ref.lower() == person.email.lower()):
                return person
        raise errors.not_found()

    def add_member(
        self,
        email: str,
        *,
        role: str = "member",
        scim: bool = False,
        user_id: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
    ) -> Person:
        """Add somebody to the organization."""
        with self._lock:
            person = Person(
                id=user_id or f"user_{self._token(27)}",
                email=email,
                first_name=first_name,
                last_name=last_name,
                role=f"org:{role.removeprefix('org:')}",
                scim=scim,
                joined_at=self._now(),
            )
            self._people[person.id] = person
            return person

    def remove_member(self, ref: str) -> None:
        """Remove somebody from the organization, and from every workspace."""
        with self._lock:
            gone = self.person(ref)
            del self._people[gone.id]
            for memberships in self._memberships.values():
                memberships.pop(gone.id, None)

    # Members of workspaces

    def members(self, ref: str) -> list[str]:
        """The user ids of the members of the workspace."""
        return [membership.user_id for membership in self.memberships(ref)]

    def memberships(self, ref: str) -> list[Membership]:
        """The members of the workspace, in order of joining; everybody is in the default one."""
        with self._lock:
            workspace = self.workspace(ref)
            if workspace.is_default:
                return [implicit_membership(workspace, person) for person in self.people]
            return list(self._memberships[workspace.id].values())

    def add_members(self, ref: str, user_ids: Iterable[str]) -> list[Membership]:
        """Add these members of the organization to the workspace: all of them, or nobody."""
        wanted = list(dict.fromkeys(user_ids))
        with self._lock:
            workspace = self._with_own_members(ref)
            if not all(user_id in self._people for user_id in wanted):
                raise errors.strangers()
            return [self._keep_membership(workspace, user_id) for user_id in wanted]

    def remove_members(self, ref: str, user_ids: Iterable[str], force: bool = True) -> int:
        """Remove members from the workspace; without force, nobody if any of them must stay."""
        with self._lock:
            workspace = self._with_own_members(ref)
            memberships = self._memberships[workspace.id]
            leaving = [user_id for user_id in dict.fromkeys(user_ids) if user_id in memberships]
            if not force:
                self._check_removable(workspace, leaving)
            for user_id in leaving:
                del memberships[user_id]
            return len(leaving)

    # API keys

    @property
    def keys(self) -> list[ApiKey]:
        """All API keys, the oldest first."""
        with self._lock:
            return list(self._keys.values())

    def key(self, key_hash: str) -> ApiKey:
        """The API key with this hash."""
        with self._lock:
            if key_hash not in self._keys:
                raise errors.not_found()
            return self._keys[key_hash]

    def list_keys(
        self, workspace_id: str | None, include_disabled: bool, include_expired: bool
    ) -> list[ApiKey]:
        """The keys of a workspace, the newest first; without an id, those of the default one."""
        with self._lock:
            wanted = workspace_id or self._default_id()
            return [
                key
                for key in reversed(self._keys.values())
                if key.workspace_id == wanted
                and (include_disabled or not key.disabled)
                and (include_expired or not key.is_expired(self.clock()))
            ]

    def create_key(
        self,
        name: str,
        workspace: str | None = None,
        creator: str | None = None,
        disabled: bool = False,
        expires_at: datetime | str | None = None,
        key_hash: str | None = None,
        **fields: Any,
    ) -> ApiKey:
        """Create an API key in a workspace (the default one); its `secret` is the key itself.

        `creator` is a user id; a datetime in `expires_at` must have a time zone. `key_hash` is for
        a key whose secret nobody knows.
        """
        if isinstance(expires_at, str):
            expires_at = validation.moment(expires_at)
        with self._lock:
            if creator is not None and creator not in self._people:
                raise errors.invalid(["creator_user_id must be a member of the organization"])
            secret = f"sk-or-v1-{self._hex()}"
            key = ApiKey(
                secret=secret,
                hash=key_hash or hash_of(secret),
                label=label_of(secret),
                name=name,
                workspace_id=self.home(workspace),
                creator_user_id=creator,
                disabled=disabled,
                expires_at=expires_at,
                created_at=self._now(),
                **fields,
            )
            self._keys[key.hash] = key
            return key

    def check_creator(self, workspace: str | None, creator: str) -> None:
        """Refuse a creator who is not in the workspace of the new key."""
        with self._lock:
            if creator not in self.members(self.home(workspace)):
                raise errors.invalid(["creator_user_id must be a member of the workspace"])

    def update_key(self, key_hash: str, /, **fields: Any) -> ApiKey:
        """Change these fields of the API, and leave the others."""
        cleaned = validation.clean(fields, validation.CHANGED_KEY)
        with self._lock:
            old = self.key(key_hash)
            if not cleaned:
                raise errors.nothing_to_update()
            if "workspace_id" in cleaned:
                cleaned["workspace_id"] = self.home(cleaned["workspace_id"])
            self._keys[key_hash] = attrs.evolve(old, **cleaned, updated_at=self._now())
            return self._keys[key_hash]

    def delete_key(self, key_hash: str) -> None:
        """Delete the API key with this hash."""
        with self._lock:
            del self._keys[self.key(key_hash).hash]

    def key_in_use(self, secret: str) -> ApiKey | None:
        """The key that was sent with a request; the management key has no workspace."""
        if secret in (self.management_key, self.inference_key):
            workspace_id = None if secret == self.management_key else self._default_id()
            return self._own_key(secret, workspace_id)
        with self._lock:
            key = self._keys.get(hash_of(secret))
            return key if key is not None and key.is_active(self.clock()) else None

    # Spending

    def spend(self, key_hash: str, usd: Number, *, byok: bool = False, days_ago: int = 0) -> None:
        """Let a key spend USD, with the organization's own provider key or with OpenRouter's.

        Nothing holds it back: neither a limit nor a budget.
        """
        with self._lock:
            key, at = self.key(key_hash), self.clock() - timedelta(days=days_ago)
            self._spent.append(
                Spent(
                    key_hash=key_hash, workspace_id=key.workspace_id, at=at, usd=usd, is_byok=byok
                )
            )
            last = max(each.at for each in self._spent if each.key_hash == key_hash)
            self._keys[key_hash] = attrs.evolve(key, last_used_at=timestamp(last))

    def usage(self, key: ApiKey) -> dict[str, Number | None]:
        """The fields of a key that tell what it has spent."""
        with self._lock:
            return spending.usage(key, self._spent, self.clock())

    def activity(
        self, *, by_workspace: bool = False, workspace_id: str | None = None
    ) -> list[dict[str, Any]]:
        """What was spent on each of the last thirty completed days, the newest first."""
        with self._lock:
            now = self.clock()
            rows = spending.activity(
                self._spent, now, by_workspace=by_workspace, workspace_id=workspace_id
            )
            return list(rows)

    # Guardrails and provider keys

    @property
    def guardrails(self) -> Guardrails:
        """The guardrails, and who is assigned to them."""
        return Guardrails(self, self._guardrails, self._lock, self._uuid, self._now)

    @property
    def provider_keys(self) -> ProviderKeys:
        """The keys at providers."""
        return ProviderKeys(self, self._provider_keys, self._lock, self._uuid, self._now)

    # Shared by the above

    def _seed_member(self, number: int) -> None:
        role = "admin" if number == 1 else "member"
        if number > len(FIRST_MEMBERS):
            self.add_member(f"member{number}@example.com", role=role)
            return
        first, last = FIRST_MEMBERS[number - 1]
        email = f"{first.lower()}@example.com"
        self.add_member(email, role=role, first_name=first, last_name=last)

    def _add_workspace(self, cleaned: dict[str, Any], is_default: bool = False) -> Workspace:
        workspace_id = self._uuid()
        workspace = Workspace(
            **cleaned,
            id=workspace_id,
            default_guardrail_id=str(uuid5(UUID(workspace_id), "default-guardrail")),
            created_by=self.creator(),
            created_at=self._now(),
            is_default=is_default,
        )
        self._budgets[workspace.id] = {}
        self._memberships[workspace.id] = {}
        return self._keep_workspace(workspace)

    def _keep_workspace(self, workspace: Workspace) -> Workspace:
        self._workspaces[workspace.id] = workspace
        self._ids_by_slug[workspace.slug] = workspace.id
        return workspace

    def _check_slug(self, slug: str, owner: Workspace | None = None) -> None:
        taken_by = self._ids_by_slug.get(slug)
        if taken_by is not None and (owner is None or taken_by != owner.id):
            raise errors.slug_taken(self.quirks.duplicate_slug_status, slug)

    def _check_deletable(self, workspace: Workspace, confirmed: bool) -> None:
        allowed = self.quirks.default_workspace_deletable and confirmed
        if workspace.is_default and not allowed:
            raise errors.default_workspace_stays()

    def _keep_budget(self, workspace: Workspace, interval: str, limit: Number) -> Budget:
        budgets, now = self._budgets[workspace.id], self._now()
        old = budgets.get(interval)
        budgets[interval] = (
            attrs.evolve(old, limit_usd=limit, updated_at=now)
            if old is not None
            else Budget(
                id=self._uuid(),
                workspace_id=workspace.id,
                interval=interval,
                limit_usd=limit,
                created_at=now,
                updated_at=now,
            )
        )
        return budgets[interval]

    def _with_own_members(self, ref: str) -> Workspace:
        workspace = self.workspace(ref)
        if workspace.is_default:
            raise errors.default_members_fixed()
        return workspace

    def _keep_membership(self, workspace: Workspace, user_id: str) -> Membership:
        memberships, role = self._memberships[workspace.id], self._people[user_id].workspace_role
        old = memberships.get(user_id)
        memberships[user_id] = (
            attrs.evolve(old, role=role)
            if old is not None
            else Membership(
                id=self._uuid(),
                workspace_id=workspace.id,
                user_id=user_id,
                role=role,
                created_at=self._now(),
            )
        )
        return memberships[user_id]

    def _check_removable(self, workspace: Workspace, user_ids: list[str]) -> None:
        busy = {
            key.creator_user_id
            for key in self._keys.values()
            if key.workspace_id == workspace.id and key.is_active(self.clock())
        }
        if held := [user_id for user_id in user_ids if user_id in busy]:
            raise errors.members_have_keys(held)
        if managed := [user_id for user_id in user_ids if self._people[user_id].scim]:
            raise errors.members_scim_managed(managed)

    def home(self, workspace: str | None) -> str:
        """The id of the workspace in which something belongs; the default one if none is given."""
        try:
            return self.workspace(workspace or self._default_id() or "").id
        except errors.ApiError:
            raise errors.invalid(["workspace_id must be that of a workspace"]) from None

    def _default_id(self) -> str | None:
        with self._lock:
            return next((w.id for w in self._workspaces.values() if w.is_default), None)

    def _own_key(self, secret: str, workspace_id: str | None) -> ApiKey:
        return ApiKey(
            secret=secret,
            hash=hash_of(secret),
            label=label_of(secret),
            name="simulator",
            workspace_id=workspace_id,
            creator_user_id=self.creator(),
            created_at=timestamp(self._moment),
        )

    def creator(self) -> str | None:
        """Who makes what is made over the API: the first administrator."""
        with self._lock:
            return next((p.id for p in self._people.values() if p.role == "org:admin"), None)

    def _trimmed(self, fields: dict[str, Any]) -> dict[str, Any]:
        return validation.trimmed(fields) if self.quirks.trim_text else fields

    # State files

    def at_rest(self) -> AbstractContextManager[object]:
        """Nothing changes until the with block is left."""
        return self._lock

    def restore(self, contents: Contents) -> None:
        """Have what these contents are, and nothing of what was here before."""
        with self.at_rest():
            vars(self).update(vars(contents))
            # The ids that come next must be others than those that are there.
            self._random = Random(timestamp(self._moment))

    # Time

    def clock(self) -> datetime:
        """What the clock of the organization's server shows."""
        return datetime.now(timezone.utc) + self._ahead

    def advance(self, seconds: float) -> None:
        """Set that clock forward: what is there already becomes as much older; or back."""
        with self._lock:
            self._ahead += timedelta(seconds=seconds)
            self._moment += min(timedelta(seconds=seconds), timedelta())

    def _now(self) -> str:
        with self._lock:
            # No two changes have the same timestamp, so updated_at shows every PATCH.
            later = self._moment + timedelta(microseconds=1)
            self._moment = max(later, self.clock())
            return timestamp(self._moment)

    def _uuid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _token(self, length: int) -> str:
        return "".join(self._random.choices(ascii_letters + digits, k=length))

    def _hex(self) -> str:
        return f"{self._random.getrandbits(256):064x}"


def check_order(limits: dict[str, Number]) -> None:
    """Refuse budgets unless each is below every wider one."""
    present = [name for name in validation.INTERVALS if name in limits]
    for wide, narrow in pairwise(present):
        if not limits[wide] > limits[narrow]:
            raise errors.budgets_out_of_order(
                wide, f"${limits[wide]}", narrow, f"${limits[narrow]}"
            )


def implicit_membership(workspace: Workspace, person: Person) -> Membership:
    """Somebody's membership of the default workspace."""
    return Membership(
        id=str(uuid5(UUID(workspace.id), person.id)),
        workspace_id=workspace.id,
        user_id=person.id,
        role=person.workspace_role,
        created_at=person.joined_at,
    )


def hash_of(secret: str) -> str:
    """The hash by which an API key is known."""
    return hashlib.sha256(secret.encode()).hexdigest()


def label_of(secret: str) -> str:
    """The part of an API key that may be shown."""
    return f"{secret[:12]}...{secret[-3:]}"
