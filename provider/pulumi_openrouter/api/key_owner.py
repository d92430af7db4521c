"""Whose key this is: asked once, and checked before the first change."""

from __future__ import annotations

import threading
from collections.abc import Callable

import attrs

from pulumi_openrouter.api.errors import WrongOrganizationError


@attrs.frozen
class Owner:
    """Who a key belongs to; a personal account has no organization."""

    organization_id: str | None


class KeyOwner:
    """The owner of a key, asked for once however many threads want to know.

    Args:
        ask: asks the API for the id of the key's organization.
        expected: the organization that may be changed; None allows that of the key.
    """

    def __init__(self, ask: Callable[[], str | None], expected: str | None) -> None:
        self._ask = ask
        self._expected = expected
        self._owner: Owner | None = None
        self._lock = threading.Lock()

    def organization_id(self) -> str | None:
        """The id of the key's organization; threads that come meanwhile wait for the answer.

        Raises:
            RequestError: the API did not say; the next call asks again.
        """
        if self._owner is None:
            with self._lock:
                if self._owner is None:
                    self._owner = Owner(self._ask())
        return self._owner.organization_id

    def check(self) -> None:
        """Make sure that the key belongs to the organization that may be changed.

        Raises:
            WrongOrganizationError: it belongs to someone else.
            RequestError: the API did not say; the next call asks again.
        """
        if self._expected is None:
            return
        actual = self.organization_id()
        if actual != self._expected:
            raise WrongOrganizationError(actual, self._expected)
