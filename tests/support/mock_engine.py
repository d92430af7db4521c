"""Runs a Pulumi program in this process, on an engine that creates nothing and takes notes."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks, test
from typing_extensions import override

STACK_TYPE = "pulumi:pulumi:Stack"


class Engine(MockMonitor):
    """What a program registered and read; every resource has the outputs that it declares."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__(_Echo(answers))
        self.requests: dict[str, Any] = {}
        """The requests to register or read a resource, by its name; one of those that share it."""
        self.registrations: list[Any] = []
        """All requests to register a resource, in no order."""
        self.registered: dict[str, Any] = {}
        """The requests to register a resource, by its kind, which is the end of its type."""
        self.result: Any = None
        """What the program returned, its Outputs resolved."""

    @override
    def RegisterResource(self, request: Any) -> Any:
        if request.type != STACK_TYPE:
            self.requests[request.name] = request
            self.registrations.append(request)
            self.registered[request.type.rpartition(":")[2]] = request
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    @override
    def ReadResource(self, request: Any) -> Any:
        self.requests[request.name] = request
        return super().ReadResource(request)  # type: ignore[no-untyped-call]

    def inputs(self, name: str, kind: str | None = None) -> dict[str, Any]:
        """The properties with which a resource was registered or read, secrets in plain."""
        properties = self._properties(name, kind)
        return {key: rpc.unwrap_rpc_secret(value) for key, value in properties.items()}

    def secrets(self, name: str) -> set[str]:
        """Which of them are secret."""
        properties = self._properties(name)
        return {key for key, value in properties.items() if rpc.is_rpc_secret(value)}

    def provider(self, name: str) -> str:
        """The provider as it goes into the state."""
        provider: str = rpc.deserialize_properties(self._raw(self.requests[name]))["__provider"]
        return provider

    def deleted_with(self, name: str) -> str | None:
        """The name of the resource that takes this one along when it is deleted."""
        urn: str = self.requests[name].deletedWith
        return urn.rpartition("::")[-1] or None

    def _properties(self, name: str, kind: str | None = None) -> dict[str, Any]:
        request = self.registered[kind] if kind else self.requests[name]
        properties = rpc.deserialize_properties(self._raw(request))
        return {key: value for key, value in properties.items() if key != "__provider"}

    def _raw(self, request: Any) -> Any:
        return request.object if hasattr(request, "object") else request.properties


class _Monitor:
    """An engine that nothing takes for one with mocks: functions ask the API, as in a real run."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


class _Echo(Mocks):
    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = answers
        self._count = 0

    @override
    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self._count += 1
        return str(UUID(int=self._count)), {**args.inputs, **self._answers}

    @override
    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        return {}, None


def run_program(
    program: Callable[[], Any],
    *,
    config: Mapping[str, str] | None = None,
    secret_config: Collection[str] = (),
    answers: Mapping[str, Any] | None = None,
    preview: bool = False,
) -> Engine:
    """Run it as `pulumi up` would, or a preview; nothing of it is left behind in this process.

    `answers` are outputs that every resource has beside its inputs.
    """
    engine = Engine(answers or {})

    def keep(result: Any) -> None:
        engine.result = result

    def inside() -> None:
        pulumi.runtime.set_all_config(dict(config or {}), list(secret_config))
        monitor: Any = _Monitor(engine)
        set_mocks(engine.mocks, monitor=monitor, preview=preview)
        main = test(lambda: pulumi.Output.from_input(program()).apply(keep))  # type: ignore[no-untyped-call]
        main()

    # All that Pulumi knows of a program is in context variables.
    contextvars.copy_context().run(inside)
    return engine
