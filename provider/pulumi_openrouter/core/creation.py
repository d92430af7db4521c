"""Makes an object of which the API would make a second one, and never a second one.

Nothing but its id tells such an object apart, so a POST whose answer may be lost is not simply
sent again: what it made is looked for before.
"""

from __future__ import annotations

import abc
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import attrs
from typing_extensions import override

from pulumi_openrouter.api.errors import OpenRouterError, RequestError
from pulumi_openrouter.core.moments import CLOCK_GRACE, moment

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_openrouter.core.context import Context

T = TypeVar("T")

MAX_BAD_ANSWERS = 4
"""One answer may be garbled; a server that garbles each should be reported soon."""


@attrs.define
class Creation(abc.ABC, Generic[T]):
    """A creation that is attempted again only once it is settled what the last attempt made."""

    _context: Context
    _first_sent: float | None = attrs.field(default=None, init=False)
    """When the first attempt was sent whose answer is lost."""

    @abc.abstractmethod
    def post(self) -> T:
        """Send the request once."""

    @abc.abstractmethod
    def settled(self, error: RequestError) -> T | None:
        """Look for what the attempt made; None if there is nothing of it, or no longer.

        Raises:
            OpenRouterError: that can't be found out.
        """

    def made(self) -> T:
        """What an attempt made.

        Raises:
            RequestError: the error of the last attempt, of which nothing is left.
            OpenRouterError: nobody can tell what an attempt made.
        """
        # Only here: nothing else that a preview imports needs the client.
        from pulumi_openrouter.api import backoff, deadline

        attempts = bad_answers = 0
        while True:
            attempts += 1
            try:
                return self.post()
            except RequestError as error:
                if not error.unsettled:
                    raise
                self._first_sent = self._first_sent or error.call.first_sent
                error.unsettled = False
                if (found := self.settled(error)) is not None:
                    return found
                bad_answers += not error.transient
                wait = backoff.wait_seconds(attempts)
                if bad_answers >= MAX_BAD_ANSWERS or wait >= deadline.seconds_left():
                    raise
            time.sleep(wait)

    def since(self) -> datetime | None:
        """When the first attempt was sent whose answer is lost, by the server's clock."""
        sent = self._context.client.clock.at(self._first_sent or 0.0)
        return sent - CLOCK_GRACE if sent else None


class Made(Protocol):
    """What the API makes."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def created_at(self) -> str:
        """When it was made, ISO 8601."""


Object = TypeVar("Object", bound=Made)


class StrayObjectsError(OpenRouterError):
    """Nobody can tell which object a creation made whose answer was lost."""

    def __init__(self, what: str, strays: Collection[Made]) -> None:
        named = ", ".join(f"{stray.id} (created {stray.created_at})" for stray in strays)
        super().__init__(
            f"no answer came, and what it made could be any of these: {named}\n"
            f"Delete each {what} that nobody made, then run `pulumi up` again."
        )


@attrs.define
class ObjectCreation(Creation[Object], Generic[Object]):
    """The creation of one object; one that was made and whose answer was lost is taken.

    Args:
        context: shared by the process.
        what: what it is, with its name: "guardrail 'safe'".
        post: makes it.
        rows: lists where it would be.
        is_like: whether a row has what was sent.
        advice: what to do about one that may be there, where that can't be found out.
        known: the ids of those that were there before, as far as is known.
    """

    _what: str
    _post: Callable[[], Object]
    _rows: Callable[[], list[Object]]
    _is_like: Callable[[Object], bool]
    _advice: str
    _known: Collection[str] = ()
    is_found: bool = attrs.field(default=False, init=False)
    """Whether the object was found rather than answered."""

    def run(self) -> Object:
        """The new object.

        Raises:
            StrayObjectsError: an answer is lost, and nobody can tell what it was about.
            RequestError: there is none; or, where the hint says so, there may be one.
        """
        made = self.made()
        self._context.absence.note_made(made.id)
        return made

    @override
    def post(self) -> Object:
        return self._post()

    @override
    def settled(self, error: RequestError) -> Object | None:
        """What the attempt made, None if it made nothing."""
        try:
            with self._context.client.operation(self._context.client.allowance):
                found = [row for row in self._rows() if self._may_be_ours(row)]
        except RequestError:
            error.unsettled = True
            error.hint = f"There may be a {self._what} now that no state knows: {self._advice}"
            raise error from None
        if len(found) > 1:
            raise StrayObjectsError(self._what, found)
        self.is_found = bool(found)
        return found[0] if found else None

    def _may_be_ours(self, row: Object) -> bool:
        is_known = row.id in self._known or self._context.absence.is_made_here(row.id)
        created, since = moment(row.created_at), self.since()
        is_older = created is None or since is None or created < since
        return not is_known and not is_older and self._is_like(row)
