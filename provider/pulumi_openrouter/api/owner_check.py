"""Whose key this is, checked before the first change."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pulumi_openrouter.api.errors import WrongOrganizationError


class OwnerCheck:
    """Makes sure once that the key belongs to the organization that may be changed.

    Args:
        organization_id: the organization that may be changed; None allows that of the key.
    """

    def __init__(self, organization_id: str | None) -> None:
        self._organization_id = organization_id
        self._is_done = organization_id is None
        self._lock = threading.Lock()

    def run(self, owner_id: Callable[[], str | None]) -> None:
        """Check the key unless it has passed already; threads that come meanwhile wait.

        Args:
            owner_id: asks the API for the key's organization, None for a personal account.

        Raises:
            WrongOrganizationError: the key belongs to someone else.
            RequestError: the API did not say; the next call asks again.
        """
        if self._is_done or self._organization_id is None:
            return
        with self._lock:
            if self._is_done:
                return
            actual = owner_id()
            if actual != self._organization_id:
                raise WrongOrganizationError(actual, self._organization_id)
            self._is_done = True
