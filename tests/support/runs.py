"""The provider's side of one run: the engine starts a new process for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import attrs

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.core.api_key import ApiKeyLifecycle
from pulumi_openrouter.core.byok_key import ByokKeyLifecycle
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.guardrail import GuardrailLifecycle
from pulumi_openrouter.core.lifecycle import Lifecycle
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.core.workspace_budget import WorkspaceBudgetLifecycle
from pulumi_openrouter.core.workspace_default_guardrail import (
    WorkspaceDefaultGuardrailLifecycle,
)
from pulumi_openrouter.core.workspace_membership import WorkspaceMembershipLifecycle
from pulumi_openrouter.simulator import Simulator
from tools.miniature_engine import DirectCalls, MiniatureEngine

TIMEOUT = 5.0
"""The default time-out of a client in seconds."""


@attrs.frozen
class Run:
    """The lifecycles of one run, what they share, and what they told the user."""

    context: Context
    said: list[str]
    workspaces: WorkspaceLifecycle
    budgets: WorkspaceBudgetLifecycle
    memberships: WorkspaceMembershipLifecycle
    keys: ApiKeyLifecycle
    guardrails: GuardrailLifecycle
    default_guardrails: WorkspaceDefaultGuardrailLifecycle
    provider_keys: ByokKeyLifecycle

    @classmethod
    def against(cls, simulator: Simulator, timeout: float = TIMEOUT, patience: float = 0) -> Run:
        """A run that talks to this simulator; by default it believes every 404 at once."""
        return cls._over(
            lambda: Client(simulator.key, simulator.base_url, timeout=timeout), patience
        )

    @classmethod
    def offline(cls) -> Run:
        """A run that must not connect."""
        return cls._over(_no_network)

    @classmethod
    def _over(cls, connect: Callable[[], Client], patience: float = 0) -> Run:
        said: list[str] = []
        context = Context(connect, said.append, patience=patience)
        return cls(
            context,
            said,
            WorkspaceLifecycle(context),
            WorkspaceBudgetLifecycle(context),
            WorkspaceMembershipLifecycle(context),
            ApiKeyLifecycle(context),
            GuardrailLifecycle(context),
            WorkspaceDefaultGuardrailLifecycle(context),
            ByokKeyLifecycle(context),
        )

    @property
    def lifecycles(self) -> dict[str, Lifecycle]:
        """All lifecycles by noun."""
        found = (
            *(self.workspaces, self.budgets, self.memberships, self.keys),
            *(self.guardrails, self.default_guardrails, self.provider_keys),
        )
        return {lifecycle.noun: lifecycle for lifecycle in found}


NewRun = Callable[..., Run]
"""Starts another run; takes its time-out in seconds."""


def engine_on(lifecycle: Lifecycle) -> MiniatureEngine:
    """The engine in miniature, on one resource of this kind."""
    return MiniatureEngine(DirectCalls(lifecycle))


def _no_network() -> NoReturn:
    raise AssertionError("check and diff must not connect")
