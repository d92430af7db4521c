from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_openrouter.review.changes import review
from pulumi_openrouter.review.engine import ReviewError
from pulumi_openrouter.review.preview import Op, read
from tests.unit.review.previews import Document, created, deleted, document, step, updated, urn

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "text", ["", "Previewing update (dev)", "[]", "{}", '{"a": 1}', "null", "[" * 100_000]
)
def test_what_is_no_preview_is_refused(text: str) -> None:
    """In words, whatever it is."""
    with pytest.raises(ReviewError, match="this is not the output of `pulumi preview --json`"):
        read(text)


def test_what_a_program_prints_before_the_document_is_left_out() -> None:
    """Warnings may stand there."""
    text = "warning: something\n" + document(created("Workspace", "a", slug="a"))
    assert [found.op for found in read(text).steps] == [Op.CREATED]


def test_the_stack_is_told_by_the_urns() -> None:
    """A preview does not name it otherwise."""
    assert read(document()).stack == "dev"


def test_a_secret_is_hidden_however_the_engine_marks_it() -> None:
    """As text, or as a map with Pulumi's signature."""
    marked = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "x"}
    (found,) = read(
        document(created("Workspace", "a", slug="[secret]", name=marked, description=[marked]))
    ).steps
    assert found.after is not None
    assert {str(found.after[name]) for name in ("slug", "name")} == {"Untold.SECRET"}
    assert "x" not in repr(found.after)


def test_what_an_earlier_run_left_behind_does_not_count() -> None:
    """A resource that is deleted beside its own update is an old one, pending deletion."""
    old = deleted("Workspace", "a", slug="a")
    old["oldState"]["delete"] = True
    (found,) = read(document(old, updated("Workspace", "a", {"slug": "a"}, {"slug": "b"}))).steps
    assert (found.op, found.before) == (Op.CHANGED, {"slug": "a"})


def test_what_is_only_read_is_no_change() -> None:
    """A resource from `get`."""
    assert read(document(step("read", "Workspace", "a", {}, {}))).steps == ()


def test_a_type_within_a_component_is_known() -> None:
    """Its URN names the component's type, too."""
    inside = created("Workspace", "a", slug="a")
    kind = urn("Workspace", "a").split("::")[2]
    inside["urn"] = f"urn:pulumi:dev::shop::openrouter:index:TeamWorkspace${kind}::a"
    assert [found.kind for found in read(document(inside)).steps] == ["Workspace"]


@given(JSON, JSON, JSON)
def test_whatever_a_document_holds_is_reviewed_or_refused(old: Any, new: Any, more: Any) -> None:
    """No shape of a value is an internal error."""
    rows = [
        {"op": op, "urn": urn(kind, "a"), "oldState": {"inputs": old}, "newState": {"inputs": new}}
        for op in ("create", "update", "delete", "replace")
        for kind in ("Workspace", "WorkspaceBudget", "WorkspaceMembership", "ApiKey", "Guardrail")
    ]
    for row in rows:
        text = json.dumps({"steps": [row, more], "diagnostics": more, "changeSummary": more})
        with contextlib.suppress(ReviewError):
            assert review(read(text)).stack == "dev"


# the events of a refresh


def event(kind: str, op: str, name: str, old: Document | None, new: Document | None) -> Document:
    """What the engine prints of a step of a refresh."""
    states = {
        side: {"id": "u", "outputs": {"__provider": "p", **outputs}}
        for side, outputs in (("old", old), ("new", new))
        if outputs is not None
    }
    return {kind: {"metadata": {"op": op, "urn": urn("Workspace", name), **states}}}


def events(*found: Document) -> str:
    return "\n".join(json.dumps({"sequence": at, **each}) for at, each in enumerate(found))


OLD = {"slug": "lab", "name": "Lab", "updated_at": "1"}


def test_a_refresh_is_a_drift_between_the_state_and_openrouter() -> None:
    """What nobody declares is no drift."""
    text = events(
        event("resourcePreEvent", "refresh", "a", OLD, OLD),
        event("resOutputsEvent", "update", "a", OLD, {**OLD, "name": "Other", "updated_at": "2"}),
    )
    found = read(text)
    assert found.is_drift
    assert [(step.before, step.after) for step in found.steps] == [
        ({"slug": "lab", "name": "Lab"}, {"slug": "lab", "name": "Other"})
    ]


def test_an_object_that_is_gone_is_a_drift() -> None:
    """The engine has nothing to say of it afterwards."""
    text = events(
        event("resourcePreEvent", "refresh", "a", OLD, OLD),
        event("resOutputsEvent", "delete", "a", OLD, None),
    )
    assert [step.op for step in read(text).steps] == [Op.DELETED]


def test_the_events_of_a_preview_are_as_good_as_its_document() -> None:
    """Pulumi prints them where a variable asks for them."""
    row = event("resourcePreEvent", "update", "a", {}, {})
    row["resourcePreEvent"]["metadata"]["old"]["inputs"] = {"slug": "a"}
    row["resourcePreEvent"]["metadata"]["new"]["inputs"] = {"slug": "b"}
    found = read(events(row))
    assert not found.is_drift
    assert [(step.before, step.after) for step in found.steps] == [({"slug": "a"}, {"slug": "b"})]


def test_a_document_of_a_refresh_is_refused() -> None:
    """It does not say what differs; the error names the variable that makes Pulumi say it."""
    text = json.dumps(
        {"steps": [step("refresh", "Workspace", "a", {}, {})], "changeSummary": {"update": 1}}
    )
    with pytest.raises(ReviewError, match="PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true"):
        read(text)


def test_after_a_refresh_a_preview_is_about_what_is_there() -> None:
    """With --refresh, each resource is told twice: what the state said does not count."""
    read_first = step("refresh", "Workspace", "a", {"slug": "a", "name": "old"}, {})
    change = updated("Workspace", "a", {"slug": "a", "name": "live"}, {"slug": "a", "name": "new"})
    (found,) = read(document(read_first, change)).steps
    assert found.before == {"slug": "a", "name": "live"}
