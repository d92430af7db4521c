"""What a workspace sends to be created, changed and read."""

from __future__ import annotations

import attrs
import pytest

from pulumi_openrouter.api.errors import NoAnswerError
from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.simulator import Fault, FaultKind, Quirks, Simulator
from tests.support.runs import NewRun, Run
from tests.support.workspaces import (
    APPLIED_UNANSWERED,
    LASTING,
    LOST_FOR_GOOD,
    NOBODY,
    NOT_GONE,
    NULLABLE,
    OTHERS,
    READ_ONLY,
    SETTINGS,
    Kind,
    checked,
    create,
    declaration,
    declared_outputs,
    differs,
    error_of,
    is_gone,
    refresh,
    requests,
    up,
    writes,
)

# create


def test_create_is_one_post_of_what_is_declared(simulator: Simulator, run: Run) -> None:
    """The only request has the declared fields, and none of those that are not for the API."""
    create(run)
    assert requests(simulator) == [("POST", "/workspaces")]
    create(run, name="All", slug="all", force_destroy=True, **SETTINGS)
    assert writes(simulator) == [
        ("POST", "/workspaces", {"name": "All", "slug": "all", **SETTINGS})
    ]


def test_sets_are_sent_in_one_spelling(simulator: Simulator, run: Run) -> None:
    """A set is sent sorted and without duplicates, and its integers as integers."""
    create(
        run,
        io_logging_api_key_ids=[3, 1, 3.0],
        disabled_server_tools=["openrouter:b", "openrouter:a", "openrouter:b"],
    )
    ((_, _, body),) = writes(simulator)
    assert body["disabled_server_tools"] == ["openrouter:a", "openrouter:b"]
    assert body["io_logging_api_key_ids"] == [1, 3]
    assert all(type(element) is int for element in body["io_logging_api_key_ids"])


def test_outputs_are_the_declared_and_the_read_only_fields(simulator: Simulator, run: Run) -> None:
    """State holds what the stack declares, what only the API sets, and nothing else."""
    found = create(run, description="d")
    assert set(found.outputs) == {*declaration(description="d"), *READ_ONLY, "organization_id"}
    assert found.outputs["organization_id"] == simulator.organization.id
    workspace = simulator.organization.workspace("team")
    assert found.id == workspace.id
    for name in READ_ONLY:
        assert found.outputs[name] == getattr(workspace, name)
    changed = up(run, found, description="e")
    assert set(changed.outputs) == {*found.outputs, "updated_at"}


def test_outputs_are_as_declared_where_the_api_trims(simulator: Simulator, run: Run) -> None:
    """A name that the API trims stays as declared in the state, and the next up sends nothing."""
    found = create(run, name=" Team ", description=" d ")
    assert simulator.organization.workspace("team").name == "Team"
    assert declared_outputs(run, found) == {"name": " Team ", "slug": "team", "description": " d "}
    assert differs(run, found, name=" Team ", description=" d ") == ()
    found = up(run, found, name=" New ", description=" d ")
    assert found.outputs["name"] == " New "
    assert differs(run, found, name=" New ", description=" d ") == ()


@pytest.mark.parametrize("quirks", [Quirks(byok_in_answers=False)])
def test_a_read_only_field_is_an_output_only_where_it_is_answered(run: Run) -> None:
    """An API that says nothing of own provider keys gives no output about them."""
    found = create(run)
    assert "include_byok_in_budgets" not in found.outputs
    assert "include_byok_in_budgets" not in up(run, found, name="New").outputs
    assert "include_byok_in_budgets" not in refresh(run, found).outputs


# update


@pytest.mark.parametrize("name", OTHERS)
def test_update_is_one_patch_of_what_changed(simulator: Simulator, run: Run, name: str) -> None:
    """A single changed field is sent alone, by the id, in the only request."""
    found = create(run, **SETTINGS)
    simulator.log.clear()
    changed = up(run, found, **{**SETTINGS, name: OTHERS[name]})
    assert requests(simulator) == [("PATCH", f"/workspaces/{found.id}")]
    assert changed.outputs[name] == OTHERS[name]
    workspace = simulator.organization.workspace(found.id)
    assert getattr(workspace, name) == OTHERS[name]
    up(run, changed, **SETTINGS)
    (request,) = simulator.writes()[-1:]
    assert request.body == {name: {"name": "Team", "slug": "team", **SETTINGS}[name]}


