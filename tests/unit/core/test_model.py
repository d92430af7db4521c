"""Random stacks, other people and faults, against a model of what must come of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.simulator import ApiError, Fault, FaultKind, Organization, Quirks, Simulator
from tests.support.runs import NewRun, Run, engine_on
from tests.unit.core import model
from tests.unit.core.model import (
    BUDGET,
    MEMBERSHIP,
    WORKSPACE,
    Cell,
    Model,
    Owned,
    Resource,
    Spaces,
)
from tests.unit.core.scenes import Members, emails, failure, lost
from tools.miniature_engine import State, Step

EXAMPLES = 50

Program = dict[str, Resource]
Errors = dict[str, OpenRouterError]

# A stack in miniature. Each of its commands runs in a process of its own.


@attrs.frozen
class Entry:
    """What the state has of a resource of the program."""

    kind: str
    state: State
    goes_with: str = ""

    @property
    def id(self) -> str:
        """The object that it stands for."""
        return self.state.id


@attrs.frozen
class Planned:
    """What is to be done about a resource of the program."""

    resource: Resource
    step: Step
    goes_with: str


@attrs.define
class Stack:
    """The state of a stack, and the commands that change it, in the order of the real engine."""

    simulator: Simulator
    state: dict[str, Entry] = attrs.Factory(dict)
    replaced: list[Entry] = attrs.Factory(list)

    def start(self) -> Run:
        return Run.against(self.simulator)

    def preview(self, program: Iterable[Resource]) -> list[str]:
        """The resources that an up would create, change or delete."""
        run, resources = self.start(), model.in_order(program)
        plans = [self._planned(run, resource) for resource in resources]
        changed = [planned.resource.urn for planned in plans if planned.step.is_needed]
        return changed + model.doomed(self.state, resources) + ["replaced"] * len(self.replaced)

    def refresh(self, run: Run | None = None) -> Errors:
        run, errors = run or self.start(), Errors()
        for urn, entry in list(self.state.items()):
            with _noting(errors, urn):
                self._read(run, urn, entry)
        return errors

    def up(self, program: Iterable[Resource], run: Run | None = None) -> Errors:
        """Everything declared, then the deletes unless something failed."""
        run, errors, resources = run or self.start(), Errors(), model.in_order(program)
        # The engine waits for what a resource depends on, and for nothing else.
        for children in (False, True):
            wave = [one for one in resources if (one.kind != WORKSPACE) is children]
            ready = [one for one in wave if one.home not in errors]
            for planned in [self._planned(run, one) for one in ready]:
                with _noting(errors, planned.resource.urn):
                    self._carry_out(run, planned)
        return errors or self._sweep(run, resources)

    def _planned(self, run: Run, resource: Resource) -> Planned:
        old, parent = self.state.get(resource.urn), self.state.get(resource.home)
        news, goes_with = {**resource.inputs}, ""
        if resource.kind != WORKSPACE:
            known = parent.id if parent else resource.home
            news["workspace_id"] = UNKNOWN if model.is_urn(known) else known
        if parent and parent.state.inputs["slug"] != "default":
            goes_with = resource.home
        step = engine_on(run.lifecycles[resource.kind]).plan(news, old.state if old else None)
        return Planned(resource, step, goes_with)

    def _carry_out(self, run: Run, planned: Planned) -> None:
        urn, kind = planned.resource.urn, planned.resource.kind
        old = self.state.get(urn)
        state = engine_on(run.lifecycles[kind]).carry_out(planned.step, old.state if old else None)
        if old and planned.step.creates:
            self.replaced.append(old)
        self.state[urn] = Entry(kind, state, planned.goes_with)

    def _sweep(self, run: Run, program: list[Resource]) -> Errors:
        errors = Errors()
        while self.replaced and not errors:
            with _noting(errors, "replaced"):
                self._delete(run, self.replaced[0], program)
                del self.replaced[0]
        for urn in model.doomed(self.state, program):
            if not errors:
                with _noting(errors, urn):
                    self._delete(run, self.state[urn], program)
                    del self.state[urn]
        return errors

    def _delete(self, run: Run, entry: Entry, program: list[Resource]) -> None:
        if entry.goes_with not in model.doomed(self.state, program):
            engine_on(run.lifecycles[entry.kind]).destroy(entry.state)

    def _read(self, run: Run, urn: str, entry: Entry) -> None:
        found = engine_on(run.lifecycles[entry.kind]).refresh(entry.state)
        if found is None:
            del self.state[urn]
        else:
            self.state[urn] = attrs.evolve(entry, state=found)


@contextlib.contextmanager
def _noting(errors: Errors, urn: str) -> Iterator[None]:
    try:
        yield
    except OpenRouterError as error:
        errors[urn] = error


# What can be seen of an organization and of a state, in the words of the model.


def seen_in(organization: Organization) -> Spaces:
    """Every workspace with all that it has."""
    return {one.id: _cells(organization, one.id) for one in organization.workspaces}


def _cells(organization: Organization, id: str) -> dict[Cell, Any]:
    workspace = organization.workspace(id)
    names = (*model.NULLABLE, *model.LASTING)
    fields = {("field", name): model.plain(getattr(workspace, name)) for name in names}
    members = [] if workspace.is_default else organization.members(id)
    return {
        **{cell: value for cell, value in fields.items() if value is not None},
        model.BYOK: workspace.include_byok_in_budgets,
        **{("budget", name): limit for name, limit in organization.budgets(id).items()},
        **{("member", user_id): True for user_id in members},
        **{
            ("key", key.hash): key.creator_user_id or "nobody"
            for key in organization.keys
            if key.workspace_id == id
        },
    }


def owned(entry: Entry) -> Owned:
    """A state's entry."""
    given = entry.state.outputs
    if entry.kind == WORKSPACE:
        cells = model.workspace("", **given).wants
    elif entry.kind == BUDGET:
        limits = {
            name: given[f"{name}_limit_usd"]
            for name in model.INTERVALS
            if f"{name}_limit_usd" in given
        }
        byok = given.get("include_byok_in_budgets")
        cells = model.budget("", "", False, byok, **limits).wants
    else:
        cells = {("member", member["user_id"]): True for member in given["members"]}
    return Owned(
        entry.kind,
        entry.id,
        cells,
        exclusive=given.get("exclusive", False),
        force=given.get("force_destroy", False),
        goes_with=entry.goes_with,
    )


