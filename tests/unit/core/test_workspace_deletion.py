"""What deletes a workspace, what holds it back, and what this run declares."""

from __future__ import annotations

import attrs
import pytest

from pulumi_openrouter.simulator import Fault, FaultKind, Simulator
from tests.support.runs import NewRun, engine_on
from tests.support.workspaces import (
    APPLIED_UNANSWERED,
    NOT_GONE,
    Kind,
    checked,
    create,
    declaration,
    destroy,
    differs,
    error_of,
    refresh,
    requests,
    slugs,
)
from tools.miniature_engine import State

# delete


def test_delete_is_one_request(simulator: Simulator, new_run: NewRun) -> None:
    """A workspace is deleted by its id, in one request, in silence."""
    found = create(new_run())
    simulator.log.clear()
    assert destroy(new_run(), found) == []
    assert requests(simulator) == [("DELETE", f"/workspaces/{found.id}")]
    assert slugs(simulator) == ["default"]


def test_delete_of_what_is_gone_succeeds(simulator: Simulator, new_run: NewRun) -> None:
    """A workspace that somebody else deleted needs nothing more, nor do its keys."""
    for force_destroy in (False, True):
        found = create(new_run(), force_destroy=force_destroy)
        simulator.organization.delete_workspace("team")
        destroy(new_run(), found)
    assert slugs(simulator) == ["default"]


@pytest.mark.parametrize("fault", APPLIED_UNANSWERED)
def test_a_delete_whose_answer_was_lost_succeeds(
    simulator: Simulator, new_run: NewRun, fault: Fault
) -> None:
    """The 404 of the repeated DELETE says that the first one was heard."""
    found = create(new_run())
    simulator.faults.add(attrs.evolve(fault, method="DELETE"))
    destroy(new_run(), found)
    assert slugs(simulator) == ["default"]


@pytest.mark.parametrize(("fault", "kind", "seconds"), NOT_GONE)
@pytest.mark.parametrize("force_destroy", [False, True])
def test_a_delete_that_fails_never_says_gone(
    simulator: Simulator,
    new_run: NewRun,
    fault: Fault,
    kind: Kind,
    seconds: float,
    force_destroy: bool,
) -> None:
    """401, 403, 5xx, a proxy's 404 and a broken connection are errors, and delete nothing."""
    found = create(new_run(), force_destroy=force_destroy)
    simulator.faults.add(fault)
    run = new_run(seconds)
    assert isinstance(error_of(destroy, run, found), kind)
    assert slugs(simulator) == ["default", "team"]


def test_api_keys_that_hold_a_workspace_back_are_named(
    simulator: Simulator, new_run: NewRun
) -> None:
    """The error names each active key with its label, and every way out; nothing is deleted."""
    organization = simulator.organization
    found = create(new_run())
    keys = [organization.create_key(name, workspace="team") for name in ("build", "deploy")]
    organization.create_key("asleep", workspace="team", disabled=True)
    organization.create_key("elsewhere", workspace="default")
    run = new_run()
    error = error_of(destroy, run, found)
    for key in keys:
        assert f"{key.name} ({key.label})" in str(error)
    assert "asleep" not in str(error)
    assert "elsewhere" not in str(error)
    assert "force_destroy=True" in str(error)
    assert "another workspace" in str(error)
    assert not error.unsettled
    assert len(organization.keys) == 4
    assert slugs(simulator) == ["default", "team"]


def test_disabled_keys_hold_nothing_back(simulator: Simulator, new_run: NewRun) -> None:
    """A workspace with disabled keys alone is deleted without force_destroy."""
    found = create(new_run())
    simulator.organization.create_key("asleep", workspace="team", disabled=True)
    destroy(new_run(), found)
    assert slugs(simulator) == ["default"]


def test_another_refusal_to_delete_is_the_apis(simulator: Simulator, new_run: NewRun) -> None:
    """A 400 that no key explains is passed on in the API's words."""
    found = create(new_run())
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="DELETE", status=400, message="not on a Sunday")
    )
    error = error_of(destroy, new_run(), found)
    assert str(error) == "400 not on a Sunday"


def test_a_refusal_to_delete_whose_keys_cannot_be_listed_is_the_apis(
    simulator: Simulator, new_run: NewRun
) -> None:
    """Where the keys can't be listed, the error is about the deletion, not about the list."""
    found = create(new_run())
    simulator.organization.create_key("build", workspace="team")
    simulator.faults.add(Fault(kind=FaultKind.STATUS, path="/keys", status=403))
    error = error_of(destroy, new_run(), found)
    assert "400 Workspaces with active API keys cannot be deleted" in str(error)


def test_force_destroy_deletes_the_keys_first(simulator: Simulator, new_run: NewRun) -> None:
    """The keys of the workspace, disabled ones too, are listed and deleted before it."""
    organization = simulator.organization
    found = create(new_run(), force_destroy=True)
    keys = [organization.create_key(name, workspace="team") for name in ("build", "deploy")]
    keys.append(organization.create_key("asleep", workspace="team", disabled=True))
    other = organization.create_key("elsewhere", workspace="default")
    simulator.log.clear()
    destroy(new_run(), found)
    # The list of keys has no count: only an empty page says that it is complete.
    assert requests(simulator) == [
        ("GET", "/keys"),
        ("GET", "/keys"),
        *(("DELETE", f"/keys/{key.hash}") for key in reversed(keys)),
        ("DELETE", f"/workspaces/{found.id}"),
    ]
    assert organization.keys == [other]