def test_several_changes_are_one_patch(simulator: Simulator, run: Run) -> None:
    """Everything that changes at once is changed in one request: new, other and cleared."""
    found = create(run, description="d", default_text_model="m", io_logging_sampling_rate=0.5)
    simulator.log.clear()
    up(run, found, name="New", default_text_model="n", is_observability_broadcast_enabled=True)
    assert writes(simulator) == [
        (
            "PATCH",
            f"/workspaces/{found.id}",
            {
                "name": "New",
                "description": None,
                "default_text_model": "n",
                "is_observability_broadcast_enabled": True,
            },
        )
    ]


def test_no_change_sends_nothing(simulator: Simulator, run: Run) -> None:
    """The same declaration in another order is no difference, and an update with it no request."""
    found = create(run, **SETTINGS)
    simulator.log.clear()
    same = {
        **SETTINGS,
        "io_logging_api_key_ids": [3, 1, 3],
        "disabled_server_tools": [*reversed(SETTINGS["disabled_server_tools"])],
    }
    assert differs(run, found, **same) == ()
    outputs = run.workspaces.update(found.id, found.outputs, checked(run, found, **same))
    assert outputs == found.outputs
    assert requests(simulator) == []


@pytest.mark.parametrize("name", ["adopt_existing", "force_destroy"])
def test_a_local_change_sends_nothing(simulator: Simulator, run: Run, name: str) -> None:
    """adopt_existing or force_destroy alone is an update without request, and outputs stay."""
    found = create(run)
    simulator.log.clear()
    assert differs(run, found, **{name: True}) == (name,)
    changed = up(run, found, **{name: True})
    assert changed.outputs == {**found.outputs, name: True}
    assert requests(simulator) == []


@pytest.mark.parametrize("name", NULLABLE)
def test_no_longer_declared_is_cleared_with_null(simulator: Simulator, run: Run, name: str) -> None:
    """A nullable field that was declared before is cleared, and then belongs to nobody."""
    found = create(run, **SETTINGS)
    simulator.log.clear()
    rest = {key: value for key, value in SETTINGS.items() if key != name}
    changed = up(run, found, **rest)
    assert writes(simulator) == [("PATCH", f"/workspaces/{found.id}", {name: None})]
    assert name not in changed.outputs
    assert getattr(simulator.organization.workspace("team"), name) is None
    simulator.organization.update_workspace("team", **{name: OTHERS[name]})
    assert differs(run, refresh(run, changed), **rest) == ()


@pytest.mark.parametrize("name", LASTING)
def test_no_longer_declared_is_kept_where_null_is_not_possible(
    simulator: Simulator, run: Run, name: str
) -> None:
    """A field that can't be null keeps its value; the update sends nothing and gives it up."""
    found = create(run, **SETTINGS)
    simulator.log.clear()
    rest = {key: value for key, value in SETTINGS.items() if key != name}
    assert differs(run, found, **rest) == (name,)
    changed = up(run, found, **rest)
    assert requests(simulator) == []
    assert changed.outputs == {key: value for key, value in found.outputs.items() if key != name}
    assert getattr(simulator.organization.workspace("team"), name) == SETTINGS[name]
    simulator.organization.update_workspace("team", **{name: OTHERS[name]})
    assert differs(run, refresh(run, changed), **rest) == ()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_field_goes_through_its_three_states(simulator: Simulator, run: Run, name: str) -> None:
    """Unmanaged, managed, given up and managed again, each with just the request it needs."""
    found = create(run)
    simulator.organization.update_workspace("team", **{name: OTHERS[name]})
    found = refresh(run, found)
    assert name not in found.outputs
    assert differs(run, found) == ()

    found = up(run, found, **{name: SETTINGS[name]})
    simulator.organization.update_workspace("team", **{name: OTHERS[name]})
    found = refresh(run, found)
    assert differs(run, found, **{name: SETTINGS[name]}) == (name,)
    simulator.log.clear()
    found = up(run, found, **{name: SETTINGS[name]})
    assert writes(simulator) == [("PATCH", f"/workspaces/{found.id}", {name: SETTINGS[name]})]

    found = up(run, found)
    assert name not in found.outputs
    assert [body for _, _, body in writes(simulator)] == ([{name: None}] * (name in NULLABLE))

    found = up(run, found, **{name: OTHERS[name]})
    assert [body for _, _, body in writes(simulator)] == [{name: OTHERS[name]}]
    assert found.outputs[name] == OTHERS[name]


