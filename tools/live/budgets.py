"""Budgets, as far as the plan has them."""

from __future__ import annotations

from functools import partial

from tools.live.assumptions import plain, switched
from tools.live.probe import NotSeenError, Probe, Seen


def put(probe: Probe, path: str, interval: str, limit_usd: float, **more: object) -> Seen:
    return probe.call("PUT", f"{path}/budgets/{interval}", {"limit_usd": limit_usd, **more})


def new_workspace(probe: Probe) -> str:
    """The path of a workspace without budgets.

    Raises:
        NotSeenError: the plan has no budgets.
    """
    path = f"/workspaces/{probe.make_workspace().data['id']}"
    if probe.get(f"{path}/budgets").status == 403:
        raise NotSeenError("budgets need the Enterprise plan")
    return path


@switched("the plan has budgets", "enterprise", {"yes": True, "403": False})
def plan(probe: Probe) -> str:
    status = probe.get(f"{probe.path}/budgets").status
    return "403" if status == 403 else "yes"


@switched(
    "budgets of a workspace before its first", "empty_budgets_404", {"404": True, "200": False}
)
def before_the_first(probe: Probe) -> str:
    return str(probe.get(f"{new_workspace(probe)}/budgets").status)


@plain("a monthly budget below a weekly one, and one that is equal", "400, 400")
def order(probe: Probe) -> str:
    path = new_workspace(probe)
    put(probe, path, "weekly", 20)
    return ", ".join(str(put(probe, path, "monthly", limit).status) for limit in (10, 20))


@plain("a lifetime budget is reset", "never (null)")
def lifetime(probe: Probe) -> str:
    answer = put(probe, new_workspace(probe), "lifetime", 5).data["reset_interval"]
    return "never (null)" if answer is None else repr(answer)


@plain("a limit of 0", "400")
def no_limit(probe: Probe) -> str:
    return str(put(probe, new_workspace(probe), "daily", 0).status)


@plain("DELETE of a budget that is not there", "200")
def no_budget(probe: Probe) -> str:
    return str(probe.call("DELETE", f"{new_workspace(probe)}/budgets/daily").status)


@plain("include_byok_in_budgets is the workspace's", "both intervals")
def byok(probe: Probe) -> str:
    path = new_workspace(probe)
    set_one = partial(put, probe, path)
    set_one("monthly", 20)
    set_one("daily", 5, include_byok_in_budgets=True)
    listed = probe.get(f"{path}/budgets").body
    if "include_byok_in_budgets" not in listed:
        raise NotSeenError("answers don't have it")
    return "both intervals" if listed["include_byok_in_budgets"] else "the other one alone"


ASSUMPTIONS = (plan, before_the_first, order, lifetime, no_limit, no_budget, byok)
