"""Whether a 404 says that something is gone.

It also comes from another organization's point of view, from a wrong base URL, and for a moment
from an API that has not heard yet of what was just made. None of these may empty a state.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from pulumi_openrouter.api.errors import NotFoundError
from pulumi_openrouter.core.failures import OtherOrganizationError
from pulumi_openrouter.core.moments import moment

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client

T = TypeVar("T")

YOUNG = timedelta(minutes=1)
"""How long ago something was made of which the API may not have heard everywhere."""
PATIENCE_SECONDS = 3.0
PAUSE_SECONDS = 0.25


class Absence:
    """Decides when a 404 is believed; the threads of a process share it.

    Args:
        client: the API.
        patience: the seconds for which a 404 of something that was just made is asked for again;
            0 believes it at once.
    """

    def __init__(self, client: Callable[[], Client], patience: float = PATIENCE_SECONDS) -> None:
        self._client = client
        self._patience = patience
        self._lock = threading.Lock()
        self._made_here: set[str] = set()
        self._tells_no_owner = False

    # Whose key it is

    def organization_id(self) -> str | None:
        """The organization of the key, asked once a process.

        None for a personal account, and where the API does not tell.

        Raises:
            RequestError: the API did not answer, or the base URL leads elsewhere.
        """
        if self._tells_no_owner:
            return None
        try:
            return self._client().owner.organization_id()
        except NotFoundError:
            if not self._client().owner.reaches_api():
                raise
            self._tells_no_owner = True
            return None

    def confirm(self, made_in: str | None) -> None:
        """Make sure that a 404 is an answer to the question, before anything is called gone.

        Args:
            made_in: the organization in which the state was made; None where it does not say.

        Raises:
            OtherOrganizationError: the key belongs to another one.
            WrongOrganizationError: so it does, by the settings.
            RequestError: whose key it is could not be found out.
        """
        actual = self.organization_id()
        self._client().owner.check()
        if made_in is not None and actual is not None and actual != made_in:
            raise OtherOrganizationError(actual, made_in)

    # Just made

    def note_made(self, object_id: str) -> None:
        """This run made an object."""
        with self._lock:
            self._made_here.add(object_id)

    def is_made_here(self, object_id: str) -> bool:
        """Whether this run made the object."""
        with self._lock:
            return object_id in self._made_here

    def may_be_early(self, object_id: str, created_at: str | None) -> bool:
        """Whether a 404 may only say that the API has not heard of the object yet."""
        is_young = self.is_made_here(object_id) or self._is_young(created_at)
        return is_young and self._patience > 0

    def asked_again(self, ask: Callable[[], T]) -> T:
        """The answer to a question that was a 404 a moment ago, asked for as long as it is one.

        Raises:
            NotFoundError: it was still a 404 in the end.
        """
        # Only here: nothing else that a preview imports needs the client.
        from pulumi_openrouter.api import deadline

        # Half of what the operation has left, so that there is time to say what came of it.
        left = deadline.seconds_left() / 2 if deadline.is_set() else self._patience
        ends_at = time.monotonic() + min(self._patience, left)
        while True:
            time.sleep(PAUSE_SECONDS)
            try:
                return ask()
            except NotFoundError:
                if time.monotonic() >= ends_at:
                    raise

    def _is_young(self, created_at: str | None) -> bool:
        """Whether something was made a moment ago, by the server's clock."""
        now = self._client().clock.at(time.monotonic())
        created = moment(created_at or "")
        return now is not None and created is not None and now - created < YOUNG
