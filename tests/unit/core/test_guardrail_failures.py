"""What is left of a guardrail when a request of it fails, or its answer is lost."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Guardrails, answered, emails, failure, killed

KEYS, MEMBERS = "*/assignments/keys", "*/assignments/members"
LOST = [FaultKind.CUT_AFTER, FaultKind.TRUNCATED, FaultKind.WRONG_SHAPE, FaultKind.EMPTY]


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Guardrails:
    return Guardrails.of_team(simulator, new_run)


# a lost answer to the creation


@pytest.mark.reliability(
    "the creation of a guardrail whose answer is lost in four ways",
    "the guardrail is found by its name and content; none is there twice",
)
@pytest.mark.parametrize("kind", LOST)
def test_a_guardrail_whose_answer_was_lost_is_found(team: Guardrails, kind: FaultKind) -> None:
    """The one of that name and content that was not there before is ours."""
    team.simulator.faults.add(Fault(kind=kind, method="POST", path="/guardrails"))
    state = team.up(keys=[team.key("ci")], allowed_models=["acme/swift"])
    assert list(team.live) == ["safe"]
    assert team.live["safe"] == ["ci"]
    assert state.id == team.simulator.organization.guardrails.all[0].id


def test_a_guardrail_that_was_not_made_is_made(team: Guardrails) -> None:
    """The look finds none, so the request is sent again."""
    team.simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, method="POST", path="/guardrails"))
    team.up()
    assert [line.partition(" ")[0] for line in team.sent()] == ["GET", "POST", "GET", "POST"]
    assert list(team.live) == ["safe"]


def test_what_others_made_meanwhile_is_not_taken(team: Guardrails) -> None:
    """Another content is another's, whatever its name."""
    team.simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, method="POST", path="/guardrails"))
    run = team.start()
    list_in = run.context.client.guardrails.list_in
    theirs: list[str] = []

    def others_come(workspace_id: str) -> object:
        rows = list_in(workspace_id)
        if not theirs:
            theirs.append(team.given("safe", description="theirs"))
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run.context.client.guardrails, "list_in", others_come)
        state = team.up_in(run, description="ours")
    assert state.id not in theirs


def test_what_nobody_can_tell_is_said(team: Guardrails) -> None:
    """Where the list can't be read either, the error names what may be there, and the way out."""
    team.simulator.faults.add(
        Fault(kind=FaultKind.CUT_AFTER, method="POST", path="/guardrails"),
        answered(403, method="GET", path="/guardrails", nth=2, times=None),
    )
    error = failure(lambda: team.up())
    assert error.unsettled
    assert "There may be a guardrail 'safe' now" in str(error)
    assert "existing_id" in str(error)


# putting back


@pytest.mark.parametrize("path", [KEYS, MEMBERS])
def test_a_guardrail_that_can_not_be_assigned_is_deleted_again(team: Guardrails, path: str) -> None:
    """No state knows it yet."""
    team.simulator.faults.add(answered(400, method="POST", path=path))
    error = failure(lambda: team.up(keys=[team.key("ci")], emails=emails("ada")))
    assert not error.unsettled
    assert team.live == {}


def test_a_guardrail_that_can_not_be_deleted_again_is_named(team: Guardrails) -> None:
    """With its id, to delete it or to take it over."""
    team.simulator.faults.add(
        answered(400, method="POST", path=KEYS), answered(400, method="DELETE")
    )
    run, ci = team.start(), team.key("ci")
    error = failure(lambda: team.up_in(run, keys=[ci]))
    left = team.simulator.organization.guardrails.all[0].id
    assert error.unsettled
    assert run.said == [
        f"guardrail 'safe': created, and could not be deleted again: delete {left}, or take it "
        "over with existing_id"
    ]


