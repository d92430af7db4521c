"""`make live` finds whatever the simulator can do otherwise, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
import requests

from pulumi_openrouter.simulator import DEVIATIONS, Fault, FaultKind, Quirks, Simulator
from tools.live.__main__ import ASSUMPTIONS, NOT_LOOKED_AT, compared, main
from tools.live.assumptions import Outcome
from tools.live.probe import Probe
from tools.project import settings_of

OTHER_VALUES: dict[str, Any] = {
    deviation.quirk: next(
        value
        for value in (deviation.documented, deviation.deviates)
        if value != getattr(Quirks(), deviation.quirk)
    )
    for deviation in DEVIATIONS
} | {"requests_per_second": 40}


def cases() -> Iterator[Any]:
    for field in attrs.fields(Quirks):
        if field.name not in NOT_LOOKED_AT:
            default = field.default
            other = OTHER_VALUES.get(field.name, not default)
            yield pytest.param(field.name, other, id=f"{field.name}={other}")


def looked(simulator: Simulator, quirks: Quirks) -> list[Outcome]:
    """What the check says of a simulated organization, which it leaves as it was."""
    before = everything(simulator)
    with Probe(simulator.key, simulator.base_url) as probe:
        found = compared(probe, quirks)
    assert everything(simulator) == before
    return found


def everything(simulator: Simulator) -> list[object]:
    organization = simulator.organization
    return [organization.workspaces, organization.keys, organization.guardrails.all]


def differing(found: list[Outcome]) -> dict[str | None, str]:
    return {outcome.assumption.quirk: outcome.advice for outcome in found if outcome.differs}


def test_the_simulator_is_as_the_simulator_says(simulator: Simulator) -> None:
    """All that can be seen of it is seen, and nothing differs."""
    found = looked(simulator, Quirks())
    assert [str(outcome) for outcome in found if outcome.differs or not outcome.was_seen] == []
    assert len(found) == len(ASSUMPTIONS) > 50


@pytest.mark.parametrize(("name", "value"), list(cases()))
def test_every_quirk_is_noticed(name: str, value: Any) -> None:
    """The table names the quirk to switch; with the switch, the same is as it should be."""
    quirks = Quirks(**{name: value})
    with Simulator(quirks=quirks, members=2) as simulator:
        found = looked(simulator, Quirks())
    is_open = name in ("page_cap", "requests_per_second")
    shown = "..." if is_open else repr(value)
    assert differing(found) == {name: f"`Quirks({name}={shown})`"}
    switched = [
        attrs.evolve(outcome, expected=outcome.assumption.expected(quirks)) for outcome in found
    ]
    assert is_open or differing(switched) == {}


# What it makes is gone in the end


def test_a_check_that_is_broken_off_cleans_up(simulator: Simulator) -> None:
    """Whoever stops it finds nothing of it."""
    before = everything(simulator)
    with pytest.raises(KeyboardInterrupt):
        stopped_in_the_middle(simulator)
    assert everything(simulator) == before


def stopped_in_the_middle(simulator: Simulator) -> None:
    with Probe(simulator.key, simulator.base_url) as probe:
        probe.make_key()
        probe.make_guardrail()
        raise KeyboardInterrupt


@pytest.mark.parametrize("path", ["*/workspaces", "*/keys"])
def test_what_a_lost_answer_made_is_deleted_too(simulator: Simulator, path: str) -> None:
    """The workspace is found by its slug, and a key in it."""
    before = everything(simulator)
    simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER, method="POST", path=path))
    with Probe(simulator.key, simulator.base_url) as probe:
        with pytest.raises(requests.RequestException):
            probe.make_key()
        assert everything(simulator) != before
    assert everything(simulator) == before


def test_what_can_not_be_deleted_is_told(simulator: Simulator) -> None:
    """After three attempts, so that somebody can do it."""
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=503, method="DELETE", times=3))
    with (
        pytest.raises(RuntimeError, match=r"still there, please delete: workspace \S+ \(503"),
        Probe(simulator.key, simulator.base_url) as probe,
    ):
        probe.make_workspace()


def test_the_table_is_printed(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What differs is what it ends with."""
    for name, value in settings_of(simulator).items():
        monkeypatch.setenv(name, value)
    assert main([]) == 0
    assert "| a slug that is taken | 400 | 400 |  |\n" in capsys.readouterr().out
    assert main(["--quirk", "duplicate_slug_status=409"]) == 1
    shown = "| a slug that is taken | 409 | 400 | `Quirks(duplicate_slug_status=400)` |\n"
    assert shown in capsys.readouterr().out
