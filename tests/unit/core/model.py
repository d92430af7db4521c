"""The specification of the provider: what it must make of an organization, in plain Python.

A workspace is a bag of cells: each of its fields, the limit of each interval, each member. A
resource wants some of these cells to have a value, and a state remembers which ones it had:
that is all that is needed to say whose a cell is. Nothing here uses the provider's code.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

WORKSPACE, BUDGET, MEMBERSHIP = "workspace", "budget", "membership"
KINDS = (WORKSPACE, BUDGET, MEMBERSHIP)
INTERVALS = ("daily", "weekly", "monthly", "lifetime")
NULLABLE = (
    "description",
    "default_text_model",
    "default_image_model",
    "default_provider_sort",
    "io_logging_api_key_ids",
    "disabled_server_tools",
)
LASTING = (
    "name",
    "slug",
    "io_logging_sampling_rate",
    "is_data_discount_logging_enabled",
    "is_observability_broadcast_enabled",
    "is_observability_io_logging_enabled",
)
FIRST_VALUES = {
    "io_logging_sampling_rate": 1,
    "is_data_discount_logging_enabled": True,
    "is_observability_broadcast_enabled": False,
    "is_observability_io_logging_enabled": False,
}

Cell = tuple[str, str]
Cells = Mapping[Cell, Any]
"""The cells that have a value."""
Spaces = dict[str, Cells]
"""The workspaces of an organization, by UUID."""

SLUG = ("field", "slug")
BYOK = ("budget", "include_byok_in_budgets")
NO_TOOLS = {("field", "disabled_server_tools"): frozenset[str]()}
"""The one empty value that means the same as no value."""
FOR_EVER = {BYOK, *(("field", name) for name in LASTING)}
"""Cells that can't be cleared: they keep their value when nobody declares them any more."""
COLUMNS = {WORKSPACE: "field", BUDGET: "budget", MEMBERSHIP: "member"}


@attrs.frozen
class Resource:
    """A resource of a program: what its author writes, and the cells that this declares."""

    kind: str
    name: str
    inputs: Mapping[str, Any]
    wants: Cells
    home: str = ""
    """What a child belongs to: a workspace of the program by urn, or any other by UUID."""

    @property
    def urn(self) -> str:
        return urn(self.kind, self.name)


@attrs.frozen
class Owned:
    """What a state holds of a resource."""

    kind: str
    id: str
    cells: Cells
    exclusive: bool = False
    force: bool = False
    goes_with: str = ""
    """The resource whose deletion deletes this one, too."""


def urn(kind: str, name: str) -> str:
    return f"{kind}:{name}"


def plain(value: Any) -> Any:
    """A value without the order and the duplicates of a list, which mean nothing."""
    return frozenset(value) if isinstance(value, list) else value


def workspace(name: str, /, **inputs: Any) -> Resource:
    """A Workspace."""
    fields = (*NULLABLE, *LASTING)
    wants = {("field", field): plain(inputs[field]) for field in fields if field in inputs}
    return Resource(WORKSPACE, name, inputs, wants)


def budget(name: str, home: str, exclusive: bool, byok: bool | None, **limits: float) -> Resource:
    """A WorkspaceBudget."""
    inputs: dict[str, Any] = {f"{interval}_limit_usd": limits[interval] for interval in limits}
    wants: dict[Cell, Any] = {("budget", interval): limits[interval] for interval in limits}
    if byok is not None:
        inputs["include_byok_in_budgets"] = wants[BYOK] = byok
    return Resource(BUDGET, name, {"exclusive": exclusive, **inputs}, wants, home)


def membership(
    name: str, home: str, exclusive: bool, by_id: Sequence[str], by_email: Mapping[str, str]
) -> Resource:
    """A WorkspaceMembership of people by user id, and by email (whose user ids are given)."""
    inputs = {"exclusive": exclusive, "user_ids": [*by_id], "emails": [*by_email]}
    wants = {("member", id): True for id in {*by_id, *by_email.values()}}
    return Resource(MEMBERSHIP, name, inputs, wants, home)


def in_order(program: Iterable[Resource]) -> list[Resource]:
    """The resources in the engine's order: parents before children."""
    return sorted(program, key=lambda resource: (KINDS.index(resource.kind), resource.name))


