"""Keys at providers, which are made up and open nothing."""

from __future__ import annotations

from tools.live.assumptions import plain, switched
from tools.live.probe import PROVIDER_KEY, NotSeenError, Probe


@plain("a new provider key", "201, with a label and without the key")
def created(probe: Probe) -> str:
    made = probe.make_provider_key(probe.id)
    label = "with" if made.data.get("label") else "without"
    key = "with" if PROVIDER_KEY in str(made.body) else "without"
    return f"{made.status}, {label} a label and {key} the key"


@switched(
    "a provider key whose workspace is deleted",
    "provider_keys_go_along",
    {"goes along": True, "stays": False},
)
def of_a_deleted_workspace(probe: Probe) -> str:
    workspace = probe.make_workspace().data["id"]
    made = probe.make_provider_key(workspace)
    if made.status >= 300:
        raise NotSeenError("the account takes no made-up provider key")
    probe.call("DELETE", f"/workspaces/{workspace}").check()
    return "goes along" if probe.get(f"/byok/{made.data['id']}").status == 404 else "stays"


ASSUMPTIONS = (created, of_a_deleted_workspace)
