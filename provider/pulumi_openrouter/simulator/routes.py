"""The API's operations over HTTP: each reads its request, asks the organization and answers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Flask, g, request
from werkzeug.routing import Map

from . import errors, validation
from .answers import Answer, Pages, body, flag
from .entities import ApiKey, Budget, Workspace
from .guardrail_routes import GuardrailRoutes, ProviderKeyRoutes
from .scope import Scope
from .state import Organization

BASE_PATH = "/api/v1"
KEYS_PER_PAGE = 100
WITHOUT_KEY = {"list_models"}
NEWEST_FIELDS = frozenset({"disabled_server_tools", "external_user", "last_used_at"})


@functools.cache
def _url_map(*operations: tuple[str, str, str]) -> Map:
    """The paths of all operations: compiled once, for that takes most of the time of a start."""
    app = Flask(__name__, static_folder=None)
    # Otherwise a path with an empty id would be answered with a redirect.
    app.url_map.merge_slashes = False
    for method, path, name in operations:
        app.add_url_rule(BASE_PATH + path, name, methods=[method])
    return app.url_map


class Routes:
    """The operations, on one organization."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._quirks = organization.quirks
        self._scope = Scope(organization)
        self._pages = Pages(organization.quirks)

    def table(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        """Every operation: its HTTP method, its path, and what carries it out."""
        workspace = "/workspaces/<ref>"
        budget = f"{workspace}/budgets/<interval>"
        return [
            ("GET", "/workspaces", self.list_workspaces),
            ("POST", "/workspaces", self.create_workspace),
            ("GET", workspace, self.get_workspace),
            ("PATCH", workspace, self.update_workspace),
            ("DELETE", workspace, self.delete_workspace),
            ("GET", f"{workspace}/budgets", self.list_budgets),
            ("GET", budget, self.get_budget),
            ("PUT", budget, self.set_budget),
            ("DELETE", budget, self.delete_budget),
            ("GET", f"{workspace}/members", self.list_members),
            ("POST", f"{workspace}/members/add", self.add_members),
            ("POST", f"{workspace}/members/remove", self.remove_members),
            ("GET", "/organization/members", self.list_people),
            ("GET", "/key", self.current_key),
            ("GET", "/keys", self.list_keys),
            ("POST", "/keys", self.create_key),
            ("GET", "/keys/<key_hash>", self.get_key),
            ("PATCH", "/keys/<key_hash>", self.update_key),
            ("DELETE", "/keys/<key_hash>", self.delete_key),
            ("GET", "/activity", self.list_activity),
            *GuardrailRoutes(self._organization, self._pages).table(),
            *ProviderKeyRoutes(self._organization, self._pages).table(),
        ]

    def register(self, app: Flask) -> None:
        """Serve every operation."""
        served = [
            (method, path, operation)
            for method, path, operation in self.table()
            if operation != self.current_key or self._quirks.current_key
        ]
        app.url_map = _url_map(*((method, path, which.__name__) for method, path, which in served))
        app.view_functions.update((which.__name__, which) for _, _, which in served)

    # Workspaces

    def list_workspaces(self) -> Answer:
        """GET /workspaces."""
        only = self._scope.workspace_id
        found = [each for each in self._organization.workspaces if only in (None, each.id)]
        return self._pages.page(found, self._workspace)

    def create_workspace(self) -> Answer:
        """POST /workspaces."""
        workspace = self._organization.create_workspace(**self._known(body()))
        return {"data": self._workspace(workspace)}, 201

    def get_workspace(self, ref: str) -> Answer:
        """GET /workspaces/{id or slug}."""
        return {"data": self._workspace(self._organization.workspace(ref))}

    def update_workspace(self, ref: str) -> Answer:
        """PATCH /workspaces/{id or slug}."""
        workspace = self._organization.update_workspace(ref, **self._known(body()))
        return {"data": self._workspace(workspace)}

    def delete_workspace(self, ref: str) -> Answer:
        """DELETE /workspaces/{id or slug}."""
        confirmed = flag("confirm_default_workspace_deletion")
        self._organization.delete_workspace(ref, force=False, confirm_default=confirmed)
        return {"deleted": True}

    # Budgets

    def list_budgets(self, ref: str) -> Answer:
        """GET /workspaces/{ref}/budgets."""
        self._check_plan()
        budgets = self._organization.budget_list(ref)
        if not budgets and self._quirks.empty_budgets_404:
            raise errors.not_found()
        return self._with_byok(ref, [budget.as_json() for budget in budgets])

    def get_budget(self, ref: str, interval: str) -> Answer:
        """GET /workspaces/{ref}/budgets/{interval}."""
        self._check_plan()
        validation.interval(interval)
        for budget in self._organization.budget_list(ref):
            if budget.interval == interval:
                return self._with_byok(ref, budget.as_json())
        raise errors.not_found()

    def set_budget(self, ref: str, interval: str) -> Answer:
        """PUT /workspaces/{ref}/budgets/{interval}."""
        self._check_plan()
        fields = validation.clean(body(), validation.BUDGET)
        budget: Budget = self._organization.set_budget(
            ref, interval, fields["limit_usd"], fields.get("include_byok_in_budgets")
        )
        return self._with_byok(ref, budget.as_json())

    def delete_budget(self, ref: str, interval: str) -> Answer:
        """DELETE /workspaces/{ref}/budgets/{interval}."""
        self._check_plan()
        self._organization.delete_budget(ref, interval)
        return {"deleted": True}

    # Members

    def list_members(self, ref: str) -> Answer:
        """GET /workspaces/{ref}/members."""
        return self._pages.page(self._organization.memberships(ref))

    def add_members(self, ref: str) -> Answer:
        """POST /workspaces/{ref}/members/add."""
        user_ids = validation.clean(body(), validation.MEMBERS)["user_ids"]
        added = self._organization.add_members(ref, user_ids)
        return {"added_count": len(added), "data": [member.as_json() for member in added]}

    def remove_members(self, ref: str) -> Answer:
        """POST /workspaces/{ref}/members/remove."""
        user_ids = validation.clean(body(), validation.MEMBERS)["user_ids"]
        return {"removed_count": self._organization.remove_members(ref, user_ids, force=False)}

    def list_people(self) -> Answer:
        """GET /organization/members."""
        if self._quirks.personal_account:
            raise errors.not_found()
        return self._pages.page(self._organization.people)

    # API keys

    def current_key(self) -> Answer:
        """GET /key."""
        key: ApiKey = g.key
        manages = key.secret == self._organization.management_key
        answered = {**key.as_json(), **self._organization.usage(key)}
        if manages:
            answered["workspace_id"] = self._scope.workspace_id
        for name in ("hash", "name", "disabled", "created_at", "updated_at"):
            del answered[name]
        organization_id = None if self._quirks.personal_account else self._organization.id
        return {
            "data": {
                **answered,
                "organization_id": organization_id,
                "is_management_key": manages,
                "is_provisioning_key": manages,
                "is_free_tier": False,
                "allowed_data_regions": ["global"],
                "budgets": [],
                "effective_budget": None,
                "free_model_daily_requests": {"limit": 1000, "remaining": 1000, "used": 0},
                "rate_limit": {"requests": -1, "interval": "10s", "note": "Deprecated"},
            }
        }

    def list_keys(self) -> Answer:
        """GET /keys."""
        cleaned = validation.clean(request.args.to_dict(), validation.KEY_FILTER)
        include_expired = flag("include_expired") or not self._quirks.newest_fields
        keys = self._organization.list_keys(
            cleaned.get("workspace_id"), flag("include_disabled"), include_expired
        )
        offset = validation.whole(request.args, "offset", 0, 0)
        rows = keys[offset : offset + self._pages.capped(KEYS_PER_PAGE)]
        return {"data": [self._key(key) for key in rows]}

    def create_key(self) -> Answer:
        """POST /keys."""
        fields = validation.clean(body(), validation.NEW_KEY)
        workspace = fields.pop("workspace_id", None)
        creator = fields.pop("creator_user_id", None)
        if creator is not None and self._quirks.creators_are_members:
            self._organization.check_creator(workspace, creator)
        key = self._organization.create_key(workspace=workspace, creator=creator, **fields)
        return {"data": self._key(key), "key": key.secret}, 201

    def get_key(self, key_hash: str) -> Answer:
        """GET /keys/{hash}."""
        return {"data": self._key(self._organization.key(key_hash))}

    def update_key(self, key_hash: str) -> Answer:
        """PATCH /keys/{hash}."""
        fields = body()
        if not self._quirks.newest_fields:
            fields = {name: fields[name] for name in fields if name != "workspace_id"}
        return {"data": self._key(self._organization.update_key(key_hash, **fields))}

    def delete_key(self, key_hash: str) -> Answer:
        """DELETE /keys/{hash}."""
        self._organization.delete_key(key_hash)
        return {"deleted": True}

    # Activity

    def list_activity(self) -> Answer:
        """GET /activity."""
        if not self._quirks.activity:
            raise errors.no_activity()
        rows = self._organization.activity(
            by_workspace=request.args.get("group_by") == "workspace",
            workspace_id=request.args.get("workspace_id"),
        )
        return {"data": rows}

    # Authentication

    def authenticate(self) -> None:
        """Find the key of this request, and refuse what it may not do."""
        if request.endpoint in WITHOUT_KEY:
            return
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise errors.missing_key()
        if secret == self._organization.management_key and request.endpoint != "current_key":
            self._scope.check()
            return
        g.key = self._organization.key_in_use(secret)
        if g.key is None:
            raise errors.unknown_key()
        if request.endpoint != "current_key":
            raise errors.inference_key(self._quirks.inference_key_status)

    def _check_plan(self) -> None:
        if not self._quirks.enterprise:
            raise errors.plan_without_budgets()

    # Answers

    def _workspace(self, workspace: Workspace) -> dict[str, Any]:
        answered = self._known(workspace.as_json())
        if not self._quirks.byok_in_answers:
            del answered["include_byok_in_budgets"]
        return answered

    def _key(self, key: ApiKey) -> dict[str, Any]:
        return self._known({**key.as_json(), **self._organization.usage(key)})

    def _known(self, fields: dict[str, Any]) -> dict[str, Any]:
        if self._quirks.newest_fields:
            return fields
        return {name: fields[name] for name in fields if name not in NEWEST_FIELDS}

    def _with_byok(self, ref: str, data: Any) -> Answer:
        if not self._quirks.byok_in_answers:
            return {"data": data}
        flag = self._organization.workspace(ref).include_byok_in_budgets
        return {"data": data, "include_byok_in_budgets": flag}