class RefusedError(Exception):
    """The right outcome is an error."""


@attrs.define
class Model:
    """An organization, and the state of the one stack that manages some of it."""

    spaces: Spaces
    scim: frozenset[str]
    """The members whom only the identity provider can remove."""
    state: dict[str, Owned] = attrs.Factory(dict)
    replaced: list[Owned] = attrs.Factory(list)
    """What is still to be deleted, because its resource moved to another workspace."""

    def copy(self) -> Model:
        return copy.deepcopy(self)

    # pulumi refresh

    def refresh(self) -> None:
        """Update the state with what is there now."""
        for name, owned in list(self.state.items()):
            seen = self._seen(owned)
            is_gone = owned.id not in self.spaces or (
                owned.kind == BUDGET and not limits(seen).keys() & limits(owned.cells).keys()
            )
            if is_gone:
                del self.state[name]
            else:
                self.state[name] = attrs.evolve(owned, cells=seen)

    def _seen(self, owned: Owned) -> Cells:
        live = {**NO_TOOLS, **self.spaces.get(owned.id, {})}
        # With exclusive what others have there is drift: it is shown, to be removed.
        return {
            cell: value
            for cell, value in live.items()
            if cell in owned.cells or (owned.exclusive and is_drift(owned.kind, cell))
        }

    # pulumi up

    def up(self, program: Iterable[Resource]) -> set[str]:
        """Make the organization as declared; returns the resources for which that is refused.

        Like the engine: what belongs to a failed resource is not tried, and while anything
        fails nothing is deleted.
        """
        resources, refused = in_order(program), set[str]()
        for resource in resources:
            if resource.home not in refused:
                try:
                    self._bring(resource, resources)
                except RefusedError:
                    refused.add(resource.urn)
        return refused or self.sweep(resources)

    def _bring(self, resource: Resource, program: Sequence[Resource]) -> None:
        """Create or update one resource."""
        old = self.state.get(resource.urn)
        id = self._claimed(resource)
        ours = set(old.cells) if old and old.id == id else set()
        if resource.inputs.get("exclusive"):
            ours |= {cell for cell in self.spaces[id] if is_drift(resource.kind, cell)}
        dropped = ours - self._declared(id, program)
        if resource.kind == BUDGET:
            refuse_disorder(without(self.spaces[id], dropped) | {**resource.wants})
        self._remove(id, dropped)
        changed = {**self.spaces[id], **resource.wants}
        self.spaces[id] = {
            cell: value for cell, value in changed.items() if value != NO_TOOLS.get(cell)
        }
        if old and old.id != id:
            self.replaced.append(old)
        self.state[resource.urn] = Owned(
            resource.kind,
            id,
            resource.wants,
            exclusive=resource.inputs.get("exclusive", False),
            force=resource.inputs.get("force_destroy", False),
            goes_with=self._goes_with(resource),
        )

    def place(self, resource: Resource) -> str:
        """The UUID of the workspace that a resource is about; empty if there is none yet."""
        about = self.state.get(resource.home or resource.urn)
        return about.id if about else "" if is_urn(resource.home) else resource.home

    def _claimed(self, resource: Resource) -> str:
        """The same for a resource that is made now; a new workspace gets a UUID later."""
        if resource.kind != WORKSPACE:
            id = self.place(resource)
            if id not in self.spaces or self._refuses_members(resource, id):
                raise RefusedError
            return id
        slug = resource.wants[SLUG]
        holder = next((id for id, cells in self.spaces.items() if cells[SLUG] == slug), None)
        adopted = holder if resource.inputs["adopt_existing"] else None
        id = self.place(resource) or adopted or f"new {slug}"
        if holder not in (None, id):
            raise RefusedError
        self.spaces.setdefault(id, new_space())
        return id

    def _refuses_members(self, resource: Resource, id: str) -> bool:
        """Nobody can declare members of the default workspace, because everybody is in it."""
        return resource.kind == MEMBERSHIP and self.spaces[id][SLUG] == "default"

    def _goes_with(self, resource: Resource) -> str:
        """The workspace whose deletion deletes a child, too; the default one is never deleted."""
        parent = self.state.get(resource.home)
        return resource.home if parent and parent.cells[SLUG] != "default" else ""

    def _declared(self, id: str, program: Iterable[Resource]) -> set[Cell]:
        """What any resource of the program declares in a workspace, and thus stays."""
        return {cell for one in program if self.place(one) == id for cell in one.wants}

    def _remove(self, id: str, cells: set[Cell]) -> None:
        """Clear cells; members who are held stay, and that is an error once the others are gone."""
        held = {cell for cell in cells & self.spaces[id].keys() if self._is_held(id, cell)}
        self.spaces[id] = without(self.spaces[id], cells - held)
        if held:
            raise RefusedError

    def _is_held(self, id: str, cell: Cell) -> bool:
        column, member = cell
        keyed = [who for (what, _), who in self.spaces[id].items() if what == "key"]
        return column == "member" and (member in keyed or member in self.scim)

    def sweep(self, program: Sequence[Resource]) -> set[str]:
        """Delete what the program no longer has, children first, until a deletion is refused."""
        while self.replaced:
            try:
                self._delete(self.replaced[0], program)
            except RefusedError:
                return {"replaced"}
            del self.replaced[0]
        for name in doomed(self.state, program):
            try:
                self._delete(self.state[name], program)
            except RefusedError:
                return {name}
            del self.state[name]
        return set()

    def _delete(self, owned: Owned, program: Sequence[Resource]) -> None:
        id, gone = owned.id, doomed(self.state, program)
        if id not in self.spaces or owned.goes_with in gone:
            return
        if owned.kind != WORKSPACE:
            self._remove(id, set(owned.cells) - self._declared(id, program))
        elif owned.cells[SLUG] != "default" and not self._stays(id, program):
            if not owned.force and any(column == "key" for column, _ in self.spaces[id]):
                raise RefusedError
            del self.spaces[id]

    def _stays(self, id: str, program: Sequence[Resource]) -> bool:
        """Whether a resource of the program stands for the workspace."""
        return any(one.kind == WORKSPACE and self.place(one) == id for one in program)

    # what went wrong

    def restore(self) -> None:
        """The budgets and members as the state has them."""
        for owned in [*self.state.values(), *self.replaced]:
            if owned.kind != WORKSPACE and owned.id in self.spaces:
                self.spaces[owned.id] = {**self.spaces[owned.id], **owned.cells}

    # what can only be learned

    def learn(self, spaces: Spaces) -> None:
        """Replace the provisional ids of new workspaces with their UUIDs."""
        for id in [id for id in self.spaces if id.startswith("new ")]:
            slug = self.spaces[id][SLUG]
            found = [other for other, cells in spaces.items() if cells[SLUG] == slug]
            if found and found[0] not in self.spaces:
                self.spaces[found[0]] = self.spaces.pop(id)
                for name, owned in self.state.items():
                    if owned.id == id:
                        self.state[name] = attrs.evolve(owned, id=found[0])


