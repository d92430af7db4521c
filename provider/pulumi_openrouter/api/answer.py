"""An answer, read within bounds: whoever answers must not fill the memory, or take for ever."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, NoReturn

import attrs
import requests

LARGEST = 16 * 2**20
"""Bytes, after decompression: a hundred times the largest page of the API."""
CHUNK = 2**16


class TooLargeError(Exception):
    """More than the API ever answers."""


@attrs.frozen
class Answer:
    """What came back, whoever it came from."""

    status: int
    headers: Mapping[str, str]
    is_redirect: bool
    body: bytes = attrs.field(repr=False)

    @classmethod
    def read(cls, response: requests.Response, seconds: float) -> Answer:
        """Take the whole answer off a streamed response.

        Raises:
            TooLargeError: it is larger than `LARGEST`.
            requests.ReadTimeout: it is not complete after `seconds`.
            urllib3.exceptions.HTTPError: the connection broke.
        """
        with response:
            body = _body(response, time.monotonic() + seconds)
        return cls(response.status_code, response.headers, response.is_redirect, body)

    @property
    def ok(self) -> bool:
        """Whether it is what was asked for, and no error or redirect."""
        return self.status < 400 and not self.is_redirect

    @property
    def content(self) -> str:
        """The kind of content, in words."""
        kind = self.headers.get("Content-Type", "").partition(";")[0]
        return {"text/html": "an HTML page", "application/json": "JSON"}.get(kind, "a body")

    def json(self) -> Any:
        """The body parsed.

        Raises:
            ValueError: it is no JSON, or nested absurdly.
        """
        try:
            return json.loads(self.body, parse_constant=_no_number)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _body(response: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    # read1 comes back with what is there: no server can hold a read for ever with a trickle.
    while chunk := response.raw.read1(CHUNK, decode_content=True):
        body += chunk
        if len(body) > LARGEST:
            raise TooLargeError
        if time.monotonic() > deadline:
            raise requests.ReadTimeout("the answer is not complete")
    return bytes(body)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
