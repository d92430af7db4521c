"""Makes an object of which the API would make a second one, and never a second one.

Nothing but its id tells such an object apart. So a POST whose answer is lost is followed by a look:
the one object that can only be what it made is taken, and only if there is none it is sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import attrs

from pulumi_openrouter.api.errors import OpenRouterError, RequestError
from pulumi_openrouter.core.moments import CLOCK_GRACE, moment

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_openrouter.core.context import Context

MAX_BAD_ANSWERS = 4
"""One answer may be garbled; a server that garbles each should be reported soon."""


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
class Creation(Generic[Object]):
    """The creation of one object.

    Args:
        context: shared by the process.
        what: what it is, with its name: "guardrail 'safe'".
        post: makes it.
        rows: lists where it would be.
        is_like: whether a row has what was sent.
        advice: what to do about one that may be there, where that can't be found out.
        known: the ids of those that were there before, as far as is known.
    """

    _context: Context
    _what: str
    _post: Callable[[], Object]
    _rows: Callable[[], list[Object]]
    _is_like: Callable[[Object], bool]
    _advice: str
    _known: Collection[str] = ()
    _first_sent: float = 0.0

    def run(self) -> tuple[Object, bool]:
        """The new object, and whether it was found rather than answered.

        Raises:
            StrayObjectsError: an answer is lost, and nobody can tell what it was about.
            RequestError: there is none; or, where the hint says so, there may be one.
        """
        made, is_found = self._made()
        self._context.absence.note_made(made.id)
        return made, is_found

    def _made(self) -> tuple[Object, bool]:
        # Only here: nothing else that a preview imports needs the client.
        from pulumi_openrouter.api import backoff, deadline

        attempts = bad_answers = 0
        while True:
            attempts += 1
            try:
                return self._post(), False
            except RequestError as error:
                if not error.unsettled:
                    raise
                if found := self._found_after(error):
                    return found, True
                bad_answers += not error.transient
                wait = backoff.wait_seconds(attempts)
                if bad_answers >= MAX_BAD_ANSWERS or wait >= deadline.seconds_left():
                    raise
            time.sleep(wait)

    def _found_after(self, error: RequestError) -> Object | None:
        """What the attempt made, None if it made nothing."""
        self._first_sent = self._first_sent or error.call.first_sent
        error.unsettled = False
        try:
            with self._context.client.operation(self._context.client.allowance):
                found = [row for row in self._rows() if self._may_be_ours(row)]
        except RequestError:
            error.unsettled = True
            error.hint = f"There may be a {self._what} now that no state knows: {self._advice}"
            raise error from None
        if len(found) > 1:
            raise StrayObjectsError(self._what, found)
        return found[0] if found else None

    def _may_be_ours(self, row: Object) -> bool:
        is_known = row.id in self._known or self._context.absence.is_made_here(row.id)
        created, since = moment(row.created_at), self._since()
        is_older = created is None or since is None or created < since
        return not is_known and not is_older and self._is_like(row)

    def _since(self) -> datetime | None:
        """When the first attempt was sent, by the server's clock."""
        sent = self._context.client.clock.at(self._first_sent)
        return sent - CLOCK_GRACE if sent else None