def doomed(state: Iterable[str], program: Iterable[Resource]) -> list[str]:
    """The urns that the program no longer has, children first."""
    gone = set(state) - {resource.urn for resource in program}
    return sorted(gone, key=lambda name: (name.startswith(WORKSPACE), name))


def new_space() -> dict[Cell, Any]:
    """A new workspace, but for its name and slug."""
    return {BYOK: False, **{("field", name): value for name, value in FIRST_VALUES.items()}}


def limits(cells: Cells) -> dict[str, float]:
    """The budgets among the cells."""
    return {name: cells["budget", name] for name in INTERVALS if ("budget", name) in cells}


def refuse_disorder(cells: Cells) -> None:
    """A wider interval's limit must be greater, whoever set it."""
    for narrow, wide in itertools.pairwise(limits(cells).values()):
        if narrow >= wide:
            raise RefusedError


def is_drift(kind: str, cell: Cell) -> bool:
    """Whether an exclusive resource of this kind wants the cell cleared unless it declares it."""
    return kind != WORKSPACE and cell[0] == COLUMNS[kind] and cell not in FOR_EVER


def without(cells: Cells, cleared: Iterable[Cell]) -> dict[Cell, Any]:
    gone = set(cleared) - FOR_EVER
    return {cell: value for cell, value in cells.items() if cell not in gone}


def is_urn(home: str) -> bool:
    """Whether a child's home is a workspace of the program rather than a UUID."""
    return home.startswith(f"{WORKSPACE}:")
