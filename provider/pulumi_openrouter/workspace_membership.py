"""Who is in a workspace: the members that a stack owns."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from pulumi_openrouter.api.errors import (
    ApiError,
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    OpenRouterError,
    RequestError,
)
from pulumi_openrouter.api.limits import LARGEST_BATCH
from pulumi_openrouter.children import ChildLifecycle, WorkspaceChild
from pulumi_openrouter.fields import FLAG, UNKNOWN, fields_of, pattern, set_of
from pulumi_openrouter.host import Provider
from pulumi_openrouter.lifecycle import Found, Outputs, Problem, Properties
from pulumi_openrouter.resource import (
    Computed,
    Declared,
    DeclaredSet,
    computed,
    declared,
)
from pulumi_openrouter.undo import Undo
from pulumi_openrouter.uuids import is_uuid
from pulumi_openrouter.workspace import DEFAULT_SLUG, DeletedOutsideError, NoSuchWorkspaceError

if TYPE_CHECKING:
    from pulumi_openrouter.api import models

USER_IDS = set_of(pattern(r"\S+", "a user id such as user_2abc"), "user ids")
EMAILS = set_of(pattern(r"[^@\s]+@[^@\s]+", "an email address", lower=True), "email addresses")


@pulumi.output_type
class Member:
    """A member of a workspace, as the outputs of WorkspaceMembership list it."""

    user_id: str
    role: str | None = None
    email: str | None = None


class WorkspaceMembership(WorkspaceChild, module="openrouter", name="WorkspaceMembership"):
    """A set of members of one workspace, by user id, by email or both.

    Only members of the organization can be added; they keep the role that they have there.
    """

    user_ids: DeclaredSet[str] = declared(
        USER_IDS,
        default=None,
        nullable=True,
        doc="Members by user id, in any order.",
    )
    emails: DeclaredSet[str] = declared(
        EMAILS,
        default=None,
        nullable=True,
        doc="Members by email, in any order, in upper or lower case.",
    )
    exclusive: Declared[bool] = declared(
        FLAG,
        default=False,
        local=True,
        doc="Remove every member that is not declared here.",
    )

    members: Computed[list[Member]] = computed(
        doc="The members that this resource owns: user_id, role, and email where known."
    )

    @staticmethod
    def provider() -> Provider:
        """The provider of memberships."""
        return WorkspaceMembershipProvider()


Roster = Mapping[str, Mapping[str, Any]]
"""Members as the outputs list them, by user id."""

People = Mapping[str, "str | None"]
"""The email, where known, by user id."""


class BlockedError(OpenRouterError):
    """Some members can't be removed; the others were, and nobody was added."""

    def __init__(self, blocked: Mapping[str, str], people: People, removed: int) -> None:
        names = [f"{_named(id, people)}: {why}" for id, why in sorted(blocked.items())]
        super().__init__(f"these members can't be removed: {'; '.join(names)}")
        self.unsettled = removed > 0


class DefaultWorkspaceError(OpenRouterError):
    """The members of the default workspace are those of the organization."""

    def __init__(self) -> None:
        super().__init__(
            "this is the default workspace: everybody in the organization is in it, and its "
            "members can't be changed\nRemove this resource from the program."
        )


