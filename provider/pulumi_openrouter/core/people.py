"""How people are named: by email or by user id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.api.limits import MAX_BATCH_IDS
from pulumi_openrouter.api.member import WorkspaceMember
from pulumi_openrouter.core.directory import canonical_email
from pulumi_openrouter.core.kinds import UNKNOWN, pattern, set_of

if TYPE_CHECKING:
    from pulumi_openrouter.core.directory import Directory

EMAIL = pattern(
    r"(?!(?i:mailto:))[^@\s<>,;]+@[^@\s<>,;]+", "an email address", canonical=canonical_email
)
EMAILS = set_of(EMAIL, "email addresses")
USER_ID = pattern(r"\S+", "a user id such as user_2abc")
USER_IDS = set_of(USER_ID, "user ids")

Roster = Mapping[str, WorkspaceMember]
"""Members by user id."""

People = Mapping[str, "str | None"]
"""The email, where known, by user id."""


def resolved(
    directory: Directory, user_ids: Iterable[str], emails: Sequence[str], known: Roster
) -> People:
    """The declared people: emails that the known members don't answer are looked up.

    Raises:
        OpenRouterError: some are not in the organization; they are all named.
    """
    ids = ids_by_email(known)
    if any(email not in ids for email in emails):
        ids = {**directory.ids_by_email(), **ids}
    if unknown := [email for email in emails if email not in ids]:
        raise OpenRouterError(
            f"not in the organization: {', '.join(unknown)}\n"
            "Invite them to the organization first, or correct the address."
        )
    wanted = {user_id: email_of(known, user_id) for user_id in user_ids}
    return {**wanted, **{ids[email]: email for email in emails}}


def elements(listed: Any) -> list[Any]:
    """The elements of a list that may be missing, or unknown as a whole."""
    return [] if listed is None or listed is UNKNOWN else list(listed)


def roster_of(members: Iterable[WorkspaceMember]) -> Roster:
    """The members by user id."""
    return {member.user_id: member for member in members}


def owned_members(olds: Mapping[str, Any]) -> Roster:
    """The members in the state."""
    return roster_of(
        WorkspaceMember(user_id=row["user_id"], role=row.get("role"), email=row.get("email"))
        for row in olds.get("members", [])
    )


def merged(newer: Roster, older: Roster) -> Roster:
    """The newer members, with what only the older ones tell of the same person."""
    return {
        user_id: attrs.evolve(
            member,
            role=member.role or _role(older, user_id),
            email=member.email or email_of(older, user_id),
        )
        for user_id, member in newer.items()
    }


def still_there(
    olds: Mapping[str, Any], there: Collection[str]
) -> tuple[dict[str, list[str]], People]:
    """Who of the declared is there, as they are declared; with exclusive, who else is there too."""
    owned = owned_members(olds)
    ids = ids_by_email(owned)
    by_email = [email for email in olds.get("emails", []) if ids.get(email) in there]
    by_id = [user_id for user_id in olds.get("user_ids", []) if user_id in there]
    present = {*by_id, *(ids[email] for email in by_email)}
    if olds.get("exclusive"):
        by_id += sorted(set(there) - present)
        present = set(there)
    declared: dict[str, list[str]] = {}
    if "emails" in olds:
        declared["emails"] = by_email
    if "user_ids" in olds or by_id:
        declared["user_ids"] = sorted(by_id)
    return declared, {user_id: email_of(owned, user_id) for user_id in present}


def email_of(roster: Roster, user_id: str) -> str | None:
    """The email of a member, where it is known."""
    return roster[user_id].email if user_id in roster else None


def ids_by_email(roster: Roster) -> dict[str, str]:
    """The user ids of the members whose email is known."""
    return {member.email: user_id for user_id, member in roster.items() if member.email}


def entry_of(user_id: str, email: str | None, roster: Roster) -> dict[str, Any]:
    """A member as the outputs list it: what is not known is left out."""
    entry = {"user_id": user_id, "role": _role(roster, user_id), "email": email}
    return {name: value for name, value in entry.items() if value is not None}


def named_person(user_id: str, email: str | None) -> str:
    """Somebody as errors call them."""
    return f"{email} ({user_id})" if email else user_id


def batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as the API takes in one request, one batch after the other."""
    for start in range(0, len(ids), MAX_BATCH_IDS):
        yield ids[start : start + MAX_BATCH_IDS]


def _role(roster: Roster, user_id: str) -> str | None:
    return roster[user_id].role if user_id in roster else None
