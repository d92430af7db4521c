"""Who is in a workspace: its fields, and what happens to the members that a stack owns."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence

from pulumi_openrouter.api.errors import (
    ApiError,
    BadRequestError,
    ForbiddenError,
    OpenRouterError,
    RequestError,
)
from pulumi_openrouter.api.member import WorkspaceMember
from pulumi_openrouter.core.children import ChildFields, ChildLifecycle
from pulumi_openrouter.core.failures import (
    BlockedError,
    DefaultWorkspaceError,
    DeletedOutsideError,
    NoSuchWorkspaceError,
)
from pulumi_openrouter.core.fields import (
    Argument,
    Computed,
    SetArgument,
    computed,
    fields_of,
    optional,
)
from pulumi_openrouter.core.kinds import FLAG
from pulumi_openrouter.core.lifecycle import Found, Problem, Properties, Values
from pulumi_openrouter.core.people import (
    EMAILS,
    USER_IDS,
    People,
    Roster,
    batches,
    elements,
    email_of,
    entry_of,
    ids_by_email,
    merged,
    named_person,
    owned_members,
    resolved,
    roster_of,
    still_there,
)
from pulumi_openrouter.core.undo import Undo
from pulumi_openrouter.core.uuids import is_uuid
from pulumi_openrouter.core.workspace import DEFAULT_SLUG


class WorkspaceMembershipFields(ChildFields):
    """All properties of a WorkspaceMembership."""

    user_ids: SetArgument[str] = optional(
        USER_IDS,
        default=None,
        nullable=True,
        doc="Members by user id, in any order.",
    )
    emails: SetArgument[str] = optional(
        EMAILS,
        default=None,
        nullable=True,
        doc="Members by email, in any order, in upper or lower case.",
    )
    exclusive: Argument[bool] = optional(
        FLAG,
        default=False,
        local=True,
        doc="Remove every member that is not declared here.",
    )

    members: Computed[list[WorkspaceMember]] = computed(
        doc="The members that this resource owns: user_id, role, and email where known."
    )


class WorkspaceMembershipLifecycle(ChildLifecycle):
    """What happens to the members of a workspace; their id is the workspace's."""

    noun = "membership"
    fields = fields_of(WorkspaceMembershipFields)

    # check

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """A list must be declared, be it empty, unless nobody is to stay."""
        if "user_ids" not in news and "emails" not in news and not news.get("exclusive"):
            yield Problem(
                "emails",
                "is missing, and so is user_ids: declare at least one of them, "
                "or set exclusive=True to remove everybody",
            )

    def claim(self, olds: Properties, news: Properties) -> None:
        """Everybody who is declared in this workspace."""
        claims, workspace_id = self.context.claims, news["workspace_id"]
        claims.claim_user_ids(workspace_id, elements(news.get("user_ids")))
        claims.claim_emails(workspace_id, elements(news.get("emails")))

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One look at the members, then only who is missing is added."""
        workspace_id, owner = str(news["workspace_id"]), self.owner()
        wanted = self._resolved(news, {})
        there = self._list(workspace_id, {})
        removals = self._removable(workspace_id, there, wanted) if news.get("exclusive") else []
        additions = sorted(set(wanted) - set(there))
        if not additions and not removals:
            self._refuse_default(workspace_id)
        roster = self._change(workspace_id, wanted, there, removals, additions)
        return Found(workspace_id, {**self._outputs(news, wanted, roster), **owner})

    def read(self, object_id: str, olds: Properties) -> Found | None:
        """Who of the declared is there; with exclusive, who else is there too."""
        try:
            there = self._list(object_id, {})
        except DeletedOutsideError:
            if not self.is_managed(olds) and "members" not in olds:
                raise NoSuchWorkspaceError from None
            self.confirm_gone(olds)
            return None
        if self.is_managed(olds):
            return Found(object_id, {**self._live(olds, there), **self.owner_of(olds)})
        return Found(object_id, self._got(object_id, there))

    def update(self, object_id: str, olds: Properties, news: Properties) -> Values:
        """Send the difference: removals first, so that a refused one leaves nobody added."""
        with self.confirmed(olds):
            return {**self._updated(object_id, olds, news), **self.owner_of(olds)}

    def _updated(self, object_id: str, olds: Properties, news: Properties) -> Values:
        owned = owned_members(olds)
        wanted = self._resolved(news, owned)
        if set(wanted) == set(owned) and not news.get("exclusive"):
            return self._outputs(news, wanted, owned)
        there = self._list(object_id, owned)
        if news.get("exclusive"):
            wanted = self._recognized(wanted, there)
            removals = self._removable(object_id, there, wanted)
            additions = sorted(set(wanted) - set(there))
        else:
            present = {user_id: member for user_id, member in there.items() if user_id in owned}
            removals = self._removable(object_id, present, wanted)
            # Whoever was taken out meanwhile stays out until a refresh brings that into view.
            additions = sorted(set(wanted) - set(owned) - set(there))
        roster = self._change(object_id, wanted, there, removals, additions)
        return self._outputs(news, wanted, {**owned, **roster})

    def delete(self, object_id: str, olds: Properties) -> None:
        """Remove the owned members."""
        owned = owned_members(olds)
        removals = self._removable(object_id, owned, {})
        with self.done_if_gone(olds):
            there = self._list(object_id, owned) if removals else {}
            still_there = [user_id for user_id in removals if user_id in there]
            self._change(object_id, {}, there, still_there, [])

    # who is meant

    def _resolved(self, news: Properties, owned: Roster) -> People:
        directory = self.context.directory
        return resolved(directory, news.get("user_ids", []), news.get("emails", []), owned)

    def _recognized(self, wanted: People, there: Roster) -> People:
        """The declared people by the ids that they have now: whoever left and came back has others.

        An exclusive resource would else take them for strangers, and remove them.
        """
        missing = {email for user_id, email in wanted.items() if email and user_id not in there}
        if not missing or set(there) <= set(wanted):
            return wanted
        ids = self.context.directory.ids_by_email()
        return {
            (ids[email] if email in missing and ids.get(email) in there else user_id): email
            for user_id, email in wanted.items()
        }

    def _removable(self, workspace_id: str, there: Roster, wanted: People) -> list[str]:
        """Who is there, not wanted, and declared by nothing else in this run."""
        candidates = set(there) - set(wanted)
        if not candidates:
            return []
        kept = candidates & self._declared_elsewhere(workspace_id, there, wanted)
        self.leave_alone(workspace_id, sorted(kept))
        return sorted(candidates - kept)

    def _declared_elsewhere(self, workspace_id: str, there: Roster, wanted: People) -> set[str]:
        claims = self.context.claims
        emails = claims.emails_in(workspace_id) - set(wanted.values())
        ids = ids_by_email(there)
        if not emails <= set(ids):
            ids = {**self.context.directory.ids_by_email(), **ids}
        return claims.user_ids_in(workspace_id) | {ids[email] for email in emails & set(ids)}

    def _outputs(self, declared: Properties, people: People, roster: Roster) -> Values:
        members = [entry_of(user_id, people[user_id], roster) for user_id in sorted(people)]
        return {**self.arguments_of(declared), "members": members}

    def _live(self, olds: Properties, there: Roster) -> Values:
        declared, people = still_there(olds, there)
        return self._outputs({**self.arguments_of(olds), **declared}, people, there)

    def _got(self, ref: str, there: Roster) -> Values:
        if not is_uuid(ref):
            self.workspace_to_get(ref)
        known = self.context.directory.emails_by_id()
        people = {user_id: known.get(user_id) for user_id in there}
        emails = sorted(email for email in people.values() if email)
        declared = {"workspace_id": ref, "user_ids": sorted(there), "emails": emails}
        return self._outputs(declared, people, there)

    # the requests

    def _list(self, workspace_id: str, known: Roster) -> Roster:
        """Who is there, with their emails where they are known.

        If a later step fails, undo touches only members that this operation added or removed.
        """
        ask = functools.partial(self.client.list_members, workspace_id)
        return merged(roster_of(self.asked(ask, workspace_id)), known)

    def _change(
        self,
        workspace_id: str,
        wanted: People,
        there: Roster,
        removals: Sequence[str],
        additions: Sequence[str],
    ) -> Roster:
        """Remove, then add, in batches; who is there afterwards."""
        blocked: dict[str, str] = {}
        added: list[WorkspaceMember] = []
        with Undo(self.client) as undo:
            for batch in batches(removals):
                with undo.step(functools.partial(self.client.add_members, workspace_id, batch)):
                    blocked.update(self._remove(workspace_id, batch))
            if blocked:
                undo.forget()
                reasons = {
                    named_person(who, email_of(there, who)): blocked[who] for who in sorted(blocked)
                }
                raise BlockedError(reasons, len(removals) - len(blocked))
            for batch in batches(additions):
                with undo.step(functools.partial(self.client.remove_members, workspace_id, batch)):
                    added += self._add(workspace_id, batch, wanted)
        return {**there, **merged(roster_of(added), there)}

    def _remove(self, workspace_id: str, batch: Sequence[str]) -> dict[str, str]:
        """Remove whom the API lets go; the others, and why not."""
        blocked: dict[str, str] = {}
        while rest := [member for member in batch if member not in blocked]:
            try:
                ask = functools.partial(self.client.remove_members, workspace_id, rest)
                self.asked(ask, workspace_id)
                break
            except (BadRequestError, ForbiddenError) as error:
                named = [member for member in rest if _names(error.api_message, member)]
                if not named:
                    self._refuse_default(workspace_id, error)
                blocked.update(dict.fromkeys(named, _why(error)))
        return blocked

    def _add(
        self, workspace_id: str, batch: Sequence[str], wanted: People
    ) -> list[WorkspaceMember]:
        try:
            ask = functools.partial(self.client.add_members, workspace_id, batch)
            return self.asked(ask, workspace_id)
        except ForbiddenError as error:
            self._refuse_default(workspace_id, error)
            raise
        except BadRequestError as error:
            strangers = self._strangers(batch, error)
            if not strangers:
                raise
            names = ", ".join(
                named_person(stranger, wanted.get(stranger)) for stranger in strangers
            )
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

    def _refuse_default(self, workspace_id: str, error: ApiError | None = None) -> None:
        try:
            workspace = self.client.find_workspace(workspace_id)
        except RequestError as unknown:
            raise error or unknown from None
        if workspace is None:
            raise DeletedOutsideError
        if workspace.slug == DEFAULT_SLUG:
            raise DefaultWorkspaceError
        if error is not None:
            raise error


def _names(message: str, user_id: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(user_id)}(?![\w-])", message) is not None


def _why(error: ApiError) -> str:
    if isinstance(error, ForbiddenError):
        return "managed over SCIM, remove them in your identity provider"
    return "has active API keys in this workspace, delete those first"
