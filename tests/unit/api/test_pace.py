"""How fast requests are sent after the API objected."""

from __future__ import annotations

import heapq

import attrs
import pytest

from pulumi_openrouter.api.pace import Line, Pace
from pulumi_openrouter.api.spacing import BRISK_SECONDS, CALM_SECONDS, Spacing

LATENCY = 0.01


@attrs.define
class Clock:
    """A clock that is moved by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@attrs.define
class Api:
    """It takes `limit` requests in each window of some seconds, and tells when the next begins."""

    limit: int
    window: float = 1.0
    began: float = 0.0
    count: int = 0

    def refusal(self, now: float) -> float | None:
        """The Retry-After of a request that arrives now, None where it is taken."""
        if now >= self.began + self.window:
            self.began, self.count = now, 0
        self.count += 1
        return self.began + self.window - now if self.count > self.limit else None


@attrs.define
class Traffic:
    """What threads sent, in a time that passes only here."""

    pace: Pace
    clock: Clock
    api: Api
    taken: list[float] = attrs.field(factory=list)
    refused: int = 0

    def run(self, threads: int, requests: int) -> None:
        """Send requests from threads, each as soon as it may, until so many are taken."""
        waiting = [(self.clock.now, thread) for thread in range(threads)]
        places: dict[int, object] = {}
        while len(self.taken) < requests:
            self.clock.now, thread = heapq.heappop(waiting)
            place = places.get(thread) or self.pace.line_up()
            places[thread] = place
            wait = self.pace.turn(place)
            if not wait:
                del places[thread]
                wait = self.send()
            heapq.heappush(waiting, (self.clock.now + wait, thread))
        for place in places.values():
            self.pace.leave(place)

    def send(self) -> float:
        """Send now; the seconds until the thread goes on."""
        retry_after = self.api.refusal(self.clock.now)
        if retry_after is None:
            self.taken.append(self.clock.now)
            self.pace.taken()
            return LATENCY
        self.refused += 1
        self.pace.refused(retry_after)
        return LATENCY + retry_after


def traffic(limit: int, window: float = 1.0) -> Traffic:
    clock = Clock()
    return Traffic(Pace(clock), clock, Api(limit, window))


def turn(pace: Pace) -> float:
    """What somebody who has just come has to wait; then they go away."""
    place = pace.line_up()
    try:
        return pace.turn(place)
    finally:
        pace.leave(place)


def after_a_refusal() -> tuple[Pace, Clock]:
    """A pace whose wait is over, and the first of those who waited has just gone."""
    clock = Clock()
    pace = Pace(clock)
    pace.refused(2)
    clock.now += 2
    assert turn(pace) == 0
    return pace, clock


def test_nobody_waits_until_the_api_objects() -> None:
    """A new pace lets everybody send at once, and again."""
    pace = Pace(Clock())
    assert [turn(pace) for _ in range(100)] == [0.0] * 100
    assert pace.held_back() == 0


def test_everybody_waits_as_long_as_the_api_asks() -> None:
    """Until then no turn is granted, and then it is."""
    clock = Clock()
    pace = Pace(clock)
    pace.hold_back(5)
    assert turn(pace) == pace.held_back() == 5
    clock.now += 5
    assert turn(pace) == pace.held_back() == 0


def test_the_longest_wait_counts() -> None:
    """A shorter wait never ends one that is longer."""
    pace = Pace(Clock())
    pace.hold_back(3600)
    pace.hold_back(1)
    pace.refused(2)
    assert pace.held_back() == 3600


def test_a_mere_wait_leaves_no_spacing() -> None:
    """An API that was away is asked as fast as before once it is back."""
    clock = Clock()
    pace = Pace(clock)
    pace.hold_back(5)
    clock.now += 5
    assert [turn(pace) for _ in range(10)] == [0.0] * 10


def test_a_single_refusal_is_only_waited_out() -> None:
    """After one 429, and no other soon, those who waited are let go briskly, and then as before."""
    clock = Clock()
    pace = Pace(clock)
    for _ in range(3):
        pace.refused(2)
        assert turn(pace) == 2
        clock.now += 2
        assert turn(pace) == 0
        assert turn(pace) == pytest.approx(BRISK_SECONDS)
        clock.now += 60
        assert [turn(pace) for _ in range(10)] == [0.0] * 10
        clock.now += 60


def test_who_came_first_goes_first() -> None:
    """Nobody is overtaken by those who come, or look, a moment earlier than they do."""
    pace, clock = after_a_refusal()
    places = [pace.line_up() for _ in range(3)]
    for place in places:
        clock.now += BRISK_SECONDS
        assert [pace.turn(later) > 0 for later in places if later is not place] == [True] * 2
        assert pace.turn(place) == pytest.approx(0)
        places = [pace.line_up() if left is place else left for left in places]


def test_who_leaves_holds_nobody_up() -> None:
    """A place that is given up is not waited for."""
    pace, _ = after_a_refusal()
    first, second = pace.line_up(), pace.line_up()
    assert pace.turn(second) == pytest.approx(2 * BRISK_SECONDS)
    pace.leave(first)
    assert pace.turn(second) == pytest.approx(BRISK_SECONDS)


def test_a_line_is_in_order_of_arrival() -> None:
    """Whoever leaves makes room for those behind, and may leave twice."""
    line = Line()
    first, second, third = (line.join() for _ in range(3))
    assert [line.ahead_of(place) for place in (first, second, third)] == [0, 1, 2]
    line.leave(second)
    line.leave(second)
    assert [line.ahead_of(place) for place in (first, third)] == [0, 1]


def test_the_spacing_follows_refusals_and_calm() -> None:
    """A refusal makes it brisk, the next one as wide as the API's limit, and calm halves it."""
    spacing = Spacing()
    assert (spacing.seconds, spacing.last_taken) == (0, None)
    spacing.refused(100)
    spacing.adapt(101, opened_at=101)
    assert spacing.seconds == BRISK_SECONDS
    for tenth in range(10):
        spacing.taken(101 + tenth / 10)
    spacing.refused(102)
    spacing.refused(102.5)
    spacing.adapt(104, opened_at=104)
    learnt = spacing.seconds
    assert 2 / 10 < learnt < 2 / 10 * 1.1
    spacing.adapt(104 + CALM_SECONDS / 2, opened_at=104)
    assert spacing.seconds == learnt
    spacing.adapt(104 + CALM_SECONDS, opened_at=104)
    assert spacing.seconds == learnt / 2
    assert spacing.last_taken == 101.9


