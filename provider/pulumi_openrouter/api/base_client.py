"""What all operations of the API have in common: a key, a base URL, one total time."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pulumi_openrouter.api import deadline
from pulumi_openrouter.api.attempts import Request
from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL, checked_base_url
from pulumi_openrouter.api.errors import NotFoundError
from pulumi_openrouter.api.key import is_key, is_quoted
from pulumi_openrouter.api.key_owner import KeyOwner
from pulumi_openrouter.api.limits import MAX_PAGE_ROWS
from pulumi_openrouter.api.models import CurrentKey, Data, Page
from pulumi_openrouter.api.pages import Pages
from pulumi_openrouter.api.sender import Sender
from pulumi_openrouter.api.session import Bearer

T = TypeVar("T")

DEFAULT_TIMEOUT = 120.0
"""The seconds of an operation, retries included."""
DEFAULT_ALLOWANCE = 30.0
"""The additional seconds for putting back what a failed operation changed."""


class BaseClient:
    """Sends requests with a key to a base URL, safe to share between threads.

    Args:
        key: a management key, sent as bearer token; it appears in no error and no log.
        base_url: https, or http to a loopback address.
        key_origin: where the key comes from, in words: the error about a key that is not
            accepted says "It comes from ..." with them.
        organization_id: the organization that may be changed; None allows that of the key.
        timeout: the seconds that a request, or all requests inside one `operation()`, may take
            with their retries. While the API answers other requests of this process, waiting
            for a turn does not count.
        allowance: the additional seconds for putting back what a failed operation changed.
        connections: how many connections stay open for reuse.
        notify: is told, from another thread, in one line that requests have been failing for
            some seconds and are being retried: once for each operation, and at most twice a
            minute.

    Attributes:
        base_url: the API's address, without a slash at the end.
        timeout: as given.
        allowance: as given.
        clock: the server's clock.
        changes: another number after each begin and end of a request that may change something.

    Raises:
        ValueError: the base URL is unsafe for a key, or the key can't be one.
    """

    def __init__(
        self,
        key: str,
        base_url: str = PUBLIC_BASE_URL,
        *,
        key_origin: str | None = None,
        organization_id: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        allowance: float = DEFAULT_ALLOWANCE,
        connections: int = 32,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        if is_quoted(key):
            raise ValueError("the key has quotes around it: remove them")
        if not is_key(key):
            raise ValueError("the key must be one word of printable ASCII")
        self.timeout = timeout
        self.allowance = allowance
        self.changes = 0
        bearer = Bearer(key, key_origin)
        self._sender = Sender(bearer, self.base_url, timeout, connections, notify)
        self.clock = self._sender.clock
        self._owner = KeyOwner(lambda: self.get_current_key().organization_id, organization_id)
        self._change_numbers = itertools.count(1)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    def operation(self, seconds: float | None = None) -> contextlib.AbstractContextManager[None]:
        """Bound everything that this thread sends inside the block to one total time.

        Args:
            seconds: the total; None takes the client's timeout.
        """
        return deadline.within(self.timeout if seconds is None else seconds)

    def request(
        self,
        method: str,
        path: str,
        returns: type[T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        creates: bool = False,
    ) -> T:
        """Send a request, retry it where that may help, and structure the answer.

        Args:
            method: the HTTP method; anything but GET counts as a change.
            path: what follows the base URL, quoted.
            returns: the model of the answer.
            query: the parameters of the URL.
            body: what to send as JSON.
            creates: whether each request may create another object. A success whose body
                can't be read is then an error at once, which may be applied; it is not repeated.

        Raises:
            WrongOrganizationError: this would be a change, and the key belongs to someone else.
            RequestError: the API refused, or gave no answer, or none of its own.
        """
        request = Request(method, path, query, body, creates)
        if method == "GET":
            return self._sender.send(request, returns)
        self._owner.check()
        self.changes = next(self._change_numbers)
        try:
            return self._sender.send(request, returns)
        finally:
            self.changes = next(self._change_numbers)

    def get_current_key(self) -> CurrentKey:
        """The key in use (getCurrentKey)."""
        return self.request("GET", "/key", Data[CurrentKey]).data

    def organization_id(self) -> str | None:
        """The id of the organization that the key belongs to, None for a personal account.

        The API is asked once, however many threads want to know; where it failed, the next call
        asks again.

        Raises:
            NotFoundError: there is no GET /key. Either the base URL is wrong, or this API doesn't
                tell whose key it is: `reaches_api` knows which.
            RequestError: the API did not say.
        """
        return self._owner.organization_id()

    def check_owner(self) -> None:
        """Make sure that the key belongs to the organization that may be changed, if one is set.

        Raises:
            WrongOrganizationError: it belongs to someone else.
            RequestError: the API did not say whose it is.
        """
        self._owner.check()

    def reaches_api(self) -> bool:
        """Whether the base URL leads to the API: a 404 means nothing where it does not.

        Any earlier success of this client tells; without one, a workspace is listed.

        Raises:
            RequestError: it can't be told, because there was no answer of the API's, or another
                refusal than a 404.
        """
        if not self._sender.has_succeeded:
            try:
                self.request("GET", "/workspaces", Page[Any], query={"offset": 0, "limit": 1})
            except NotFoundError:
                return False
        return True

    def _pages(
        self, path: str, page: type[Page[T]], query: Mapping[str, Any] | None = None, left: int = 1
    ) -> Pages[T]:
        def fetch(offset: int) -> Page[T]:
            bounds = {"offset": offset, "limit": MAX_PAGE_ROWS}
            return self.request("GET", path, page, query={**(query or {}), **bounds})

        return Pages(fetch, left)
