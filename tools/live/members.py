"""Members of a workspace that the probe made; nobody else's membership is touched."""

from __future__ import annotations

from tools.live.assumptions import plain, switched
from tools.live.probe import Probe


def change(probe: Probe, what: str, user_id: str) -> int:
    return probe.call("POST", f"{probe.path}/members/{what}", {"user_ids": [user_id]}).status


@plain("adding somebody twice, and removing them twice", "200, 200, 200, 200")
def twice(probe: Probe) -> str:
    user_id = probe.user_id
    steps = ("add", "add", "remove", "remove")
    return ", ".join(str(change(probe, step, user_id)) for step in steps)


@plain("adding a stranger", "400")
def stranger(probe: Probe) -> str:
    return str(change(probe, "add", f"{probe.user_id}x"))


@plain("removing somebody with an active key", "400, which names them")
def member_with_key(probe: Probe) -> str:
    with probe.joined() as user_id:
        made = probe.make_key(creator_user_id=user_id).data
        body = {"user_ids": [user_id]}
        refused = probe.call("POST", f"{probe.path}/members/remove", body)
        probe.call("DELETE", f"/keys/{made['hash']}")
    named = "which names them" if user_id in refused.message else "which names nobody"
    return f"{refused.status}, {named}"


@switched(
    "a key for somebody who is not in the workspace",
    "creators_are_members",
    {"400": True, "201": False},
)
def creator(probe: Probe) -> str:
    other = probe.make_workspace().data["id"]
    return str(probe.make_key(workspace_id=other, creator_user_id=probe.user_id).status)


@plain("a page of members", "with a total_count")
def counted(probe: Probe) -> str:
    with probe.joined():
        answer = probe.get(f"{probe.path}/members", limit=100).body
    is_counted = answer["total_count"] >= len(answer["data"]) > 0
    return "with a total_count" if is_counted else str(answer)


ASSUMPTIONS = (twice, stranger, member_with_key, creator, counted)
