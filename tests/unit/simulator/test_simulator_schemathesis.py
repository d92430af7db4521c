"""What schemathesis finds with requests that it makes up from the contract of the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from pulumi_openrouter.simulator import DEVIATIONS, Faults, Organization, Quirks
from pulumi_openrouter.simulator.app import Gate, create_app
from tests.unit.simulator.document import BODIES, DOCUMENT, OPERATIONS, furnish, ids, validate

# A configuration of its own, whatever schemathesis.toml there may be where the tests are run.
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig())
# A parameter that no operation has is ignored, as most APIs do, and so is no data to be refused.
SCHEMA.config.generation.update(allow_extra_parameters=False)
LABELS = [f"{method.upper()} {path}" for method, path in OPERATIONS]
DOCUMENTED, LIVE = Quirks.as_documented(), Quirks()
MADE_UP, KNOWN = 15, 3
STABLE = settings(
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def organization(quirks: Quirks) -> Organization:
    made = Organization(quirks)
    furnish(made)
    return made


THERE = organization(LIVE)
TEAM = THERE.workspace("team").id
CONFLICTS: dict[tuple[str, str], dict[str, Any]] = {
    ("post", "/workspaces"): {"name": "Another", "slug": "team"},
    ("patch", "/workspaces/{id}"): {"slug": "busy"},
    ("put", "/workspaces/{id}/budgets/{interval}"): {"limit_usd": 50},
    ("post", "/workspaces/{id}/members/add"): {"user_ids": ["user_ada", "user_none"]},
    ("post", "/workspaces/{id}/members/remove"): {"user_ids": ["user_alan"]},
    ("post", "/keys"): {"name": "x", "workspace_id": TEAM, "creator_user_id": "user_ada"},
    ("patch", "/keys/{hash}"): {"workspace_id": TEAM, "name": ""},
    ("post", "/guardrails"): {"name": "new", "limit_usd": 5},
    ("patch", "/guardrails/{id}"): {"content_filters": [{"pattern": "(?=a)", "action": "block"}]},
    ("post", "/guardrails/{id}/assignments/keys"): {
        "key_hashes": [each.hash for each in THERE.keys]
    },
    ("post", "/guardrails/{id}/assignments/members"): {"member_user_ids": ["user_none"]},
    ("post", "/byok"): {"provider": "x", "key": "sk", "allowed_api_key_hashes": ["none"]},
    ("patch", "/byok/{id}"): {"is_fallback": True, "is_byok_only": True},
}
CONFORMANCE: list[CheckFunction] = [
    not_a_server_error,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
INVALID = "Invalid request parameters: "
# Why a body or query may be refused that the document's types allow: it says so in words, a number
# is none that JavaScript can hold, or it does not go with what there is.
REFUSALS = re.compile(
    r"(?s).* must be greater than 0"
    r"|.* must be between 0\.0001 and 1"
    r"|default_provider_sort must be one of .*"
    r"|expires_at must be a timestamp in UTC .*"
    r"|io_logging_api_key_ids element \d+ must be an integer"
    r"|offset must be an integer from 0 to 9007199254740991"
    r"|creator_user_id must be a member of the (organization|workspace)"
    r"|workspace_id must be that of a workspace"
    r"|A workspace with the slug .* already exists"
    r"|Budget limits must be strictly decreasing .*"
    r"|Some users are not members of the organization"
    r"|The following members have active API keys .*"
    r"|Workspaces with active API keys cannot be deleted.*"
    r"|limit_usd and reset_interval must be given together"
    r"|content_filter_builtins element \d+ scan_scope is only for regex-prompt-injection"
    r"|invalid_regex_pattern: .*"
    r"|Cannot assign .* to a default guardrail\..*"
    r"|Some keys do not belong to the same workspace as the guardrail"
    r"|Some users are not members of the workspace"
    r"|is_byok_only can't be combined with is_fallback"
    r"|Some API key hashes do not belong to this account"
)


def known_parameters(operation: APIOperation[Any, Any, Any, Any]) -> list[dict[str, str]]:
    """Parameters of the path that name what is there, in every example the same."""
    if "{id}" in operation.path:
        return [{"id": ref} for ref in ids(THERE, operation.path)]
    return [{"hash": key.hash} for key in THERE.keys if "{hash}" in operation.path]


def known_bodies(operation: APIOperation[Any, Any, Any, Any]) -> list[dict[str, Any]]:
    """Bodies that go with what is there, or conflict with it."""
    key = operation.method.lower(), operation.path
    return [bodies[key] for bodies in (BODIES, CONFLICTS) if key in bodies]


def aims(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode
) -> list[tuple[int, dict[str, Any]]]:
    """What requests are about, and how many of each: all made up, or about what is there."""
    known = [{"path_parameters": parameters} for parameters in known_parameters(operation)]
    if mode is GenerationMode.NEGATIVE:
        return [(MADE_UP, {}), *((KNOWN, aim) for aim in known)]
    bodies = [{**aim, "body": body} for aim in known or [{}] for body in known_bodies(operation)]
    return [(MADE_UP, {}), *((KNOWN, aim) for aim in [*known, *bodies])]


def answer(case: Case[Any], quirks: Quirks) -> Response:
    """What a new simulator answers, so that no example depends on those before it."""
    there = organization(quirks)
    app = create_app(Gate(there, [], Faults()))
    return case.call(app=app, headers={"Authorization": f"Bearer {there.management_key}"})


def explore(label: str, mode: GenerationMode, quirks: Quirks) -> list[int]:
    """The statuses of the answers, each of which has been checked."""
    answered: list[int] = []
    operation = SCHEMA.find_operation_by_label(label)
    assert operation is not None

    def conform(case: Case[Any]) -> None:
        response = answer(case, quirks)
        answered.append(response.status_code)
        case.validate_response(response, checks=applicable(case, response, quirks))

    for number, aim in aims(operation, mode):
        draw = given(operation.as_strategy(mode, **aim))
        settings(STABLE, max_examples=number)(draw(conform))()
    return answered


def applicable(case: Case[Any], response: Response, quirks: Quirks) -> list[CheckFunction]:
    """What an answer is to be checked for."""
    operation, status = case.operation, response.status_code
    documented = OPERATIONS[operation.method.lower(), operation.path]
    chosen = list(CONFORMANCE)
    if status in documented or not is_listed(operation, status, quirks):
        chosen.append(checks.status_code_conformance)
    else:
        validate(response.json(), "components/schemas/Error")
    if quirks != DOCUMENTED:
        return chosen  # What is accepted, and what is not, is another matter where spaces go.
    if 400 in documented:
        # Where the document has no status for it, it can't be expected to be refused.
        chosen.append(checks.negative_data_rejection)
    if not is_refused_with_reason(response):
        chosen.append(checks.positive_data_acceptance)
    return chosen


def is_listed(operation: APIOperation[Any, Any, Any, Any], status: int, quirks: Quirks) -> bool:
    return any(
        getattr(quirks, deviation.quirk) == deviation.deviates
        and deviation.explains(status, operation.method.upper(), operation.path)
        for deviation in DEVIATIONS
    )


def is_refused_with_reason(response: Response) -> bool:
    if response.status_code != 400:
        return False
    message: str = response.json()["error"]["message"]
    problems = (
        message.removeprefix(INVALID).split("; ") if message.startswith(INVALID) else [message]
    )
    return all(REFUSALS.fullmatch(problem) for problem in problems)


@pytest.mark.reliability(
    "schemathesis: made-up requests, valid and not, to every operation of the documented API",
    "the simulator answers as the schema says, or as its list of deviations does",
)
@pytest.mark.parametrize("quirks", [DOCUMENTED, LIVE], ids=["documented", "live"])
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", LABELS)
def test_every_answer_is_documented(
    label: str,
    mode: GenerationMode,
    quirks: Quirks,
    record_property: Callable[[str, object], None],
) -> None:
    """As documented there is no answer that the schema lacks; live, only those that are listed."""
    answered = explore(label, mode, quirks)
    record_property("cases", len(answered))
    # Or the requests would all have been of one kind, and found little.
    assert any(status < 300 for status in answered) or mode is GenerationMode.NEGATIVE
    assert any(status >= 400 for status in answered) or mode is GenerationMode.POSITIVE