def test_a_slug_is_renamed_in_place(simulator: Simulator, run: Run) -> None:
    """Another slug and name are one PATCH; id, budgets and members stay, nothing is replaced."""
    organization = simulator.organization
    found = create(run)
    organization.set_budget("team", "daily", 5)
    organization.add_members("team", [organization.people[0].id])
    simulator.log.clear()
    renamed = up(run, found, slug="crew", name="Crew")
    body = {"name": "Crew", "slug": "crew"}
    assert writes(simulator) == [("PATCH", f"/workspaces/{found.id}", body)]
    assert organization.workspace("crew").id == found.id == renamed.id
    assert organization.budgets("crew") == {"daily": 5}
    assert organization.members("crew") == [organization.people[0].id]


def test_no_tools_are_the_same_as_null(simulator: Simulator, run: Run) -> None:
    """An empty list of tools, which the API answers as null, is never seen as drift."""
    found = create(run, disabled_server_tools=[])
    assert simulator.organization.workspace("team").disabled_server_tools is None
    found = refresh(run, found)
    assert found.outputs["disabled_server_tools"] == []
    assert differs(run, found, disabled_server_tools=[]) == ()
    found = up(run, found, disabled_server_tools=["openrouter:bash"])
    found = up(run, found, disabled_server_tools=[])
    assert simulator.organization.workspace("team").disabled_server_tools is None
    assert differs(run, refresh(run, found), disabled_server_tools=[]) == ()


def test_update_of_a_workspace_that_is_gone_says_what_to_do(simulator: Simulator, run: Run) -> None:
    """A 404 says that it was deleted outside the stack, and to run pulumi refresh."""
    found = create(run)
    simulator.organization.delete_workspace("team")
    error = error_of(lambda: up(run, found, name="New"))
    assert "deleted outside this stack" in str(error)
    assert "`pulumi refresh`" in str(error)
    assert not error.unsettled


def test_update_to_a_slug_that_is_taken_says_what_the_api_says(
    simulator: Simulator, run: Run
) -> None:
    """The API's refusal is passed on with its status, and nothing is changed."""
    found = create(run)
    simulator.organization.create_workspace(name="Other", slug="other")
    error = error_of(lambda: up(run, found, slug="other", name="New"))
    assert '400 A workspace with the slug "other" already exists' in str(error)
    assert simulator.organization.workspace(found.id).name == "Team"


@pytest.mark.parametrize("fault", APPLIED_UNANSWERED)
def test_an_update_whose_answer_was_lost_is_repeated(
    simulator: Simulator, run: Run, fault: Fault
) -> None:
    """A PATCH that was applied unheard is sent again, and the update succeeds."""
    found = create(run)
    simulator.faults.add(attrs.evolve(fault, method="PATCH"))
    assert up(run, found, name="New", slug="new").outputs["slug"] == "new"
    assert simulator.organization.workspace(found.id).slug == "new"


def test_an_update_lost_for_good_is_unsettled(simulator: Simulator, new_run: NewRun) -> None:
    """An update that may have been made, but was never confirmed, says that it is not settled."""
    found = create(new_run())
    simulator.faults.add(Fault(kind=FaultKind.CUT_AFTER, method="PATCH", times=None))
    error = error_of(lambda: up(new_run(LOST_FOR_GOOD), found, name="New"))
    assert isinstance(error, NoAnswerError)
    assert error.unsettled


