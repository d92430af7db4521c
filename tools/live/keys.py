"""API keys with a limit of 0, which can't spend."""

from __future__ import annotations

from datetime import timedelta

from tools.live.assumptions import plain
from tools.live.probe import Probe


@plain("a new key is told once", "201, and never again")
def told_once(probe: Probe) -> str:
    made = probe.make_key()
    again = probe.get(f"/keys/{made.data['hash']}").body
    told = made.body["key"].startswith("sk-or-") and made.body["key"] not in str(again)
    return f"{made.status}, {'and never again' if told else 'and again'}"


@plain("two keys of one name", "201, 201")
def same_name(probe: Probe) -> str:
    return ", ".join(str(probe.make_key(name="live-check").status) for _ in range(2))


@plain("keys are listed", "the newest first, without a count")
def listed(probe: Probe) -> str:
    made = [probe.make_key().data["hash"] for _ in range(2)]
    found = [row["hash"] for row in probe.rows("/keys", workspace_id=probe.id)]
    order = "the newest first" if found[:2] == made[::-1] else "in another order"
    has_count = "total_count" in probe.get("/keys", workspace_id=probe.id).body
    return f"{order}, {'with' if has_count else 'without'} a count"


@plain("a disabled key is listed", "with include_disabled alone")
def disabled(probe: Probe) -> str:
    made = probe.make_key().data["hash"]
    probe.call("PATCH", f"/keys/{made}", {"disabled": True})
    shown = [
        made in [row["hash"] for row in probe.rows("/keys", workspace_id=probe.id, **query)]
        for query in ({}, {"include_disabled": "true"})
    ]
    return "with include_disabled alone" if shown == [False, True] else str(shown)


@plain("expires_at without seconds", "400")
def expiry(probe: Probe) -> str:
    tomorrow = probe.get(probe.path).moment + timedelta(days=1)
    return str(probe.make_key(expires_at=f"{tomorrow:%Y-%m-%dT%H:%MZ}").status)


@plain("PATCH with nothing that it knows", "400")
def nothing(probe: Probe) -> str:
    made = probe.make_key().data["hash"]
    return str(probe.call("PATCH", f"/keys/{made}", {"colour": "red"}).status)


@plain("PATCH of limit with null", "clears it")
def no_limit(probe: Probe) -> str:
    made = probe.make_key(limit_reset="daily").data["hash"]
    disabled = probe.call("PATCH", f"/keys/{made}", {"disabled": True}).data
    changed = probe.call("PATCH", f"/keys/{made}", {"limit": None, "limit_reset": None}).data
    left = (disabled["limit"], changed["limit"], changed["limit_reset"])
    return "clears it" if left == (0, None, None) else str(left)


ASSUMPTIONS = (told_once, same_name, listed, disabled, expiry, nothing, no_limit)
