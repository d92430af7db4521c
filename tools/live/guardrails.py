"""Guardrails and whom they are assigned to."""

from __future__ import annotations

from typing import Any

from tools.live.assumptions import plain
from tools.live.probe import NotSeenError, Probe

NO_HASH = "0" * 64


def assigned(probe: Probe, guardrail: str, kind: str, **body: Any) -> str:
    """The status of an assignment, and how many it counts."""
    answer = probe.call("POST", f"/guardrails/{guardrail}/assignments/{kind}", body)
    count = f", {answer.body['assigned_count']}" if answer.status < 300 else ""
    return f"{answer.status}{count}"


@plain("a new guardrail", "201")
def created(probe: Probe) -> str:
    return str(probe.make_guardrail().status)


@plain("a limit without an interval, and an interval without a limit", "400, 400")
def both_or_neither(probe: Probe) -> str:
    halves: list[dict[str, Any]] = [{"limit_usd": 1}, {"reset_interval": "daily"}]
    return ", ".join(str(probe.make_guardrail(**half).status) for half in halves)


@plain("an empty list of models", "400")
def empty_list(probe: Probe) -> str:
    return str(probe.make_guardrail(allowed_models=[]).status)


@plain("models are answered", "by their canonical slugs")
def canonical(probe: Probe) -> str:
    models = probe.get("/models", output_modalities="all").data
    other = [row for row in models if row["id"] != row["canonical_slug"] and ":" not in row["id"]]
    if not other:
        raise NotSeenError("no model has another canonical slug")
    answer = probe.make_guardrail(allowed_models=[other[0]["id"]]).data["allowed_models"]
    return "by their canonical slugs" if answer == [other[0]["canonical_slug"]] else str(answer)


@plain("the default guardrail, before and after its first PATCH", "404, 200, 200")
def default_guardrail(probe: Probe) -> str:
    path = f"/guardrails/{probe.make_workspace().data['default_guardrail_id']}"
    before = probe.get(path).status
    changed = probe.call("PATCH", path, {"description": "live check"}).status
    return f"{before}, {changed}, {probe.get(path).status}"


@plain("a regular expression that looks around", "400")
def pattern(probe: Probe) -> str:
    filters = [{"pattern": "(?=x)", "action": "flag", "label": "x"}]
    return str(probe.make_guardrail(content_filters=filters).status)


@plain("assigning a key, then to another guardrail", "200, 1, and it moves")
def moved(probe: Probe) -> str:
    key_hash = probe.make_key().data["hash"]
    first, second = (probe.make_guardrail().data["id"] for _ in range(2))
    assigned(probe, first, "keys", key_hashes=[key_hash])
    said = assigned(probe, second, "keys", key_hashes=[key_hash])
    left = probe.get(f"/guardrails/{first}/assignments/keys").data
    return f"{said}, and it {'stays' if left else 'moves'}"


@plain("assigning a key that nobody has", "200, 0")
def unknown_key(probe: Probe) -> str:
    guardrail = probe.make_guardrail().data["id"]
    return assigned(probe, guardrail, "keys", key_hashes=[NO_HASH])


@plain("assigning a key of another workspace", "400")
def foreign_key(probe: Probe) -> str:
    other = probe.make_workspace().data["id"]
    key_hash = probe.make_key(workspace_id=other).data["hash"]
    return assigned(probe, probe.make_guardrail().data["id"], "keys", key_hashes=[key_hash])


@plain("assigning somebody of the workspace, and somebody else", "200, 1; 400")
def members(probe: Probe) -> str:
    guardrail = probe.make_guardrail().data["id"]
    with probe.joined() as user_id:
        inside = assigned(probe, guardrail, "members", member_user_ids=[user_id])
    outside = assigned(probe, guardrail, "members", member_user_ids=[f"{user_id}x"])
    return f"{inside}; {outside}"


@plain("assigning to the default guardrail", "400")
def to_default(probe: Probe) -> str:
    made = probe.make_workspace().data
    key_hash = probe.make_key(workspace_id=made["id"]).data["hash"]
    probe.call("PATCH", f"/guardrails/{made['default_guardrail_id']}", {"description": "x"})
    return assigned(probe, made["default_guardrail_id"], "keys", key_hashes=[key_hash])


@plain("DELETE of a guardrail, twice", "200, 404")
def deleted_twice(probe: Probe) -> str:
    path = f"/guardrails/{probe.make_guardrail().data['id']}"
    return ", ".join(str(probe.call("DELETE", path).status) for _ in range(2))


ASSUMPTIONS = (
    *(created, both_or_neither, empty_list, canonical, default_guardrail, pattern),
    *(moved, unknown_key, foreign_key, members, to_default, deleted_twice),
)