@pytest.mark.parametrize("threads", [1, 4, 16, 64])
@pytest.mark.parametrize(("limit", "window"), [(5, 1), (50, 1), (100, 60), (20, 10)])
def test_few_requests_are_refused(limit: int, window: float, threads: int) -> None:
    """After the first refusals the pace is the API's: few more follow, and little time is lost."""
    found = traffic(limit, window)
    begun = found.clock.now
    found.run(threads, 3000)
    # Those that are on their way together when the API objects can't be held back any more.
    assert found.refused - 2 * threads < 0.02 * 3000
    assert found.clock.now - begun < 1.25 * 3000 * window / limit


def test_the_pace_is_learnt_from_what_was_taken_lately() -> None:
    """A long quiet time before the first refusal doesn't make the pace slower than the API."""
    found = traffic(5)
    found.run(1, 1)
    found.clock.now += 600
    begun = found.clock.now
    found.run(4, 101)
    assert found.clock.now - begun < 1.3 * 100 / 5


def test_a_refusal_of_a_moment_does_not_slow_down_for_good() -> None:
    """Once the API takes more again, the pace doubles until it does not hold anybody back."""
    found = traffic(1)
    found.run(4, 20)
    found.api.limit = 10_000
    found.run(4, 4000)
    first, last = (found.taken[-n] for n in (1001, 1))
    assert 1000 / (last - first) > 50


def test_a_limit_that_falls_is_followed() -> None:
    """An API that takes less than before is asked less, and soon not more than that."""
    found = traffic(20)
    found.run(4, 200)
    found.api.limit = 10
    found.refused = 0
    found.run(4, 800)
    assert found.refused < 0.05 * 600