# read


def test_read_brings_the_servers_values_of_what_is_declared(simulator: Simulator, run: Run) -> None:
    """Refresh shows drift of the declared fields, and the next up repairs just that."""
    found = create(run, **SETTINGS)
    simulator.organization.update_workspace("team", **OTHERS)
    drifted = refresh(run, found)
    assert declared_outputs(run, drifted) == OTHERS
    assert drifted.outputs["updated_at"] == simulator.organization.workspace("other").updated_at
    simulator.log.clear()
    up(run, drifted, **SETTINGS)
    body = {"name": "Team", "slug": "team", **SETTINGS}
    assert writes(simulator) == [("PATCH", f"/workspaces/{found.id}", body)]


def test_read_keeps_to_what_is_declared(simulator: Simulator, run: Run) -> None:
    """What somebody else set is not stored, and one request is all that refresh takes."""
    found = create(run, description="d")
    simulator.organization.update_workspace("team", default_text_model="m")
    simulator.log.clear()
    assert refresh(run, found).outputs == {
        **found.outputs,
        "updated_at": simulator.organization.workspace("team").updated_at,
    }
    assert requests(simulator) == [("GET", "/workspaces")]


@pytest.mark.parametrize("name", [name for name in NULLABLE if name != "disabled_server_tools"])
def test_a_field_cleared_by_hand_is_drift(simulator: Simulator, run: Run, name: str) -> None:
    """A declared field that is null on the server is missing after refresh, and comes back."""
    found = create(run, **SETTINGS)
    simulator.organization.update_workspace("team", **{name: None})
    drifted = refresh(run, found)
    assert name not in drifted.outputs
    assert differs(run, drifted, **SETTINGS) == (name,)
    up(run, drifted, **SETTINGS)
    assert getattr(simulator.organization.workspace("team"), name) == SETTINGS[name]


def test_read_keeps_what_never_reaches_the_api(run: Run) -> None:
    """adopt_existing and force_destroy are as they were declared after a refresh."""
    found = create(run, adopt_existing=True, force_destroy=True)
    outputs = refresh(run, found).outputs
    assert outputs["adopt_existing"] is outputs["force_destroy"] is True


def test_a_workspace_that_is_gone_is_read_as_nothing(simulator: Simulator, run: Run) -> None:
    """The API's own 404 for the workspace, and only it, drops the resource from the state."""
    found = create(run)
    simulator.organization.delete_workspace("team")
    assert is_gone(run, found)


@pytest.mark.parametrize(("fault", "kind", "seconds"), NOT_GONE)
def test_a_read_that_fails_never_says_gone(
    simulator: Simulator, new_run: NewRun, fault: Fault, kind: Kind, seconds: float
) -> None:
    """401, 403, 5xx, a proxy's 404 and a broken connection are errors, and change nothing."""
    found = create(new_run())
    simulator.faults.add(fault)
    run = new_run(seconds)
    error = error_of(refresh, run, found)
    assert isinstance(error, kind)
    assert not error.unsettled


# how errors call it


def test_errors_call_a_workspace_by_its_slug(run: Run) -> None:
    """People know the slug; where it is not known, the id must do."""
    assert run.workspaces.label(NOBODY, {"slug": "team"}) == "'team'"
    assert run.workspaces.label(NOBODY, {"slug": UNKNOWN}) == NOBODY
    assert run.workspaces.label(NOBODY, {}) == NOBODY


def test_what_belongs_to_a_compared_workspace_is_called_by_its_slug(new_run: NewRun) -> None:
    """In a later run too, which compares the workspace and asks nothing about it."""
    found = create(new_run())
    run = new_run()
    assert run.budgets.label(found.id, {}) == f"of workspace {found.id}"
    differs(run, found)
    assert run.budgets.label(found.id, {}) == "of workspace 'team'"
    assert run.memberships.label(found.id, {}) == "of workspace 'team'"
