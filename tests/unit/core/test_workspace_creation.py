"""Slugs that are taken, answers that were lost, and workspaces that are there already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from pulumi_openrouter.api import models
from pulumi_openrouter.api.client import Client
from pulumi_openrouter.api.clock import ServerClock
from pulumi_openrouter.api.errors import BadAnswerError, Call, ConflictError, NoAnswerError
from pulumi_openrouter.api.key_owner import KeyOwner
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.failures import SlugDeclaredError, SlugTakenError
from pulumi_openrouter.core.lifecycle import Found
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.runs import NewRun, Run
from tests.support.workspaces import (
    APPLIED_UNANSWERED,
    LOST_FOR_GOOD,
    NOBODY,
    READ_ONLY,
    SETTINGS,
    create,
    created_long_ago,
    declaration,
    destroy,
    error_of,
    requests,
    slugs,
    up,
    writes,
)
from tests.unit.core.scenes import at_once

# a slug that is taken


@pytest.mark.parametrize(
    "quirks",
    [Quirks(duplicate_slug_status=400), Quirks(duplicate_slug_status=409)],
)
def test_a_slug_that_is_taken_names_who_has_it(simulator: Simulator, run: Run) -> None:
    """Whatever the status, the error names the holder, and the two ways out of it."""
    holder = created_long_ago(simulator, name="Theirs")
    simulator.log.clear()
    error = error_of(create, run)
    assert isinstance(error, SlugTakenError)
    for words in (holder.id, "Theirs", holder.created_at, "adopt_existing=True", "alias"):
        assert words in str(error)
    assert not error.unsettled
    assert requests(simulator) == [("POST", "/workspaces"), ("GET", "/workspaces/team")]
    assert simulator.organization.workspace("team").name == "Theirs"


def test_another_refusal_is_not_taken_for_the_slug(simulator: Simulator, run: Run) -> None:
    """A 400 while nobody has the slug is the API's own, in its words."""
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="POST", status=400, message="already exists, or not")
    )
    error = error_of(create, run)
    assert str(error) == "400 already exists, or not"
    assert slugs(simulator) == ["default"]


def test_a_refusal_whose_reason_cannot_be_looked_up_is_the_apis(
    simulator: Simulator, run: Run
) -> None:
    """Where the slug can't be looked up, the error is about the creation, not about the look."""
    created_long_ago(simulator)
    look = Fault(kind=FaultKind.STATUS, method="GET", path="/workspaces/*", status=403)
    simulator.faults.add(look)
    error = error_of(create, run)
    assert str(error) == '400 A workspace with the slug "team" already exists'
    assert not error.unsettled


# answers that were lost


@pytest.mark.parametrize(
    "quirks",
    [Quirks(duplicate_slug_status=400), Quirks(duplicate_slug_status=409)],
)
@pytest.mark.parametrize("fault", APPLIED_UNANSWERED)
def test_a_creation_whose_answer_was_lost_is_recognised(
    simulator: Simulator, run: Run, fault: Fault
) -> None:
    """It is looked up and taken, and is the only one.

    What was answered, and can't be read, is not sent again; otherwise the repeated POST conflicts.
    """
    is_answered = fault.kind in (FaultKind.TRUNCATED, FaultKind.WRONG_SHAPE)
    simulator.faults.add(fault)
    found = create(run, name=" Team ")
    assert found.id == simulator.organization.workspace("team").id
    assert slugs(simulator) == ["default", "team"]
    assert set(found.outputs) == {*declaration(), *READ_ONLY, "organization_id"}
    assert requests(simulator) == [
        *[("POST", "/workspaces")] * (1 if is_answered else 2),
        ("GET", "/workspaces/team"),
    ]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.CUT_BEFORE, method="POST"),
        Fault(kind=FaultKind.TIMEOUT_BEFORE, method="POST", seconds=0.1),
        Fault(kind=FaultKind.STATUS, method="POST", status=500),
        Fault(kind=FaultKind.HTML, method="POST", status=502),
    ],
)
def test_an_older_workspace_is_not_taken_for_our_own(
    simulator: Simulator, run: Run, fault: Fault
) -> None:
    """One of the same name that was there before the first attempt is somebody else's."""
    holder = created_long_ago(simulator, description="theirs")
    simulator.faults.add(fault)
    error = error_of(create, run)
    assert isinstance(error, SlugTakenError)
    assert holder.id in str(error)
    assert simulator.organization.workspace("team").description == "theirs"


