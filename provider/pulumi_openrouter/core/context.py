"""What all resources of one process share: one client, one directory, one memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from pulumi_openrouter.core.absence import PATIENCE_SECONDS, Absence
from pulumi_openrouter.core.claims import Claims
from pulumi_openrouter.core.directory import Directory
from pulumi_openrouter.core.key_pages import KeyPages
from pulumi_openrouter.core.model_catalogue import ModelCatalogue
from pulumi_openrouter.core.workspace_pages import WorkspacePages

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client


class Context:
    """Shared by the threads of a process; connects at the first request, never before.

    Args:
        connect: makes the client.
        say: tells the user something that is no error.
        patience: the seconds for which a 404 of something that was just made is asked for again.

    Attributes:
        say: as given.
        absence: decides when a 404 is believed.
        claims: what this run declares, and thus never deletes.
        directory: who is in the organization.
        workspaces: finds workspaces with as few requests as possible.
        keys: finds API keys likewise.
        models: which slugs mean the same model.
        slugs: those of the workspaces that this process has seen, by id: people know them.
        default_guardrails: the ids of their default guardrails, likewise.
        patience: as given.
    """

    def __init__(
        self,
        connect: Callable[[], Client],
        say: Callable[[str], None] = print,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self.say = say
        self.patience = patience
        self.absence = Absence(lambda: self.client, patience)
        self.claims = Claims()
        self.directory = Directory(lambda: self.client.list_organization_members())
        self.workspaces = WorkspacePages(lambda: self.client)
        self.keys = KeyPages(lambda: self.client)
        self.models = ModelCatalogue(lambda: self.client)
        self.slugs: dict[str, str] = {}
        self.default_guardrails: dict[str, str] = {}
        self._connect = connect
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._turns: dict[tuple[str, ...], threading.Lock] = {}

    @property
    def client(self) -> Client:
        """The API.

        Raises:
            SettingsError: there is no key, or the base URL is not one to send it to.
        """
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def turn(self, noun: str, *which: str) -> threading.Lock:
        """What changes of one thing wait for, such as the budgets of one workspace."""
        with self._lock:
            return self._turns.setdefault((noun, *which), threading.Lock())