# What a program declares.

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "description": st.sampled_from(["", "ours"]),
    "default_provider_sort": st.sampled_from(["price", "latency"]),
    "io_logging_api_key_ids": st.sampled_from([[], [2, 1, 2]]),
    "io_logging_sampling_rate": st.sampled_from([0.5, 1]),
    "is_observability_broadcast_enabled": st.booleans(),
    "disabled_server_tools": st.sampled_from([[], ["openrouter:bash"]]),
}
SLUGS = {"a": ["a", "a-2"], "z": ["a", "a-2"], "b": ["b", "b-2"], "home": ["default"]}
"""The slugs of each workspace of the program; `z` is what `a` is renamed to without an alias."""
TWINS = {"a": "z", "z": "a"}
OUTSIDE = "outside"
AMOUNTS = st.integers(1, 8)
LIMIT_OR_NONE = AMOUNTS | st.none()
PEOPLE = ["ada", "grace", "alan", "sam"]


@st.composite
def workspaces(draw: st.DrawFn) -> Resource:
    name = draw(st.sampled_from(["a", "z", *SLUGS]))
    fields = draw(st.fixed_dictionaries({}, optional=FIELDS))
    return model.workspace(
        name,
        # Not another's name: made moments ago, it would be taken for one whose answer was lost.
        name=draw(st.sampled_from([f"Team {name}", f"Crew {name}"])),
        slug=draw(st.sampled_from(SLUGS[name])),
        adopt_existing=name == "home" or draw(st.sampled_from([True, True, False])),
        force_destroy=draw(st.booleans()),
        **fields,
    )


@st.composite
def ordered_limits(draw: st.DrawFn) -> dict[str, float]:
    names = draw(st.sets(st.sampled_from(model.INTERVALS), min_size=1))
    amounts = draw(st.sets(AMOUNTS, min_size=len(names), max_size=len(names)))
    return dict(zip(sorted(names, key=model.INTERVALS.index), sorted(amounts), strict=True))