def test_a_workspace_of_another_name_is_not_taken_for_our_own(
    simulator: Simulator, run: Run
) -> None:
    """One made since the first attempt, but under another name, is somebody else's."""
    simulator.organization.create_workspace(name="Theirs", slug="team")
    simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, method="POST"))
    assert isinstance(error_of(create, run), SlugTakenError)


def test_without_a_lost_answer_nothing_is_our_own(simulator: Simulator, run: Run) -> None:
    """A first POST that is refused has made nothing, however new and alike the holder is."""
    simulator.organization.create_workspace(name="Team", slug="team")
    assert isinstance(error_of(create, run), SlugTakenError)


FIRST_ATTEMPT = datetime(2026, 11, 1, 12, 0, 0, tzinfo=timezone.utc)


class ToldClock(ServerClock):
    """A server's clock that shows the same whenever it is asked."""

    def __init__(self, shows: datetime | None) -> None:
        super().__init__()
        self._shows = shows

    def at(self, moment: float) -> datetime | None:
        return self._shows


class Nobody(KeyOwner):
    """The owner of a key that belongs to no organization."""

    def organization_id(self) -> str | None:
        return None


class Conflicting(Client):
    """A client whose creation meets a conflict, with a workspace that was created when said."""

    def __init__(self, created_at: str, first_sent: datetime | None) -> None:
        super().__init__("sk-or-mgmt-x", "http://127.0.0.1:9")
        self.clock = ToldClock(first_sent)
        self.owner = Nobody(self, None, self._sender)
        self._holder = models.WorkspaceInfo(
            id=NOBODY, name="Team", slug="team", created_at=created_at
        )

    def create_workspace(self, body: Mapping[str, Any]) -> models.WorkspaceInfo:
        raise ConflictError(Call("POST", "/workspaces", may_be_applied=True), 409, "exists")

    def get_workspace(self, ref: str) -> models.WorkspaceInfo:
        return self._holder


def found_created_at(created_at: str, first_sent: datetime | None = FIRST_ATTEMPT) -> Found:
    context = Context(lambda: Conflicting(created_at, first_sent))
    return WorkspaceLifecycle(context).create(declaration())


@pytest.mark.parametrize("seconds", [-2, -1.5, 0, 60])
def test_a_workspace_made_since_the_first_attempt_is_our_own(seconds: float) -> None:
    """created_at not before the first attempt, with two seconds of grace, marks our own."""
    created = FIRST_ATTEMPT + timedelta(seconds=seconds)
    assert found_created_at(created.isoformat()).id == NOBODY
    assert found_created_at(created.isoformat().replace("+00:00", "Z")).id == NOBODY


@pytest.mark.parametrize("seconds", [-2.000001, -3600])
def test_a_workspace_made_before_the_first_attempt_is_not(seconds: float) -> None:
    """Beyond the two seconds of grace it is somebody else's."""
    created = FIRST_ATTEMPT + timedelta(seconds=seconds)
    with pytest.raises(SlugTakenError):
        found_created_at(created.isoformat())


def test_nothing_is_our_own_without_the_servers_clock() -> None:
    """Where no answer had a Date, or created_at is no date, a person must decide."""
    with pytest.raises(SlugTakenError):
        found_created_at(FIRST_ATTEMPT.isoformat(), first_sent=None)
    with pytest.raises(SlugTakenError):
        found_created_at("just now")


