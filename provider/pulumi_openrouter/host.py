"""The engine's side of the edge: Pulumi's dynamic host calls, the lifecycles answer."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, NoReturn

from pulumi import RunError, dynamic
from pulumi.output import UNKNOWN as PULUMI_UNKNOWN
from pulumi.output import Unknown
from pulumi.runtime import rpc

from pulumi_openrouter.api.errors import ForbiddenError, OpenRouterError
from pulumi_openrouter.core.api_key import ApiKeyLifecycle
from pulumi_openrouter.core.byok_key import ByokKeyLifecycle
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.guardrail import GuardrailLifecycle
from pulumi_openrouter.core.kinds import UNKNOWN
from pulumi_openrouter.core.lifecycle import Lifecycle, Properties, Values
from pulumi_openrouter.core.secrets import SECRETS, SHOWN_SECRETS, hidden, secrets_of
from pulumi_openrouter.core.settings import Settings, log_as_asked
from pulumi_openrouter.core.workspace import WorkspaceLifecycle
from pulumi_openrouter.core.workspace_budget import WorkspaceBudgetLifecycle
from pulumi_openrouter.core.workspace_default_guardrail import (
    WorkspaceDefaultGuardrailLifecycle,
)
from pulumi_openrouter.core.workspace_membership import WorkspaceMembershipLifecycle
from pulumi_openrouter.internals import (
    engine_watch,
    hidden_properties,
    plain_errors,
    sdk_floor,
    workers,
)

if sdk_is_too_old := sdk_floor.too_old(dynamic.ReadResult):
    raise RunError(sdk_is_too_old)

log = logging.getLogger("pulumi_openrouter.host")

PROVIDER_KEY = "__provider"
REFRESH_FIRST = "run `pulumi refresh` before the next up"
SCOPE_HINT = "The key may be limited to another workspace, or may not do this."
SECRET_NAMES = SECRETS if hidden_properties.arrive(rpc.deserialize_properties) else SHOWN_SECRETS
"""The property that tells the provider which arguments are secret, as this SDK lets it arrive."""
CHANGING = ("creating", "updating", "deleting")
REPEATING = {"members": frozenset({"emails", "user_ids"})}
"""Outputs that hold the elements of lists once more, and those of which lists."""

LIFECYCLES: Mapping[str, type[Lifecycle]] = {
    lifecycle.noun: lifecycle
    for lifecycle in (
        WorkspaceLifecycle,
        WorkspaceBudgetLifecycle,
        WorkspaceMembershipLifecycle,
        ApiKeyLifecycle,
        GuardrailLifecycle,
        WorkspaceDefaultGuardrailLifecycle,
        ByokKeyLifecycle,
    )
}


class Provider(dynamic.ResourceProvider):
    """A dynamic provider over a lifecycle."""

    serialize_as_secret_always = False
    lifecycle: Lifecycle

    def __init__(self, lifecycle_class: type[Lifecycle]) -> None:
        super().__init__()
        self.lifecycle_class = lifecycle_class

    def __reduce__(self) -> tuple[Callable[[str], Provider], tuple[str]]:
        """Pickled as a short name, because the state stores it twice per resource.

        A name, and not code: so an upgraded package takes effect at once.
        """
        return provider, (self.lifecycle_class.noun,)

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Get ready; needs neither key nor network."""
        plain_errors.print_without_traceback(_ReportedError)
        engine_watch.start()
        log_as_asked()
        self.lifecycle = self.lifecycle_class(_shared_context(req.config))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """All problems of the inputs at once."""
        with _reported("checking", self.lifecycle.noun):
            inputs, problems = self.lifecycle.check(_plain(_olds), _plain(news))
        failures = [dynamic.CheckFailure(found.property, found.reason) for found in problems]
        return dynamic.CheckResult(_for_engine(inputs), failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """What differs between the outputs of the last run and the inputs of this one."""
        with _reported("comparing", self._name(_id, _olds)):
            found = self.lifecycle.diff(_id, _plain(_olds), _plain(_news))
        return dynamic.DiffResult(changes=bool(found.changed), replaces=list(found.replaces))

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Create what is declared."""
        with self._operation("creating", "", props):
            found = self.lifecycle.create(_plain(props))
        return dynamic.CreateResult(found.id, _with_secrets(found.outputs, props))

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Read what is there; an empty id says that it is gone."""
        with self._operation("reading", id_, props):
            olds = _plain(props)
            found = self.lifecycle.read(id_, olds)
        if found is None:
            return dynamic.ReadResult("", {})
        inputs = self._moved_inputs(olds, found.outputs)
        return dynamic.ReadResult(found.id, _with_secrets(found.outputs, olds), inputs)

    def _moved_inputs(self, olds: Properties, live: Properties) -> dict[str, Any] | None:
        """The live values as inputs: with them, the next preview shows what it would repair.

        None, and the engine keeps those that it has, where nothing declared has moved: to
        serialize them once more for each resource is a good part of a large refresh.
        """
        if not self.lifecycle.is_managed(olds):
            return None
        inputs = self.lifecycle.arguments_of(live)
        return inputs if inputs != self.lifecycle.arguments_of(olds) else None

    def update(
        self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]
    ) -> dynamic.UpdateResult:
        """Change what differs."""
        with self._operation("updating", _id, _olds, _news) as touched:
            olds, news = _plain(_olds), _plain(_news)
            touched += self.lifecycle.changes(olds, news)
            outputs = self.lifecycle.update(_id, olds, news)
        return dynamic.UpdateResult(_with_secrets(outputs, news))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete what is declared."""
        with self._operation("deleting", _id, _props):
            self.lifecycle.delete(_id, _plain(_props))

    @contextlib.contextmanager
    def _operation(
        self, doing: str, object_id: str, properties: Properties, *newer: Properties
    ) -> Iterator[list[str]]:
        # Reads that share one request gain nothing from more threads, and slow the sender down.
        if doing in CHANGING or not self.lifecycle.shares_reads:
            workers.allow_more()
        _declarations.set(tuple(map(self._with_own_secrets, (*newer, properties))))
        forgotten = self.lifecycle.forgotten if doing == "deleting" else ""
        with (
            _reported(doing, self._name(object_id, properties), forgotten) as touched,
            self.lifecycle.turn(object_id, properties),
            self.lifecycle.client.operation(),
        ):
            yield touched

    def _with_own_secrets(self, properties: Properties) -> Properties:
        always = [name for name, field in self.lifecycle.fields.items() if field.secret]
        return {**properties, SECRETS: [*secrets_of(properties), *always]}

    def _name(self, object_id: str, properties: Properties) -> str:
        return f"{self.lifecycle.noun} {self.lifecycle.label(object_id, properties)}"


def provider(noun: str) -> Provider:
    """The provider of a kind of resource; this name and those of the kinds are in every state."""
    return Provider(LIFECYCLES[noun])


class _ReportedError(Exception):
    """What the user sees: an exception is printed with its class's full name."""


