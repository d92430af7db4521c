"""The one generic lifecycle over declared fields; a resource adds only what is special to it.

Plain data in, plain data out: what is Pulumi's own lives in `host.py` and `resource.py`.
"""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import attrs

from pulumi_openrouter.api.errors import NotFoundError
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.core.failures import DeletedOutsideError, NotThereYetError
from pulumi_openrouter.core.fields import Computed, Field, Fields, computed
from pulumi_openrouter.core.kinds import UNKNOWN

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client

T = TypeVar("T")

Properties = Mapping[str, Any]
"""Inputs or outputs that are only looked at."""
Values = dict[str, Any]
"""Inputs, outputs or the body of a request in the making."""

OWNER = "organization_id"


class OwnedFields(Fields):
    """What every resource has."""

    organization_id: Computed[str | None] = computed(
        doc="Organization that it was made in: another one's key never calls it gone."
    )


@attrs.frozen
class Problem:
    """Something wrong with an input: the property, such as `emails[1]`, and what would be right."""

    property: str
    reason: str


@attrs.frozen
class Difference:
    """Which properties an update changes, and which of them ask for a new object."""

    changed: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


@attrs.frozen
class Found:
    """An object that exists."""

    id: str
    outputs: Values


class Lifecycle(abc.ABC):
    """What happens to one kind of resource.

    `check` and `diff` are offline: they read and send nothing, but they may claim what this run
    must not delete. The others raise `OpenRouterError`, and lose nothing by it.
    """

    noun: ClassVar[str]
    fields: ClassVar[Mapping[str, Field]]
    managed_mark: ClassVar[str]
    """A property that every managed resource has and one from `get` has not."""
    forgotten: ClassVar[str] = ""
    """What the engine forgets before it asks for a deletion, in a line for one that fails."""
    shares_reads: ClassVar[bool] = False
    """Whether one request answers many reads, so that more of them at once gain nothing."""

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    def client(self) -> Client:
        """The API.

        Raises:
            SettingsError: there is no key, or the base URL is not one to send it to.
        """
        return self.context.client

    @abc.abstractmethod
    def label(self, object_id: str, properties: Properties) -> str:
        """How errors call the object."""

    # check

    def check(self, olds: Properties, news: Properties) -> tuple[Values, list[Problem]]:
        """The inputs in their canonical spelling, and all that is wrong with them."""
        flaws = {
            name: found
            for name, field in self.arguments.items()
            if (found := list(field.flaws(news.get(name))))
        }
        # The engine prints the value of a property that is named, a secret one too. Of an element
        # it prints nothing, and not the whole list.
        problems = [
            Problem(f"{name}{flaw.place}", flaw.reason)
            for name, found in flaws.items()
            for flaw in found
        ]
        inputs = {
            name: value if name in flaws else self._canonical(name, value)
            for name, value in news.items()
            if value is not None
        }
        # What is wrong by itself has been reported: for the rest it counts as unknown.
        sound = {name: UNKNOWN if name in flaws else value for name, value in inputs.items()}
        problems += self.problems_between(olds, sound)
        if not problems:
            self.claim(olds, inputs)
        return inputs, problems

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """What is wrong with the sound inputs taken together."""
        return iter(())

    def claim(self, olds: Properties, news: Properties) -> None:  # noqa: B027  # optional
        """Claim what this run declares: the same run must not delete it."""

    # diff

    def diff(self, object_id: str, olds: Properties, news: Properties) -> Difference:
        """What an update would change, from the old outputs to the new inputs."""
        changed = tuple(self.changes(olds, news))
        replaces = tuple(name for name in changed if self.fields[name].replaces)
        return Difference(changed, replaces)

    def changes(self, olds: Properties, news: Properties) -> Iterator[str]:
        """The declared fields that differ, those declared before but no longer included."""
        for name, field in self.arguments.items():
            # A field that is newer than the state was never declared, nor what it defaults to.
            before = olds.get(name, field.default)
            if (name in olds or name in news) and not self.same(name, before, news.get(name)):
                yield name

    def same(self, name: str, one: Any, other: Any) -> bool:
        """Whether two values of a field mean the same; an unknown value differs."""
        if one is None or other is None or UNKNOWN in (one, other):
            return one is other is None
        return bool(self._canonical(name, one) == self._canonical(name, other))

    # create, read, update, delete

    @abc.abstractmethod
    def create(self, news: Properties) -> Found:
        """Make what is declared, or leave nothing behind."""

    @abc.abstractmethod
    def read(self, object_id: str, olds: Properties) -> Found | None:
        """What is there now of what `olds` declares (all of it for a `get`); None: gone."""

    @abc.abstractmethod
    def update(self, object_id: str, olds: Properties, news: Properties) -> Values:
        """Change what differs, or put back what was changed."""

    @abc.abstractmethod
    def delete(self, object_id: str, olds: Properties) -> None:
        """Remove what is declared; what is gone already is no error."""

    def turn(self, object_id: str, properties: Properties) -> AbstractContextManager[object]:
        """The lock that an operation holds where other resources may change the same object."""
        contested = () if object_id else self.contested(properties)
        return self.context.turn(self.noun, *contested) if contested else nullcontext()

    def contested(self, news: Properties) -> tuple[str, ...]:
        """What two new resources can't both have: the second one sees what the first one made."""
        return ()

    # for the resources

    @functools.cached_property
    def arguments(self) -> Mapping[str, Field]:
        """The fields that a program may declare."""
        return {name: field for name, field in self.fields.items() if field.is_argument}

    def arguments_of(self, properties: Properties) -> Values:
        """The arguments among the properties."""
        return {name: properties[name] for name in self.arguments if name in properties}

    def read_only_of(self, properties: Properties) -> Values:
        """The read-only fields among the properties."""
        return {
            name: properties[name]
            for name, field in self.fields.items()
            if not field.is_argument and name in properties
        }

    def settings_to_send(self, olds: Properties, news: Properties) -> Iterator[str]:
        """The fields that an update sends: those that differ, unless they stay when undeclared."""
        for name in self.changes(olds, news):
            if name in news or self.fields[name].nullable:
                yield name

    def live_of(self, row: object, wanted: Properties) -> Values:
        """The wanted arguments as the API has them; local ones as they were declared."""
        live: Values = {}
        for name in self.arguments_of(wanted):
            field = self.fields[name]
            value = wanted[name] if field.local else field.from_api(getattr(row, name))
            if value is not None:
                live[name] = value
        return live

    @functools.cached_property
    def everything(self) -> Properties:
        """All arguments that the API keeps, as what a `get` wants."""
        return {name: None for name, field in self.arguments.items() if not field.local}

    def body_of(self, values: Properties, names: Iterable[str]) -> Values:
        """The body of a request that sets these fields, as far as the API has them; null clears."""
        return {
            name: self.fields[name].canonical(values.get(name))
            for name in names
            if not self.fields[name].local
        }

    def owner(self) -> Values:
        """The read-only field that says in which organization something is being made."""
        organization_id = self.context.absence.organization_id()
        return {OWNER: organization_id} if organization_id else {}

    def owner_of(self, olds: Properties) -> Values:
        """The same as it was when that was made; a state from before may not say."""
        return {OWNER: olds[OWNER]} if OWNER in olds else {}

    def confirm_gone(self, olds: Properties) -> None:
        """Make sure that a 404 is an answer to the question: raises unless something is gone."""
        self.context.absence.confirm(olds.get(OWNER))

    @contextmanager
    def confirmed(self, olds: Properties) -> Iterator[None]:
        """Say that something was deleted outside the stack only once that is certain."""
        try:
            yield
        except DeletedOutsideError:
            self.confirm_gone(olds)
            raise

    @contextmanager
    def done_if_gone(self, olds: Properties) -> Iterator[None]:
        """Removing what is gone, or from what is gone, is done."""
        try:
            yield
        except DeletedOutsideError:
            self.confirm_gone(olds)

    def found_late(self, ask: Callable[[], T], object_id: str, olds: Properties) -> T | None:
        """An object after a 404, of which the API may not know yet; None: certainly gone."""
        with self.done_if_gone(olds):
            return self.asked_about_again(ask, object_id, olds)
        return None

    def asked_about(self, ask: Callable[[], T], object_id: str, olds: Properties) -> T:
        """The answer about an object with an id of its own, of which the API may not know yet.

        Raises:
            DeletedOutsideError: it does not exist.
            NotThereYetError: the API does not know it yet, though this run made it.
        """
        try:
            return ask()
        except NotFoundError:
            return self.asked_about_again(ask, object_id, olds)

    def asked_about_again(self, ask: Callable[[], T], object_id: str, olds: Properties) -> T:
        """The same after a 404."""
        absence = self.context.absence
        if not absence.may_be_early(object_id, olds.get("created_at")):
            raise DeletedOutsideError(self.noun)
        try:
            return absence.asked_again(ask)
        except NotFoundError:
            is_ours = absence.is_made_here(object_id)
            failure = NotThereYetError if is_ours else DeletedOutsideError
            raise failure(self.noun) from None

    def is_managed(self, properties: Properties) -> bool:
        """Whether a program declares this resource, rather than only reads it with `get`."""
        return self.managed_mark in properties

    def _canonical(self, name: str, value: Any) -> Any:
        field = self.fields.get(name)
        return field.canonical(value) if field else value