@pytest.mark.parametrize("kind", [FaultKind.WRONG_SHAPE, FaultKind.CUT_AFTER])
def test_a_creation_never_answered_is_looked_for(
    simulator: Simulator, new_run: NewRun, kind: FaultKind
) -> None:
    """Where no POST is ever answered, one more look finds the workspace, and the up succeeds."""
    simulator.faults.add(Fault(kind=kind, method="POST", times=None))
    found = create(new_run(LOST_FOR_GOOD))
    assert found.id == simulator.organization.workspace("team").id
    assert slugs(simulator) == ["default", "team"]


def test_a_creation_that_may_be_somebody_elses_says_what_to_do(
    simulator: Simulator, new_run: NewRun
) -> None:
    """If the workspace that is found can't be ours, the error is unsettled and names the way."""
    simulator.organization.create_workspace(name="Theirs", slug="team")
    simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, method="POST", times=None))
    error = error_of(create, new_run(LOST_FOR_GOOD))
    assert isinstance(error, NoAnswerError)
    assert error.unsettled
    assert "adopt_existing=True" in str(error)


@pytest.mark.parametrize("times", [None, 1])
def test_a_creation_that_cannot_be_asked_for_says_what_to_do(
    simulator: Simulator, new_run: NewRun, times: int | None
) -> None:
    """If the look fails too, after silence or a conflict, the error is unsettled and advises."""
    simulator.faults.add(
        Fault(kind=FaultKind.WRONG_SHAPE, method="POST", times=times),
        Fault(kind=FaultKind.STATUS, method="GET", path="/workspaces/*", status=403, times=None),
    )
    error = error_of(create, new_run(LOST_FOR_GOOD))
    assert error.unsettled
    assert "if the next up finds the slug taken, set adopt_existing=True" in str(error)


def test_a_creation_that_was_never_made_is_unsettled(simulator: Simulator, new_run: NewRun) -> None:
    """A POST that was cut off each time may still be under way: the error says so."""
    simulator.faults.add(Fault(kind=FaultKind.CUT_BEFORE, method="POST", times=None))
    error = error_of(create, new_run(LOST_FOR_GOOD))
    assert error.unsettled
    assert slugs(simulator) == ["default"]
    simulator.faults.clear()
    create(new_run())
    assert slugs(simulator) == ["default", "team"]


# adopt_existing


def test_adoption_patches_what_differs(simulator: Simulator, run: Run) -> None:
    """An existing workspace is changed where it differs, and what is not declared is left."""
    existing = simulator.organization.create_workspace(
        name="Team", slug="team", description="theirs", default_text_model="m"
    )
    simulator.log.clear()
    found = create(run, adopt_existing=True, description="ours", io_logging_sampling_rate=1)
    assert found.id == existing.id
    assert requests(simulator) == [
        ("GET", "/workspaces/team"),
        ("PATCH", f"/workspaces/{existing.id}"),
    ]
    now = simulator.organization.workspace("team")
    assert (now.description, now.default_text_model) == ("ours", "m")
    assert set(found.outputs) == {
        *declaration(description="", io_logging_sampling_rate=1),
        *READ_ONLY,
        "organization_id",
        "updated_at",
    }


def test_adoption_sends_only_the_difference(simulator: Simulator, run: Run) -> None:
    """The PATCH of an adoption has the fields that differ, and no others."""
    simulator.organization.create_workspace(name="Theirs", slug="team", **SETTINGS)
    simulator.log.clear()
    create(run, adopt_existing=True, **{**SETTINGS, "disabled_server_tools": []})
    ((_, _, body),) = writes(simulator)
    assert body == {"name": "Team", "disabled_server_tools": []}


