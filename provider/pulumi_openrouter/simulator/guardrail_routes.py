"""Guardrails, provider keys and the catalogue of models over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import request

from . import validation
from .answers import Answer, Pages, body
from .guardrail_rules import KEY_HASHES, MEMBER_USER_IDS, NEW_GUARDRAIL
from .guardrails import KeyAssignment
from .model_catalogue import MODELS
from .provider_keys import PROVIDER_KEY_FILTER
from .state import Organization


class GuardrailRoutes:
    """The operations on guardrails and on who is assigned to them."""

    def __init__(self, organization: Organization, pages: Pages) -> None:
        self._organization = organization
        self._pages = pages

    def table(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        """Every operation: its HTTP method, its path, and what carries it out."""
        one = "/guardrails/<guardrail_id>"
        return [
            ("GET", "/models", self.list_models),
            ("GET", "/guardrails", self.list_guardrails),
            ("POST", "/guardrails", self.create_guardrail),
            ("GET", "/guardrails/assignments/keys", self.list_key_assignments),
            ("GET", "/guardrails/assignments/members", self.list_member_assignments),
            ("GET", one, self.get_guardrail),
            ("PATCH", one, self.update_guardrail),
            ("DELETE", one, self.delete_guardrail),
            ("GET", f"{one}/assignments/keys", self.list_keys_of_guardrail),
            ("POST", f"{one}/assignments/keys", self.assign_keys),
            ("POST", f"{one}/assignments/keys/remove", self.unassign_keys),
            ("GET", f"{one}/assignments/members", self.list_members_of_guardrail),
            ("POST", f"{one}/assignments/members", self.assign_members),
            ("POST", f"{one}/assignments/members/remove", self.unassign_members),
        ]

    def list_models(self) -> Answer:
        """GET /models, which needs no key."""
        return {"data": [model.as_json() for model in MODELS]}

    # Guardrails

    def list_guardrails(self) -> Answer:
        """GET /guardrails; without a workspace, those of the default one."""
        query = validation.clean(request.args.to_dict(), validation.KEY_FILTER)
        home = self._organization.home(query.get("workspace_id"))
        return self._pages.strict.page(self._organization.guardrails.of(home))

    def create_guardrail(self) -> Answer:
        """POST /guardrails."""
        # Only what a guardrail has: whoever plants one may also say its id.
        fields = validation.clean(body(), NEW_GUARDRAIL)
        return {"data": self._organization.guardrails.create(**fields).as_json()}, 201

    def get_guardrail(self, guardrail_id: str) -> Answer:
        """GET /guardrails/{id}."""
        return {"data": self._organization.guardrails.get(guardrail_id).as_json()}

    def update_guardrail(self, guardrail_id: str) -> Answer:
        """PATCH /guardrails/{id}."""
        return {"data": self._organization.guardrails.update(guardrail_id, **body()).as_json()}

    def delete_guardrail(self, guardrail_id: str) -> Answer:
        """DELETE /guardrails/{id}."""
        self._organization.guardrails.delete(guardrail_id)
        return {"deleted": True}

    # Assignments

    def list_key_assignments(self) -> Answer:
        """GET /guardrails/assignments/keys."""
        return _page_of_keys(self._pages.strict, self._organization.guardrails.key_rows())

    def list_member_assignments(self) -> Answer:
        """GET /guardrails/assignments/members."""
        return self._pages.strict.page(self._organization.guardrails.member_rows())

    def list_keys_of_guardrail(self, guardrail_id: str) -> Answer:
        """GET /guardrails/{id}/assignments/keys."""
        return _page_of_keys(self._pages, self._organization.guardrails.key_rows(guardrail_id))

    def assign_keys(self, guardrail_id: str) -> Answer:
        """POST /guardrails/{id}/assignments/keys."""
        hashes = validation.clean(body(), KEY_HASHES)["key_hashes"]
        return {"assigned_count": self._organization.guardrails.assign_keys(guardrail_id, hashes)}

    def unassign_keys(self, guardrail_id: str) -> Answer:
        """POST /guardrails/{id}/assignments/keys/remove."""
        hashes = validation.clean(body(), KEY_HASHES)["key_hashes"]
        return {
            "unassigned_count": self._organization.guardrails.unassign_keys(guardrail_id, hashes)
        }

    def list_members_of_guardrail(self, guardrail_id: str) -> Answer:
        """GET /guardrails/{id}/assignments/members."""
        return self._pages.page(self._organization.guardrails.member_rows(guardrail_id))

    def assign_members(self, guardrail_id: str) -> Answer:
        """POST /guardrails/{id}/assignments/members."""
        user_ids = validation.clean(body(), MEMBER_USER_IDS)["member_user_ids"]
        return {
            "assigned_count": self._organization.guardrails.assign_members(guardrail_id, user_ids)
        }

    def unassign_members(self, guardrail_id: str) -> Answer:
        """POST /guardrails/{id}/assignments/members/remove."""
        user_ids = validation.clean(body(), MEMBER_USER_IDS)["member_user_ids"]
        return {
            "unassigned_count": self._organization.guardrails.unassign_members(
                guardrail_id, user_ids
            )
        }


class ProviderKeyRoutes:
    """The operations on provider keys."""

    def __init__(self, organization: Organization, pages: Pages) -> None:
        self._organization = organization
        self._pages = pages

    def table(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        """Every operation: its HTTP method, its path, and what carries it out."""
        return [
            ("GET", "/byok", self.list_provider_keys),
            ("POST", "/byok", self.create_provider_key),
            ("GET", "/byok/<key_id>", self.get_provider_key),
            ("PATCH", "/byok/<key_id>", self.update_provider_key),
            ("DELETE", "/byok/<key_id>", self.delete_provider_key),
        ]

    def list_provider_keys(self) -> Answer:
        """GET /byok; without a workspace, those of the default one."""
        query = validation.clean(request.args.to_dict(), PROVIDER_KEY_FILTER)
        home = self._organization.home(query.get("workspace_id"))
        keys = self._organization.provider_keys.of(home, query.get("provider"))
        return self._pages.strict.page(keys)

    def create_provider_key(self) -> Answer:
        """POST /byok."""
        return {"data": self._organization.provider_keys.create(**body()).as_json()}, 201

    def get_provider_key(self, key_id: str) -> Answer:
        """GET /byok/{id}."""
        return {"data": self._organization.provider_keys.get(key_id).as_json()}

    def update_provider_key(self, key_id: str) -> Answer:
        """PATCH /byok/{id}."""
        return {"data": self._organization.provider_keys.update(key_id, **body()).as_json()}

    def delete_provider_key(self, key_id: str) -> Answer:
        """DELETE /byok/{id}."""
        self._organization.provider_keys.delete(key_id)
        return {"deleted": True}


def _page_of_keys(pages: Pages, rows: Sequence[KeyAssignment | None]) -> Answer:
    """A page, from which the rows of deleted keys are missing though they are counted."""
    offset, limit = pages.bounds()
    shown = [row.as_json() for row in rows[offset : offset + limit] if row is not None]
    return {"data": shown, "total_count": len(rows)}
