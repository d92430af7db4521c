"""Whom a guardrail governs: keys and members, looked at before they are moved."""

from __future__ import annotations

import abc
import functools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from typing_extensions import override

from pulumi_openrouter.api.errors import BadRequestError, OpenRouterError, RequestError, one_line
from pulumi_openrouter.core import guardrail_claims
from pulumi_openrouter.core.people import People, batches, named_person

if TYPE_CHECKING:
    from pulumi_openrouter.core.context import Context
    from pulumi_openrouter.core.guardrail_claims import Declared, Who
    from pulumi_openrouter.core.undo import Undo

T = TypeVar("T")

Ask = Callable[[Callable[[], Any]], Any]
"""Asks something about the guardrail, of which the API may not have heard yet."""


class HeldElsewhereError(OpenRouterError):
    """Keys or members have another guardrail, from which they would be moved silently."""

    def __init__(self, held: Mapping[str, str]) -> None:
        named = "; ".join(f"{name} has guardrail {holder}" for name, holder in held.items())
        super().__init__(
            f"a key or member has one guardrail at the most, and {named}\n"
            "Take them out of that one first, or drop them here. A resource that was only renamed "
            "in the program needs an alias instead."
        )


class UnknownKeysError(OpenRouterError):
    """Some hashes name no API key."""

    def __init__(self, hashes: Iterable[str]) -> None:
        super().__init__(
            f"OpenRouter knows no API key with this hash: {', '.join(hashes)}\n"
            "`pulumi-openrouter show --json` prints the hashes."
        )


@attrs.frozen
class Row:
    """Somebody whom a guardrail governs."""

    ref: str
    """The hash of a key, or the user id of a member."""
    name: str
    guardrail_id: str


@attrs.frozen
class Change:
    """Who leaves a guardrail and who comes, and from which other ones they are taken."""

    assignments: Assignments
    removals: Collection[str]
    additions: Collection[str]
    holders: Mapping[str, str]

    def remove(self, undo: Undo) -> None:
        """Free those who leave."""
        self.assignments.remove(undo, self.removals)

    def add(self, undo: Undo, guardrail_id: str, ask: Ask) -> None:
        """Assign those who come, to a guardrail that may be new."""
        assignments = attrs.evolve(self.assignments, guardrail_id=guardrail_id, ask=ask)
        assignments.add(undo, self.additions, self.holders)


@attrs.define
class Assignments(abc.ABC):
    """Those of one kind whom a guardrail governs, and the requests that change it.

    Args:
        context: shared by the process.
        declared: how the program tells the guardrail apart.
        guardrail_id: its id.
        ask: asks something about it.
        people: the emails of those who are declared, by user id.
    """

    context: Context
    declared: Declared
    guardrail_id: str
    ask: Ask
    people: People = attrs.field(factory=dict)

    @abc.abstractmethod
    def rows(self, guardrail_id: str | None) -> list[Row]:
        """Whom a guardrail governs, or all guardrails of the account."""

    @abc.abstractmethod
    def assign(self, guardrail_id: str, refs: Sequence[str]) -> None:
        """Let a guardrail govern these."""

    @abc.abstractmethod
    def free(self, refs: Sequence[str]) -> None:
        """Let this guardrail govern these no longer."""

    @abc.abstractmethod
    def spellings(self, ref: str) -> list[Who]:
        """Somebody as programs may name them."""

    def explained(self, refs: Sequence[str], error: BadRequestError) -> OpenRouterError:
        """Why these are refused; if nobody can say, the error is the better news."""
        return error

    def check_known(self, refs: Sequence[str]) -> None:  # noqa: B027  # optional
        """Make sure that all that were assigned exist."""

    def there(self) -> dict[str, Row]:
        """Whom this guardrail governs now."""
        found: list[Row] = self.ask(functools.partial(self.rows, self.guardrail_id))
        return {row.ref: row for row in found}

    def holders(self, additions: Collection[str]) -> dict[str, str]:
        """The other guardrails of this stack from which these are taken.

        Raises:
            HeldElsewhereError: some are in a guardrail that does not give them up.
        """
        if not additions:
            return {}
        held = {row.ref: row for row in self._others(additions)}
        claims, patience = self.context.claims.guardrails, self.context.patience
        stuck = [
            row
            for row in held.values()
            if not claims.gives_up(row.guardrail_id, self.spellings(row.ref), patience)
        ]
        if stuck:
            raise HeldElsewhereError({row.name: self._named(row.guardrail_id) for row in stuck})
        return {ref: row.guardrail_id for ref, row in held.items()}

    def planned(
        self,
        wanted: Collection[str],
        owned: Collection[str],
        there: Mapping[str, Row] | None,
        *,
        exclusive: bool,
    ) -> Change:
        """What leads from whom the guardrail governs to whom it is to govern.

        Whoever was taken out meanwhile stays out until a refresh brings that into view.

        Args:
            wanted: who is declared.
            owned: who was declared before.
            there: whom it governs; None where that needs no look.
            exclusive: whether nobody else may stay.

        Raises:
            HeldElsewhereError: some are in a guardrail that does not give them up.
        """
        if there is None:
            return Change(self, set(), set(), {})
        additions = set(wanted) - set(there) - (set() if exclusive else set(owned))
        dropped = set(there) if exclusive else set(there) & set(owned)
        return Change(self, dropped - set(wanted), additions, self.holders(additions))

    def remove(self, undo: Undo, removals: Collection[str]) -> None:
        """Free these, batch by batch."""
        for batch in batches(sorted(removals)):
            with undo.step(functools.partial(self._give_back, batch)):
                self.ask(functools.partial(self.free, batch))

    def add(self, undo: Undo, additions: Collection[str], holders: Mapping[str, str]) -> None:
        """Assign these, batch by batch."""
        for batch in batches(sorted(additions)):
            with undo.step(functools.partial(self._take_back, batch, holders)):
                self.ask(functools.partial(self._assigned, batch))
            self.check_known(batch)

    def _others(self, additions: Collection[str]) -> list[Row]:
        rows = self.rows(None)
        return [
            row for row in rows if row.ref in additions and row.guardrail_id != self.guardrail_id
        ]

    def _assigned(self, batch: Sequence[str]) -> None:
        try:
            self.assign(self.guardrail_id, batch)
        except BadRequestError as error:
            raise self.explained(batch, error) from None

    def _take_back(self, batch: Sequence[str], holders: Mapping[str, str]) -> None:
        """Free a batch, and give those back who were taken from another guardrail."""
        self.free(batch)
        by_holder: defaultdict[str, list[str]] = defaultdict(list)
        for ref in batch:
            if ref in holders:
                by_holder[holders[ref]].append(ref)
        for holder, refs in by_holder.items():
            self.assign(holder, refs)

    def _give_back(self, batch: Sequence[str]) -> None:
        """Assign a batch again, except whom another guardrail of the program declares."""
        claims = self.context.claims.guardrails
        ours = [
            ref
            for ref in batch
            if not claims.governed_by_another(self.declared, self.spellings(ref))
        ]
        if ours:
            self.assign(self.guardrail_id, ours)

    def _named(self, guardrail_id: str) -> str:
        try:
            found = self.context.client.guardrails.find(guardrail_id)
        except RequestError:
            found = None
        return f"{one_line(found.name)!r} ({guardrail_id})" if found else guardrail_id