_ReportedError.__module__ = "builtins"
_ReportedError.__qualname__ = _ReportedError.__name__ = "OpenRouterError"


@contextlib.contextmanager
def _reported(doing: str, name: str, forgotten: str = "") -> Iterator[list[str]]:
    """Turn any error into lines for people; what is added to the list may have been touched."""
    touched: list[str] = []
    try:
        yield touched
    except OpenRouterError as error:
        if isinstance(error, ForbiddenError):
            error.hint = error.hint or SCOPE_HINT
        left_over = "" if error.unsettled else f"\n{forgotten}".rstrip()
        _raise(f"{doing} {name}: {error}{left_over}", error.unsettled, touched)
    except Exception as error:  # noqa: BLE001  # whatever it is, no traceback to the user
        log.debug("%s", hidden(traceback.format_exc(), *_declarations.get()))
        kind = type(error).__name__
        _raise(
            f"{doing} {name}: internal error ({kind}): please report this bug, "
            "with the output of OPENROUTER_LOG=debug",
            doing in CHANGING,
            touched,
        )


def _raise(message: str, unsettled: bool, touched: list[str]) -> NoReturn:
    if unsettled:
        what = f" ({', '.join(touched)})" if touched else ""
        message += f"\nIt may have been done in part{what}: {REFRESH_FIRST}"
    error = _ReportedError(hidden(message, *_declarations.get()))
    plain_errors.abort_call(error)
    raise error from None


_shared: list[Context] = []


def _shared_context(config: dynamic.Config) -> Context:
    """The one context of this process; the host configures one provider at a time."""
    if not _shared:
        _shared.append(
            Context(lambda: Settings.load(config.get).connect(workers.MAX_THREADS, _say), _say)
        )
    return _shared[0]


_declarations: ContextVar[tuple[Properties, ...]] = ContextVar("declarations", default=())
"""The properties that the operation of this thread is about."""


def _say(message: str) -> None:
    print(hidden(message, *_declarations.get()), flush=True)


def _with_secrets(outputs: Values, properties: Properties) -> Values:
    """The outputs as the state keeps them: what repeats a secret is one as well."""
    names = secrets_of(properties)
    if not names:
        return outputs
    repeated = {
        name: rpc.wrap_rpc_secret(outputs[name])
        for name, lists in REPEATING.items()
        if name in outputs and not lists.isdisjoint(names)
    }
    return {**outputs, **repeated, SECRET_NAMES: names}


def _plain(value: Any) -> Any:
    """Properties without what is Pulumi's own."""
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items() if key != PROVIDER_KEY}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _for_engine(value: Any) -> Any:
    """Properties as the host serializes them."""
    if value is UNKNOWN:
        return PULUMI_UNKNOWN
    if isinstance(value, Mapping):
        return {key: _for_engine(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_for_engine(inner) for inner in value]
    return value
