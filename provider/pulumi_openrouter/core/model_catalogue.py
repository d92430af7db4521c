"""Which slugs mean the same model: the API answers with one of them, whatever it was given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import RequestError

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client

PATIENCE_SECONDS = 10.0
"""How long to ask for the catalogue: without it, slugs are compared as they are."""


class ModelCatalogue:
    """The canonical slugs of models, asked for once a process, and only where one is in doubt."""

    def __init__(self, client: Callable[[], Client]) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._canonical: Mapping[str, str] | None = None

    def in_spelling_of(self, declared: Sequence[str], live: Sequence[str]) -> list[str]:
        """The live models, each by the slug by which it is declared, if it is.

        Args:
            declared: models by any of their slugs.
            live: models by their canonical slugs, in any order.
        """
        if set(declared) == set(live):
            return sorted(declared)
        names = {self.canonical(slug) for slug in live}
        found = {slug for slug in declared if self.canonical(slug) in names}
        known = {self.canonical(slug) for slug in found}
        return sorted(found | {slug for slug in live if self.canonical(slug) not in known})

    def canonical(self, slug: str) -> str:
        """The canonical slug of a model, and the given one of a model that is not in the list."""
        name, colon, variant = slug.partition(":")
        return self._names().get(name, name) + colon + variant

    def _names(self) -> Mapping[str, str]:
        with self._lock:
            if self._canonical is None:
                self._canonical = self._asked()
            return self._canonical

    def _asked(self) -> Mapping[str, str]:
        client = self._client()
        try:
            with client.operation(min(PATIENCE_SECONDS, client.timeout)):
                models = client.guardrails.list_models()
        except RequestError:
            return {}
        return {
            _without_variant(model.id): _without_variant(model.canonical_slug)
            for model in models
            if model.canonical_slug
        }


def _without_variant(slug: str) -> str:
    return slug.partition(":")[0]
