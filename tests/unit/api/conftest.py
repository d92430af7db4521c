from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.unit.api.scripted import Answer, Scripted

Serve = Callable[..., Scripted]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers that give the answers they are told, and stops them after the test."""
    with ExitStack() as stack:

        def start(*answers: Answer) -> Scripted:
            return stack.enter_context(Scripted(*answers))

        yield start
