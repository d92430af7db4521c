"""What keys and members may use: a guardrail's fields, and what happens to it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_openrouter.api.errors import (
    BadRequestError,
    NotFoundError,
    OpenRouterError,
    one_line,
)
from pulumi_openrouter.api.member import WorkspaceMember
from pulumi_openrouter.core import guardrail_claims
from pulumi_openrouter.core.assignments import (
    Ask,
    Assignments,
    Change,
    KeyAssignments,
    MemberAssignments,
    Row,
)
from pulumi_openrouter.core.children import ChildFields
from pulumi_openrouter.core.creation import ObjectCreation
from pulumi_openrouter.core.failures import (
    DeclaredTwiceError,
    DeletedOutsideError,
    NoSuchGuardrailError,
    SameNameDeclaredError,
    SameNameError,
)
from pulumi_openrouter.core.fields import (
    Argument,
    Computed,
    SetArgument,
    computed,
    fields_of,
    optional,
)
from pulumi_openrouter.core.guardrail_content import (
    CONTENT,
    MODEL_LISTS,
    ContentLifecycle,
    GuardrailArguments,
)
from pulumi_openrouter.core.kinds import FLAG, UNKNOWN, pattern, set_of, text
from pulumi_openrouter.core.lifecycle import Difference, Found, Problem, Properties, Values
from pulumi_openrouter.core.people import (
    EMAILS,
    USER_IDS,
    People,
    Roster,
    elements,
    entry_of,
    owned_members,
    resolved,
    still_there,
)
from pulumi_openrouter.core.undo import Undo
from pulumi_openrouter.core.uuids import UUID

if TYPE_CHECKING:
    from pulumi_openrouter.api.guardrails import GuardrailInfo
    from pulumi_openrouter.core.guardrail_claims import Declared, Who

T = TypeVar("T")

KEPT = ("exclusive", "existing_id")
"""Arguments that the API never sees, and that stay as they were declared."""
HASHES = set_of(
    pattern(
        r"[0-9a-f]{64}",
        "an ApiKey, or the hash of a key: 64 hexadecimal digits, and never the key itself",
        lower=True,
    ),
    "API keys",
)
MAX_SHOWN_CHARS = 8
"""Enough of a hash to find it."""


class GuardrailFields(GuardrailArguments, ChildFields):
    """All properties of a Guardrail."""

    name: Argument[str] = optional(
        text(1, 200),
        default=None,
        derived_from="the resource's own name",
        doc="Name shown to people.",
    )
    keys: SetArgument[str] = optional(
        HASHES,
        default=None,
        nullable=True,
        doc="The API keys that it governs: ApiKey resources, or hashes.",
    )
    user_ids: SetArgument[str] = optional(
        USER_IDS, default=None, nullable=True, doc="The members that it governs, by user id."
    )
    emails: SetArgument[str] = optional(
        EMAILS, default=None, nullable=True, doc="The members that it governs, by email."
    )
    exclusive: Argument[bool] = optional(
        FLAG,
        default=False,
        local=True,
        doc="Take out every key and member that is not declared here.",
    )
    existing_id: Argument[str | None] = optional(
        pattern(UUID, "the UUID of a guardrail", lower=True),
        default=None,
        local=True,
        doc="UUID of a guardrail that exists, to take over instead of making one.",
    )

    members: Computed[list[WorkspaceMember]] = computed(
        doc="The members that it governs: user_id, and email where known."
    )
    created_at: Computed[str] = computed(doc="When it was created, ISO 8601.")


class GuardrailLifecycle(ContentLifecycle):
    """What happens to a guardrail and to whom it governs."""

    noun = "guardrail"
    fields = fields_of(GuardrailFields)
    managed_mark = "exclusive"
    content = ("name", *CONTENT)

    def label(self, object_id: str, properties: Properties) -> str:
        """By name, as people do."""
        name = properties.get("name")
        return repr(one_line(name)) if isinstance(name, str) else object_id

    def contested(self, news: Properties) -> tuple[str, ...]:
        """A guardrail that is taken over; else a name, so that each knows its own."""
        if "existing_id" in news:
            return (news["existing_id"],)
        return (news["workspace_id"], news["name"])

    # check and diff

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """Nobody is in two guardrails of a program; a guardrail is taken over once."""
        yield from super().problems_between(olds, news)
        if "name" not in news:
            yield Problem("name", "is missing")
        if _is_other(olds.get("existing_id"), news.get("existing_id")):
            yield Problem(
                "existing_id", "can't be changed: declare another resource for that guardrail"
            )
        claims = self.context.claims.guardrails
        for place, name, who in _governed(news):
            if claims.governed_by_another(_declared(news), [who]):
                yield Problem(
                    place, f"{name} is in another guardrail of this program: declare it in one"
                )

    def claim(self, olds: Properties, news: Properties) -> None:
        """Whom it governs; a replacement is checked like something new."""
        claims = self.context.claims.guardrails
        claims.claim(_declared(news), [who for _, _, who in _governed(news)])
        if not olds:
            claims.release_replaced(_declared(news))

    def diff(self, object_id: str, olds: Properties, news: Properties) -> Difference:
        """What differs; the guardrail is known as this stack's from now on."""
        self.context.claims.guardrails.compared(object_id, _declared(news))
        return super().diff(object_id, olds, news)

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One look at the names, one POST, and a request for each hundred that it governs."""
        people, owner = self._resolved(news, {}), self.owner()
        if "existing_id" in news:
            guardrail = self._taken_over(news, people)
        else:
            guardrail = self._created(news, people)
        self.context.claims.guardrails.claim_id(guardrail.id)
        outputs = self._outputs(news, people, {}, guardrail.created_at)
        return Found(guardrail.id, {**outputs, **owner})

    def read(self, object_id: str, olds: Properties) -> Found | None:
        """The guardrail and whom of the declared it governs; with exclusive, whom else."""
        guardrail = self._found(object_id, olds)
        if guardrail is None:
            return None
        if not self.is_managed(olds):
            return Found(object_id, self._got(guardrail))
        keys, members = self._assignments(object_id, olds, {})
        declared, people = still_there(olds, self._there(members, olds, "emails", "user_ids"))
        live = {
            **{name: olds[name] for name in KEPT if name in olds},
            "workspace_id": guardrail.workspace_id or olds["workspace_id"],
            **self.live_content(guardrail, olds),
            **self._live_keys(self._there(keys, olds, "keys"), olds),
            **declared,
        }
        outputs = self._outputs(live, people, owned_members(olds), guardrail.created_at)
        return Found(object_id, {**outputs, **self.owner_of(olds)})

    def update(self, object_id: str, olds: Properties, news: Properties) -> Values:
        """Whoever leaves, then whoever comes, then one PATCH of what differs."""
        if _is_other(object_id, news.get("existing_id")):
            raise OpenRouterError(
                f"existing_id is another guardrail than this resource has: {object_id}\n"
                "Declare another resource for that one."
            )
        known = owned_members(olds)
        people = self._resolved(news, known)
        with self.confirmed(olds):
            self._change(object_id, olds, news, people, self.body_of_change(olds, news))
        outputs = self._outputs(news, people, known, olds["created_at"])
        return {**outputs, **self.owner_of(olds)}

    def delete(self, object_id: str, olds: Properties) -> None:
        """One DELETE, which frees whom it governs."""
        if self.context.claims.guardrails.keeps(object_id):
            self.context.say(
                f"{self.noun} {self.label(object_id, olds)} is left alone: another resource of "
                "this stack declares it"
            )
            return
        with self.done_if_gone(olds):
            ask = functools.partial(self.client.guardrails.delete, object_id)
            self.asked_about(ask, object_id, olds)

    # the steps of these

    def _resolved(self, news: Properties, known: Roster) -> People:
        directory = self.context.directory
        return resolved(directory, news.get("user_ids", []), news.get("emails", []), known)

    def _outputs(
        self, declared: Properties, people: People, known: Roster, created_at: str
    ) -> Values:
        members = [entry_of(user_id, people[user_id], known) for user_id in sorted(people)]
        return {**self.arguments_of(declared), "members": members, "created_at": created_at}

    def _found(self, guardrail_id: str, olds: Properties) -> GuardrailInfo | None:
        """The guardrail; None once it is certain that it is gone."""
        found = self.client.guardrails.find(guardrail_id)
        if found is not None:
            return found
        if "created_at" not in olds:
            raise NoSuchGuardrailError
        ask = functools.partial(self.client.guardrails.get, guardrail_id)
        return self.found_late(ask, guardrail_id, olds)

    def _got(self, guardrail: GuardrailInfo) -> Values:
        keys, members = self._assignments(guardrail.id, {"workspace_id": None}, {})
        emails = self.context.directory.emails_by_id() if (there := members.there()) else {}
        people = {user_id: emails.get(user_id) for user_id in there}
        found: Values = {
            "workspace_id": guardrail.workspace_id,
            **self.live_content(guardrail, dict.fromkeys(self.content)),
            "keys": sorted(keys.there()),
            "user_ids": sorted(people),
            "emails": sorted(email for email in people.values() if email),
        }
        known = {name: value for name, value in found.items() if value is not None}
        return self._outputs(known, people, {}, guardrail.created_at)

    def _assignments(
        self, guardrail_id: str, properties: Properties, people: People
    ) -> tuple[KeyAssignments, MemberAssignments]:
        """The keys and the members of a guardrail, which may not exist yet."""
        what = (self.context, _declared(properties), guardrail_id)
        ask = self._ask(guardrail_id, properties)
        return KeyAssignments(*what, ask), MemberAssignments(*what, ask, people)

    def _ask(self, guardrail_id: str, olds: Properties) -> Ask:
        return lambda ask: self.asked_about(ask, guardrail_id, olds)

    def _there(self, assignments: Assignments, olds: Properties, *names: str) -> Mapping[str, Row]:
        """Whom a guardrail governs, as far as that is this stack's business."""
        is_ours = olds.get("exclusive") or any(name in olds for name in names)
        return assignments.there() if is_ours else {}

    def _live_keys(self, there: Collection[str], olds: Properties) -> Values:
        found = [key_hash for key_hash in olds.get("keys", []) if key_hash in there]
        if olds.get("exclusive"):
            found = sorted(there)
        return {"keys": found} if found or "keys" in olds else {}

    # the requests

    def _created(self, news: Properties, people: People) -> GuardrailInfo:
        # First of all: if this guardrail is there already, whom it governs is no news.
        before = self._others_in(news)
        keys, members = self._assignments("", news, people)
        changes = [
            keys.planned(news.get("keys", []), [], {}, exclusive=False),
            members.planned(people, [], {}, exclusive=False),
        ]
        with Undo(self.client) as undo:
            guardrail = self._made(news, before)
            undo.note(functools.partial(self._delete_again, guardrail))
            self._carry_out(undo, changes, guardrail.id, {})
        return guardrail

    def _others_in(self, news: Properties) -> list[GuardrailInfo]:
        """The guardrails of the workspace, none of which may have the name."""
        workspace_id = str(news["workspace_id"])
        rows = functools.partial(self.client.guardrails.list_in, workspace_id)
        others = self._asked_in(workspace_id, rows)
        self._refuse_same_name(news["name"], others)
        return others

    def _made(self, news: Properties, before: Iterable[GuardrailInfo]) -> GuardrailInfo:
        body = self.body_of(news, ["workspace_id", *(n for n in self.content if n in news)])
        rows = functools.partial(self.client.guardrails.list_in, str(news["workspace_id"]))
        creation = ObjectCreation(
            self.context,
            f"guardrail {news['name']!r}",
            functools.partial(self.client.guardrails.create, body),
            rows,
            functools.partial(self._is_like, news),
            "take it over with existing_id, or delete it.",
            {row.id for row in before},
        )
        return creation.run()

    def _asked_in(self, workspace_id: str, ask: Callable[[], T]) -> T:
        """The answer about what is in a workspace, which may be gone."""
        try:
            return ask()
        except (BadRequestError, NotFoundError):
            if self.client.find_workspace(workspace_id) is None:
                raise DeletedOutsideError from None
            raise

    def _refuse_same_name(self, name: str, rows: Iterable[GuardrailInfo]) -> None:
        for row in rows:
            if row.name == name and not self.context.claims.guardrails.is_replaced(row.id):
                is_declared = self.context.claims.guardrails.keeps(row.id)
                raise SameNameDeclaredError if is_declared else SameNameError(row)

    def _is_like(self, news: Properties, guardrail: GuardrailInfo) -> bool:
        """Whether a guardrail has the content that was sent, its models aside."""
        names = [name for name in self.content if name in news and name not in MODEL_LISTS]
        live = self.live_content(guardrail, dict.fromkeys(names))
        return all(self.same(name, live.get(name), news[name]) for name in names)

    def _delete_again(self, guardrail: GuardrailInfo) -> None:
        try:
            self.client.guardrails.delete(guardrail.id)
        except NotFoundError:
            return
        except OpenRouterError:
            self.context.say(
                f"guardrail {guardrail.name!r}: created, and could not be deleted again: "
                f"delete {guardrail.id}, or take it over with existing_id"
            )
            raise

    def _taken_over(self, news: Properties, people: People) -> GuardrailInfo:
        guardrail = self._existing(news)
        live = self.live_content(guardrail, news)
        body = self.body_of_change(
            live, {name: news[name] for name in self.content if name in news}
        )
        keys, members = self._assignments(guardrail.id, news, people)
        exclusive = bool(news.get("exclusive"))
        changes = [
            keys.planned(news.get("keys", []), [], keys.there(), exclusive=exclusive),
            members.planned(people, [], members.there(), exclusive=exclusive),
        ]
        self._send(guardrail.id, {}, changes, body)
        how = f"and changed: {', '.join(body)}" if body else "as it is"
        self.context.say(f"guardrail {guardrail.name!r}: taken over {how}")
        return guardrail

    def _existing(self, news: Properties) -> GuardrailInfo:
        """The guardrail to take over.

        Raises:
            OpenRouterError: it can't be taken over by this resource.
        """
        guardrail = self.client.guardrails.find(news["existing_id"])
        if guardrail is None:
            raise NoSuchGuardrailError
        if guardrail.workspace_id != news["workspace_id"]:
            raise OpenRouterError(
                f"the guardrail to take over is in workspace {guardrail.workspace_id}\n"
                "Declare that one as its workspace_id."
            )
        if self.context.claims.guardrails.keeps(guardrail.id):
            raise DeclaredTwiceError(self.noun, "existing_id")
        workspace = self.context.workspaces.find(news["workspace_id"])
        if workspace is not None and workspace.default_guardrail_id == guardrail.id:
            raise OpenRouterError(
                "this is the default guardrail of the workspace\n"
                "Declare a WorkspaceDefaultGuardrail, which takes it over as it is."
            )
        return guardrail

    def _change(
        self, guardrail_id: str, olds: Properties, news: Properties, people: People, body: Values
    ) -> None:
        keys, members = self._assignments(guardrail_id, {**olds, **news}, people)
        owned_keys, owned = olds.get("keys", []), owned_members(olds)
        exclusive, wanted_keys = bool(news.get("exclusive")), news.get("keys", [])
        keys_there = keys.there() if exclusive or set(wanted_keys) != set(owned_keys) else None
        members_there = members.there() if exclusive or set(people) != set(owned) else None
        changes = [
            keys.planned(wanted_keys, owned_keys, keys_there, exclusive=exclusive),
            members.planned(people, owned, members_there, exclusive=exclusive),
        ]
        self._send(guardrail_id, olds, changes, body)

    def _send(
        self, guardrail_id: str, olds: Properties, changes: Iterable[Change], body: Values
    ) -> None:
        """The content last: nothing that follows can fail, so that it need not be put back."""
        with Undo(self.client) as undo:
            self._carry_out(undo, changes, guardrail_id, olds)
            if body:
                ask = functools.partial(self.client.guardrails.update, guardrail_id, body)
                self.asked_about(ask, guardrail_id, olds)

    def _carry_out(
        self, undo: Undo, changes: Iterable[Change], guardrail_id: str, olds: Properties
    ) -> None:
        """Removals first, so that a refused one leaves nobody added."""
        changes = list(changes)
        for change in changes:
            change.remove(undo)
        for change in changes:
            change.add(undo, guardrail_id, self._ask(guardrail_id, olds))


def _declared(properties: Properties) -> Declared:
    """What tells the guardrails of a program apart."""
    return properties.get("workspace_id", UNKNOWN), properties.get("name", UNKNOWN)


def _governed(properties: Properties) -> Iterator[tuple[str, str, Who]]:
    """Each key and member that is declared and known: its place, its name, and who it is."""
    for index, key_hash in enumerate(elements(properties.get("keys"))):
        if key_hash is not UNKNOWN:
            name = f"API key {key_hash[:MAX_SHOWN_CHARS]}..."
            yield f"keys[{index}]", name, guardrail_claims.key(key_hash)
    workspace_id = properties.get("workspace_id", UNKNOWN)
    for field in ("user_ids", "emails"):
        for index, ref in enumerate(elements(properties.get(field))):
            if UNKNOWN not in (ref, workspace_id):
                yield f"{field}[{index}]", ref, guardrail_claims.member(workspace_id, ref)


def _is_other(one: Any, other: Any) -> bool:
    """Whether two ids are both known, and differ."""
    return None not in (one, other) and UNKNOWN not in (one, other) and one != other
