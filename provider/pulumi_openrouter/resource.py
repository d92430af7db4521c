"""The edge on the program's side.

One line declares a field, and gives its argument, its output, their types, its check, its
diff and its line in the reference tables.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import InitVar
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, get_args, get_origin, overload

import pulumi
from pulumi import Input, Output, ResourceOptions, dynamic
from typing_extensions import Never, Self, dataclass_transform

from pulumi_openrouter import stack_trace
from pulumi_openrouter.fields import Field, Kind, fields_of, nearest
from pulumi_openrouter.settings import KEY_CONFIG

if TYPE_CHECKING:
    from pulumi_openrouter.host import Provider

T = TypeVar("T")
S = TypeVar("S")

# What Pulumi loaded stays to the end, of a program and of the process of the providers. To look
# for garbage in it, amid some twenty resources and once more at the end, takes longer than to
# load this package.
gc.freeze()


class Property(Generic[T, S]):
    """For type checkers: an argument of type S, read back as an Output of T."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, resource: None, owner: Any) -> Field: ...
        @overload
        def __get__(self, resource: object, owner: Any) -> Output[T]: ...
        def __get__(self, resource: Any, owner: Any) -> Any: ...
        def __set__(self, resource: object, value: Input[S] | None) -> None: ...


class Declared(Property[T, T]):
    """A property that a program may declare."""


class DeclaredSet(Property[list[T] | None, Sequence[Input[T]]], Generic[T]):
    """A list that a program may declare, in any order."""


class Computed(Property[T, Never]):
    """A property that the API alone sets."""


def declared(
    kind: Kind,
    *,
    doc: str,
    default: Any,
    derived_from: str = "",
    nullable: bool = False,
    local: bool = False,
) -> Any:
    """Declare an optional property; with default None it is unmanaged unless given."""
    return Field(
        kind=kind,
        doc=doc,
        default=default,
        derived_from=derived_from,
        nullable=nullable,
        local=local,
    )


def required(kind: Kind, *, doc: str, replaces: bool = False) -> Any:
    """Declare a property that must be given."""
    return Field(kind=kind, doc=doc, required=True, replaces=replaces)


def computed(*, doc: str, init: Literal[False] = False) -> Any:
    """Declare a read-only property."""
    return Field(kind=None, doc=doc)


def positional(*, kw_only: bool) -> Any:
    """Declare, for type checkers, what a constructor takes by position."""


@dataclass_transform(
    kw_only_default=True, field_specifiers=(declared, required, computed, positional)
)
class Declaration:
    """Declared fields, from which type checkers derive the constructor of what takes them."""


class Resource(Declaration, dynamic.Resource):
    """The base of this package's resources."""

    if TYPE_CHECKING:
        resource_name: InitVar[str] = positional(kw_only=False)
        opts: InitVar[ResourceOptions | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        kinds = [kind for kind in reversed(cls.__mro__) if issubclass(kind, Declaration)]
        hints = {
            name: hint
            for kind in kinds
            for name, hint in inspect.get_annotations(kind, eval_str=True).items()
        }
        # Pulumi reads the types of outputs from here, to give back integers as integers.
        cls.__annotations__ = {name: _output_type(hints[name]) for name in fields_of(cls)}
        cls.__doc__ = f"{cls.__doc__}\n\n{described(fields_of(cls))}"

    def __init__(
        self, resource_name: str, *, opts: ResourceOptions | None = None, **given: Any
    ) -> None:
        fields = fields_of(type(self))
        is_get = opts is not None and opts.id is not None
        refuse_misspelt(type(self).__name__, fields, given, is_get=is_get)
        _refuse_clear_key()
        _refuse_import(resource_name, opts)
        properties: dict[str, Any] = dict.fromkeys(fields)
        if not is_get:
            properties.update({name: field.default for name, field in fields.items()})
            properties.update({key: value for key, value in given.items() if value is not None})
            opts = self.complete(resource_name, properties, opts or ResourceOptions())
        with stack_trace.of_the_program():
            super().__init__(self.provider(), resource_name, properties, opts)

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

    @staticmethod
    def provider() -> Provider:
        """The provider that manages resources of this class."""
        raise NotImplementedError

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """Fill in what follows from the rest, before the resource is registered."""
        return opts


def refuse_misspelt(
    kind: str, fields: Mapping[str, Field], given: Mapping[str, Any], *, is_get: bool = False
) -> None:
    """Refuse arguments that there are not.

    Raises:
        TypeError: names the first, and the one that was probably meant.
    """
    inputs = {name for name, field in fields.items() if not field.computed}
    if strange := sorted(set(given) - inputs):
        near = nearest(strange[0], inputs)
        known = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(inputs))}"
        raise TypeError(f"{kind}() has no argument {strange[0]!r}; {known}")
    missing = [name for name, field in fields.items() if field.required and name not in given]
    if missing and not is_get:
        raise TypeError(f"{kind}() misses its argument {missing[0]!r}")


def _refuse_clear_key() -> None:
    config = pulumi.runtime.config
    if config.get_config(KEY_CONFIG) and not config.is_config_secret(KEY_CONFIG):
        raise pulumi.RunError(
            f"{KEY_CONFIG} is set without --secret, so the state would hold it in clear: "
            f"run `pulumi config set --secret {KEY_CONFIG}`, and make a new key."
        )


def _refuse_import(resource_name: str, opts: ResourceOptions | None) -> None:
    if opts is not None and opts.import_ is not None:
        raise pulumi.RunError(
            f"{resource_name!r}: Pulumi can't import dynamic resources. Declare what exists: a "
            "Workspace with adopt_existing=True; budgets and members are taken over as they are."
        )


def _output_type(hint: Any) -> Any:
    """The Output that a hint such as Declared[str] stands for."""
    output: Any = Output
    arguments = get_args(hint)
    if get_origin(hint) is DeclaredSet:
        return output[list[arguments[0]]]  # type: ignore[valid-type]
    return output[arguments[0] if arguments else str]


def described(fields: Mapping[str, Field]) -> str:
    """The fields as the sections of a docstring."""
    arguments = [f"    {name}: {field.doc}" for name, field in fields.items() if not field.computed]
    outputs = [f"    {name}: {field.doc}" for name, field in fields.items() if field.computed]
    sections = ["Args:", "    resource_name: its name in the stack.", *arguments]
    return "\n".join([*sections, "", "Read-only outputs:", *outputs] if outputs else sections)
