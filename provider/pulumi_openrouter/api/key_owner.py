"""Whose key this is: asked once, and checked before the first change."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

from pulumi_openrouter.api.errors import NotFoundError, WrongOrganizationError

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client
    from pulumi_openrouter.api.sender import Sender


@attrs.frozen
class Owner:
    """Who a key belongs to; a personal account has no organization."""

    organization_id: str | None


class KeyOwner:
    """The owner of a key, asked for once however many threads want to know.

    Args:
        client: asks the API.
        expected: the organization that may be changed; None allows that of the key.
        sender: knows whether the API was ever reached.
    """

    def __init__(self, client: Client, expected: str | None, sender: Sender) -> None:
        self._client = client
        self._expected = expected
        self._sender = sender
        self._owner: Owner | None = None
        self._lock = threading.Lock()

    def organization_id(self) -> str | None:
        """The id of the organization that the key belongs to, None for a personal account.

        Threads that come meanwhile wait for the answer; where the question failed, the next call
        asks again.

        Raises:
            NotFoundError: there is no GET /key. Either the base URL is wrong, or this API doesn't
                tell whose key it is: `reaches_api` knows which.
            RequestError: the API did not say.
        """
        if self._owner is None:
            with self._lock:
                if self._owner is None:
                    self._owner = Owner(self._client.get_current_key().organization_id)
        return self._owner.organization_id

    def check(self) -> None:
        """Make sure that the key belongs to the organization that may be changed, if one is set.

        Raises:
            WrongOrganizationError: it belongs to someone else.
            RequestError: the API did not say; the next call asks again.
        """
        if self._expected is None:
            return
        actual = self.organization_id()
        if actual != self._expected:
            raise WrongOrganizationError(actual, self._expected)

    def reaches_api(self) -> bool:
        """Whether the base URL leads to the API: a 404 means nothing where it does not.

        Any earlier success of the client tells; without one, workspaces are listed.

        Raises:
            RequestError: it can't be told, because there was no answer of the API's, or another
                refusal than a 404.
        """
        if not self._sender.has_succeeded:
            try:
                self._client.pages_of_workspaces().fetch()
            except NotFoundError:
                return False
        return True