def test_adoption_of_what_is_right_already_sends_nothing(simulator: Simulator, run: Run) -> None:
    """Where nothing differs, taking over is one look."""
    existing = simulator.organization.create_workspace(name="Team", slug="team", **SETTINGS)
    simulator.log.clear()
    found = create(run, adopt_existing=True, **SETTINGS)
    assert (found.id, requests(simulator)) == (existing.id, [("GET", "/workspaces/team")])


def test_adoption_of_nothing_creates(simulator: Simulator, run: Run) -> None:
    """Where nobody has the slug, adopt_existing creates the workspace."""
    create(run, adopt_existing=True)
    assert requests(simulator) == [("GET", "/workspaces/team"), ("POST", "/workspaces")]
    assert slugs(simulator) == ["default", "team"]


def test_adoption_that_cannot_look_creates_nothing(simulator: Simulator, run: Run) -> None:
    """A look that fails is an error before anything is sent."""
    simulator.faults.add(Fault(kind=FaultKind.HTML, status=404, method="GET"))
    error = error_of(lambda: create(run, adopt_existing=True))
    assert isinstance(error, BadAnswerError)
    assert not error.unsettled
    assert simulator.writes() == []


def test_a_workspace_is_adopted_once(simulator: Simulator, run: Run) -> None:
    """The second resource of a run fails, also where both come at the same moment."""
    simulator.organization.create_workspace(name="Theirs", slug="team")
    simulator.faults.add(Fault(kind=FaultKind.LATENCY, method="GET", times=None, seconds=0.1))
    (error,) = at_once(2, lambda: create(run, adopt_existing=True))
    assert isinstance(error, SlugDeclaredError)


def test_a_lost_answer_is_never_about_what_another_resource_made(
    simulator: Simulator, run: Run
) -> None:
    """Of two resources with one name and slug, one alone has the workspace."""
    simulator.faults.add(
        *(Fault(kind=FaultKind.CUT_AFTER, method="POST", nth=nth) for nth in (1, 3))
    )
    (error,) = at_once(2, lambda: create(run))
    assert isinstance(error, SlugDeclaredError)


def test_adoption_whose_answer_was_lost_converges(simulator: Simulator, new_run: NewRun) -> None:
    """An adoption that failed may be run again, and takes the same workspace."""
    existing = simulator.organization.create_workspace(name="Theirs", slug="team")
    simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER, method="PATCH", times=None))
    error = error_of(lambda: create(new_run(LOST_FOR_GOOD), adopt_existing=True))
    assert error.unsettled
    simulator.faults.clear()
    assert create(new_run(), adopt_existing=True).id == existing.id
    assert simulator.organization.workspace("team").name == "Team"


# the default workspace


def test_the_default_workspace_is_adopted_and_changed(simulator: Simulator, run: Run) -> None:
    """With adopt_existing the default workspace is taken over, and changed as any other."""
    id = simulator.organization.workspace("default").id
    found = create(run, slug="default", name="Main", adopt_existing=True, description="d")
    assert found.id == id
    assert writes(simulator) == [
        ("PATCH", f"/workspaces/{id}", {"name": "Main", "description": "d"})
    ]
    changed = up(run, found, slug="default", name="Main", adopt_existing=True)
    assert writes(simulator) == [("PATCH", f"/workspaces/{id}", {"description": None})]
    assert changed.outputs["slug"] == "default"


@pytest.mark.parametrize("force_destroy", [False, True])
def test_the_default_workspace_is_only_forgotten(
    simulator: Simulator, new_run: NewRun, force_destroy: bool
) -> None:
    """Its deletion sends nothing, keeps its API keys, and says what it does."""
    found = create(
        new_run(), slug="default", adopt_existing=True, force_destroy=force_destroy, name="Default"
    )
    simulator.organization.create_key("theirs", workspace="default")
    simulator.log.clear()
    (said,) = destroy(new_run(), found)
    assert requests(simulator) == []
    assert "'default' can't be deleted: this stack only forgets it" in said