# What goes wrong.

LOSSES = [
    Fault(kind=FaultKind.STATUS, status=503),
    Fault(kind=FaultKind.STATUS, status=500, applied=True),
    Fault(kind=FaultKind.HTML),
    Fault(kind=FaultKind.CUT_BEFORE),
    Fault(kind=FaultKind.CUT_AFTER),
    Fault(kind=FaultKind.TRUNCATED),
    Fault(kind=FaultKind.WRONG_SHAPE),
]
METHODS = [None, "PUT", "PUT", "POST", "POST", "PATCH", "DELETE"]
REFUSAL = Fault(kind=FaultKind.STATUS, status=400)


@st.composite
def faults(draw: st.DrawFn) -> list[Fault]:
    """A moment's trouble, a refusal, or both; or an end of everything, as when one is killed."""
    nth, method = draw(st.integers(1, 3)), draw(st.sampled_from(METHODS))
    first = draw(st.sampled_from([None, None, None, *LOSSES]))
    refusals = draw(st.sampled_from([1, None, 0]))
    trouble = [attrs.evolve(first, nth=nth, method=method)] if first else []
    if refusals == 0:
        return trouble
    after = nth + len(trouble)
    return [*trouble, attrs.evolve(REFUSAL, nth=after, method=method, times=refusals)]


