"""Whatever goes wrong at whichever request of an operation, nothing is lost by it.

The requests are counted by a run without a fault, so a new request in the code is a new case.
"""

from __future__ import annotations

import copy
import logging
from typing import Any

import attrs
import pytest

from pulumi_openrouter.simulator import Fault
from tools.operations import (
    CLIENT_LOG,
    FAULTS,
    OPERATIONS,
    UNHEARD,
    World,
    asks_for_refresh,
    at_every_request,
    expected,
    failure,
    organization_of,
)

OPERATION = pytest.mark.parametrize("name", OPERATIONS)
FAULT = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
MOST_LINES = 4


@pytest.mark.reliability(
    "each of 12 faults, once, at each request of each operation",
    "it succeeds; state and organization are exact, nothing is there twice",
)
@OPERATION
@FAULT
def test_a_fault_once_changes_nothing(
    name: str, fault: Fault, record_property: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The operation succeeds, and ends with the same state and organization as without it."""
    caplog.set_level(logging.DEBUG)

    def case(nth: int) -> str:
        with World.ready(OPERATIONS[name]) as world:
            world.simulator.faults.add(attrs.evolve(fault, nth=nth))
            world.act()
            assert organization_of(world) == expected(name).after
            assert world.state == expected(name).state
            assert world.simulator.log[nth - 1].fault == fault.kind.value
            return world.simulator.key

    keys = at_every_request(name, case)
    record_property("cases", len(keys))
    assert not any(key in caplog.text for key in keys)


@pytest.mark.reliability(
    "each of 12 faults, for good, from each request of each operation on",
    "a clear error; afterwards the same program converges, and the old one gets back",
)
@OPERATION
@FAULT
def test_a_fault_for_good_loses_nothing(
    name: str, fault: Fault, record_property: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The error is clear, and both the new and the old program end as they declare afterwards."""
    caplog.set_level(logging.DEBUG, CLIENT_LOG.name)

    def case(nth: int) -> None:
        for finish in (repeat, revert):
            with World.ready(OPERATIONS[name]) as world:
                known = copy.deepcopy(world.resource)
                world.simulator.faults.add(attrs.evolve(fault, nth=nth, times=None, seconds=60))
                error, attempts = failure(world)
                assert world.resource == known
                assert_clear(error, world)
                world.calm(0 if fault.kind in UNHEARD else attempts)
                finish(world, name, error)

    record_property("cases", len(at_every_request(name, case)))


def assert_clear(error: str, world: World) -> None:
    """A few lines for people: what was being done to what, and nothing secret."""
    assert world.simulator.key not in error
    assert "Traceback" not in error
    assert "defect" not in error
    assert len(error.splitlines()) <= MOST_LINES


def decide(world: World, error: str) -> None:
    """Do what the error leaves to a person: nobody else can tell whose an object is."""
    organization = world.simulator.organization
    if "that no state knows: delete it." in error:
        for key in organization.provider_keys.of("team"):
            organization.provider_keys.delete(key.id)
    if world.operation.noun == "guardrail" and world.resource is None:
        for guardrail in organization.guardrails.of("team"):
            organization.guardrails.delete(guardrail.id)


LEFT_BEHIND = ("was never used may be there now", "may still be there")


def clean_up(world: World, error: str) -> None:
    """Delete by hand the key that the error names, if it is there."""
    if not any(words in error for words in LEFT_BEHIND):
        return
    with World.ready(world.operation) as untouched:
        known = {key.hash for key in untouched.simulator.organization.keys}
    for key in world.simulator.organization.keys:
        if key.hash not in known:
            assert key.name in error
            world.simulator.organization.delete_key(key.hash)


def repeat(world: World, name: str, error: str) -> None:
    """Run the same program again: it ends in what it declares."""
    clean_up(world, error)
    if asks_for_refresh(error):
        world.refresh()
        decide(world, error)
    if "set adopt_existing=True" in error:
        # The one thing that a person must decide: whether it is theirs.
        world.up({**(world.operation.after or {}), "adopt_existing": True})
        assert world.resource is not None
        world.resource.outputs["adopt_existing"] = False
    else:
        world.act()
    assert organization_of(world) == expected(name).after
    assert world.state == expected(name).state


def revert(world: World, name: str, error: str) -> None:
    """Run the old program instead: the organization is as the old state says.

    Where the error asks for a refresh, what no state knew may be left; what it knew may not.
    """
    operation, asked = world.operation, asks_for_refresh(error)
    clean_up(world, error)
    if asked:
        world.refresh()
    world.up(operation.before)
    if operation.is_refresh:
        return
    if not asked:
        assert organization_of(world) == expected(name).before
    with World.ready(operation) as untouched:
        assert world.state == untouched.state
    state = world.state
    world.refresh()
    assert world.state == state