class WorkspaceMembershipLifecycle(ChildLifecycle):
    """What happens to the members of a workspace; their id is the workspace's."""

    noun = "membership"
    fields = fields_of(WorkspaceMembership)

    # check

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """Somebody must be declared, unless nobody is to stay."""
        if not news.get("user_ids") and not news.get("emails") and not news.get("exclusive"):
            yield Problem(
                "emails",
                "is empty, as user_ids is: name at least one member, "
                "or set exclusive=True to remove everybody",
            )

    def note_declared(self, olds: Properties, news: Properties) -> None:
        """Everybody who is declared in this workspace."""
        for name in ("user_ids", "emails"):
            for element in _known(news.get(name)):
                self.context.declared.note(name, str(news["workspace_id"]), element)

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One look at the members, then only who is missing is added."""
        id = str(news["workspace_id"])
        wanted = self._resolved(news, {})
        there = self._list(id, {})
        removals = self._removable(id, there, wanted) if news.get("exclusive") else []
        additions = sorted(set(wanted) - set(there))
        if not additions and not removals:
            self._refuse_default(id)
        roster = self._change(id, wanted, there, removals, additions)
        return Found(id, self._outputs(news, wanted, roster))

    def read(self, id: str, olds: Properties) -> Found | None:
        """Who of the declared is there; with exclusive, who else is there too."""
        try:
            there = _roster(self.client.list_members(id))
        except NotFoundError:
            if self.client.find_workspace(id) is not None:
                raise
            if self.is_managed(olds) or "members" in olds:
                return None
            raise NoSuchWorkspaceError from None
        outputs = self._live(olds, there) if self.is_managed(olds) else self._got(id, there)
        return Found(id, outputs)

    def update(self, id: str, olds: Properties, news: Properties) -> Outputs:
        """Send the difference: removals first, so that a refused one leaves nobody added."""
        owned = _owned(olds)
        wanted = self._resolved(news, owned)
        if set(wanted) == set(owned) and not news.get("exclusive"):
            return self._outputs(news, wanted, owned)
        there = self._list(id, owned)
        present = {user: row for user, row in there.items() if user in owned}
        removals = self._removable(id, there if news.get("exclusive") else present, wanted)
        additions = sorted(set(wanted) - set(there))
        roster = self._change(id, wanted, there, removals, additions)
        return self._outputs(news, wanted, roster)

    def delete(self, id: str, olds: Properties) -> None:
        """Remove the owned members."""
        owned = _owned(olds)
        removals = self._removable(id, owned, {})
        with self.done_if_gone(id):
            there = self._list(id, owned) if removals else {}
            self._change(id, {}, there, [user for user in removals if user in there], [])

    # who is meant

    def _resolved(self, news: Properties, owned: Roster) -> dict[str, str | None]:
        """The declared people: emails that the old members don't answer are looked up."""
        wanted = {id: owned.get(id, {}).get("email") for id in news.get("user_ids", [])}
        ids = _ids_by_email(owned)
        emails = news.get("emails", [])
        if any(email not in ids for email in emails):
            ids = {**self.context.directory.ids_by_email(), **ids}
        if unknown := [email for email in emails if email not in ids]:
            raise OpenRouterError(
                f"not in the organization: {', '.join(unknown)}\n"
                "Invite them to the organization first, or correct the address."
            )
        return {**wanted, **{ids[email]: email for email in emails}}

    def _removable(self, id: str, there: Roster, wanted: People) -> list[str]:
        """Who is there, not wanted, and declared by nothing else in this run."""
        candidates = set(there) - set(wanted)
        if not candidates:
            return []
        kept = candidates & self._declared_elsewhere(id, there, wanted)
        self.leave_alone(id, sorted(kept))
        return sorted(candidates - kept)

    def _declared_elsewhere(self, id: str, there: Roster, wanted: People) -> set[str]:
        declared = self.context.declared
        emails = set(declared.under("emails", id)) - set(wanted.values())
        ids = _ids_by_email(there)
        if not emails <= set(ids):
            ids = {**self.context.directory.ids_by_email(), **ids}
        return {*declared.under("user_ids", id), *(ids[email] for email in emails & set(ids))}

    def _outputs(self, news: Properties, wanted: People, roster: Roster) -> Outputs:
        members = [_entry(id, wanted[id], roster.get(id, {})) for id in sorted(wanted)]
        return {**self.declared_in(news), "members": members}

    def _live(self, olds: Properties, there: Roster) -> Outputs:
        owned = _owned(olds)
        ids = _ids_by_email(owned)
        outputs = self.declared_in(olds)
        by_email = [email for email in olds.get("emails", []) if ids.get(email) in there]
        by_id = [id for id in olds.get("user_ids", []) if id in there]
        present = {*by_id, *(ids[email] for email in by_email)}
        if olds.get("exclusive"):
            by_id += sorted(set(there) - present)
            present = set(there)
        if "emails" in olds:
            outputs["emails"] = by_email
        if "user_ids" in olds or by_id:
            outputs["user_ids"] = sorted(by_id)
        people = {id: owned.get(id, {}).get("email") for id in present}
        return self._outputs(outputs, people, there)

    def _got(self, id: str, there: Roster) -> Outputs:
        if not is_uuid(id):
            self.workspace_to_get(id)
        known = self.context.directory.emails_by_id()
        people = {user_id: known.get(user_id) for user_id in there}
        emails = sorted(email for email in people.values() if email)
        declared = {"workspace_id": id, "user_ids": sorted(there), "emails": emails}
        return self._outputs(declared, people, there)

    # the requests

    def _list(self, id: str, known: Roster) -> Roster:
        """Who is there, with their emails where they are known.

        Whatever fails afterwards puts nobody in or out who was there, or was not, before.
        """
        try:
            rows = _roster(self.client.list_members(id))
        except NotFoundError:
            raise DeletedOutsideError from None
        return {user: {**known.get(user, {}), **row} for user, row in rows.items()}

    def _change(
        self,
        id: str,
        wanted: People,
        there: Roster,
        removals: Sequence[str],
        additions: Sequence[str],
    ) -> Roster:
        """Remove, then add, in batches; who is there afterwards."""
        blocked: dict[str, str] = {}
        added: list[models.Member] = []
        with Undo(self.client) as undo:
            for batch in _batches(removals):
                with undo.step(functools.partial(self.client.add_members, id, batch)):
                    blocked.update(self._remove(id, batch))
            if blocked:
                undo.forget()
                raise BlockedError(blocked, _people(there), len(removals) - len(blocked))
            for batch in _batches(additions):
                with undo.step(functools.partial(self.client.remove_members, id, batch)):
                    added += self._add(id, batch, wanted)
        return _merged(_roster(added), there)

    def _remove(self, id: str, batch: Sequence[str]) -> dict[str, str]:
        """Remove whom the API lets go; the others, and why not."""
        blocked: dict[str, str] = {}
        while rest := [member for member in batch if member not in blocked]:
            try:
                self.client.remove_members(id, rest)
                break
            except NotFoundError:
                raise DeletedOutsideError from None
            except (BadRequestError, ForbiddenError) as error:
                named = [member for member in rest if _names(error.api_message, member)]
                if not named:
                    self._refuse_default(id, error)
                blocked.update(dict.fromkeys(named, _why(error)))
        return blocked

    def _add(self, id: str, batch: Sequence[str], wanted: People) -> list[models.Member]:
        try:
            return self.client.add_members(id, batch)
        except NotFoundError:
            raise DeletedOutsideError from None
        except ForbiddenError as error:
            self._refuse_default(id, error)
            raise
        except BadRequestError as error:
            strangers = self._strangers(batch, error)
            if not strangers:
                raise
            names = ", ".join(_named(stranger, wanted) for stranger in strangers)
            raise OpenRouterError(
                f"not members of the organization: {names}\nNobody was added. "
                "Invite them to the organization first, or correct the id."
            ) from None

    def _strangers(self, batch: Sequence[str], error: ApiError) -> list[str]:
        """Who is not in the organization; if nobody can say, the error is the better news."""
        try:
            return self.context.directory.strangers(batch)
        except RequestError:
            raise error from None

    def _refuse_default(self, id: str, error: ApiError | None = None) -> None:
        try:
            workspace = self.client.find_workspace(id)
        except RequestError as unknown:
            raise error or unknown from None
        if workspace is None:
            raise DeletedOutsideError
        if workspace.slug == DEFAULT_SLUG:
            raise DefaultWorkspaceError
        if error is not None:
            raise error


