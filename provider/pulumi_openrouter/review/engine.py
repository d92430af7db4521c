"""What the engine prints, as far as a review reads it, in both of its forms."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

import attrs
import cattrs

NO_PREVIEW = "this is not the output of `pulumi preview --json` or `pulumi refresh --json`"
NO_EVENTS = (
    "this document of a refresh does not say what differs: "
    "run `pulumi refresh` with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true"
)
REFRESH = "refresh"
WRONG_SHAPE = (
    cattrs.BaseValidationError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)
"""What cattrs raises for another shape, an `items` that is missing and too deep a tree included."""


class ReviewError(Exception):
    """What was given can't be reviewed; the message says why."""


@attrs.frozen(kw_only=True)
class State:
    """A resource before or after a step; names are the engine's."""

    id: str | None = None
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    dependencies: list[str] | None = None
    propertyDependencies: dict[str, list[str] | None] | None = None
    retainOnDelete: bool | None = None
    delete: bool | None = None


@attrs.frozen(kw_only=True)
class Row:
    """One step; a replacement has three."""

    urn: str
    op: str
    oldState: State | None = None
    newState: State | None = None
    replaceReasons: list[str] | None = None

    @property
    def type(self) -> str:
        """The type of the resource, without those of the components around it."""
        parts = self.urn.split("::")
        return parts[2].rpartition("$")[2] if len(parts) > 3 else ""


@attrs.frozen(kw_only=True)
class Diagnostic:
    """A message of the engine."""

    severity: str | None = None
    message: str | None = None


@attrs.frozen(kw_only=True)
class Document:
    """What `pulumi preview --json` prints."""

    steps: list[Row] | None = None
    diagnostics: list[Diagnostic] | None = None
    changeSummary: dict[str, int] | None = None


@attrs.frozen(kw_only=True)
class Metadata:
    """What an event tells of a step."""

    urn: str
    op: str
    old: State | None = None
    new: State | None = None
    keys: list[str] | None = None

    def as_row(self) -> Row:
        """The same as a preview tells it."""
        return Row(
            urn=self.urn,
            op=self.op,
            oldState=self.old,
            newState=self.new,
            replaceReasons=self.keys,
        )


@attrs.frozen(kw_only=True)
class OfStep:
    """An event about a step."""

    metadata: Metadata


@attrs.frozen(kw_only=True)
class Event:
    """A line of what `pulumi refresh --json` prints."""

    sequence: int
    resourcePreEvent: OfStep | None = None
    resOutputsEvent: OfStep | None = None
    diagnosticEvent: Diagnostic | None = None


@attrs.frozen
class Printed:
    """What both forms have in common."""

    rows: tuple[Row, ...]
    errors: tuple[str, ...]
    unchanged: int
    """How many resources do not change, whether they are among the rows or not."""
    compared: Literal["inputs", "outputs"]
    """What tells a resource before from after: a refresh has the outputs of the state and live."""


def printed(text: str) -> Printed:
    """What Pulumi printed.

    Raises:
        ReviewError: it is nothing of that kind.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise ReviewError(f"{NO_PREVIEW}: it is empty")
    if '"sequence":' in lines[0]:
        return _of_events(_parsed(line, Event) for line in lines if line.startswith("{"))
    # Messages of the program may stand before the document.
    start = next((index for index, line in enumerate(lines) if line.startswith("{")), 0)
    return _of_document(_parsed("\n".join(lines[start:]), Document))


def _of_document(document: Document) -> Printed:
    if document == Document():
        raise ReviewError(NO_PREVIEW)
    steps, summary = document.steps or [], document.changeSummary or {}
    if {row.op for row in steps} == {REFRESH} and summary.keys() - {"same"}:
        raise ReviewError(NO_EVENTS)
    errors = _errors(document.diagnostics or ())
    return Printed(tuple(steps), errors, summary.get("same", 0), "inputs")


def _of_events(events: Iterable[Event]) -> Printed:
    """The steps of a preview from where they begin, those of a refresh from where they end."""
    found = list(events)
    begun = [each.resourcePreEvent.metadata for each in found if each.resourcePreEvent]
    ended = [each.resOutputsEvent.metadata for each in found if each.resOutputsEvent]
    is_refresh = {each.op for each in begun} == {REFRESH}
    rows = tuple(each.as_row() for each in (ended if is_refresh else begun))
    errors = _errors(each.diagnosticEvent for each in found if each.diagnosticEvent)
    return Printed(rows, errors, 0, "outputs" if is_refresh else "inputs")


def _errors(diagnostics: Iterable[Diagnostic]) -> tuple[str, ...]:
    messages = (each.message or "" for each in diagnostics if each.severity == "error")
    return tuple(" ".join(message.split()) for message in messages)


def _parsed(text: str, kind: type[Any]) -> Any:
    try:
        return _converter.structure(json.loads(text), kind)
    except WRONG_SHAPE:
        raise ReviewError(NO_PREVIEW) from None


def _text(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"unexpected {type(value).__name__}")
    return value


_converter = cattrs.Converter(detailed_validation=False)
_converter.register_structure_hook(str, _text)
