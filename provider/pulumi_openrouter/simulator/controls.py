"""The simulator's own controls over HTTP, for tests in any language: log, faults and spending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
from cattrs import BaseValidationError, transform_error
from cattrs.preconf.json import make_converter
from flask import Flask, jsonify, request

from .errors import ApiError
from .faults import Fault, Faults
from .log import Request
from .state import Organization

CONTROLS_PATH = "/simulator"
"""Beside the API, and so in nobody's way."""

Answer = tuple[Any, int]
T = TypeVar("T")
CONVERTER = make_converter(forbid_extra_keys=True)


@attrs.frozen(kw_only=True)
class Spending:
    """What a key is to spend, as `Organization.spend` takes it."""

    key_hash: str
    usd: float
    byok: bool = False
    days_ago: int = 0


class WrongBodyError(Exception):
    """A body is not what it should be; its arguments say why."""


def create_controls(organization: Organization, log: list[Request], faults: Faults) -> Flask:
    """An application of what was requested, what is to fail, and what keys spend."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]

    @app.get("/log")
    def list_requests() -> Answer:
        rows = [attrs.asdict(entry) for entry in list(log) if entry.matches(*_filter(request.args))]
        return jsonify(rows), 200

    @app.delete("/log")
    def clear_log() -> Answer:
        log.clear()
        return "", 204

    @app.post("/faults")
    def add_fault() -> Answer:
        faults.add(_body("fault", Fault))
        return "", 204

    @app.delete("/faults")
    def clear_faults() -> Answer:
        faults.clear()
        return "", 204

    @app.post("/spending")
    def spend() -> Answer:
        organization.spend(**attrs.asdict(_body("spending", Spending)))
        return "", 204

    @app.errorhandler(WrongBodyError)
    def refuse(error: WrongBodyError) -> Answer:
        return jsonify({"error": list(error.args)}), 400

    @app.errorhandler(ApiError)
    def tell(error: ApiError) -> Answer:
        return jsonify(error.as_json()), error.status

    return app


def _body(what: str, kind: type[T]) -> T:
    given = request.get_json(force=True)
    if not isinstance(given, dict):
        raise WrongBodyError(f"a {what} must be a JSON object")
    try:
        return CONVERTER.structure(given, kind)
    except BaseValidationError as error:
        raise WrongBodyError(*transform_error(error, what)) from None


def _filter(query: Mapping[str, str]) -> tuple[str | None, str | None]:
    return query.get("method"), query.get("path")
