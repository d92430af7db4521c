"""What this run declares, this run never deletes.

The engine deletes last, also where another resource stands for the same object by then:
one renamed without an alias, one replaced by itself, an interval or a member that moved
from one resource to another. A process serves one run, so it can remember what it was told.

A value that is still unknown claims nothing: it is unknown in previews alone, which delete
nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator

import attrs

from pulumi_openrouter.core.guardrail_claims import GuardrailClaims
from pulumi_openrouter.core.kinds import Unknown

Known = str | Unknown


@attrs.define
class _Children:
    """What is declared in a workspace."""

    intervals: set[str] = attrs.Factory(set)
    user_ids: set[str] = attrs.Factory(set)
    emails: set[str] = attrs.Factory(set)


class Claims:
    """What the resources of this run stand for; safe to share between threads.

    Attributes:
        guardrails: which guardrail governs whom.
    """

    def __init__(self) -> None:
        self.guardrails = GuardrailClaims()
        self._lock = threading.Lock()
        self._slugs: set[str] = set()
        self._workspaces: set[str] = set()
        self._compared: defaultdict[str, set[str]] = defaultdict(set)
        self._uncreated: set[str] = set()
        self._children: defaultdict[str, _Children] = defaultdict(_Children)
        self._keys: set[str] = set()
        self._taken_keys: set[str] = set()
        self._known_keys: set[str] = set()
        self._checked_keys: set[str] = set()

    # Workspaces

    def claim_slug(self, slug: Known) -> None:
        """A resource of the program has this slug."""
        with self._lock:
            if not isinstance(slug, Unknown):
                self._slugs.add(slug)

    def claim_compared(self, slug: Known, workspace_id: str) -> None:
        """The engine compares a resource with its workspace, which thus stays.

        Only where the program declares the slug: a refresh compares too, and declares nothing.
        """
        with self._lock:
            if not isinstance(slug, Unknown) and slug in self._slugs:
                self._workspaces.add(workspace_id)
                self._compared[slug].add(workspace_id)

    def claim_workspace(self, workspace_id: str) -> None:
        """A resource of this run made or adopted this workspace."""
        with self._lock:
            self._workspaces.add(workspace_id)

    def release_replaced(self, slug: Known) -> None:
        """A resource with this slug is made anew: the workspace it had may go.

        The engine checks a replacement like something new, after it compared the old one.
        """
        with self._lock:
            if not isinstance(slug, Unknown):
                self._workspaces -= self._compared.pop(slug, set())

    @contextlib.contextmanager
    def creating(self, slug: str) -> Iterator[None]:
        """A workspace with this slug is being made or adopted; if that fails, it stays declared."""
        with self._lock:
            self._uncreated.add(slug)
        yield
        with self._lock:
            self._uncreated.discard(slug)

    def keeps_workspace(self, workspace_id: str) -> bool:
        """Whether a resource of this run stands for the workspace."""
        with self._lock:
            return workspace_id in self._workspaces

    def failed_to_create(self, slug: str) -> bool:
        """Whether a resource of this run should have taken over this slug, and could not."""
        with self._lock:
            return slug in self._uncreated

    # Budgets and members

    def claim_interval(self, workspace_id: Known, interval: str) -> None:
        """A resource declares the budget of an interval."""
        with self._lock:
            if not isinstance(workspace_id, Unknown):
                self._children[workspace_id].intervals.add(interval)

    def claim_user_ids(self, workspace_id: Known, user_ids: Iterable[Known]) -> None:
        """A resource declares members by user id."""
        with self._lock:
            if not isinstance(workspace_id, Unknown):
                self._children[workspace_id].user_ids.update(_known(user_ids))

    def claim_emails(self, workspace_id: Known, emails: Iterable[Known]) -> None:
        """A resource declares members by email."""
        with self._lock:
            if not isinstance(workspace_id, Unknown):
                self._children[workspace_id].emails.update(_known(emails))

    def keeps_interval(self, workspace_id: str, interval: str) -> bool:
        """Whether a resource declares the budget of an interval."""
        with self._lock:
            return interval in self._children[workspace_id].intervals

    def user_ids_in(self, workspace_id: str) -> set[str]:
        """Who is declared by user id."""
        with self._lock:
            return set(self._children[workspace_id].user_ids)

    def emails_in(self, workspace_id: str) -> set[str]:
        """Who is declared by email."""
        with self._lock:
            return set(self._children[workspace_id].emails)

    def has_children(self, workspace_id: str) -> bool:
        """Whether a resource declares budgets or members of the workspace."""
        with self._lock:
            children = self._children[workspace_id]
            return bool(children.intervals or children.user_ids or children.emails)

    # API keys

    def claim_key(self, key_hash: Known) -> None:
        """A resource of the program stands for this key, which somebody else made."""
        with self._lock:
            if not isinstance(key_hash, Unknown):
                self._keys.add(key_hash)

    def keeps_key(self, key_hash: str) -> bool:
        """Whether a resource of this run stands for the key."""
        with self._lock:
            return key_hash in self._keys

    def take_key(self, key_hash: str) -> bool:
        """Note that a resource takes this key over; False where another one of this run did."""
        with self._lock:
            is_free = key_hash not in self._taken_keys
            self._taken_keys.add(key_hash)
            return is_free

    def note_known_key(self, key_hash: str) -> None:
        """The state has this key, so no creation of this run made it."""
        with self._lock:
            self._known_keys.add(key_hash)

    def knows_key(self, key_hash: str) -> bool:
        """Whether a resource of this run, or of its state, has the key."""
        with self._lock:
            return key_hash in self._keys | self._known_keys

    def note_checked_key(self, inputs: str) -> None:
        """The program declares a key with these inputs; a refresh checks nothing."""
        with self._lock:
            self._checked_keys.add(inputs)

    def has_checked_key(self, inputs: str) -> bool:
        """Whether the program declares a key with these inputs."""
        with self._lock:
            return inputs in self._checked_keys


def _known(values: Iterable[Known]) -> Iterator[str]:
    return (value for value in values if not isinstance(value, Unknown))
