"""What an organization has: all that a state file keeps."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import attrs

from .entities import ApiKey, Budget, Membership, Person, Workspace
from .guardrails import GuardrailTables
from .provider_keys import ProviderKey
from .spending import Spent

EPOCH = datetime.fromtimestamp(0, timezone.utc)


@attrs.define(slots=False, eq=False, kw_only=True)
class Contents:
    """What an organization has, by id; budgets and memberships by workspace first.

    A table that is declared here is kept in state files, whatever its entities are.
    """

    id: str = ""
    management_key: str = attrs.field(default="", repr=False)
    inference_key: str = attrs.field(default="", repr=False)
    _moment: datetime = EPOCH
    _ahead: timedelta = timedelta()
    _workspaces: dict[str, Workspace] = attrs.field(factory=dict)
    _ids_by_slug: dict[str, str] = attrs.field(factory=dict)
    _budgets: dict[str, dict[str, Budget]] = attrs.field(factory=dict)
    _memberships: dict[str, dict[str, Membership]] = attrs.field(factory=dict)
    _people: dict[str, Person] = attrs.field(factory=dict)
    _keys: dict[str, ApiKey] = attrs.field(factory=dict)
    _guardrails: GuardrailTables = attrs.field(factory=GuardrailTables)
    _provider_keys: dict[str, ProviderKey] = attrs.field(factory=dict)
    _spent: list[Spent] = attrs.field(factory=list)
