"""The lifecycles of one process, as the engine starts one for each run."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from pulumi_openrouter.api.client import Client
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.core.workspace_budget import WorkspaceBudgetLifecycle
from pulumi_openrouter.core.workspace_membership import WorkspaceMembershipLifecycle
from pulumi_openrouter.simulator import Simulator

TIMEOUT = 5.0
"""Seconds after which a client gives up."""


@attrs.frozen
class Run:
    """What one run shares and remembers, and what it told the user."""

    context: Context
    said: list[str]
    workspaces: WorkspaceLifecycle
    budgets: WorkspaceBudgetLifecycle
    memberships: WorkspaceMembershipLifecycle

    @classmethod
    def against(cls, simulator: Simulator, timeout: float = TIMEOUT) -> Run:
        """A run that talks to this simulator."""
        said: list[str] = []
        context = Context(
            lambda: Client(simulator.key, simulator.base_url, timeout=timeout), said.append
        )
        return cls(
            context,
            said,
            WorkspaceLifecycle(context),
            WorkspaceBudgetLifecycle(context),
            WorkspaceMembershipLifecycle(context),
        )


NewRun = Callable[..., Run]
"""Starts another run, with the seconds that a request may take."""
