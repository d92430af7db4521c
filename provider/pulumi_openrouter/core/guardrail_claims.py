"""Which guardrail of this run governs whom.

A key has one guardrail at the most, a member one in each workspace, and OpenRouter moves whoever
is assigned to a second one, without a word. Two guardrails of a program may exchange their keys in
one run, whichever the engine updates first: a key is taken from another one if that is this run's
and no longer declares it.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence

from pulumi_openrouter.core.kinds import Unknown

Declared = tuple[str | Unknown, str | Unknown]
"""What tells the guardrails of a program apart: their workspace and their name."""
Who = tuple[str, ...]
"""A key or a member, as programs name them: see `key` and `member`."""


def key(key_hash: str) -> Who:
    """A key by its hash."""
    return ("key", key_hash)


def member(workspace_id: str, ref: str) -> Who:
    """A member of a workspace, by user id or by email."""
    return ("member", workspace_id, ref)


class GuardrailClaims:
    """What the guardrails of this run declare; safe to share between threads."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._ids: set[str] = set()
        self._declared: set[Declared] = set()
        self._governed: dict[Who, Declared] = {}
        self._compared: dict[str, Declared] = {}
        self._replaced: set[str] = set()
        self._defaults: defaultdict[str, set[str]] = defaultdict(set)

    def claim(self, guardrail: Declared, whom: Iterable[Who]) -> None:
        """A resource declares a guardrail, and whom it governs."""
        with self._condition:
            self._declared.add(guardrail)
            self._governed.update(dict.fromkeys(whom, guardrail))

    def claim_id(self, guardrail_id: str) -> None:
        """A resource of this run made this guardrail, or took it over."""
        with self._condition:
            self._ids.add(guardrail_id)

    def compared(self, guardrail_id: str, guardrail: Declared) -> None:
        """The engine compares a resource with its guardrail.

        Only what the program declares counts: a refresh compares too, and declares nothing.
        """
        with self._condition:
            if guardrail in self._declared:
                self._compared[guardrail_id] = guardrail
                self._condition.notify_all()

    def release_replaced(self, guardrail: Declared) -> None:
        """A guardrail is made anew: the one that it had may go, and gives up all it governs.

        The engine checks a replacement like something new, after it compared the old one.
        """
        with self._condition:
            self._replaced |= {each for each, which in self._compared.items() if which == guardrail}

    def governed_by_another(self, guardrail: Declared, whom: Iterable[Who]) -> list[Who]:
        """Those whom another guardrail of the program declares too."""
        with self._condition:
            return [who for who in whom if self._governed.get(who, guardrail) != guardrail]

    def keeps(self, guardrail_id: str) -> bool:
        """Whether a resource of this run made the guardrail, or took it over."""
        with self._condition:
            return guardrail_id in self._ids

    def claim_default(self, workspace_id: str | Unknown, fields: Iterable[str]) -> None:
        """A resource declares these fields of the default guardrail of a workspace."""
        with self._condition:
            if not isinstance(workspace_id, Unknown):
                self._defaults[workspace_id].update(fields)

    def fields_of_default(self, workspace_id: str) -> set[str]:
        """Which fields of the default guardrail of a workspace this run declares."""
        with self._condition:
            return set(self._defaults[workspace_id])

    def is_replaced(self, guardrail_id: str) -> bool:
        """Whether a resource of this run has another guardrail made in place of this one."""
        with self._condition:
            return guardrail_id in self._replaced

    def gives_up(self, guardrail_id: str, who: Sequence[Who], patience: float) -> bool:
        """Whether a guardrail is this stack's, and the program has somebody no longer in it.

        Args:
            guardrail_id: the guardrail.
            who: the same key or member, in all spellings.
            patience: the seconds in which the engine may yet compare that guardrail.
        """
        with self._condition:
            if not self._condition.wait_for(lambda: guardrail_id in self._compared, patience):
                return False
            holder = self._compared[guardrail_id]
            is_declared = any(self._governed.get(each) == holder for each in who)
            return guardrail_id in self._replaced or not is_declared
