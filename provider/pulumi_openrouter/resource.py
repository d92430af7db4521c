"""The program's side of the edge: what every resource of this package is for Pulumi."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Hashable, Mapping
from dataclasses import InitVar
from typing import TYPE_CHECKING, Any, ClassVar, get_args, get_origin
from weakref import WeakKeyDictionary

import pulumi
from pulumi import ComponentResource, Input, Output, ResourceOptions, dynamic
from typing_extensions import Self

from pulumi_openrouter import host, stack_settings
from pulumi_openrouter.core.fields import (
    Field,
    Fields,
    ListArgument,
    SetArgument,
    fields_of,
    nearest,
    positional,
)
from pulumi_openrouter.internals import call_stack, transforms


class Resource(Fields, dynamic.Resource):
    """The base of this package's resources."""

    noun: ClassVar[str]
    """Which provider manages it."""
    has_final_options = True
    """Whether no transformation can add options to those that the program gives."""

    if TYPE_CHECKING:
        resource_name: InitVar[str] = positional(kw_only=False)
        opts: InitVar[ResourceOptions | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        inherited = getattr(cls, "_resource_type_name", None)
        super().__init_subclass__(**options)
        if "module" not in options:
            # A program's own subclass is a resource of the same type, with the same outputs.
            cls._resource_type_name = inherited or cls._resource_type_name
            return
        hints = {
            name: hint
            for kind in reversed(cls.__mro__)
            if issubclass(kind, Fields)
            for name, hint in inspect.get_annotations(kind, eval_str=True).items()
        }
        # Pulumi reads the types of outputs from here, to give back integers as integers.
        cls.__annotations__ = {name: _output_type(hints[name]) for name in fields_of(cls)}
        document(cls)

    def __init__(
        self, resource_name: str, *, opts: ResourceOptions | None = None, **given: Any
    ) -> None:
        fields = fields_of(type(self))
        is_get = opts is not None and opts.id is not None
        refuse_misspelt(type(self).__name__, fields, given, is_get=is_get)
        stack_settings.refuse_wrong()
        _refuse_import(resource_name, opts)
        properties: dict[str, Any] = dict.fromkeys(fields)
        if not is_get:
            properties.update({name: field.default for name, field in fields.items()})
            properties.update({key: value for key, value in given.items() if value is not None})
            opts = opts or ResourceOptions()
            self.has_final_options = not transforms.may_change(opts)
            opts = self.complete(resource_name, properties, opts)
            opts = _keep_secret(fields, properties, opts)
            properties.update(_secrecy(fields, properties))
        with call_stack.of_the_program():
            super().__init__(host.provider(self.noun), resource_name, properties, opts)

    @classmethod
    def get(cls, resource_name: str, id: Input[str], opts: ResourceOptions | None = None) -> Self:
        """Read an existing object without managing it.

        Args:
            resource_name: the name of the resource in this stack.
            id: the UUID of the workspace; its slug is refused.
            opts: options of the resource.
        """
        found = cls(resource_name, opts=ResourceOptions.merge(opts, ResourceOptions(id=id)))
        # Not every engine answers the id of a resource that is only read: it is known here.
        found.__dict__["id"] = Output.from_input(id)
        return found

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """Fill in what follows from the rest, before the resource is registered."""
        return opts


class Component(Fields, ComponentResource):
    """The base of this package's components."""

    type_token: ClassVar[str]

    if TYPE_CHECKING:
        resource_name: InitVar[str] = positional(kw_only=False)
        opts: InitVar[ResourceOptions | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        document(cls)

    def __init__(
        self, resource_name: str, *, opts: ResourceOptions | None = None, **given: Any
    ) -> None:
        refuse_misspelt(type(self).__name__, fields_of(type(self)), given)
        with call_stack.of_the_program():
            super().__init__(self.type_token, resource_name, None, opts)
        given = {name: value for name, value in given.items() if value is not None}
        self.declare(resource_name, given, opts or ResourceOptions())

    def declare(self, resource_name: str, given: dict[str, Any], opts: ResourceOptions) -> None:
        """Make the resources of the component, and set and register its outputs."""
        raise NotImplementedError


class Holders:
    """Which resource of a program holds what only one can."""

    def __init__(self) -> None:
        self._by_run: WeakKeyDictionary[Any, dict[Hashable, str]] = WeakKeyDictionary()

    def taken_by(self, thing: Hashable, resource_name: str) -> str | None:
        """The resource that holds the thing already; None, and it is this one's from now on."""
        run = pulumi.runtime.settings.get_monitor()
        holders = self._by_run.setdefault(run, {}) if run is not None else {}
        if thing in holders:
            return holders[thing]
        holders[thing] = resource_name
        return None


def refuse_misspelt(
    kind: str, fields: Mapping[str, Field], given: Mapping[str, Any], *, is_get: bool = False
) -> None:
    """Refuse arguments that do not exist, and the lack of those that must be given.

    Raises:
        TypeError: names the first, and the one that was probably meant.
    """
    arguments = {name for name, field in fields.items() if field.is_argument}
    if strange := sorted(set(given) - arguments):
        near = nearest(strange[0], arguments)
        hint = f"did you mean {near!r}?" if near else f"expected {', '.join(sorted(arguments))}"
        raise TypeError(f"{kind}() got an unexpected keyword argument {strange[0]!r}; {hint}")
    missing = [name for name, field in fields.items() if field.required and name not in given]
    if missing and not is_get:
        raise TypeError(f"{kind}() missing required argument {missing[0]!r}")


def _keep_secret(
    fields: Mapping[str, Field], properties: dict[str, Any], opts: ResourceOptions
) -> ResourceOptions:
    """Make plain secret arguments secret, and have the engine encrypt all secret properties."""
    secrets = [name for name, field in fields.items() if field.secret]
    for name in secrets:
        if properties[name] is not None:
            properties[name] = Output.secret(properties[name])
    if not secrets:
        return opts
    return ResourceOptions.merge(opts, ResourceOptions(additional_secret_outputs=secrets))


def _secrecy(fields: Mapping[str, Field], properties: Mapping[str, Any]) -> dict[str, Any]:
    """The property that tells the provider what is secret beside what always is."""
    unsure = {
        name: value
        for name, value in properties.items()
        if not fields[name].secret and _may_be_secret(value)
    }
    return {host.SECRET_NAMES: Output.from_input(_secret_among(unsure))} if unsure else {}


def _may_be_secret(value: Any) -> bool:
    elements = value if isinstance(value, (list, tuple)) else [value]
    return any(isinstance(element, (Output, Awaitable)) for element in elements)


async def _secret_among(properties: Mapping[str, Any]) -> list[str] | None:
    asked = {name: Output.from_input(value).is_secret() for name, value in properties.items()}
    return [name for name, is_secret in asked.items() if await is_secret] or None


def _refuse_import(resource_name: str, opts: ResourceOptions | None) -> None:
    if opts is not None and opts.import_ is not None:
        raise pulumi.RunError(
            f"{resource_name!r}: Pulumi can't import dynamic resources. Declare what exists: a "
            "Workspace with adopt_existing=True; budgets and members are taken over as they are."
        )


def _output_type(hint: Any) -> Any:
    """The Output that a hint such as Argument[str] stands for."""
    output: Any = Output
    arguments = get_args(hint)
    if get_origin(hint) is ListArgument:
        return output[list[dict[str, Any]]]
    if get_origin(hint) is SetArgument:
        return output[list[arguments[0]]]  # type: ignore[valid-type]
    return output[arguments[0] if arguments else str]


def document(owner: type) -> None:
    """Append the fields to the docstring of a class."""
    fields = fields_of(owner)
    arguments = [f"    {name}: {field.doc}" for name, field in fields.items() if field.is_argument]
    outputs = [
        f"    {name}: {field.doc}" for name, field in fields.items() if not field.is_argument
    ]
    sections = ["Args:", "    resource_name: its name in the stack.", *arguments]
    if outputs:
        sections += ["", "Read-only outputs:", *outputs]
    if owner.__doc__:
        owner.__doc__ = "\n".join([f"{owner.__doc__}\n", *sections])