class World(RuleBasedStateMachine):
    """A stack, other people in the same organization, and a model of both."""

    def __init__(self) -> None:
        super().__init__()
        self.simulator = Simulator()
        self.program: Program = {}

    @initialize(
        empty_404=st.booleans(),
        slug_status=st.sampled_from([400, 409]),
        cap=st.booleans(),
        scim=st.sampled_from([False, False, False, True]),
        limits=ordered_limits(),
    )
    def begin(
        self, empty_404: bool, slug_status: int, cap: bool, scim: bool, limits: dict[str, float]
    ) -> None:
        """An organization where one workspace is somebody else's, and a stack that is up."""
        quirks = Quirks(
            empty_budgets_404=empty_404,
            duplicate_slug_status=slug_status,
            page_cap=1 if cap else None,
        )
        self.simulator = Simulator(quirks, members=3).start()
        self.organization = self.simulator.organization
        self.organization.add_member("sam@example.com", scim=scim)
        outside = self.organization.create_workspace(name="Outside", slug=OUTSIDE)
        self.homes = {OUTSIDE: outside.id, "default": self.organization.workspace("default").id}
        self.ids = {
            person.email.partition("@")[0]: person.id for person in self.organization.people
        }
        self.stack = Stack(self.simulator)
        held = frozenset([self.ids["sam"]] if scim else [])
        self.model = Model(seen_in(self.organization), held)
        given = {"adopt_existing": False, "force_destroy": False}
        team = model.workspace("a", name="Team", slug="a", **given)
        budget = model.budget("1", team.urn, False, None, **limits)
        people = self._membership("1", team.urn, False, ["ada"], ["grace"])
        self.program = {resource.urn: resource for resource in (team, budget, people)}
        self.refresh_and_up(is_one_process=False)

    def teardown(self) -> None:
        self.simulator.stop()

    # the program changes

    @rule(resource=workspaces(), is_renamed=st.booleans())
    def declare_workspace(self, resource: Resource, is_renamed: bool) -> None:
        """A workspace is declared, or declared otherwise."""
        twin = model.urn(WORKSPACE, TWINS.get(resource.name, ""))
        if twin in self.program and is_renamed:
            slug = self.program[twin].wants[model.SLUG]
            resource = model.workspace(resource.name, **{**resource.inputs, "slug": slug})
        if is_renamed:
            for child in [one for one in self.program.values() if one.home == twin]:
                self.program[child.urn] = attrs.evolve(child, home=resource.urn)
        self._drop(twin)
        if resource.name == "home":
            # Its children are no longer declared by its UUID: that would be twice.
            for child in [*self.program.values()]:
                if child.home == self.homes["default"]:
                    self._drop(child.urn)
        self.program[resource.urn] = resource

    @rule(
        data=st.data(),
        name=st.sampled_from(["1", "1", "2"]),
        exclusive=st.booleans(),
        byok=st.none() | st.booleans(),
        limits=ordered_limits(),
    )
    def declare_budget(
        self,
        data: st.DataObject,
        name: str,
        exclusive: bool,
        byok: bool | None,
        limits: dict[str, float],
    ) -> None:
        """The only one of its workspace, so that a second one takes the place of the first."""
        home = self._some_home(data, model.urn(BUDGET, name))
        resource = model.budget(name, home, exclusive, byok, **limits)
        for other in self._neighbours(resource):
            self._drop(other.urn)
        self.program[resource.urn] = resource

    @rule(
        data=st.data(),
        name=st.sampled_from(["1", "1", "2"]),
        exclusive=st.booleans(),
        by_id=st.sets(st.sampled_from(PEOPLE)),
        by_email=st.sets(st.sampled_from(PEOPLE)),
    )
    def declare_membership(
        self, data: st.DataObject, name: str, exclusive: bool, by_id: set[str], by_email: set[str]
    ) -> None:
        """Several share a workspace if none is exclusive and nobody is declared twice."""
        if not (by_id or by_email or exclusive):
            by_id = {"ada"}
        home = self._some_home(data, model.urn(MEMBERSHIP, name))
        resource = self._membership(name, home, exclusive, by_id, by_email)
        for other in self._neighbours(resource):
            if exclusive or other.inputs["exclusive"] or other.wants.keys() & resource.wants.keys():
                self._drop(other.urn)
        self.program[resource.urn] = resource

    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        """A resource is taken out of the program with what belongs to it, or everything is."""
        urn = data.draw(st.sampled_from(["", *sorted(self.program)]))
        if urn:
            self._drop(urn)
        else:
            self.program.clear()

    # other people change something

    @rule(data=st.data(), id_of=st.sampled_from(["a", "a", "a", OUTSIDE, None]))
    def others_do_something(self, data: st.DataObject, id_of: str | None) -> None:
        """Somebody changes the organization behind the stack's back, if the API lets them."""
        slugs = sorted(workspace.slug for workspace in self.organization.workspaces)
        slug = id_of if id_of in slugs else data.draw(st.sampled_from(slugs))
        id = self.organization.workspace(slug).id
        often = [self._fields, self._budgets, self._members] * 2
        acts = [*often, self._keys, self._workspaces]
        with contextlib.suppress(ApiError):
            data.draw(st.sampled_from(acts))(data, id)
        self.model.spaces = seen_in(self.organization)

    def _fields(self, data: st.DataObject, id: str) -> None:
        values = {**FIELDS, "name": st.just("Theirs")}
        if id not in self.homes.values():
            values["slug"] = st.just("theirs")
        name = data.draw(st.sampled_from([*values]))
        value = data.draw(values[name] | st.none() if name in model.NULLABLE else values[name])
        self.organization.update_workspace(id, **{name: value})

    def _budgets(self, data: st.DataObject, id: str) -> None:
        interval, limit = data.draw(st.sampled_from(model.INTERVALS)), data.draw(LIMIT_OR_NONE)
        if limit is None:
            self.organization.delete_budget(id, interval)
        else:
            byok = data.draw(st.none() | st.booleans())
            self.organization.set_budget(id, interval, limit, byok)

    def _members(self, data: st.DataObject, id: str) -> None:
        people = data.draw(st.sets(st.sampled_from(PEOPLE), min_size=1))
        ids = [self.ids[name] for name in sorted(people)]
        if data.draw(st.booleans()):
            self.organization.add_members(id, ids)
        else:
            self.organization.remove_members(id, ids)

    def _keys(self, data: st.DataObject, id: str) -> None:
        """A key is deleted if there is one, else created."""
        keys = [key for key in self.organization.keys if key.workspace_id == id]
        if keys:
            self.organization.delete_key(keys[0].hash)
        else:
            creator = data.draw(st.sampled_from([None, self.ids["ada"], self.ids["grace"]]))
            self.organization.create_key("key", id, creator)

    def _workspaces(self, data: st.DataObject, id: str) -> None:
        slug = data.draw(st.sampled_from([None, None, "a", "b"]))
        if slug:
            self.organization.create_workspace(name="Theirs", slug=slug)
        elif id not in self.homes.values():
            self.organization.delete_workspace(id)

    # the stack is run

    @rule(faults=faults(), refreshes=st.sampled_from([False, False, True]))
    def run_somehow(self, faults: list[Fault], refreshes: bool) -> None:
        """Whatever goes wrong, each cell is as it was, or as the program or the state has it."""
        self._preview()
        before, outcomes = self.model, self._outcomes()
        self.simulator.faults.add(*faults)
        run = self.stack.start()
        errors = self.stack.refresh(run) if refreshes else {}
        errors = errors or self.stack.up(self.program.values(), run)
        self.simulator.faults.clear()

        self.model = self._now()
        for outcome in outcomes:
            outcome.learn(self.model.spaces)
        assert_between(self.model.spaces, [before.spaces, *(one.spaces for one in outcomes)])
        for urn in self.model.state.keys() | before.state.keys():
            allowed = [one.state.get(urn) for one in (before, *outcomes)]
            assert self.model.state.get(urn) in allowed
        self._assert_put_back(before, errors)

    @rule(is_one_process=st.booleans())
    def refresh_and_up(self, is_one_process: bool) -> None:
        """After a refresh and an up everything is as predicted, and nothing is left to do."""
        run = self.stack.start() if is_one_process else None
        with self._asked() as asked:
            assert self.stack.refresh(run) == {}
        assert [request for request in asked if not request.startswith("GET")] == []
        self.model.refresh()
        self._assert_as_predicted()

        refused = self.model.up(self.program.values())
        errors = self.stack.up(self.program.values(), run)
        assert errors.keys() == refused
        self._assert_as_predicted()
        if not refused:
            self._assert_nothing_left()

    # the steps of these

    def _drop(self, urn: str) -> None:
        self.program = {
            name: resource
            for name, resource in self.program.items()
            if urn not in (name, resource.home)
        }

    def _neighbours(self, resource: Resource) -> list[Resource]:
        """The others of its kind in the same workspace."""
        return [
            other
            for other in self.program.values()
            if (other.kind, other.home) == (resource.kind, resource.home) and other != resource
        ]

    def _some_home(self, data: st.DataObject, urn: str) -> str:
        """Where a child is mostly; else a workspace of the program, or one of somebody else's."""
        own = [one.urn for one in model.in_order(self.program.values()) if one.kind == WORKSPACE]
        theirs = [self.homes[OUTSIDE], self.homes["default"]]
        # Not twice under two names, and nobody can declare the members of the default one.
        if urn.startswith(MEMBERSHIP) or model.urn(WORKSPACE, "home") in own:
            theirs.pop()
        present = [self.program[urn].home] * 2 * len(theirs) if urn in self.program else []
        return data.draw(st.sampled_from([*present, *own, *theirs]))

    def _membership(
        self, name: str, home: str, exclusive: bool, by_id: Iterable[str], by_email: Iterable[str]
    ) -> Resource:
        emails = {f"{person}@example.com": self.ids[person] for person in sorted(by_email)}
        ids = [self.ids[person] for person in sorted(by_id)]
        return model.membership(name, home, exclusive, ids, emails)

    def _preview(self) -> list[str]:
        """A preview asks nothing, whatever it finds."""
        with self._asked() as asked:
            changed = self.stack.preview(self.program.values())
        assert asked == []
        return changed

    def _outcomes(self) -> list[Model]:
        """What the commands make of it one after the other, if nothing goes wrong."""
        refreshed = self.model.copy()
        refreshed.refresh()
        goal = refreshed.copy()
        goal.up(self.program.values())
        # Without a refresh the state may not know yet what an up is to be refused for.
        swept = goal.copy()
        swept.sweep(model.in_order(self.program.values()))
        # What a resource removes is put back as its state had it, if the removal was lost.
        restored = self.model.copy()
        restored.restore()
        return [refreshed, goal, swept, restored]

    def _now(self) -> Model:
        return Model(
            seen_in(self.organization),
            self.model.scim,
            {urn: owned(entry) for urn, entry in self.stack.state.items()},
            [owned(entry) for entry in self.stack.replaced],
        )

    @contextlib.contextmanager
    def _asked(self) -> Iterator[list[str]]:
        """What is asked of the API inside."""
        asked: list[str] = []
        start = len(self.simulator.log)
        yield asked
        asked += [f"{one.method} {one.path}" for one in self.simulator.log[start:]]

    def _assert_as_predicted(self) -> None:
        now = self._now()
        self.model.learn(now.spaces)
        assert now.spaces == self.model.spaces
        assert now.state == self.model.state
        assert now.replaced == self.model.replaced

    def _assert_nothing_left(self) -> None:
        assert self._preview() == []
        with self._asked() as asked:
            assert self.stack.up(self.program.values()) == {}
        assert asked == []
        self._assert_as_predicted()

    def _assert_put_back(self, before: Model, errors: Errors) -> None:
        """What failed without a word about a refresh is as it was."""
        settled = [urn for urn, error in errors.items() if not error.unsettled]
        for resource in self.program.values():
            id = before.place(resource)
            if resource.urn in settled and self._is_alone(resource, id, before):
                column = model.COLUMNS[resource.kind]
                assert self._column(before, id, column) == self._column(self.model, id, column)

    def _is_alone(self, resource: Resource, id: str, before: Model) -> bool:
        """Whether no other resource of its kind had anything to do with a workspace."""
        places = [
            *((one.urn, one.kind, before.place(one)) for one in self.program.values()),
            *((urn, one.kind, one.id) for urn, one in {**before.state, **self.model.state}.items()),
        ]
        return all(
            urn == resource.urn
            for urn, kind, place in places
            if (kind, place) == (resource.kind, id)
        )

    def _column(self, where: Model, id: str, column: str) -> Mapping[Cell, Any]:
        cells = where.spaces.get(id, {})
        return {cell: value for cell, value in cells.items() if cell[0] == column}


