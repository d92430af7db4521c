"""Whose key it is, workspaces, and lists."""

from __future__ import annotations

from pulumi_openrouter.core.moments import CLOCK_GRACE, moment
from tools.live.assumptions import plain, switched
from tools.live.probe import NEVER, Probe, new_slug

# The key


@switched("GET /key says whose key it is", "current_key", {"200": True, "404": False})
def current_key(probe: Probe) -> str:
    return str(probe.get("/key").status)


@switched("the key belongs to an organization", "personal_account", {"200": False, "404": True})
def organization(probe: Probe) -> str:
    return str(probe.get("/organization/members").status)


@switched("an inference key may not administer", "inference_key_status", {"403": 403, "401": 401})
def inference_key(probe: Probe) -> str:
    secret = probe.make_key().body["key"]
    return str(probe.call("GET", "/workspaces", key=secret).status)


@plain("a key that nobody has", "401")
def unknown_key(probe: Probe) -> str:
    return str(probe.call("GET", "/workspaces", key=f"sk-or-mgmt-{new_slug()}").status)


@switched("the key may read the activity", "activity", {"200": True, "403": False})
def activity(probe: Probe) -> str:
    return str(probe.get("/activity").status)


# Workspaces


@plain("a new workspace", "201")
def created(probe: Probe) -> str:
    return str(probe.make_workspace().status)


@plain("created_at, beside the Date of the answers around it", "between them")
def created_by_the_servers_clock(probe: Probe) -> str:
    before = probe.get(probe.path).moment
    made = probe.make_workspace()
    created = moment(made.data["created_at"])
    if created is None:
        return "no moment"
    is_between = before - CLOCK_GRACE <= created <= made.moment + CLOCK_GRACE
    return "between them" if is_between else f"{created - before} after the first"


@switched("spaces around a name", "trim_text", {"are dropped": True, "stay": False})
def spaces(probe: Probe) -> str:
    name = probe.make_workspace(name="  Live check  ").data["name"]
    return {"Live check": "are dropped", "  Live check  ": "stay"}.get(name, repr(name))


@switched("a slug that is taken", "duplicate_slug_status", {"400": 400, "409": 409})
def taken_slug(probe: Probe) -> str:
    return str(probe.make_workspace(slug=probe.workspace["slug"]).status)


@plain("a slug of other characters", "400")
def wrong_slug(probe: Probe) -> str:
    return str(probe.make_workspace(slug="Live Check").status)


@plain("GET by the slug", "the same workspace")
def by_slug(probe: Probe) -> str:
    found = probe.get(f"/workspaces/{probe.workspace['slug']}").data
    return "the same workspace" if found["id"] == probe.id else "another one"


@plain("a workspace that nobody has", "404")
def unknown_workspace(probe: Probe) -> str:
    return str(probe.get(f"/workspaces/{NEVER}").status)


@switched("a workspace has disabled_server_tools", "newest_fields", {"yes": True, "no": False})
def newest_fields(probe: Probe) -> str:
    return "yes" if "disabled_server_tools" in probe.workspace else "no"


@switched("a workspace has include_byok_in_budgets", "byok_in_answers", {"yes": True, "no": False})
def byok_in_answers(probe: Probe) -> str:
    return "yes" if "include_byok_in_budgets" in probe.workspace else "no"


@plain("PATCH of the slug", "in place, and the old one is free")
def moved_slug(probe: Probe) -> str:
    made = probe.make_workspace().data
    moved = probe.call("PATCH", f"/workspaces/{made['slug']}", {"slug": new_slug()}).data
    old = probe.get(f"/workspaces/{made['slug']}").status
    is_free = moved["id"] == made["id"] and old == 404
    return "in place, and the old one is free" if is_free else f"the old one answers {old}"


@plain("PATCH with null", "clears that field alone")
def cleared(probe: Probe) -> str:
    made = probe.make_workspace(description="x", default_provider_sort="price").data
    changed = probe.call("PATCH", f"/workspaces/{made['id']}", {"description": None}).data
    left = [changed["description"], changed["default_provider_sort"], changed["name"]]
    return "clears that field alone" if left == [None, "price", made["name"]] else str(left)


@plain("DELETE of a workspace with an active key", "400")
def workspace_in_use(probe: Probe) -> str:
    made = probe.make_workspace().data
    probe.make_key(workspace_id=made["id"])
    return str(probe.call("DELETE", f"/workspaces/{made['id']}").status)


@plain("DELETE of a workspace, twice", "200, 404")
def deleted_twice(probe: Probe) -> str:
    path = f"/workspaces/{probe.make_workspace().data['id']}"
    return ", ".join(str(probe.call("DELETE", path).status) for _ in range(2))


@plain("the default workspace has the slug", "default")
def default_slug(probe: Probe) -> str:
    return str(probe.get("/workspaces/default").data["slug"])


# Lists


@switched("a page has as many rows as were asked for", "page_cap", {"yes": None})
def page_cap(probe: Probe) -> str:
    probe.make_workspace()
    rows = len(probe.get("/workspaces", limit=2).data)
    return "yes" if rows == 2 else f"{rows} of 2"


@switched("limit=0", "impossible_page_400", {"400": True, "200": False})
def impossible_page(probe: Probe) -> str:
    return str(probe.get("/workspaces", limit=0).status)


@plain("total_count counts all rows, whatever the page", "yes")
def total_count(probe: Probe) -> str:
    probe.make_workspace()
    counts = {probe.get("/workspaces", limit=1, offset=at).body["total_count"] for at in (0, 1)}
    return "yes" if len(counts) == 1 and max(counts) > 1 else str(sorted(counts))


@plain("a page after the end", "0 rows")
def past_the_end(probe: Probe) -> str:
    rows = probe.get("/workspaces", limit=1, offset=100_000).data
    return f"{len(rows)} rows"


ASSUMPTIONS = (
    *(current_key, organization, inference_key, unknown_key, activity),
    *(created, created_by_the_servers_clock, spaces, taken_slug, wrong_slug, by_slug),
    *(unknown_workspace, newest_fields, byok_in_answers, moved_slug, cleared),
    *(workspace_in_use, deleted_twice, default_slug),
    *(page_cap, impossible_page, total_count, past_the_end),
)
