"""The models that the simulated API knows: a few, and one of them under several names."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from .entities import Entity


@attrs.frozen(kw_only=True)
class Model(Entity):
    """A model: its slug may move to a newer one, its canonical slug never changes."""

    id: str
    canonical_slug: str
    name: str


MODELS: tuple[Model, ...] = (
    Model(id="acme/swift", canonical_slug="acme/swift-2026-03-01", name="Acme: Swift"),
    Model(id="acme/swift:free", canonical_slug="acme/swift-2026-03-01", name="Acme: Swift (free)"),
    Model(id="acme/sage", canonical_slug="acme/sage-2026-07-15", name="Acme: Sage"),
    Model(id="globex/atlas", canonical_slug="globex/atlas", name="Globex: Atlas"),
    Model(id="globex/atlas-mini", canonical_slug="globex/atlas-mini-1.2", name="Globex: Mini"),
    Model(id="initech/memo", canonical_slug="initech/memo-7b", name="Initech: Memo"),
)
CANONICAL = {model.id: model.canonical_slug for model in MODELS if ":" not in model.id}


def canonical_models(given: Iterable[str]) -> list[str]:
    """Models as answers have them: by canonical slug, in this order, each once."""
    return list(dict.fromkeys(_canonical(slug) for slug in given))


def _canonical(slug: str) -> str:
    """The canonical slug of a model; what is not in the catalogue is answered as it came."""
    name, colon, variant = slug.partition(":")
    return CANONICAL.get(name, name) + colon + variant
