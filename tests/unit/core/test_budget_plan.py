"""The order of the requests that change budgets, judged by the API's own rule."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_openrouter.core.budget_plan import INTERVALS, Step, disorder, plan
from pulumi_openrouter.simulator import Organization

Limits = dict[str, float]
State = frozenset[tuple[str, float]]


LARGEST = 2 * len(INTERVALS)
"""Two sets of budgets have no more limits than this: so many amounts make every order of them."""
AMOUNTS = st.floats(min_value=0.01, max_value=1e9)


@st.composite
def budgets(draw: st.DrawFn) -> Limits:
    """Budgets that the API would accept as they stand."""
    names = draw(st.lists(st.sampled_from(INTERVALS), unique=True))
    amounts = draw(st.lists(AMOUNTS, unique=True, min_size=len(names), max_size=len(names)))
    return dict(zip(sorted(names, key=INTERVALS.index), sorted(amounts), strict=True))


def every_state() -> list[Limits]:
    """Every accepted set of budgets with whole limits up to `LARGEST`."""
    return [
        dict(zip(names, amounts, strict=True))
        for size in range(len(INTERVALS) + 1)
        for names in itertools.combinations(INTERVALS, size)
        for amounts in itertools.combinations(range(1, LARGEST + 1), size)
    ]


def every_ordering() -> Iterator[tuple[Limits, Limits]]:
    """Every way in which the limits of two accepted sets can be ordered among each other, once."""
    for start, target in itertools.product(every_state(), repeat=2):
        amounts = {*start.values(), *target.values()}
        if max(amounts, default=0) == len(amounts):
            yield start, target


def every_owner(start: Limits, wanted: Limits) -> Iterator[set[str]]:
    """Every choice of those of the undeclared intervals that are to be removed."""
    undeclared = [name for name in start if name not in wanted]
    for size in range(len(undeclared) + 1):
        yield from map(set, itertools.combinations(undeclared, size))


def goal(start: Limits, wanted: Limits, removed: set[str]) -> Limits:
    """What the workspace has in the end: intervals of others stay."""
    return {**{name: start[name] for name in start if name not in removed}, **wanted}


def accepted(limits: Limits) -> bool:
    """The API's rule, written down anew: strictly increasing from narrow to wide."""
    present = [limits[name] for name in INTERVALS if name in limits]
    return all(narrow < wide for narrow, wide in itertools.pairwise(present))


def after(limits: Limits, step: Step) -> Limits:
    rest = {name: limit for name, limit in limits.items() if name != step.interval}
    return rest if step.limit_usd is None else {**rest, step.interval: step.limit_usd}


def states_on_the_way(start: Limits, steps: Sequence[Step]) -> Iterator[Limits]:
    for step in steps:
        start = after(start, step)
        yield start


def differing(start: Limits, target: Limits) -> set[str]:
    return {name for name in INTERVALS if start.get(name) != target.get(name)}


def check_plan(start: Limits, wanted: Limits, removed: set[str]) -> None:
    """Check a plan whose goal is accepted for all that a plan must be."""
    target = goal(start, wanted, removed)
    steps = plan(start, wanted, removed)
    states = list(states_on_the_way(start, steps))
    assert all(map(accepted, states)), (start, target, steps)
    assert (states or [start])[-1] == target
    touched = [step.interval for step in steps]
    # One request changes one interval, so that no plan can have fewer than these.
    assert sorted(touched) == sorted(differing(start, target))


@pytest.mark.reliability(
    "every order of old and new limits over the four intervals, each undeclared one once dropped "
    "and once somebody else's",
    "every request on the way is one that the API accepts, or an error before the first; "
    "each interval that differs is sent once, and no other",
)
def test_every_plan_is_accepted_and_shortest(
    record_property: Callable[[str, object], None],
) -> None:
    """Each state on the way is accepted and each difference sent once, unless the goal is none."""
    cases = [
        (start, wanted, removed)
        for start, wanted in every_ordering()
        for removed in every_owner(start, wanted)
    ]
    for start, wanted, removed in cases:
        target = goal(start, wanted, removed)
        if accepted(target):
            check_plan(start, wanted, removed)
        else:
            assert list(disorder(target))
    record_property("cases", len(cases))


@pytest.mark.reliability(
    "a breadth-first search from every start to every goal over the four intervals",
    "it finds no way with fewer requests",
)
def test_no_search_finds_a_shorter_plan(record_property: Callable[[str, object], None]) -> None:
    """A breadth-first search over the accepted states finds no plan with fewer requests."""
    neighbours = {frozen(state): list(accepted_neighbours(state)) for state in every_state()}
    cases = 0
    for start, pairs in itertools.groupby(every_ordering(), key=lambda pair: pair[0]):
        fewest = distances(frozen(start), neighbours)
        for _, target in pairs:
            steps = plan(start, target, set(start) - set(target))
            assert len(steps) == fewest[frozen(target)], (start, target)
            cases += 1
    record_property("cases", cases)


def frozen(limits: Limits) -> State:
    return frozenset(limits.items())


