"""Who is in the organization: asked once a process, however many threads want to know."""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import ForbiddenError, NotFoundError

if TYPE_CHECKING:
    from pulumi_openrouter.api.models import OrganizationMember


def canonical_email(email: str) -> str:
    """The one spelling of an address that is compared: Unicode NFC, in lower case."""
    return unicodedata.normalize("NFC", email).lower()


class Directory:
    """The members of the organization, fetched at the first question.

    Somebody without an email can't be found by email, and disturbs nobody.
    """

    def __init__(self, fetch: Callable[[], list[OrganizationMember]]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._members: list[OrganizationMember] | None = None

    def members(self) -> list[OrganizationMember]:
        """Everybody; a fetch that failed is tried again at the next question."""
        with self._lock:
            if self._members is None:
                self._members = self._asked()
            return self._members

    def _asked(self) -> list[OrganizationMember]:
        try:
            return self._fetch()
        except NotFoundError as error:
            error.hint = "This key belongs to a personal account, which has no members."
            raise

    def ids_by_email(self) -> dict[str, str]:
        """The user id of each email, in its canonical spelling."""
        return {email: user_id for user_id, email in self._emails().items()}

    def emails_by_id(self) -> dict[str, str]:
        """The email of each user id, where it is known and nobody else's."""
        try:
            emails = self._emails()
        except (NotFoundError, ForbiddenError):
            return {}
        holders = Counter(emails.values())
        return {user_id: email for user_id, email in emails.items() if holders[email] == 1}

    def strangers(self, user_ids: Iterable[str]) -> list[str]:
        """Those who are not in the organization."""
        known = {member.id for member in self.members()}
        return sorted(set(user_ids) - known)

    def _emails(self) -> dict[str, str]:
        return {
            member.id: canonical_email(member.email) for member in self.members() if member.email
        }
