"""The web application: what happens to every request before and after its operation."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from . import errors
from .errors import ApiError
from .faults import Faults, Strike
from .log import Request
from .rate_limit import RateLimit
from .routes import BASE_PATH, Routes
from .state import Organization

SERVER = "simulator.server"


class Gate:
    """What every request passes, coming and going: the log, faults, rate limit, authentication."""

    def __init__(
        self,
        organization: Organization,
        log: list[Request],
        faults: Faults,
    ) -> None:
        self.routes = Routes(organization)
        self._log = log
        self._faults = faults
        limit = organization.quirks.requests_per_second
        self._rate = RateLimit(limit) if limit else None

    def arrive(self) -> BaseResponse | None:
        """Log the request, then let it through to its operation or answer in its place."""
        g.request = arrived = _arrived()
        self._log.append(arrived)
        if (spoilt := self._spoil(arrived)) is not None:
            return spoilt
        if self._rate is not None:
            self._rate.check()
        if request.url_rule is not None:
            self.routes.authenticate()
        return None

    def leave(self, response: Response) -> BaseResponse:
        """Note the answer, which a fault may still change."""
        arrived: Request | None = g.get("request")
        strike: Strike | None = g.get("strike")
        if arrived is None:
            return response
        arrived.is_over = True
        if strike is None:
            arrived.status = response.status_code
            return response
        answer = strike.after(response)
        if strike.fault.answered:
            arrived.status = answer.status_code
        return answer

    def _spoil(self, arrived: Request) -> BaseResponse | None:
        fault = self._faults.strike(arrived)
        if fault is None:
            return None
        arrived.fault = fault.kind.value
        served_by = request.environ[SERVER]
        g.strike = strike = Strike(fault, request.environ["werkzeug.socket"], served_by)
        return strike.before()


def create_app(gate: Gate) -> Flask:
    """The application with all operations of the API."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.before_request(gate.arrive)
    app.after_request(gate.leave)
    app.register_error_handler(ApiError, _error)
    app.register_error_handler(HTTPException, _http_error)
    gate.routes.register(app)
    return app


def _arrived() -> Request:
    path = request.path.removeprefix(BASE_PATH)
    # Always read the body: otherwise the next request on the connection would begin with it.
    return Request(request.method, path, request.args.to_dict(), _parsed(request.get_data()))


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _error(error: ApiError) -> tuple[Response, int, dict[str, str]]:
    return jsonify(error.as_json()), error.status, error.headers


def _http_error(error: HTTPException) -> tuple[Response, int, dict[str, str]]:
    return _error(errors.for_status(error.code or 500))