def test_a_key_that_somebody_else_deletes_is_no_error(
    simulator: Simulator, new_run: NewRun
) -> None:
    """force_destroy goes on where a key is gone by the time that it is deleted."""
    found = create(new_run(), force_destroy=True)
    for name in ("build", "deploy"):
        simulator.organization.create_key(name, workspace="team")
    simulator.faults.add(
        Fault(kind=FaultKind.STATUS, method="DELETE", path="/keys/*", status=404, applied=True)
    )
    destroy(new_run(), found)
    assert slugs(simulator) == ["default"]
    assert simulator.organization.keys == []


def test_keys_that_are_deleted_already_are_told(simulator: Simulator, new_run: NewRun) -> None:
    """Where the workspace can't be deleted after its keys, the error says that they are gone."""
    found = create(new_run(), force_destroy=True)
    simulator.organization.create_key("ci", workspace="team")
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=403, method="DELETE", nth=2))
    error = error_of(destroy, new_run(), found)
    assert str(error).endswith("\nIts API keys are deleted already: ci (sk-or-v1-ac6...fa1).")
    assert error.unsettled


def test_names_in_errors_are_one_line(simulator: Simulator, new_run: NewRun) -> None:
    """A name with control characters can't draw on the terminal of who reads the error."""
    simulator.organization.create_workspace(name="Red \x1b[31m\nname", slug="team")
    assert "(Red [31m name)" in str(error_of(create, new_run()))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.STATUS, path="/keys*", status=403),
        Fault(kind=FaultKind.HTML, path="/keys*", status=404),
        Fault(kind=FaultKind.STATUS, method="DELETE", path="/keys/*", status=403),
        Fault(kind=FaultKind.HTML, method="DELETE", path="/keys/*", status=404),
    ],
)
def test_force_destroy_stops_where_a_key_cannot_be_deleted(
    simulator: Simulator, new_run: NewRun, fault: Fault
) -> None:
    """A refusal or a proxy's page about the keys is an error, and the workspace stays."""
    found = create(new_run(), force_destroy=True)
    simulator.organization.create_key("build", workspace="team")
    simulator.faults.add(fault)
    error_of(destroy, new_run(), found)
    assert slugs(simulator) == ["default", "team"]


# what this run declares, this run never deletes


def test_a_resource_renamed_without_an_alias_keeps_its_workspace(
    simulator: Simulator, new_run: NewRun
) -> None:
    """What a new resource adopts is not deleted by the removal of the old one in the same run."""
    old = create(new_run())
    run = new_run()
    new = create(run, adopt_existing=True)
    assert new.id == old.id
    adopted, said = destroy(run, old)
    assert adopted == "workspace 'team': adopted as it is"
    assert "'team' is left alone: another resource of this stack declares it" in said
    assert slugs(simulator) == ["default", "team"]


def test_a_workspace_that_was_compared_is_kept(simulator: Simulator, new_run: NewRun) -> None:
    """What one resource still declares is not deleted by the removal of another one."""
    found = create(new_run())
    run = new_run()
    assert differs(run, found) == ()
    assert "left alone" in destroy(run, found)[0]
    assert slugs(simulator) == ["default", "team"]


def test_a_plain_destroy_deletes_everything(simulator: Simulator, new_run: NewRun) -> None:
    """A run that declares nothing deletes what it is told to."""
    found = create(new_run(), adopt_existing=True)
    assert destroy(new_run(), found) == []
    assert slugs(simulator) == ["default"]


def test_destroy_after_refresh_deletes_everything(simulator: Simulator, new_run: NewRun) -> None:
    """The comparison that a refresh makes declares nothing."""
    found = create(new_run())
    run = new_run()
    assert destroy(run, refresh(run, found)) == []
    assert slugs(simulator) == ["default"]


def test_an_up_after_refresh_keeps_what_it_declares(simulator: Simulator, new_run: NewRun) -> None:
    """What is checked is declared, though it was read and compared before."""
    found = create(new_run())
    run = new_run()
    found = refresh(run, found)
    assert differs(run, found) == ()
    assert "left alone" in destroy(run, found)[0]
    assert slugs(simulator) == ["default", "team"]


def test_delete_before_replace_really_deletes(simulator: Simulator, new_run: NewRun) -> None:
    """A replacement is checked like something new, so the old object may go, and comes back."""
    old = create(new_run())
    run = new_run()
    differs(run, old)
    engine = engine_on(run.workspaces)
    step = engine.plan(declaration())
    assert destroy(run, old) == []
    assert slugs(simulator) == ["default"]
    new = engine.carry_out(step)
    assert new.id != old.id
    assert slugs(simulator) == ["default", "team"]


def test_create_before_delete_keeps_what_is_adopted(simulator: Simulator, new_run: NewRun) -> None:
    """A replacement that adopts its own predecessor is not deleted with it."""
    old = create(new_run(), adopt_existing=True)
    run = new_run()
    differs(run, old, adopt_existing=True)
    new = create(run, adopt_existing=True)
    assert new.id == old.id
    assert "left alone" in destroy(run, old)[-1]
    assert slugs(simulator) == ["default", "team"]


def test_a_new_workspace_does_not_forget_another(simulator: Simulator, new_run: NewRun) -> None:
    """Only a check of something new gives anything up, and only what stands for its own slug."""
    found = create(new_run())
    run = new_run()
    differs(run, found)
    checked(run, slug="other")
    checked(run, State("", declaration(slug="other"), {}))
    assert "left alone" in destroy(run, found)[0]
    assert slugs(simulator) == ["default", "team"]