def assert_between(now: Spaces, allowed: list[Spaces]) -> None:
    """Each workspace, and each cell of it, is as in one of the organizations that are allowed."""
    for id in {id for spaces in (now, *allowed) for id in spaces}:
        assert (id in now) in [id in spaces for spaces in allowed], id
        cells = {cell for spaces in (now, *allowed) for cell in spaces.get(id, {})}
        for cell in cells if id in now else ():
            values = [spaces[id].get(cell) for spaces in allowed if id in spaces]
            # A child of a new workspace may still be missing.
            values += [None] * (id not in allowed[0] and cell[0] != "field")
            assert now[id].get(cell) in values, (id, cell, now[id].get(cell), values)


@pytest.mark.reliability(
    "random changes of a stack with several workspaces, of the organization behind its back, and "
    "faults, in any order",
    "a refresh and an up end exactly in what a plain model predicts; what is not declared, and "
    "everybody else's budgets and members, are as they were; another up sends nothing",
)
@pytest.mark.timeout(900)
def test_a_stack_becomes_what_the_model_says(
    record_property: Callable[[str, object], None],
) -> None:
    """After any changes, faults and doings of others a refresh and an up bring what is declared."""
    run_state_machine_as_test(
        World,
        settings=settings(
            derandomize=True,
            database=None,
            max_examples=EXAMPLES,
            stateful_step_count=50,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    record_property("cases", EXAMPLES)


# What the machine found


def test_a_lost_removal_adds_nobody_who_was_not_there(
    simulator: Simulator, new_run: NewRun
) -> None:
    """A removal without an answer is put back for those alone who were members before it."""
    team = Members.of_team(simulator, new_run)
    state = team.up(emails=emails("ada", "grace"))
    team.taken("ada")
    removal = Fault(kind=FaultKind.CUT_BEFORE, path="*/members/remove")
    simulator.faults.add(*lost(removal)(1))
    failure(lambda: team.destroy(state))
    assert team.live == ["grace"]
