"""What one writes in an afternoon: one Session, one GET per read, PATCH of everything."""

from __future__ import annotations

import os
from typing import Any

import requests
from pulumi import dynamic

Properties = dict[str, Any]
NOT_SENT = {"__provider", "workspace_id"}


class Naive(dynamic.ResourceProvider):
    """Requests over one Session."""

    serialize_as_secret_always = False

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Connect."""
        self._session = requests.Session()
        key = os.environ["OPENROUTER_MANAGEMENT_KEY"]
        self._session.headers["Authorization"] = f"Bearer {key}"

    def ask(self, method: str, *path: str, **body: Any) -> Any:
        """One request."""
        url = "/".join([os.environ["OPENROUTER_BASE_URL"], *path])
        answer = self._session.request(method, url, json=body or None)
        answer.raise_for_status()
        return answer.json()

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.DiffResult:
        """Compare everything that is declared."""
        changed = any(_olds.get(name) != value for name, value in _news.items())
        return dynamic.DiffResult(changes=changed)


class WorkspaceProvider(Naive):
    """Workspaces."""

    def create(self, props: Properties) -> dynamic.CreateResult:
        """POST."""
        made = self.ask("POST", "workspaces", **_sent(props))["data"]
        return dynamic.CreateResult(made["id"], {**made, **props})

    def read(self, id_: str, props: Properties) -> dynamic.ReadResult:
        """GET."""
        return dynamic.ReadResult(id_, {**props, **self.ask("GET", "workspaces", id_)["data"]})

    def update(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.UpdateResult:
        """PATCH of everything."""
        made = self.ask("PATCH", "workspaces", _id, **_sent(_news))["data"]
        return dynamic.UpdateResult({**made, **_news})

    def delete(self, _id: str, _props: Properties) -> None:
        """DELETE."""
        self.ask("DELETE", "workspaces", _id)


class BudgetProvider(Naive):
    """Budgets, the narrowest first."""

    def create(self, props: Properties) -> dynamic.CreateResult:
        """PUT of each."""
        for interval, limit in _limits(props).items():
            path = ("workspaces", props["workspace_id"], "budgets", interval)
            self.ask("PUT", *path, limit_usd=limit)
        return dynamic.CreateResult(props["workspace_id"], props)

    def read(self, id_: str, props: Properties) -> dynamic.ReadResult:
        """GET."""
        self.ask("GET", "workspaces", id_, "budgets")
        return dynamic.ReadResult(id_, props)

    def update(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.UpdateResult:
        """PUT of each."""
        return dynamic.UpdateResult(self.create(_news).outs)

    def delete(self, _id: str, _props: Properties) -> None:
        """DELETE of each."""
        for interval in _limits(_props):
            self.ask("DELETE", "workspaces", _id, "budgets", interval)


class MembershipProvider(Naive):
    """Members by email."""

    def create(self, props: Properties) -> dynamic.CreateResult:
        """Look up who is in the organization, and POST."""
        id, emails = props["workspace_id"], props["emails"]
        people = self.ask("GET", "organization", "members?limit=100")["data"]
        ids = [person["id"] for person in people if person["email"] in emails]
        self.ask("POST", "workspaces", id, "members", "add", user_ids=ids)
        return dynamic.CreateResult(id, {**props, "members": ids})

    def read(self, id_: str, props: Properties) -> dynamic.ReadResult:
        """GET."""
        self.ask("GET", "workspaces", id_, "members")
        return dynamic.ReadResult(id_, props)

    def delete(self, _id: str, _props: Properties) -> None:
        """POST."""
        self.ask("POST", "workspaces", _id, "members", "remove", user_ids=_props["members"])


def _sent(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if name not in NOT_SENT}


def _limits(properties: Properties) -> dict[str, float]:
    names = ("daily", "weekly", "monthly", "lifetime")
    return {name: properties[f"{name}_limit_usd"] for name in names}


class Workspace(dynamic.Resource, module="openrouter", name="Workspace"):
    """A workspace."""

    def __init__(self, resource_name: str, **given: Any) -> None:
        named = {"name": resource_name, "slug": resource_name}
        super().__init__(WorkspaceProvider(), resource_name, {**named, **given})


class WorkspaceBudget(dynamic.Resource, module="openrouter", name="WorkspaceBudget"):
    """Budgets of a workspace."""

    def __init__(self, resource_name: str, workspace_id: Workspace, **given: Any) -> None:
        super().__init__(
            BudgetProvider(), resource_name, {"workspace_id": workspace_id.id, **given}
        )


class WorkspaceMembership(dynamic.Resource, module="openrouter", name="WorkspaceMembership"):
    """Members of a workspace."""

    def __init__(self, resource_name: str, workspace_id: Workspace, **given: Any) -> None:
        properties = {"workspace_id": workspace_id.id, "members": None, **given}
        super().__init__(MembershipProvider(), resource_name, properties)
