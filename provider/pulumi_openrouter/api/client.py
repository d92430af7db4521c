"""The client: one `request()` owns key, time-outs, retries and decoding.

Every operation below names the API operation it is. All of them raise
`RequestError` (`ApiError` by status, `NoAnswerError`, `BadAnswerError`).
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import math
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args, get_origin
from urllib.parse import quote, urlsplit

import attrs
import cattrs
import requests
import tenacity
from requests.adapters import HTTPAdapter

from pulumi_openrouter.api import models, retry
from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL, checked_base_url
from pulumi_openrouter.api.clock import ServerClock
from pulumi_openrouter.api.errors import (
    INFERENCE_KEY_HINT,
    RETRIED_STATUSES,
    BadAnswerError,
    Call,
    NoAnswerError,
    OpenRouterError,
    error_class,
)
from pulumi_openrouter.api.key import is_key

T = TypeVar("T")

DEFAULT_TIMEOUT = 120.0
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
LEAST_TIMEOUT = 2.0
"""What an attempt has at least, however late it begins: with less, its answer would be lost."""
PAGE = 100
BATCH = 100
"""The most user ids that one request to add or remove members may carry."""

log = logging.getLogger("pulumi_openrouter.api")


class Client:
    """The workspaces API of OpenRouter, safe to share between threads.

    Args:
        key: a management key; sent as bearer token, found in no error and no log.
        base_url: https, or http to a loopback address.
        timeout: the seconds that one request, or all requests inside one `operation()`,
            may take with all their retries.
        connections: how many connections are kept open for reuse.

    Raises:
        ValueError: the base URL is not one that a key should be sent to, or the key cannot be one.
    """

    def __init__(
        self,
        key: str,
        base_url: str = PUBLIC_BASE_URL,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        connections: int = 32,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self.timeout = timeout
        if not is_key(key):
            raise ValueError("the key must be one word of printable ASCII")
        self._auth = _Bearer(key)
        self.clock = ServerClock()
        self._gate = retry.Gate()
        self._backoff = retry.backoff(self._gate)
        self._session = _session(connections)

    def __repr__(self) -> str:
        return f"Client({self.base_url!r})"

    @contextlib.contextmanager
    def operation(self, seconds: float | None = None) -> Iterator[None]:
        """Bound everything this thread sends inside to one total of `seconds`."""
        token = _deadline.set(time.monotonic() + (seconds or self.timeout))
        try:
            yield
        finally:
            _deadline.reset(token)

    # Workspaces

    def list_workspaces(self) -> list[models.Workspace]:
        """All workspaces (listWorkspaces)."""
        return self._all("/workspaces", models.Workspace)

    def create_workspace(self, body: Mapping[str, Any]) -> models.Workspace:
        """Create a workspace (createWorkspace)."""
        return self.request("POST", "/workspaces", models.Data[models.Workspace], body=body).data

    def get_workspace(self, ref: str) -> models.Workspace:
        """A workspace by id or slug (getWorkspace)."""
        return self.request("GET", _workspace(ref), models.Data[models.Workspace]).data

    def update_workspace(self, ref: str, body: Mapping[str, Any]) -> models.Workspace:
        """Change the given fields of a workspace, null clears (updateWorkspace)."""
        answer = self.request("PATCH", _workspace(ref), models.Data[models.Workspace], body=body)
        return answer.data

    def delete_workspace(self, ref: str) -> None:
        """Delete a workspace with its budgets and guardrails (deleteWorkspace)."""
        self.request("DELETE", _workspace(ref), models.Deleted)

    # Budgets

    def list_budgets(self, ref: str) -> models.Budgets:
        """The budgets of a workspace (listWorkspaceBudgets); 404 also when there are none."""
        return self.request("GET", _workspace(ref, "budgets"), models.Budgets)

    def get_budget(self, ref: str, interval: str) -> models.OneBudget:
        """The budget of one interval (getWorkspaceBudget)."""
        return self.request("GET", _workspace(ref, "budgets", interval), models.OneBudget)

    def set_budget(
        self, ref: str, interval: str, limit_usd: float, include_byok: bool | None = None
    ) -> models.OneBudget:
        """Set the limit of one interval in USD (upsertWorkspaceBudget).

        `include_byok` sets the flag of the whole workspace; None leaves it.
        """
        body: dict[str, Any] = {"limit_usd": limit_usd}
        if include_byok is not None:
            body["include_byok_in_budgets"] = include_byok
        return self.request(
            "PUT", _workspace(ref, "budgets", interval), models.OneBudget, body=body
        )

    def delete_budget(self, ref: str, interval: str) -> None:
        """Remove the budget of one interval, also if there is none (deleteWorkspaceBudget)."""
        self.request("DELETE", _workspace(ref, "budgets", interval), models.Deleted)

    # Members

    def list_members(self, ref: str) -> list[models.Member]:
        """The members of a workspace (listWorkspaceMembers)."""
        return self._all(_workspace(ref, "members"), models.Member)

    def add_members(self, ref: str, user_ids: Sequence[str]) -> list[models.Member]:
        """Add at most `BATCH` members of the organization (bulkAddWorkspaceMembers)."""
        path = _workspace(ref, "members", "add")
        return self.request("POST", path, models.AddedMembers, body={"user_ids": [*user_ids]}).data

    def remove_members(self, ref: str, user_ids: Sequence[str]) -> int:
        """Remove at most `BATCH` members, and tell how many (bulkRemoveWorkspaceMembers)."""
        path = _workspace(ref, "members", "remove")
        answer = self.request("POST", path, models.RemovedMembers, body={"user_ids": [*user_ids]})
        return answer.removed_count

    def list_organization_members(self) -> list[models.OrganizationMember]:
        """Everybody in the organization (listOrganizationMembers)."""
        return self._all("/organization/members", models.OrganizationMember)

    # API keys

    def list_keys(self, workspace_id: str) -> list[models.ApiKey]:
        """The API keys of a workspace, the disabled ones too (list keys)."""
        query = {"workspace_id": workspace_id, "include_disabled": "true"}
        return self._all("/keys", models.ApiKey, query)

    def delete_key(self, key_hash: str) -> None:
        """Delete an API key (deleteKeys)."""
        self.request("DELETE", f"/keys/{quote(key_hash, safe='')}", models.Deleted)

    # The one request

    def request(
        self,
        method: str,
        path: str,
        returns: type[T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> T:
        """Send, again where that may help, and structure the answer as `returns`."""
        attempts = _Attempts(method, path)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(retry.is_transient),
            wait=self._backoff,
            stop=retry.give_up(self._seconds_left()),
            reraise=True,
        )
        answer: T = retrying(self._attempt, attempts, returns, query, body)
        return answer

    def _attempt(
        self,
        attempts: _Attempts,
        returns: type[T],
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
    ) -> T:
        self._wait_for_gate(attempts)
        response = self._send(attempts, query, body)
        if response.ok and not response.is_redirect:
            return self._structured(attempts, response, returns)
        raise self._refusal(attempts, response)

    def _wait_for_gate(self, attempts: _Attempts) -> None:
        if self._is_gate_closed_too_long():
            message = f"not sent: {self._asked_to_wait()}"
            raise NoAnswerError(message, attempts.call())
        self._gate.pass_through()

    def _send(
        self,
        attempts: _Attempts,
        query: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
    ) -> requests.Response:
        left = max(self._seconds_left(), min(LEAST_TIMEOUT, self.timeout))
        attempts.begin()
        try:
            response = self._session.request(
                attempts.method,
                self.base_url + attempts.path,
                params=query,
                json=body,
                auth=self._auth,
                # http is for this machine alone: a proxy would be sent the key in clear.
                proxies={"http": ""},
                allow_redirects=False,
                timeout=(min(CONNECT_TIMEOUT, left), min(READ_TIMEOUT, left)),
            )
        except requests.RequestException as error:
            attempts.end("no answer")
            raise self._no_answer(attempts, error) from None
        attempts.end(str(response.status_code))
        self.clock.hear(response.headers.get("Date"))
        return response

    def _no_answer(self, attempts: _Attempts, error: requests.RequestException) -> NoAnswerError:
        host = urlsplit(self.base_url).netloc
        if isinstance(error, requests.exceptions.SSLError) and not _was_cut(error):
            hint = "Behind a proxy with its own certificates, name them in REQUESTS_CA_BUNDLE."
            message = f"no trusted TLS connection to {host}"
            return NoAnswerError(message, attempts.call(), hint)
        attempts.lost = attempts.lost or not _never_sent(error)
        return NoAnswerError(f"{_reason(error)} ({host})", attempts.call(), transient=True)

    def _structured(self, attempts: _Attempts, response: requests.Response, returns: type[T]) -> T:
        try:
            answer: T = _converter.structure(response.json(), returns)
            return answer
        except (cattrs.BaseValidationError, ValueError, TypeError, KeyError, RecursionError):
            attempts.lost = True
            kind = _content(response)
            message = f"{response.status_code} with {kind} that is not the API's answer"
            hint = "Is the base URL right, and does a proxy answer in the API's place?"
            raise BadAnswerError(message, attempts.call(), hint, transient=True) from None

    def _refusal(self, attempts: _Attempts, response: requests.Response) -> Exception:
        status = response.status_code
        attempts.lost = attempts.lost or status >= 500
        message, metadata = _error_body(response)
        if message is None and (status < 500 and status != 429):
            return self._foreign(attempts, response)
        if status in RETRIED_STATUSES:
            self._gate.close(retry.retry_after(response.headers.get("Retry-After")))
        return error_class(status)(
            attempts.call(),
            status,
            self._cleaned(message or f"{_content(response)} instead of the API's answer"),
            metadata,
            self._cleaned(response.headers.get("X-Request-Id", "")),
            self._hint(status),
        )

    def _foreign(self, attempts: _Attempts, response: requests.Response) -> BadAnswerError:
        what = f"{response.status_code} with {_content(response)}"
        if response.is_redirect:
            what = f"{response.status_code}, a redirect to another address"
        hint = f"This is not the API's answer: is the base URL {self.base_url} right?"
        return BadAnswerError(what, attempts.call(), hint)

    def _hint(self, status: int) -> str:
        if status in (401, 403) and self._auth.looks_like_inference_key:
            return INFERENCE_KEY_HINT
        if status in RETRIED_STATUSES and self._is_gate_closed_too_long():
            return f"Not repeated: {self._asked_to_wait()}."
        return ""

    def _is_gate_closed_too_long(self) -> bool:
        return self._gate.remaining() > max(self._seconds_left(), 0)

    def _asked_to_wait(self) -> str:
        return f"the API asked to wait {math.ceil(self._gate.remaining())} seconds"

    def _cleaned(self, text: str) -> str:
        """What the server wrote, as one line without the key and without control characters."""
        hidden = self._auth.hidden_in(text)
        printable = "".join(char if char.isprintable() else " " for char in hidden)
        return " ".join(printable.split())

    def _seconds_left(self) -> float:
        deadline = _deadline.get()
        return self.timeout if deadline is None else deadline - time.monotonic()

    def _all(self, path: str, row: type[T], query: Mapping[str, Any] | None = None) -> list[T]:
        """Every row of a paged list: a page may hold fewer rows than asked for."""
        rows: list[T] = []
        last: list[T] = []
        while True:
            asked = {**(query or {}), "offset": len(rows), "limit": PAGE}
            page = self.request("GET", path, models.Page[row], query=asked)  # type: ignore[valid-type]
            if not page.data or page.data == last:
                return rows
            rows += page.data
            last = page.data
            if page.total_count is not None and len(rows) >= page.total_count:
                return rows


_deadline: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)


class _Bearer(requests.auth.AuthBase):
    """The key, given as `auth`: a header alone would be overridden by a .netrc entry."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request

    def __repr__(self) -> str:
        return "_Bearer(...)"

    @property
    def looks_like_inference_key(self) -> bool:
        return self._key.startswith("sk-or-v1-")

    def hidden_in(self, text: str) -> str:
        return text.replace(self._key, "[key]")


