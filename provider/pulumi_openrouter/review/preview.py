"""Read what the engine printed: `pulumi preview --json`, or `pulumi refresh --json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

import attrs

from pulumi_openrouter.review.engine import Printed, Row, State, printed
from pulumi_openrouter.review.values import Properties, told

TYPE_PREFIX = "pulumi-python:dynamic/openrouter:"
NOT_COUNTED = ("pulumi:pulumi:Stack", "pulumi:providers:", "openrouter:index:")
"""Types that stand for no object of their own; the last is that of our components."""
KINDS = {
    "Workspace": "workspace",
    "WorkspaceBudget": "budget",
    "WorkspaceMembership": "membership",
    "ApiKey": "API key",
    "Guardrail": "guardrail",
    "WorkspaceDefaultGuardrail": "default guardrail",
    "ByokKey": "provider key",
}
"""What people call each kind of resource, by the name in its type."""
READ_ONLY = {
    "Workspace": {
        "created_at",
        "created_by",
        "updated_at",
        "default_guardrail_id",
        "include_byok_in_budgets",
    },
    "WorkspaceBudget": set[str](),
    "WorkspaceMembership": {"members"},
    "ApiKey": {"key", "hash", "label", "created_at"},
    "Guardrail": {"created_at", "members"},
    "WorkspaceDefaultGuardrail": set[str](),
    "ByokKey": {"label", "created_at"},
}
"""The outputs that nobody declares, beside those of every resource."""
OF_EVERY_RESOURCE = {"id", "organization_id", "secret_arguments"}


class Op(Enum):
    """What happens to a resource."""

    CREATED = "created"
    CHANGED = "changed"
    REPLACED = "replaced"
    DELETED = "deleted"
    FORGOTTEN = "forgotten"
    """It leaves the stack, and stays at OpenRouter."""
    SAME = "same"


GONE = (Op.DELETED, Op.FORGOTTEN)
OPS = {
    "create": Op.CREATED,
    "import": Op.CREATED,
    "update": Op.CHANGED,
    "delete": Op.DELETED,
    "replace": Op.REPLACED,
    "create-replacement": Op.REPLACED,
    "import-replacement": Op.REPLACED,
    "delete-replaced": Op.REPLACED,
    "same": Op.SAME,
}
"""By the engine's word; what it only reads or discards is no change."""


@attrs.frozen(kw_only=True)
class Step:
    """What happens to one resource of this package."""

    kind: str
    urn: str
    op: Op
    object_id: str | None
    before: Properties | None
    """What was declared; None for what is new. In a drift, what the state says."""
    after: Properties | None
    """What is declared; None for what goes. In a drift, what OpenRouter says."""
    outputs: Properties
    """What the state says beside that."""
    reasons: tuple[str, ...]
    """The properties for which it is replaced."""
    workspaces: tuple[str | None, str | None]
    """The URN of the Workspace that it is given, before and after, as far as the engine knows."""

    @property
    def name(self) -> str:
        """The name of the resource in the program."""
        return name_of(self.urn)


@attrs.frozen(kw_only=True)
class Preview:
    """A preview of one stack."""

    stack: str
    steps: tuple[Step, ...]
    others: Mapping[str, int]
    """How many resources of other packages change, by what happens to them."""
    errors: tuple[str, ...]
    is_drift: bool
    """Whether it compares the state with OpenRouter, rather than the program with the state."""
    is_whole: bool
    """Whether it also has the resources that do not change."""


def name_of(urn: str) -> str:
    """The name of a resource in the program."""
    return urn.rpartition("::")[2]


def read(text: str) -> Preview:
    """The preview in a document, or in the events of a refresh.

    Raises:
        ReviewError: it is neither.
    """
    found = printed(text)
    by_urn: dict[str, list[Row]] = {}
    for row in found.rows:
        by_urn.setdefault(row.urn, []).append(row)
    ours = {urn: rows for urn, rows in by_urn.items() if _kind(rows[0]) in KINDS}
    return Preview(
        stack=_stack(by_urn),
        steps=tuple(filter(None, (_step(rows, found) for rows in ours.values()))),
        others=_others(rows for urn, rows in by_urn.items() if urn not in ours),
        errors=found.errors,
        is_drift=found.compared == "outputs",
        is_whole=sum(row.op == "same" for row in found.rows) >= found.unchanged,
    )


def _kind(row: Row) -> str:
    return row.type.removeprefix(TYPE_PREFIX) if row.type.startswith(TYPE_PREFIX) else ""


def _step(rows: list[Row], found: Printed) -> Step | None:
    """What happens to a resource of ours, of which the engine may tell in several steps."""
    # With --refresh, a resource is read first: what the state said does not matter any more.
    rows = [row for row in rows if _op(row) is not None]
    op = _merged(rows)
    if op is None:
        return None
    olds = [row.oldState for row in rows if row.oldState]
    # What is deleted beside another step is what an earlier run left behind.
    old = next((state for state in olds if not state.delete), olds[0] if olds else State())
    new = next((row.newState for row in reversed(rows) if row.newState), State())
    declared = [_declared(_kind(rows[0]), state, found) for state in (old, new)]
    return Step(
        kind=_kind(rows[0]),
        urn=rows[0].urn,
        op=op,
        object_id=old.id or new.id or None,
        before=None if op is Op.CREATED else declared[0],
        after=None if op in GONE else declared[1],
        outputs=told(old.outputs or {}),
        reasons=tuple(dict.fromkeys(key for row in rows for key in row.replaceReasons or ())),
        workspaces=(_workspace_of(old), _workspace_of(new)),
    )


def _merged(rows: list[Row]) -> Op | None:
    """One word for all steps of one resource; None where it is only read."""
    known = [op for op in map(_op, rows) if op is not None]
    if Op.REPLACED in known:
        return Op.REPLACED
    return next((op for op in known if op not in GONE), known[0] if known else None)


def _op(row: Row) -> Op | None:
    op = OPS.get(row.op)
    is_kept = op is Op.DELETED and row.oldState is not None and row.oldState.retainOnDelete
    return Op.FORGOTTEN if is_kept else op


def _declared(kind: str, state: State, found: Printed) -> dict[str, Any]:
    values = told(getattr(state, found.compared) or {})
    read_only = READ_ONLY[kind] | OF_EVERY_RESOURCE
    return {name: value for name, value in values.items() if name not in read_only}


def _workspace_of(state: State) -> str | None:
    """The URN of the Workspace that a resource is given, by its dependencies."""
    by_property = (state.propertyDependencies or {}).get("workspace_id")
    urns = by_property or state.dependencies or []
    found = [urn for urn in urns if f"{TYPE_PREFIX}Workspace::" in urn]
    return found[0] if len(found) == 1 else None


def _stack(urns: Iterable[str]) -> str:
    """The name of the stack, which is in every URN."""
    urn = next(iter(urns), "")
    return urn.partition("::")[0].rpartition(":")[2] or "?"


def _others(groups: Iterable[list[Row]]) -> dict[str, int]:
    ops = (_merged(rows) for rows in groups if not rows[0].type.startswith(NOT_COUNTED))
    return dict(Counter(op.value for op in ops if op not in (None, Op.SAME)))
