"""How far apart requests are sent, learnt from what the API takes and refuses."""

from __future__ import annotations

from collections import deque

MARGIN_FACTOR = 1.05
"""How much slower to send than the API was seen to take: requests don't arrive evenly."""
SLOWDOWN_FACTOR = 1.2
BRISK_SECONDS = 0.01
"""The spacing after a single refusal, so that those who waited don't all return at once."""
CALM_SECONDS = 30.0
"""How long without a refusal until twice the pace is tried."""
MIN_SPAN_SECONDS = 1.0
MAX_REMEMBERED_REQUESTS = 1000


class Spacing:
    """The seconds between requests, none as long as the API refuses nothing.

    After a first refusal, those who waited follow each other briskly. If the API soon refuses
    again, what it took before tells how far apart it wants them. A calm time halves the spacing.

    All moments are those of one monotonic clock. Not safe between threads: `Pace` locks.

    Attributes:
        seconds: the spacing, 0 for none.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._taken: deque[float] = deque(maxlen=MAX_REMEMBERED_REQUESTS)
        self._refused_at: float | None = None
        self._proven = 0.0
        self._is_trying = False
        self._calm = CALM_SECONDS
        self._calm_at = 0.0

    def taken(self, now: float) -> None:
        """The API took a request."""
        self._taken.append(now)

    @property
    def last_taken(self) -> float | None:
        """When the API last took a request, None before the first."""
        return self._taken[-1] if self._taken else None

    def refused(self, now: float) -> None:
        """The API refused a request."""
        # Of several refused together, only the first says when the limit was reached.
        if self._refused_at is None:
            self._refused_at = now

    def adapt(self, now: float, opened_at: float) -> None:
        """Widen the spacing if a request was refused, narrow it if the API has been calm.

        Args:
            now: this moment.
            opened_at: when the API began to take requests again after a refusal.
        """
        is_calm = now >= self._calm_at
        if self._refused_at is not None:
            self._slow_down(opened_at - self._refused_at, self._refused_at, is_calm)
            self._refused_at = None
        elif self.seconds and is_calm:
            self._try_faster()
        else:
            return
        self._calm_at = now + self._calm

    def _try_faster(self) -> None:
        self._is_trying = True
        self._proven = self.seconds
        self.seconds = self.seconds / 2 if self.seconds > BRISK_SECONDS else 0.0

    def _slow_down(self, asked: float, refused_at: float, is_calm: bool) -> None:
        if is_calm and not self.seconds:
            self.seconds = BRISK_SECONDS
        elif self._is_trying:
            self.seconds = self._proven
            self._calm *= 2
        elif self.seconds > BRISK_SECONDS:
            self.seconds *= SLOWDOWN_FACTOR
        else:
            self.seconds = self._learnt(max(asked, MIN_SPAN_SECONDS), refused_at)
        self._is_trying = False

    def _learnt(self, span: float, refused_at: float) -> float:
        """The spacing at which the API took requests in the span before it refused."""
        count = sum(at > refused_at - span for at in self._taken)
        return max(MARGIN_FACTOR * span / max(count, 1), BRISK_SECONDS * SLOWDOWN_FACTOR)