def _known(elements: Any) -> list[str]:
    if elements is UNKNOWN:
        return []
    return [str(element) for element in elements or [] if element is not UNKNOWN]


def _roster(members: Iterable[models.Member]) -> Roster:
    return {member.user_id: {"role": member.role} for member in members}


def _owned(olds: Properties) -> Roster:
    return {member["user_id"]: member for member in olds.get("members", [])}


def _merged(first: Roster, second: Roster) -> Roster:
    """Both, with what either knows of a member; the first is the newer."""
    return {id: {**second.get(id, {}), **first.get(id, {})} for id in {*first, *second}}


def _people(roster: Roster) -> People:
    return {id: member.get("email") for id, member in roster.items()}


def _ids_by_email(roster: Roster) -> dict[str, str]:
    return {email: id for id, email in _people(roster).items() if email}


def _entry(id: str, email: str | None, member: Mapping[str, Any]) -> dict[str, str]:
    entry = {"user_id": id, "email": email, "role": member.get("role")}
    return {key: value for key, value in entry.items() if value is not None}


def _named(id: str, people: People) -> str:
    email = people.get(id)
    return f"{email} ({id})" if email else id


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), LARGEST_BATCH):
        yield ids[start : start + LARGEST_BATCH]


def _names(message: str, id: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(id)}(?![\w-])", message) is not None


def _why(error: ApiError) -> str:
    if isinstance(error, ForbiddenError):
        return "managed over SCIM, remove them in your identity provider"
    return "has active API keys in this workspace, delete those first"


class WorkspaceMembershipProvider(Provider):
    """The dynamic provider of memberships; its name is in every state, and stays."""

    lifecycle_class = WorkspaceMembershipLifecycle
