"""Requests to the real API, and the care for what they make there."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

import attrs
import requests
from typing_extensions import Self

REQUEST_SECONDS = 30.0
MAX_WAIT_SECONDS = 60.0
ATTEMPTS = 3
"""How often a deletion is tried."""
NOT_FOUND = 404
TOO_MANY_REQUESTS = 429
NEVER = "00000000-0000-4000-8000-000000000000"
"""An id that nothing has."""


class NotSeenError(Exception):
    """This account can't show it; the message says why."""


class RefusedError(Exception):
    """An error where a success is assumed; the message is the status, and what the API said."""


@attrs.frozen
class Seen:
    """An answer."""

    status: int
    body: Any
    moment: datetime
    """The server's clock, in whole seconds."""

    @property
    def data(self) -> Any:
        """What is under `data`.

        Raises:
            RefusedError: it is an error.
        """
        self.check()
        return self.body["data"]

    def check(self) -> None:
        """Raise RefusedError if it is an error."""
        if self.status >= 300:
            raise RefusedError(f"{self.status} {self.message}".strip())

    @property
    def message(self) -> str:
        """The API's words about an error."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return str(error.get("message", "")) if isinstance(error, dict) else ""


PROVIDER_KEY = "sk-live-check-0000000000000000"
"""A key that no provider gave."""


class Probe:
    """Looks at an account, in a workspace of its own, and deletes all that it made.

    Args:
        key: a management key.
        base_url: where the API is.
        wait: waits for so many seconds.
    """

    def __init__(self, key: str, base_url: str, wait: Callable[[float], None] = time.sleep) -> None:
        self.refused = 0
        """How many requests were too many."""
        self._key = key
        self._base_url = base_url
        self._wait = wait
        self._session = requests.Session()
        self._made: list[str] = []
        self._provider_keys: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._clean_up()
        self._session.close()

    def get(self, path: str, **query: Any) -> Seen:
        """GET with these parameters."""
        return self.call("GET", path, query=query)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Seen:
        """Any request, sent again where it came too soon."""
        while True:
            answer = self._session.request(
                method,
                self._base_url + path,
                headers={"Authorization": f"Bearer {key or self._key}"},
                json=body,
                params=query,
                timeout=REQUEST_SECONDS,
                allow_redirects=False,
            )
            if answer.status_code != TOO_MANY_REQUESTS:
                return _seen(answer)
            self.refused += 1
            self._wait(_seconds_to_wait(answer))

    def rows(self, path: str, **query: Any) -> list[Any]:
        """All rows of a list."""
        found: list[Any] = []
        while page := self.get(path, offset=len(found), **query).data:
            found += page
        return found

    # What it makes

    def make_workspace(self, **fields: Any) -> Seen:
        """A workspace that is deleted in the end, even if this answer is lost."""
        fields = {"name": "Live check", "slug": new_slug(), **fields}
        self._made.append(fields["slug"])
        made = self.call("POST", "/workspaces", fields)
        if made.status < 300:
            self._made[-1] = made.data["id"]
        return made

    def make_key(self, **fields: Any) -> Seen:
        """An API key that can't spend; it goes with its workspace."""
        given = {"name": new_slug(), "limit": 0, "workspace_id": self.id, **fields}
        return self.call("POST", "/keys", given)

    def make_guardrail(self, **fields: Any) -> Seen:
        """A guardrail; it goes with its workspace."""
        return self.call(
            "POST", "/guardrails", {"name": new_slug(), "workspace_id": self.id, **fields}
        )

    def make_provider_key(self, workspace_id: str) -> Seen:
        """A provider key that opens nothing, and is deleted in the end."""
        body = {"provider": "openai", "key": PROVIDER_KEY, "workspace_id": workspace_id}
        made = self.call("POST", "/byok", body)
        if made.status < 300:
            self._provider_keys.append(str(made.data["id"]))
        return made

    @cached_property
    def workspace(self) -> dict[str, Any]:
        """The workspace that most is tried in."""
        return dict(self.make_workspace().data)

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.workspace["id"])

    @property
    def path(self) -> str:
        """Its path."""
        return f"/workspaces/{self.id}"

    @cached_property
    def user_id(self) -> str:
        """Somebody in the organization.

        Raises:
            NotSeenError: a personal account has nobody.
        """
        people = self.get("/organization/members", limit=1)
        if people.status == NOT_FOUND:
            raise NotSeenError("a personal account has no members")
        return str(people.data[0]["id"])

    @contextlib.contextmanager
    def joined(self) -> Iterator[str]:
        """Somebody who is in its workspace for a while."""
        body = {"user_ids": [self.user_id]}
        self.call("POST", f"{self.path}/members/add", body)
        try:
            yield self.user_id
        finally:
            self.call("POST", f"{self.path}/members/remove", body)

    # Afterwards

    def _clean_up(self) -> None:
        """Delete every workspace with its keys; one that stays keeps no other."""
        things = {
            **{f"provider key {ref}": f"/byok/{ref}" for ref in self._provider_keys},
            **{f"workspace {ref}": f"/workspaces/{ref}" for ref in self._made},
        }
        left = [why for what, path in things.items() if (why := self._why_it_stays(what, path))]
        if left:
            raise RuntimeError(f"still there, please delete: {', '.join(left)}")

    def _why_it_stays(self, what: str, path: str) -> str:
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                self._delete(path)
            except (requests.RequestException, RefusedError) as error:
                reason = f"{what} ({error})"
            else:
                return ""
        return reason

    def _delete(self, path: str) -> None:
        found = self.get(path)
        if found.status == NOT_FOUND:
            return
        for inner in (*self._inside(path, found.data["id"]), path):
            self.call("DELETE", inner).check()

    def _inside(self, path: str, ref: str) -> list[str]:
        """What holds a workspace back, or may outlive it."""
        if not path.startswith("/workspaces/"):
            return []
        keys = self.rows("/keys", workspace_id=ref, include_disabled="true")
        theirs = self.rows("/byok", workspace_id=ref)
        return [f"/keys/{key['hash']}" for key in keys] + [f"/byok/{key['id']}" for key in theirs]


def new_slug() -> str:
    """A name that nobody else has."""
    return f"live-check-{secrets.token_hex(8)}"


def _seen(answer: requests.Response) -> Seen:
    try:
        body = answer.json()
    except ValueError:
        body = None
    date = answer.headers.get("Date")
    moment = parsedate_to_datetime(date) if date else datetime.now(timezone.utc)
    return Seen(answer.status_code, body, moment)


def _seconds_to_wait(answer: requests.Response) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), MAX_WAIT_SECONDS) if asked.isdecimal() else 1.0