class KeyAssignments(Assignments):
    """The API keys that a guardrail governs."""

    @override
    def rows(self, guardrail_id: str | None) -> list[Row]:
        rows = self.context.client.guardrails.list_keys(guardrail_id)
        return [
            Row(row.key_hash, f"{one_line(row.key_name)} ({row.key_label})", row.guardrail_id)
            for row in rows
        ]

    @override
    def assign(self, guardrail_id: str, refs: Sequence[str]) -> None:
        self._count = self.context.client.guardrails.assign_keys(guardrail_id, refs)

    @override
    def free(self, refs: Sequence[str]) -> None:
        self.context.client.guardrails.unassign_keys(self.guardrail_id, refs)

    @override
    def spellings(self, ref: str) -> list[Who]:
        return [guardrail_claims.key(ref)]

    @override
    def check_known(self, refs: Sequence[str]) -> None:
        if self._count < len(refs):
            there = self.there()
            if missing := [ref for ref in refs if ref not in there]:
                raise UnknownKeysError(missing)

    @override
    def explained(self, refs: Sequence[str], error: BadRequestError) -> OpenRouterError:
        workspace_id = str(self.declared[0])
        try:
            keys = self.context.client.keys.pages(workspace_id).rows()
        except RequestError:
            return error
        if not (foreign := sorted(set(refs) - {each.hash for each in keys})):
            return error
        return OpenRouterError(
            f"not in the workspace of the guardrail: API key {', '.join(foreign)}\n"
            "Move them there, or drop them here."
        )


class MemberAssignments(Assignments):
    """The members that a guardrail governs."""

    @override
    def rows(self, guardrail_id: str | None) -> list[Row]:
        rows = self.context.client.guardrails.list_members(guardrail_id)
        return [Row(row.user_id, self.name_of(row.user_id), row.guardrail_id) for row in rows]

    @override
    def assign(self, guardrail_id: str, refs: Sequence[str]) -> None:
        self.context.client.guardrails.assign_members(guardrail_id, refs)

    @override
    def free(self, refs: Sequence[str]) -> None:
        self.context.client.guardrails.unassign_members(self.guardrail_id, refs)

    @override
    def spellings(self, ref: str) -> list[Who]:
        names = [ref, self.people.get(ref)]
        workspace_id = str(self.declared[0])
        return [guardrail_claims.member(workspace_id, name) for name in names if name]

    def name_of(self, ref: str) -> str:
        """Somebody as people call them."""
        return named_person(ref, self.people.get(ref))

    @override
    def explained(self, refs: Sequence[str], error: BadRequestError) -> OpenRouterError:
        try:
            members = self.context.client.list_members(str(self.declared[0]))
        except RequestError:
            return error
        if not (strangers := sorted(set(refs) - {each.user_id for each in members})):
            return error
        return OpenRouterError(
            f"not members of the workspace: {', '.join(map(self.name_of, strangers))}\n"
            "Add them with a WorkspaceMembership, and make this one depend on it (depends_on)."
        )

    @override
    def _others(self, additions: Collection[str]) -> list[Row]:
        """Whoever has another guardrail in this workspace: one elsewhere is not in the way."""
        rows = super()._others(additions)
        if not rows:
            return rows
        here = {each.id for each in self.context.client.guardrails.list_in(str(self.declared[0]))}
        return [row for row in rows if row.guardrail_id in here]
