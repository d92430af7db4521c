"""An answer, read within bounds: no server can fill the memory, or take forever."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, NoReturn

import attrs
import requests

MAX_ANSWER_BYTES = 16 * 2**20
"""After decompression: a hundred times the largest page of the API."""
CHUNK_BYTES = 2**16
ERROR_STATUSES = range(400, 600)
UNKNOWN_ERROR = 500
"""Stands for an error's code that is not one of HTTP's."""


class TooLargeError(Exception):
    """The answer is larger than any of the API's."""


def is_success(status: int) -> bool:
    """Whether the status says that the request was carried out."""
    return 200 <= status < 300


@attrs.frozen
class Answer:
    """What came back, from the API or from anyone in between.

    Attributes:
        status: the HTTP status; that of the error, where a 2xx contains the API's error.
        headers: as they came.
        is_redirect: whether the answer points to another address.
        body: decompressed.
    """

    status: int
    headers: Mapping[str, str]
    is_redirect: bool
    body: bytes = attrs.field(repr=False)

    @classmethod
    def read(cls, response: requests.Response, seconds: float) -> Answer:
        """Read a streamed response to its end, and free its connection.

        Raises:
            TooLargeError: the body exceeds `MAX_ANSWER_BYTES`.
            requests.ReadTimeout: the body is incomplete after `seconds`.
            urllib3.exceptions.HTTPError: the connection broke.
        """
        with response:
            body = _body(response, time.monotonic() + seconds)
        answer = cls(response.status_code, response.headers, response.is_redirect, body)
        return answer._as_told() if answer.ok else answer

    @property
    def ok(self) -> bool:
        """Whether this is neither an error nor a redirect."""
        return is_success(self.status)

    @property
    def is_empty(self) -> bool:
        """Whether there is no body."""
        return not self.body.strip()

    @property
    def content(self) -> str:
        """The kind of body, as a phrase for a message."""
        if self.is_empty:
            return "an empty body"
        return {"text/html": "an HTML page", "application/json": "JSON"}.get(
            self._media_type, "a body"
        )

    @property
    def api_message(self) -> str | None:
        """The message of the API's error, None if the body holds no such error."""
        error = _api_error(self._document())
        return error["message"] if error else None

    def json(self) -> Any:
        """The parsed body.

        Raises:
            ValueError: the body is not JSON, or nested absurdly deep.
        """
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    @property
    def _media_type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def _as_told(self) -> Answer:
        """This answer, with the status of the error that its body is, if it is one.

        An answer that has data as well is none.
        """
        # A quick look first: nearly every answer is a success, and parsed only once.
        document = self._document() if b'"error"' in self.body else {}
        error = _api_error(document)
        if error is None or document.get("data") is not None:
            return self
        code = error.get("code")
        if not (isinstance(code, int) and code in ERROR_STATUSES):
            code = UNKNOWN_ERROR
        return attrs.evolve(self, status=code)

    def _document(self) -> dict[str, Any]:
        """The parsed body, empty if it is no JSON object."""
        try:
            document = self.json()
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}


def _api_error(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """The API's error in a body, which has at least a message; None if there is none."""
    error = document.get("error")
    is_error = isinstance(error, dict) and isinstance(error.get("message"), str)
    return error if is_error else None


def _body(response: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    # read1 returns what is there, so a trickle can't keep one read going forever.
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise TooLargeError
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the answer is incomplete")
    return bytes(body)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