def accepted_neighbours(state: Limits) -> Iterator[State]:
    """What one request can make of a state."""
    for name in INTERVALS:
        for amount in range(LARGEST + 1):
            neighbour = after(state, Step(name, amount or None))
            if neighbour != state and accepted(neighbour):
                yield frozen(neighbour)


def distances(start: State, neighbours: Mapping[State, Sequence[State]]) -> dict[State, int]:
    """The fewest requests from start to every accepted state."""
    found = {start: 0}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for neighbour in neighbours[state]:
            if neighbour not in found:
                found[neighbour] = found[state] + 1
                queue.append(neighbour)
    return found


@pytest.mark.reliability(
    "any limits over the four intervals, some of them somebody else's",
    "every request on the way is one that the simulated API accepts, or an error before the first",
)
@given(budgets(), budgets(), st.sets(st.sampled_from(INTERVALS)))
def test_the_simulated_api_accepts_every_step(
    start: Limits, wanted: Limits, foreign: set[str]
) -> None:
    """The API's own check passes at every request, whatever the amounts; others' limits stay."""
    removed = set(start) - set(wanted) - foreign
    target = goal(start, wanted, removed)
    if list(disorder(target)):
        assert not accepted(target)
        return
    organization = Organization()
    for name, limit in start.items():
        organization.set_budget("default", name, limit)
    for step in plan(start, wanted, removed):
        if step.limit_usd is None:
            organization.delete_budget("default", step.interval)
        else:
            organization.set_budget("default", step.interval, step.limit_usd)
    assert organization.budgets("default") == target


@given(budgets(), budgets(), st.sets(st.sampled_from(INTERVALS)))
def test_what_is_in_neither_argument_stays(
    start: Limits, wanted: Limits, foreign: set[str]
) -> None:
    """Live intervals that are neither wanted nor removed are never touched."""
    declared = {name: limit for name, limit in wanted.items() if name not in foreign}
    removed = set(start) - set(declared) - foreign
    touched = {step.interval for step in plan(start, declared, removed)}
    assert not touched & foreign


@given(budgets(), budgets())
def test_declaring_what_is_there_changes_no_plan(start: Limits, target: Limits) -> None:
    """Whether an interval that does not change is declared makes no difference to the plan."""
    removed = set(start) - set(target)
    changed = {name: limit for name, limit in target.items() if start.get(name) != limit}
    assert plan(start, changed, removed) == plan(start, target, removed)


@given(budgets())
def test_nothing_differs_nothing_is_planned(limits: Limits) -> None:
    """The plan from a state to itself is empty, also where removals name what is not there."""
    assert plan(limits, limits, set(INTERVALS) - set(limits)) == []


@pytest.mark.parametrize(
    ("start", "target", "steps"),
    [
        pytest.param(
            {"daily": 1, "weekly": 2, "monthly": 3, "lifetime": 4},
            {"daily": 5, "weekly": 6, "monthly": 7, "lifetime": 8},
            [("lifetime", 8), ("monthly", 7), ("weekly", 6), ("daily", 5)],
            id="raises: the widest first",
        ),
        pytest.param(
            {"daily": 5, "weekly": 6, "monthly": 7, "lifetime": 8},
            {"daily": 1, "weekly": 2, "monthly": 3, "lifetime": 4},
            [("daily", 1), ("weekly", 2), ("monthly", 3), ("lifetime", 4)],
            id="falls: the narrowest first",
        ),
        pytest.param(
            {"daily": 5, "monthly": 7, "lifetime": 8},
            {"daily": 2, "weekly": 3, "lifetime": 9},
            [("monthly", None), ("lifetime", 9), ("daily", 2), ("weekly", 3)],
            id="removals, then raises, then falls and new ones together",
        ),
    ],
)
def test_the_order_is_the_documented_one(
    start: Limits, target: Limits, steps: list[tuple[str, float | None]]
) -> None:
    """Removals, then raises from wide to narrow, then falls and new ones from narrow to wide."""
    planned = plan(start, target, set(start) - set(target))
    assert [(step.interval, step.limit_usd) for step in planned] == steps


@given(st.dictionaries(st.sampled_from(INTERVALS), AMOUNTS))
def test_disorder_is_what_the_api_refuses(limits: Limits) -> None:
    """There is a disorder exactly where the API would refuse the set."""
    assert bool(list(disorder(limits))) is not accepted(limits)


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        ({}, []),
        ({"weekly": 1}, []),
        ({"daily": 1, "lifetime": 2}, []),
        ({"daily": 2, "lifetime": 2}, [("daily", "lifetime")]),
        ({"daily": 1, "weekly": 3, "monthly": 2}, [("weekly", "monthly")]),
        (
            {"daily": 4, "weekly": 3, "monthly": 2, "lifetime": 1},
            [("daily", "weekly"), ("weekly", "monthly"), ("monthly", "lifetime")],
        ),
    ],
)
def test_disorder_names_the_neighbours(limits: Limits, found: list[tuple[str, str]]) -> None:
    """Each pair of neighbours among the present intervals that is out of order is named."""
    assert list(disorder(limits)) == found