@pytest.mark.reliability(
    "each request of an update of a guardrail refused: removals, additions, its content",
    "all who were assigned are again, and only they",
)
@pytest.mark.parametrize(
    ("method", "path", "nth"),
    [
        ("POST", f"{KEYS}/remove", 1),
        ("POST", f"{MEMBERS}/remove", 1),
        ("POST", KEYS, 1),
        ("POST", MEMBERS, 1),
        ("PATCH", "*", 1),
    ],
)
def test_an_update_that_fails_puts_back_who_was_there(
    team: Guardrails, method: str, path: str, nth: int
) -> None:
    """Whichever request is refused, the guardrail is as the old state says."""
    ci, cron = team.key("ci"), team.key("cron")
    state = team.up(keys=[ci], emails=emails("ada"))
    before = team.live
    team.simulator.faults.add(answered(400, method=method, path=path, nth=nth))
    error = failure(lambda: team.up(state, keys=[cron], emails=emails("grace"), description="d"))
    assert not error.unsettled
    assert team.live == before


def test_who_was_taken_from_another_guardrail_is_given_back(team: Guardrails) -> None:
    """Not just freed: the other one is as it was."""
    ci = team.key("ci")
    states = {
        "A": team.up(name="A"),
        "B": team.up(name="B", keys=[ci]),
    }
    run = team.start()
    engine = team.engine(run)
    step = engine.plan(team.inputs(name="A", keys=[ci], description="d"), states["A"])
    engine.plan(team.inputs(name="B"), states["B"])
    team.simulator.faults.add(answered(400, method="PATCH"))
    failure(lambda: engine.carry_out(step, states["A"]))
    assert team.live == {"A": [], "B": ["ci"]}


def test_whom_another_guardrail_took_is_not_fetched_back(team: Guardrails) -> None:
    """Putting back never takes a key from the guardrail that declares it now."""
    ci = team.key("ci")
    states = {"A": team.up(name="A", keys=[ci]), "B": team.up(name="B")}
    run = team.start()
    engine = team.engine(run)
    steps = {
        "A": engine.plan(team.inputs(name="A", description="d"), states["A"]),
        "B": engine.plan(team.inputs(name="B", keys=[ci]), states["B"]),
    }
    unassign = run.context.client.guardrails.unassign_keys

    def then_b(*arguments: object) -> int:
        count = unassign(*arguments)  # type: ignore[arg-type]
        engine.carry_out(steps["B"], states["B"])
        return count

    team.simulator.faults.add(answered(400, method="PATCH"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run.context.client.guardrails, "unassign_keys", then_b)
        failure(lambda: engine.carry_out(steps["A"], states["A"]))
    assert team.live == {"A": [], "B": ["ci"]}


# a killed process


APPLIED = pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])


@APPLIED
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.reliability(
    "the process killed before and after each write of the creation of a guardrail",
    "the next up makes it, or names the one that is there; with existing_id it is taken over",
)
def test_a_creation_that_was_killed_is_finished_once_a_person_says_whose_it_is(
    team: Guardrails, nth: int, applied: bool
) -> None:
    """A second guardrail is never made; the error names the first, and existing_id takes it."""
    declared = {"keys": [team.key("ci")], "emails": emails("ada"), "description": "d"}
    killed(lambda run: team.up_in(run, **declared), team.start(), nth, applied=applied)
    if nth == 1 and not applied:
        team.up(**declared)
    else:
        there = team.simulator.organization.guardrails.all[0].id
        assert f"already: {there}, created " in str(failure(lambda: team.up(**declared)))
        state = team.up(**declared, existing_id=there)
        assert team.up(state, **declared).id == there
    assert team.live == {"safe": ["ci", "ada"]}


@APPLIED
@pytest.mark.parametrize("nth", [1, 2, 3, 4, 5])
@pytest.mark.reliability(
    "the process killed before and after each write of an update of a guardrail",
    "the next up of the same program finishes it",
)
def test_an_update_that_was_killed_is_finished_by_the_next(
    team: Guardrails, nth: int, applied: bool
) -> None:
    """Who left has left, who came is there, and nobody is there twice."""
    ci, cron = team.key("ci"), team.key("cron")
    state = team.up(keys=[ci], emails=emails("ada"))
    declared = {"keys": [cron], "emails": emails("grace"), "description": "d"}
    killed(lambda run: team.up_in(run, state, **declared), team.start(), nth, applied=applied)
    finished = team.up(state, **declared)
    assert team.live == {"safe": ["cron", "grace"]}
    found = team.refresh(finished)
    assert found is not None
    assert found.outputs == finished.outputs
