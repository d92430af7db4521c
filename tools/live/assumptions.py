"""What is assumed, how it is looked at, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs
import requests

from pulumi_openrouter.simulator.quirks import Quirks
from tools.live.probe import NotSeenError, Probe, RefusedError

Look = Callable[[Probe], str]
HEAD = ["| assumption | expected | seen | what to switch |", "|---|---|---|---|"]


@attrs.frozen
class Assumption:
    """One thing that the simulator does, and OpenRouter should."""

    name: str
    look: Look
    """What is seen, in a few words."""
    always: str = ""
    """What should be seen, where there is no switch."""
    quirk: str | None = None
    """The switch of `Quirks` for what else OpenRouter may do."""
    readings: Mapping[str, Any] = attrs.field(factory=dict)
    """The value of that switch for each thing that may be seen."""

    def expected(self, quirks: Quirks) -> str:
        """What should be seen of an account with these quirks."""
        if self.quirk is None:
            return self.always
        wanted = getattr(quirks, self.quirk)
        seen = [seen for seen, value in self.readings.items() if value == wanted]
        return seen[0] if seen else f"{self.quirk}={wanted!r}"

    def outcome(self, probe: Probe, quirks: Quirks) -> Outcome:
        """Look."""
        expected = self.expected(quirks)
        try:
            return Outcome(self, expected, self.look(probe))
        except NotSeenError as reason:
            return Outcome(self, expected, f"not seen: {reason}", was_seen=False)
        except RefusedError as refused:
            return Outcome(self, expected, str(refused))
        except (requests.RequestException, LookupError, TypeError, ValueError) as error:
            return Outcome(self, expected, f"an answer of another shape ({type(error).__name__})")


@attrs.frozen
class Outcome:
    """What came of looking."""

    assumption: Assumption
    expected: str
    seen: str
    was_seen: bool = True

    @property
    def differs(self) -> bool:
        """Whether OpenRouter does something else than the simulator."""
        return self.was_seen and self.seen != self.expected

    @property
    def advice(self) -> str:
        """What to switch, if that helps."""
        quirk, readings = self.assumption.quirk, self.assumption.readings
        if not self.differs:
            return ""
        if quirk is None:
            return "the simulator has no switch for it"
        value = repr(readings[self.seen]) if self.seen in readings else "..."
        return f"`Quirks({quirk}={value})`"

    def __str__(self) -> str:
        cells = (self.assumption.name, self.expected, self.seen, self.advice)
        return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def plain(name: str, always: str) -> Callable[[Look], Assumption]:
    """An assumption for which the simulator has no switch."""
    return lambda look: Assumption(name, look, always)


def switched(name: str, quirk: str, readings: Mapping[str, Any]) -> Callable[[Look], Assumption]:
    """One that has a switch."""
    return lambda look: Assumption(name, look, quirk=quirk, readings=readings)


def looked_at(assumptions: Iterable[Assumption], probe: Probe, quirks: Quirks) -> Iterator[Outcome]:
    """Look at all of them, one after the other."""
    return (assumption.outcome(probe, quirks) for assumption in assumptions)
