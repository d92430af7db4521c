"""Whatever a program hands over: the host answers in words, and goes on answering."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2 as proto

from pulumi_openrouter.core.lifecycle import Lifecycle
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.core.workspace_budget import WorkspaceBudgetLifecycle
from pulumi_openrouter.core.workspace_membership import WorkspaceMembershipLifecycle
from pulumi_openrouter.simulator import Simulator
from tests.host.dynamic_host import UNKNOWN, Host, HostError, Kind, Properties, _called

ID = "11111111-2222-3333-4444-555555555555"
LIFECYCLES: dict[str, type[Lifecycle]] = {
    "workspaces": WorkspaceLifecycle,
    "budgets": WorkspaceBudgetLifecycle,
    "memberships": WorkspaceMembershipLifecycle,
}
SOUND: dict[str, Properties] = {
    "workspaces": {
        "name": "Team",
        "slug": "team",
        "io_logging_api_key_ids": [1, 2],
        "disabled_server_tools": ["openrouter:bash"],
        "adopt_existing": False,
        "force_destroy": False,
    },
    "budgets": {"workspace_id": ID, "monthly_limit_usd": 100, "exclusive": False},
    "memberships": {"workspace_id": ID, "user_ids": ["user_a"], "exclusive": False},
}
EACH = pytest.mark.parametrize("name", SOUND)
HOSTILE = settings(
    max_examples=100,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

# What the wire carries: all of JSON, NaN and infinity, and no text that is not Unicode.

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
LONG = st.sampled_from(["x" * 100_000, "\N{PILE OF POO}" * 1000, "a-" * 26, "\x00", "\u202e"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers(-(2**1000), 2**1000).map(float)
    | TEXTS
    | LONG
    | st.just(UNKNOWN)
)
SIGNATURE = "4dabf18193072939515e22adb298388d"
SPECIAL: list[dict[str, object]] = [
    {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "an asset"},
    {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "path": "/nowhere"},
    {SIGNATURE: "0def7320c3a5731c473e5ecbe6d01bc7", "uri": "https://example.com/x.zip"},
    {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "urn:pulumi:s::p::a:b:C::d", "id": "x"},
]
"""What the engine has signs for beside secrets: assets, archives and resources."""
VALUES = st.recursive(
    SCALARS | st.sampled_from(SPECIAL),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXTS, inner, max_size=3)
        | inner.map(rpc.wrap_rpc_secret)
    ),
    max_leaves=8,
)


def hostile(name: str) -> st.SearchStrategy[Properties]:
    """Anything for each property of a resource, and for one that it has not."""
    fields = [*LIFECYCLES[name].fields, "unheard_of", "__internal", "", "id", "urn"]
    return st.fixed_dictionaries({}, optional=dict.fromkeys(fields, VALUES))


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """An API that is away: check and diff send nothing."""
    with Simulator() as running:
        running.pause()
        yield running


class Raw(Kind):
    """One kind of resource, with answers that JSON could not hold."""

    def __init__(self, kind: Kind) -> None:
        self._stub = kind._stub
        self._serialized = kind._serialized

    def failures(self, news: Properties, olds: Properties) -> tuple[Struct, list[tuple[str, str]]]:
        """The inputs and what is wrong with them."""
        request = proto.CheckRequest(olds=self._struct(olds), news=self._struct(news))
        answer = _called(self._stub.Check, request)
        return answer.inputs, [(failure.property, failure.reason) for failure in answer.failures]

    def differs(self, id: str, olds: Properties | Struct, news: Properties | Struct) -> bool:
        """Whether there is something to update."""
        request = proto.DiffRequest(id=id, olds=self._any(olds), news=self._any(news))
        answer = _called(self._stub.Diff, request)
        return bool(answer.changes == proto.DiffResponse.DIFF_SOME)

    def _any(self, properties: Properties | Struct) -> Struct:
        return properties if isinstance(properties, Struct) else self._struct(properties)


def raw(host: Host, name: str) -> Raw:
    return Raw(getattr(host, name))


def refuses_in_words(failures: list[tuple[str, str]], name: str) -> None:
    """Each reason names a property that a program declares, and says what would be right."""
    for property, reason in failures:
        assert LIFECYCLES[name].fields[property.partition("[")[0]].is_argument
        assert reason.startswith(("must be", "is "))


@EACH
@pytest.mark.reliability(
    "any JSON value, unknown, secret, asset or resource for every input, over gRPC",
    "check answers with inputs and reasons, never with a traceback; the host goes on",
)
@HOSTILE
@given(data=st.data())
def test_check_answers_whatever_arrives(host: Host, name: str, data: st.DataObject) -> None:
    """No value, old or new, is more than a wrong one, and the next call is answered as ever."""
    kind = raw(host, name)
    _, failures = kind.failures(data.draw(hostile(name)), data.draw(hostile(name)))
    refuses_in_words(failures, name)
    assert kind.failures(SOUND[name], {})[1] == []


@EACH
@HOSTILE
@given(data=st.data())
def test_a_single_wrong_value_is_told_among_sound_ones(
    host: Host, name: str, data: st.DataObject
) -> None:
    """What check lets pass diff can compare, and what it doesn't is told for that property."""
    kind = raw(host, name)
    field = data.draw(st.sampled_from([*LIFECYCLES[name].fields, "unheard_of"]))
    value = data.draw(st.just(UNKNOWN) | VALUES)
    news = {**SOUND[name], field: value}
    inputs, failures = kind.failures(news, SOUND[name])
    refuses_in_words(failures, name)
    if value == UNKNOWN:
        assert failures == []
    if not failures:
        assert kind.differs(ID, SOUND[name], inputs) in (True, False)
        assert kind.differs(ID, inputs, news) in (True, False)


AMOUNTS = [5e-324, 0.1 + 0.2, 1 / 3, 1.0, 1e22, 1e308, sys.float_info.max]
NO_AMOUNTS = [0, -0.0, -1, math.nan, math.inf, -math.inf, "5", "1e3", "", True, [5], {"usd": 5}]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_comes_back_to_the_last_bit(host: Host, amount: float) -> None:
    """No amount is rounded on its way through the host, however small or large."""
    inputs, failures = raw(host, "budgets").failures(
        {"workspace_id": ID, "lifetime_limit_usd": amount, "exclusive": False}, {}
    )
    assert failures == []
    assert inputs["lifetime_limit_usd"] == amount


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=repr)
@pytest.mark.parametrize("interval", ["daily", "weekly", "monthly", "lifetime"])
def test_what_is_no_amount_is_refused(host: Host, amount: object, interval: str) -> None:
    """Nothing, less than nothing, no number and too much to be one are no limit in USD."""
    name = f"{interval}_limit_usd"
    _, failures = raw(host, "budgets").failures(
        {"workspace_id": ID, name: amount, "exclusive": False}, {}
    )
    ((property, reason),) = failures
    assert property == name
    assert reason.partition("; got ")[0] == "must be a finite number greater than 0, in USD"


@EACH
def test_what_the_engine_never_sends_ends_no_host(host: Host, name: str) -> None:
    """A value with a sign that Pulumi's own host doesn't know is its error, and it goes on."""
    kind = raw(host, name)
    for sign in ("unheard of", "c44067f5952c0a294b673a41bacd8c17"):
        with pytest.raises(HostError, match="when unmarshalling resource property"):
            kind.failures({**SOUND[name], "unheard_of": {SIGNATURE: sign}}, {})
    assert kind.failures(SOUND[name], {})[1] == []