@attrs.define
class _Attempts:
    """What is known of the attempts at one request so far."""

    method: str
    path: str
    lost: bool = False
    count: int = 0
    first_begun: float = 0.0
    begun: float = 0.0

    def begin(self) -> None:
        self.count += 1
        self.begun = time.monotonic()
        self.first_begun = self.first_begun or self.begun

    def end(self, result: str) -> None:
        log.debug(
            "%s %s %s %d ms attempt %d",
            self.method,
            self.path,
            result,
            (time.monotonic() - self.begun) * 1000,
            self.count,
        )

    def call(self) -> Call:
        lost = self.lost and self.method != "GET"
        return Call(self.method, self.path, lost, self.first_begun)


def _session(connections: int) -> requests.Session:
    session = requests.Session()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = "pulumi-openrouter"
    return session


def _workspace(ref: str, *rest: str) -> str:
    # Dots are never quoted: on its way, /workspaces/.. would become another path.
    if ref in ("", ".", ".."):
        raise OpenRouterError(f"{ref!r} is not the id of a workspace")
    return "/".join(["/workspaces", *(quote(part, safe="") for part in (ref, *rest))])


def _error_body(response: requests.Response) -> tuple[str | None, Mapping[str, Any] | None]:
    """The message and metadata of the API's error; no message when it is not the API's."""
    try:
        error = response.json()["error"]
        message, metadata = error["message"], error.get("metadata")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None, None
    if not isinstance(message, str):
        return None, None
    return message, metadata if isinstance(metadata, dict) else None


