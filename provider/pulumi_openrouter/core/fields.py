"""What a field is: declared once, and everything else is derived from the declaration.

One line declares a field, and gives its argument, its output, their types, its check, its
diff and its line in the reference tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

import attrs
from typing_extensions import Never, dataclass_transform

from pulumi_openrouter.core.kinds import UNKNOWN, Flaw, Kind

if TYPE_CHECKING:
    # For type checkers alone: what a program gives to a resource, and reads from it.
    from pulumi import Input as Input
    from pulumi import Output

T = TypeVar("T")
S = TypeVar("S")


@attrs.define(eq=False, kw_only=True)
class Field:
    """One property of a resource: what it takes, what it means, and how it changes."""

    kind: Kind | None
    """None for a read-only property: whatever the API answers."""
    doc: str
    default: Any = None
    """None: not declared."""
    derived_from: str = ""
    """Where the value comes from when it is not given, if it has one then."""
    required: bool = False
    nullable: bool = False
    """No longer declared means cleared with null; otherwise the value stays, unmanaged."""
    local: bool = False
    """Never reaches the API."""
    replaces: bool = False
    secret: bool = False
    """Encrypted in the state and hidden in previews, whatever the program does."""
    initial: Any = None
    """What the API gives a new object that does not say."""
    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def is_argument(self) -> bool:
        """Whether a program may declare it; otherwise the API alone sets it."""
        return self.kind is not None

    def flaws(self, value: Any) -> Iterator[Flaw]:
        """What is wrong with a value of this field, None meaning that it is not declared."""
        if value is None and self.required:
            yield Flaw("", f"is missing: must be {self._kind.wants}")
        elif value is not None and value is not UNKNOWN:
            yield from self._kind.flaws(value)

    def canonical(self, value: Any) -> Any:
        """The spelling of a valid value that is compared, stored and sent."""
        if self.kind is None or value is None or value is UNKNOWN:
            return value
        return self.kind.canonical(value)

    def from_api(self, value: Any) -> Any:
        """What the API answered, in the spelling that a declaration has."""
        if value is None and self.kind is not None and self.kind.empty_is_null:
            return []
        return self.canonical(value)

    @property
    def _kind(self) -> Kind:
        if self.kind is None:
            raise TypeError(f"{self.name} is read-only")
        return self.kind


class Property(Generic[T, S]):
    """For type checkers: an argument of type S, read back as an Output of T."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, resource: None, owner: Any) -> Field: ...
        @overload
        def __get__(self, resource: object, owner: Any) -> Output[T]: ...
        def __get__(self, resource: Any, owner: Any) -> Any: ...
        def __set__(self, resource: object, value: Input[S] | None) -> None: ...


class Argument(Property[T, T]):
    """A property that a program may declare."""


class SetArgument(Property[list[T] | None, Sequence["Input[T]"]], Generic[T]):
    """A list that a program may declare, in any order."""


class MomentArgument(Property[str | None, str | datetime | None]):
    """A moment that a program may declare as text or as a datetime."""


class ListArgument(Property[list[T] | None, Sequence["Input[T]"]], Generic[T]):
    """A list that a program may declare, whose elements are mappings."""


class Computed(Property[T, Never]):
    """A property that the API alone sets."""


def optional(
    kind: Kind,
    *,
    doc: str,
    default: Any,
    derived_from: str = "",
    nullable: bool = False,
    local: bool = False,
    replaces: bool = False,
    initial: Any = None,
) -> Any:
    """An argument that may be given; with default None it is unmanaged unless it is."""
    return Field(
        kind=kind,
        doc=doc,
        default=default,
        derived_from=derived_from,
        nullable=nullable,
        local=local,
        replaces=replaces,
        initial=initial,
    )


def required(kind: Kind, *, doc: str, replaces: bool = False, secret: bool = False) -> Any:
    """An argument that must be given."""
    return Field(kind=kind, doc=doc, required=True, replaces=replaces, secret=secret)


def computed(*, doc: str, secret: bool = False, init: Literal[False] = False) -> Any:
    """A read-only property."""
    return Field(kind=None, doc=doc, secret=secret)


def positional(*, kw_only: bool) -> Any:
    """For type checkers: what a constructor takes by position."""


@dataclass_transform(
    kw_only_default=True, field_specifiers=(optional, required, computed, positional)
)
class Fields:
    """A set of fields, from which type checkers derive the constructor of what takes them."""


def fields_of(owner: type) -> Mapping[str, Field]:
    """The fields of a class, in order, those of its bases first."""
    return {
        name: value
        for kind in reversed(owner.__mro__)
        for name, value in vars(kind).items()
        if isinstance(value, Field)
    }


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    # Only here: only a mistake needs it, and every program imports this module.
    import difflib

    return next(iter(difflib.get_close_matches(name, known, n=1)), None)
