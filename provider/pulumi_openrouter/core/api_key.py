"""A key for calling models: its fields, and what happens to it."""

from __future__ import annotations

import functools
import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import BadRequestError, OpenRouterError, RequestError
from pulumi_openrouter.core.children import WORKSPACE_ID
from pulumi_openrouter.core.failures import (
    DeclaredTwiceError,
    NoSuchKeyError,
    SecretForHashError,
    named_keys,
)
from pulumi_openrouter.core.fields import (
    Argument,
    Computed,
    MomentArgument,
    computed,
    fields_of,
    optional,
    required,
)
from pulumi_openrouter.core.key_creation import KeyCreation
from pulumi_openrouter.core.kinds import (
    DAYS,
    FLAG,
    MOMENT,
    UNKNOWN,
    USD_OR_NOTHING,
    choice,
    map_of,
    secret_free,
    text,
)
from pulumi_openrouter.core.lifecycle import (
    Difference,
    Found,
    Lifecycle,
    OwnedFields,
    Problem,
    Properties,
    Values,
)
from pulumi_openrouter.core.moments import in_utc, moment
from pulumi_openrouter.core.people import EMAIL, USER_ID
from pulumi_openrouter.core.spending import LIFETIME, all_spent, spent_by

if TYPE_CHECKING:
    from pulumi_openrouter.api.keys import ApiKeyInfo, CreatedKey

HASH = r"[0-9a-fA-F]{64}"
MAX_LABEL_CHARS = 8
"""Enough of a hash to find it, and of what is taken for one too little to be a secret."""
DERIVED_FROM = {"expires_at": "lifetime_days", "creator_user_id": "creator_email"}
"""Arguments that the state holds as outputs where another one stands for them."""
OF_NEW_KEYS = (
    *("expires_at", "lifetime_days", "creator_user_id", "creator_email"),
    *("keepers", "rotate_after_days"),
)
"""Arguments that only a new key can take."""


class ApiKeyArguments(OwnedFields):
    """What a program may declare of an API key."""

    workspace_id: Argument[str] = required(
        WORKSPACE_ID,
        doc="The workspace: its UUID, or the Workspace resource itself; another one moves the key.",
    )
    name: Argument[str] = optional(
        text(1), default=None, derived_from="the resource's own name", doc="Name shown to people."
    )
    limit: Argument[float | None] = optional(
        USD_OR_NOTHING, default=None, nullable=True, doc="What the key may spend, in USD."
    )
    limit_reset: Argument[str | None] = optional(
        choice("daily", "weekly", "monthly"),
        default=None,
        nullable=True,
        doc="When the limit starts anew: at midnight UTC, weeks on Monday; never if not given.",
    )
    include_byok_in_limit: Argument[bool | None] = optional(
        FLAG,
        default=None,
        initial=False,
        doc="Whether spending with own provider keys (BYOK) counts towards the limit.",
    )
    disabled: Argument[bool | None] = optional(
        FLAG, default=None, initial=False, doc="Whether requests with the key are refused."
    )
    expires_at: MomentArgument = optional(
        MOMENT,
        default=None,
        replaces=True,
        doc="When the key expires: ISO 8601 with a time zone, or a datetime; never if not given.",
    )
    lifetime_days: Argument[int | None] = optional(
        DAYS,
        default=None,
        local=True,
        replaces=True,
        doc="Days after its creation when the key expires, in place of expires_at.",
    )
    creator_user_id: Argument[str | None] = optional(
        USER_ID,
        default=None,
        replaces=True,
        doc="Whose key it is: a member of the workspace; a system key if nobody is given.",
    )
    creator_email: Argument[str | None] = optional(
        EMAIL,
        default=None,
        local=True,
        replaces=True,
        doc="Whose key it is, by email, in place of creator_user_id.",
    )
    keepers: Argument[Mapping[str, str]] = optional(
        map_of(text(), "texts"),
        default={},
        local=True,
        replaces=True,
        doc="Any texts: another one makes a new key.",
    )
    rotate_after_days: Argument[int | None] = optional(
        DAYS, default=None, local=True, doc="Age in days from which an up makes a new key."
    )
    existing_hash: Argument[str | None] = optional(
        secret_free(HASH, "the hash of an API key, 64 hexadecimal digits"),
        default=None,
        local=True,
        doc="Hash of a key that exists, to take over instead of making one; its secret stays "
        "unknown.",
    )


class ApiKeyFields(ApiKeyArguments):
    """All properties of an API key."""

    hash: Computed[str] = computed(doc="Its id at OpenRouter; no secret.")
    key: Computed[str] = computed(
        secret=True, doc="The key itself, a secret; absent where it was taken over."
    )
    label: Computed[str] = computed(doc="The part of the key that may be shown.")
    created_at: Computed[str | None] = computed(doc="When it was created, ISO 8601.")


