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


class TooLargeError(Exception):
    """The answer is larger than any of the API's."""


@attrs.frozen
class Answer:
    """What came back, from the API or from anyone in between."""

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
        return cls(response.status_code, response.headers, response.is_redirect, body)

    @property
    def ok(self) -> bool:
        """Whether this is neither an error nor a redirect."""
        return self.status < 400 and not self.is_redirect

    @property
    def content(self) -> str:
        """The kind of body, as a phrase for a message."""
        kind = self.headers.get("Content-Type", "").partition(";")[0]
        return {"text/html": "an HTML page", "application/json": "JSON"}.get(kind, "a body")

    @property
    def api_message(self) -> str | None:
        """The message of the API's error, None if the body holds no such error."""
        try:
            message = self.json()["error"]["message"]
        except (ValueError, TypeError, KeyError):
            return None
        return message if isinstance(message, str) else None

    def json(self) -> Any:
        """The parsed body.

        Raises:
            ValueError: the body is not JSON, or nested absurdly deep.
        """
        try:
            return json.loads(self.body, parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("nested too deeply") from None


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