def _content(response: requests.Response) -> str:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    return {"text/html": "an HTML page", "application/json": "JSON"}.get(kind, "a body")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from: requests keeps it in `args`, urllib3 in `reason`."""
    while error is not None:
        yield error
        nested = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        error = next((found for found in nested if isinstance(found, BaseException)), None)


def _was_cut(error: requests.RequestException) -> bool:
    """Whether a TLS connection ended early, and was not refused."""
    kinds = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
    return any(isinstance(cause, kinds) for cause in _causes(error))


def _never_sent(error: requests.RequestException) -> bool:
    names = {type(cause).__name__ for cause in _causes(error)}
    return bool(names & {"ConnectTimeout", "NewConnectionError", "NameResolutionError"})


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if not _never_sent(error):
        return "the connection broke before the answer was complete"
    words = (cause.strerror for cause in _causes(error) if isinstance(cause, OSError))
    why = next((text for text in words if text), None)
    return f"no connection: {why.lower()}" if why else "no connection"


def _strict(kind: type | tuple[type, ...]) -> Any:
    """A hook that takes a value as it is or refuses it, where cattrs would convert."""

    def structure(value: Any, _: Any) -> Any:
        wanted = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not wanted:
            raise TypeError(f"unexpected {type(value).__name__}")
        return value

    return structure


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def _strict_list(value: Any, kind: Any) -> list[Any]:
    """A list of the elements of a list: cattrs would take a text or an object apart as well."""
    (element,) = get_args(kind)
    return [_converter.structure(item, element) for item in _strict(list)(value, kind)]


_converter = cattrs.Converter()
_converter.register_structure_hook_func(_is_list, _strict_list)
_converter.register_structure_hook(str, _strict(str))
_converter.register_structure_hook(bool, _strict(bool))
_converter.register_structure_hook(int, _strict(int))
_converter.register_structure_hook(float, _strict((int, float)))
