"""The simulator's own controls over HTTP, for tests in any language: its log and its faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from cattrs import BaseValidationError, transform_error
from cattrs.preconf.json import make_converter
from flask import Flask, jsonify, request

from .faults import Fault, Faults
from .log import Request

CONTROLS_PATH = "/simulator"
"""Beside the API, and so in nobody's way."""

Answer = tuple[Any, int]


def create_controls(log: list[Request], faults: Faults) -> Flask:
    """An application of two lists: what was requested, and what is to fail."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    converter = make_converter(forbid_extra_keys=True)

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
        body = request.get_json(force=True)
        if not isinstance(body, dict):
            return jsonify({"error": ["a fault must be a JSON object"]}), 400
        try:
            faults.add(converter.structure(body, Fault))
        except BaseValidationError as error:
            return jsonify({"error": transform_error(error, "fault")}), 400
        return "", 204

    @app.delete("/faults")
    def clear_faults() -> Answer:
        faults.clear()
        return "", 204

    return app


def _filter(query: Mapping[str, str]) -> tuple[str | None, str | None]:
    return query.get("method"), query.get("path")
