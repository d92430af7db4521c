"""Pulumi's own dynamic host as a process, called over gRPC as the engine calls it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from threading import Thread
from types import TracebackType
from typing import IO, Any

import attrs
import grpc
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2 as proto
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub
from pulumi.runtime.rpc import UNKNOWN as UNKNOWN
from typing_extensions import Self

from pulumi_openrouter.host import Provider, provider
from tests.support.waiting import PATIENCE
from tools.paths import SOURCES

PROVIDER = "__provider"
DIRECTLY = [("grpc.enable_http_proxy", 0)]

Properties = dict[str, Any]


class HostError(Exception):
    """What the engine would print for a call that failed."""

    @property
    def lines(self) -> list[str]:
        """The error, line by line."""
        return str(self).strip().splitlines()


@attrs.frozen
class Checked:
    """The answer to Check."""

    inputs: Properties
    failures: list[tuple[str, str]]


@attrs.frozen
class Diffed:
    """The answer to Diff."""

    changes: bool
    replaces: list[str]


@attrs.frozen
class Read:
    """The answer to Read; None for inputs leaves them as they were."""

    id: str
    outputs: Properties
    inputs: Properties | None


class Kind:
    """One kind of resource in a host."""

    def __init__(self, stub: ResourceProviderStub, provider: Provider) -> None:
        self._stub = stub
        self._serialized = serialize_provider(provider)

    def check(self, news: Properties, olds: Properties | None = None) -> Checked:
        """Check new inputs; `olds` are the old inputs of a resource that exists."""
        request = proto.CheckRequest(
            olds=self._struct(olds) if olds else Struct(), news=self._struct(news)
        )
        answer = _called(self._stub.Check, request)
        failures = [(failure.property, failure.reason) for failure in answer.failures]
        return Checked(_plain(answer.inputs), failures)

    def diff(self, id: str, olds: Properties, news: Properties) -> Diffed:
        """Compare old outputs with new inputs."""
        request = proto.DiffRequest(id=id, olds=self._struct(olds), news=self._struct(news))
        answer = _called(self._stub.Diff, request)
        assert answer.changes != proto.DiffResponse.DIFF_UNKNOWN
        changes = answer.changes == proto.DiffResponse.DIFF_SOME
        return Diffed(changes, list(answer.replaces))

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Create, and return id and outputs."""
        request = proto.CreateRequest(properties=self._struct(inputs))
        answer = _called(self._stub.Create, request)
        return answer.id, _plain(answer.properties)

    def refresh(self, id: str, outputs: Properties) -> Read:
        """Read what is in the state."""
        return self._read(proto.ReadRequest(id=id, properties=self._struct(outputs)))

    def get(self, id: str) -> Read:
        """Read what a program looks up by its id: the engine sends its inputs as properties too."""
        given = self._struct({})
        return self._read(proto.ReadRequest(id=id, inputs=given, properties=given))

    def update(self, id: str, olds: Properties, news: Properties) -> Properties:
        """Update from old outputs to new inputs."""
        request = proto.UpdateRequest(id=id, olds=self._struct(olds), news=self._struct(news))
        return _plain(_called(self._stub.Update, request).properties)

    def delete(self, id: str, outputs: Properties) -> None:
        """Delete what is in the state."""
        request = proto.DeleteRequest(id=id, properties=self._struct(outputs))
        _called(self._stub.Delete, request)

    def _read(self, request: proto.ReadRequest) -> Read:
        answer = _called(self._stub.Read, request)
        inputs = _plain(answer.inputs) if answer.HasField("inputs") else None
        return Read(answer.id, _plain(answer.properties), inputs)

    def _struct(self, properties: Properties) -> Struct:
        struct = Struct()
        struct.update({**properties, PROVIDER: self._serialized})
        return struct


class Host:
    """The process that runs the providers; it ends with the `with` block."""

    def __init__(
        self,
        environment: Mapping[str, str],
        engine: str | None = None,
        python: str = sys.executable,
    ) -> None:
        self.stdout: list[str] = []
        self.stderr: list[str] = []
        self._engine = socket.create_server(("127.0.0.1", 0))
        self.process = subprocess.Popen(
            [python, "-u", "-m", "pulumi.dynamic", engine or _address(self._engine)],
            env=_environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._readers: list[Thread] = []
        self._channel: grpc.Channel | None = None

    def __enter__(self) -> Self:
        try:
            port = self._pipe(self.process.stdout).readline().strip()
            self.stdout.append(port)
            self._channel = grpc.insecure_channel(f"127.0.0.1:{int(port)}", DIRECTLY)
        except BaseException:
            self.stop()
            raise
        self.stub = ResourceProviderStub(self._channel)
        self._readers = [
            Thread(target=self.stdout.extend, args=(_lines(self.process.stdout),)),
            Thread(target=self.stderr.extend, args=(_lines(self.process.stderr),)),
        ]
        for reader in self._readers:
            reader.start()
        self.workspaces = Kind(self.stub, provider("workspace"))
        self.budgets = Kind(self.stub, provider("budget"))
        self.memberships = Kind(self.stub, provider("membership"))
        self.keys = Kind(self.stub, provider("API key"))
        self.guardrails = Kind(self.stub, provider("guardrail"))
        self.default_guardrails = Kind(self.stub, provider("default guardrail"))
        self.provider_keys = Kind(self.stub, provider("provider key"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def configure(self, config: Mapping[str, Any]) -> None:
        """Give it the configuration of the stack."""
        struct = Struct()
        struct.update(config)
        self.stub.Configure(proto.ConfigureRequest(args=struct), timeout=PATIENCE)

    def stop(self) -> None:
        """End the process; afterwards stdout and stderr are complete."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self._engine.close()
        for reader in self._readers:
            reader.join(PATIENCE)
        if self._channel is not None:
            self._channel.close()
        for pipe in (self.process.stdout, self.process.stderr):
            self._pipe(pipe).close()

    def _pipe(self, pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


StartHost = Callable[..., Host]
"""Starts a host for one test alone; None removes a setting."""


def _lines(pipe: IO[str] | None) -> Iterator[str]:
    for line in pipe or []:
        yield line.rstrip("\n")


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"{host}:{port}"


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENROUTER_", "PULUMI_"))
    }
    return {**kept, "PYTHONPATH": str(SOURCES), **given}


def _called(method: Any, request: Any) -> Any:
    try:
        return method(request, timeout=PATIENCE)
    except grpc.RpcError as error:
        raise HostError(error.details()) from None


def _plain(struct: Struct) -> Properties:
    properties: Properties = MessageToDict(struct)
    properties.pop(PROVIDER)
    return properties