class ApiKeyLifecycle(Lifecycle):
    """What happens to an API key; its id is its hash."""

    noun = "API key"
    fields = fields_of(ApiKeyFields)
    managed_mark = "keepers"
    shares_reads = True

    def label(self, object_id: str, properties: Properties) -> str:
        """By name, as people do."""
        name = properties.get("name")
        return repr(name) if isinstance(name, str) else object_id[:MAX_LABEL_CHARS]

    def contested(self, news: Properties) -> tuple[str, ...]:
        """A key that is taken over; else a name, so that each knows which key is its own."""
        if "existing_hash" in news:
            return (news["existing_hash"],)
        return (news["workspace_id"], news["name"])

    # check and diff

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """What contradicts each other; a new key must not have expired."""
        if "limit_reset" in news and "limit" not in news:
            yield Problem("limit_reset", "needs a limit: declare limit too, or drop limit_reset")
        for name, other in DERIVED_FROM.items():
            if name in news and other in news:
                yield Problem(other, f"can't be given beside {name}: declare only one of them")
        if "existing_hash" in news:
            yield from self._problems_of_existing(news)
        elif "name" not in news:
            yield Problem("name", "is missing")
        expires_at = news.get("expires_at", UNKNOWN)
        if not olds and expires_at is not UNKNOWN and _is_past(expires_at):
            yield Problem("expires_at", "is in the past: a new key needs a moment to come")

    def claim(self, olds: Properties, news: Properties) -> None:
        """The key that is taken over; and that this is an up, in which a key may be due."""
        self.context.claims.claim_key(news.get("existing_hash", UNKNOWN))
        self.context.claims.note_checked_key(self._spelled(news))

    def changes(self, olds: Properties, news: Properties) -> Iterator[str]:
        """What differs; what the state only derived from another argument was never declared."""
        for name in super().changes(olds, news):
            if name in news or DERIVED_FROM.get(name) not in olds:
                yield name

    def diff(self, object_id: str, olds: Properties, news: Properties) -> Difference:
        """What differs; a key that is due is replaced, in an up and its preview alone."""
        self.context.claims.note_known_key(object_id)
        found = super().diff(object_id, olds, news)
        changed, replaces = set(found.changed), set(found.replaces)
        replaces -= {
            source
            for name, source in DERIVED_FROM.items()
            if name in news and source not in news and self.same(name, olds.get(name), news[name])
        }
        if "existing_hash" in changed and news.get("existing_hash", object_id) != object_id:
            replaces.add("existing_hash")
        if self._is_due(olds, news):
            changed.add("rotate_after_days")
            replaces.add("rotate_after_days")
        return Difference(self._in_order(changed), self._in_order(replaces))

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One POST, and a PATCH where the key is to be disabled."""
        owner = self.owner()
        if "existing_hash" in news:
            return self._taken_over(news, owner)
        made = self._made(news)
        if news.get("disabled"):
            self._disable(made)
        return Found(made.data.hash, {**self._outputs(news, made.data), "key": made.key, **owner})

    def read(self, object_id: str, olds: Properties) -> Found | None:
        """What the key is now; its secret is never answered again."""
        key = self._found(object_id, olds)
        if key is None:
            return None
        if not self.is_managed(olds):
            return Found(object_id, self._outputs(self.live_of(key, self.everything), key))
        kept = {name: olds[name] for name in ("key",) if name in olds}
        outputs = self._outputs(self.live_of(key, self.arguments_of(olds)), key)
        return Found(object_id, {**outputs, **kept, **self.owner_of(olds)})

    def update(self, object_id: str, olds: Properties, news: Properties) -> Values:
        """One PATCH of what differs, null for what is no longer declared."""
        kept = {name: olds[name] for name in DERIVED_FROM if DERIVED_FROM[name] in news}
        outputs = {**kept, **self.arguments_of(news), **self.read_only_of(olds)}
        body = self._body_of_update(olds, news)
        if body:
            with self.confirmed(olds):
                ask = functools.partial(self.client.keys.update, object_id, body)
                self._warn_of_spent(olds, body, self.asked_about(ask, object_id, olds))
        return outputs

    def delete(self, object_id: str, olds: Properties) -> None:
        """One DELETE."""
        if self.context.claims.keeps_key(object_id):
            self.context.say(
                f"{self.noun} {self.label(object_id, olds)} is left alone: another resource of "
                "this stack declares it"
            )
            return
        with self.done_if_gone(olds):
            ask = functools.partial(self.client.keys.delete, object_id)
            self.asked_about(ask, object_id, olds)

    # the steps of these

    def arguments_of(self, properties: Properties) -> Values:
        """The arguments among the properties, without those that another one stands for."""
        found = super().arguments_of(properties)
        return {name: value for name, value in found.items() if DERIVED_FROM.get(name) not in found}

    def _problems_of_existing(self, news: Properties) -> Iterator[Problem]:
        for name in OF_NEW_KEYS:
            if news.get(name):
                yield Problem(
                    name, "can't be given beside existing_hash: only a new key can have it"
                )

    def _is_due(self, olds: Properties, news: Properties) -> bool:
        """Whether the key is as old as it may get; not in a refresh, which checks nothing."""
        days, created = news.get("rotate_after_days"), moment(olds.get("created_at") or "")
        if days is None or days is UNKNOWN or created is None:
            return False
        is_old = _now() >= created + timedelta(days=days)
        return is_old and self.context.claims.has_checked_key(self._spelled(news))

    def _spelled(self, news: Properties) -> str:
        """The inputs as one text, to be compared."""
        inputs = {name: self._canonical(name, value) for name, value in news.items()}
        return json.dumps(inputs, sort_keys=True, default=repr)

    def _in_order(self, names: set[str]) -> tuple[str, ...]:
        return tuple(name for name in self.arguments if name in names)

    def _made(self, news: Properties) -> CreatedKey:
        body = self.body_of(news, self.arguments_of(news))
        body.pop("disabled", None)
        if "lifetime_days" in news:
            now = self.client.clock.at(time.monotonic()) or _now()
            body["expires_at"] = in_utc(now + timedelta(days=news["lifetime_days"]))
        if "creator_email" in news:
            body["creator_user_id"] = self._id_of(news["creator_email"])
        try:
            return KeyCreation(self.context, body).run()
        except BadRequestError as error:
            self._refuse_stranger(body, error)
            raise

    def _id_of(self, email: str) -> str:
        user_id = self.context.directory.ids_by_email().get(email)
        if user_id is None:
            raise OpenRouterError(
                "creator_email: nobody in the organization has this address\n"
                "Invite them to the organization first, or correct the address."
            )
        return user_id

    def _refuse_stranger(self, body: Values, error: BadRequestError) -> None:
        """Say that the creator is not in the workspace, if that is why the API refused."""
        creator = body.get("creator_user_id")
        if creator is None:
            return
        try:
            members = self.client.list_members(body["workspace_id"])
        except RequestError:
            raise error from None
        if creator not in {member.user_id for member in members}:
            raise OpenRouterError(
                f"the creator is not a member of the workspace: {error.message}\n"
                "Add them with a WorkspaceMembership, and make this key depend on it (depends_on)."
            ) from None

    def _disable(self, made: CreatedKey) -> None:
        """Disable a new key, or take it back: no state knows it yet."""
        try:
            self.client.keys.update(made.data.hash, {"disabled": True})
        except RequestError as error:
            error.unsettled = False
            try:
                with self.client.operation(self.client.allowance):
                    self.client.keys.delete(made.data.hash)
            except RequestError:
                error.hint = (
                    f"The new key may still be there: {named_keys([made.data])}. Delete it."
                )
            raise

    def _taken_over(self, news: Properties, owner: Values) -> Found:
        key_hash = news["existing_hash"]
        key = self.client.keys.find(key_hash)
        if key is None:
            raise NoSuchKeyError
        if not self.context.claims.take_key(key_hash):
            raise DeclaredTwiceError(self.noun, "existing_hash")
        body = self._body_of_update(self.live_of(key, news), news)
        found = self.client.keys.update(key_hash, body) if body else key
        how = f"and changed: {', '.join(body)}" if body else "as it is"
        if "workspace_id" in body:
            how += f" (moved here from workspace {key.workspace_id})"
        self.context.say(
            f"{self.noun} {found.name!r}: taken over {how}; the key itself can't be read, so "
            "there is no output `key`"
        )
        return Found(key_hash, {**self._outputs(news, found), **owner})

    def _body_of_update(self, olds: Properties, news: Properties) -> Values:
        return self.body_of(
            news,
            (name for name in self.settings_to_send(olds, news) if not self.fields[name].replaces),
        )

    def _warn_of_spent(self, olds: Properties, body: Properties, key: ApiKeyInfo) -> None:
        """Say that a lowered limit is spent already: with it, requests stop at once."""
        limit, before = body.get("limit"), olds.get("limit")
        if limit is None or before is None or limit >= before:
            return
        interval = key.limit_reset or LIFETIME
        spent = spent_by([key], interval, bool(key.include_byok_in_limit))
        if spent >= limit:
            label = self.label(key.hash, olds)
            self.context.say(f"warning: {self.noun} {label}: {all_spent(interval, limit, spent)}")

    def _found(self, key_hash: str, olds: Properties) -> ApiKeyInfo | None:
        """The key; None once it is certain that it is gone."""
        if not re.fullmatch(HASH, key_hash):
            raise SecretForHashError
        if "label" not in olds:
            found = self.client.keys.find(key_hash)
            if found is None:
                raise NoSuchKeyError
            return found
        found = self.context.keys.find(str(olds.get("workspace_id")), key_hash)
        if found is not None:
            return found
        return self.found_late(functools.partial(self.client.keys.get, key_hash), key_hash, olds)

    def _outputs(self, declared: Properties, key: ApiKeyInfo) -> Values:
        answered = {"hash": key.hash, "label": key.label, "created_at": key.created_at}
        derived = {
            name: self.fields[name].canonical(getattr(key, name))
            for name, source in DERIVED_FROM.items()
            if source in declared
        }
        outputs = {**self.arguments_of(declared), **answered, **derived}
        return {name: value for name, value in outputs.items() if value is not None}


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _is_past(expires_at: str) -> bool:
    told = moment(expires_at)
    return told is not None and told <= _now()
