"""Where the live API, or an account on it, differs from the official OpenAPI document."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import attrs

BUDGETS = "* /workspaces/{id}/budgets*"
PAGES = (
    *("GET /workspaces", "GET /workspaces/{id}/members", "GET /organization/members"),
    "GET /guardrails/{id}/assignments/*",
)


@attrs.frozen(kw_only=True)
class Deviation:
    """One difference, and the switch of `Quirks` that makes it.

    `status` is what these `operations` may then answer although the document does not list it. An
    operation is its method and path, as in the document; `*` matches anything.
    """

    doc: str
    quirk: str
    deviates: Any
    documented: Any
    status: int | None = None
    operations: tuple[str, ...] = ()

    def explains(self, status: int, method: str, path: str) -> bool:
        """Whether this explains an answer of an operation that the document does not list."""
        operation = f"{method} {path}"
        return status == self.status and any(
            fnmatchcase(operation, pattern) for pattern in self.operations
        )


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        doc="Below the Enterprise plan every budget operation answers 403.",
        quirk="enterprise",
        deviates=False,
        documented=True,
        status=403,
        operations=(BUDGETS,),
    ),
    Deviation(
        doc="Listing the budgets of a workspace that has none answers 404, not an empty list.",
        quirk="empty_budgets_404",
        deviates=True,
        documented=False,
    ),
    Deviation(
        doc="Spaces around the names and descriptions of workspaces are dropped.",
        quirk="trim_text",
        deviates=True,
        documented=False,
    ),
    Deviation(
        doc="A slug that is taken may answer 409; the document lists only 400.",
        quirk="duplicate_slug_status",
        deviates=409,
        documented=400,
        status=409,
        operations=("POST /workspaces", "PATCH /workspaces/{id}"),
    ),
    Deviation(
        doc="An inference key answers 403 everywhere; the document lists it only for some.",
        quirk="inference_key_status",
        deviates=403,
        documented=401,
        status=403,
        operations=("*",),
    ),
    Deviation(
        doc="An impossible limit or offset answers 400; the document lists that for no such list.",
        quirk="impossible_page_400",
        deviates=True,
        documented=False,
        status=400,
        operations=PAGES,
    ),
    Deviation(
        doc="A page may have fewer rows than were asked for, even if there are more.",
        quirk="page_cap",
        deviates=1,
        documented=None,
    ),
    Deviation(
        doc="Any operation may answer 429; the document lists it only for those on API keys.",
        quirk="requests_per_second",
        deviates=1,
        documented=None,
        status=429,
        operations=("*",),
    ),
    Deviation(
        doc="The default workspace can be deleted with confirm_default_workspace_deletion=true.",
        quirk="default_workspace_deletable",
        deviates=True,
        documented=False,
    ),
    Deviation(
        doc="A management key may be limited to one workspace; it gets 403 for any other.",
        quirk="scoped_key",
        deviates=True,
        documented=False,
        status=403,
        operations=("*",),
    ),
    Deviation(
        doc="GET /key describes the key in use; the document does not have this operation.",
        quirk="current_key",
        deviates=True,
        documented=False,
    ),
    Deviation(
        doc="Workspaces have disabled_server_tools; API keys have external_user and last_used_at, "
        "can be moved with workspace_id, and are hidden once expired unless include_expired.",
        quirk="newest_fields",
        deviates=True,
        documented=False,
    ),
)
