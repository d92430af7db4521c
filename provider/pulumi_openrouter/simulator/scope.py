"""What a management key reaches that is limited to one workspace."""

from __future__ import annotations

from collections.abc import Iterator

from flask import g, request

from . import errors
from .state import Organization


class Scope:
    """The default workspace, for a key that is limited to it; everything for any other key."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self.is_limited = organization.quirks.scoped_key

    @property
    def workspace_id(self) -> str | None:
        """The only workspace; None for a key without this limit."""
        return self._organization.home(None) if self.is_limited else None

    def check(self) -> None:
        """Refuse a request about another workspace, or about the organization as such."""
        if not self.is_limited:
            return
        makes_workspace = (request.method, request.endpoint) == ("POST", "create_workspace")
        if makes_workspace or any(found != self.workspace_id for found in self._named()):
            raise errors.out_of_scope()

    def _named(self) -> Iterator[str | None]:
        """The workspaces of all that the request names."""
        organization, named = self._organization, request.view_args or {}
        body = g.request.body if isinstance(g.request.body, dict) else {}
        if "ref" in named:
            yield organization.workspace(named["ref"]).id
        if "key_hash" in named:
            yield organization.key(named["key_hash"]).workspace_id
        if "guardrail_id" in named:
            yield organization.guardrails.get(named["guardrail_id"]).workspace_id
        if "key_id" in named:
            yield organization.provider_keys.get(named["key_id"]).workspace_id
        yield from (
            given["workspace_id"] for given in (request.args, body) if "workspace_id" in given
        )
