"""An own key at a provider: its fields, and what happens to it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import attrs
from typing_extensions import override

from pulumi_openrouter.api.errors import OpenRouterError, RequestError, one_line
from pulumi_openrouter.core.children import ChildFields
from pulumi_openrouter.core.creation import ObjectCreation
from pulumi_openrouter.core.fields import (
    Argument,
    Computed,
    SetArgument,
    computed,
    fields_of,
    optional,
    required,
)
from pulumi_openrouter.core.guardrail import HASHES
from pulumi_openrouter.core.guardrail_content import MODELS
from pulumi_openrouter.core.kinds import FLAG, TEXT, Flaw, Kind, choice, pattern, text
from pulumi_openrouter.core.lifecycle import Found, Lifecycle, Problem, Properties, Values
from pulumi_openrouter.core.people import EMAILS, USER_IDS, elements, resolved

if TYPE_CHECKING:
    from pulumi_openrouter.api.byok import ProviderKeyInfo

MAX_ALLOWED = 100
"""The keys, and the people, that may be named."""
USER_IDS_FIELD, EMAILS_FIELD, KEYS_FIELD = "allowed_user_ids", "allowed_emails", "allowed_keys"
ADVICE = "delete it."
LISTS = {USER_IDS_FIELD: USER_IDS, EMAILS_FIELD: EMAILS, KEYS_FIELD: HASHES}


@attrs.frozen
class SecretKind(Kind):
    """A secret; the engine prints the value of a property that is named, but not of a part."""

    @override
    def flaws(self, value: Any) -> Iterator[Flaw]:
        for flaw in super().flaws(value):
            yield Flaw("[0]", flaw.reason)


SECRET = SecretKind(
    "text that is not empty", lambda value: isinstance(value, str) and value.strip() != "", TEXT
)


class ByokKeyFields(ChildFields):
    """All properties of a ByokKey."""

    provider: Argument[str] = required(
        pattern(r"[^\s/]+", "a provider's slug such as openai", lower=True),
        replaces=True,
        doc="The provider, by its slug such as openai or amazon-bedrock.",
    )
    key: Argument[str] = required(
        SECRET, secret=True, doc="The key at the provider, a secret; another one is put in place."
    )
    name: Argument[str] = optional(
        text(1, 255),
        default=None,
        derived_from="the resource's own name",
        doc="Name shown to people.",
    )
    disabled: Argument[bool | None] = optional(
        FLAG, default=None, initial=False, doc="Whether the key is not used."
    )
    is_fallback: Argument[bool | None] = optional(
        FLAG,
        default=None,
        initial=False,
        doc="Whether it is used only where all other own keys at the provider have failed.",
    )
    is_required: Argument[bool | None] = optional(
        FLAG,
        default=None,
        initial=False,
        doc="Whether the models that it is for never use OpenRouter's own capacity.",
    )
    is_byok_only: Argument[bool | None] = optional(
        FLAG,
        default=None,
        initial=False,
        doc="Whether no model at all uses OpenRouter's own capacity at the provider.",
    )
    allowed_models: SetArgument[str] = optional(
        MODELS, default=None, nullable=True, doc="The models that it is for; all, if not given."
    )
    allowed_user_ids: SetArgument[str] = optional(
        attrs.evolve(USER_IDS, may_be_empty=False),
        default=None,
        nullable=True,
        doc="The members who may use it, by user id; all, if nobody is given.",
    )
    allowed_emails: SetArgument[str] = optional(
        attrs.evolve(EMAILS, may_be_empty=False),
        default=None,
        nullable=True,
        doc="The members who may use it, by email.",
    )
    allowed_keys: SetArgument[str] = optional(
        attrs.evolve(HASHES, may_be_empty=False),
        default=None,
        nullable=True,
        doc="The API keys that may use it: ApiKey resources, or hashes; all, if none are given.",
    )
    declared_region: Argument[str | None] = optional(
        choice("global", "europe", "us"),
        default=None,
        nullable=True,
        doc="Where the account at the provider processes requests.",
    )
    declared_zdr: Argument[bool | None] = optional(
        FLAG,
        default=None,
        nullable=True,
        doc="Whether the account at the provider has zero data retention.",
    )

    label: Computed[str] = computed(doc="The part of the key that may be shown.")
    created_at: Computed[str] = computed(doc="When it was created, ISO 8601.")


class ByokKeyLifecycle(Lifecycle):
    """What happens to a provider key."""

    noun = "provider key"
    fields = fields_of(ByokKeyFields)
    managed_mark = "key"

    def label(self, object_id: str, properties: Properties) -> str:
        """By name, as people do."""
        name = properties.get("name")
        return repr(one_line(name)) if isinstance(name, str) else object_id

    # check

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """What contradicts each other, and what is too much."""
        if "name" not in news:
            yield Problem("name", "is missing")
        if news.get("is_fallback") is True and news.get("is_byok_only") is True:
            yield Problem("is_byok_only", "can't be set beside is_fallback: set one of them")
        people = [*elements(news.get(USER_IDS_FIELD)), *elements(news.get(EMAILS_FIELD))]
        for name, listed in ((USER_IDS_FIELD, people), (KEYS_FIELD, news.get(KEYS_FIELD))):
            if len(elements(listed)) > MAX_ALLOWED:
                yield Problem(name, f"must not be more than {MAX_ALLOWED}, emails included")

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One POST."""
        owner = self.owner()
        body = self._body(news, self.arguments_of(news))
        with _hidden(news["key"]):
            made = self._made(news, body)
        return Found(made.id, {**self.arguments_of(news), **_read_only(made), **owner})

    def read(self, object_id: str, olds: Properties) -> Found | None:
        """What the key is now; it is never answered itself."""
        found = self._found(object_id, olds)
        if found is None:
            return None
        if not self.is_managed(olds):
            everything = {name: None for name in self.arguments if name != "key"}
            return Found(object_id, {**self._live(found, everything), **_read_only(found)})
        # Another label tells that the key is another one, which is all that can be known of it.
        key = olds["key"] if found.label == olds.get("label") else found.label
        live = {**self._live(found, olds), "key": key}
        live.setdefault("workspace_id", olds["workspace_id"])
        return Found(object_id, {**live, **_read_only(found), **self.owner_of(olds)})

    def update(self, object_id: str, olds: Properties, news: Properties) -> Values:
        """One PATCH of what differs, null for what is no longer declared."""
        changed = list(self.settings_to_send(olds, news))
        body, known = self._body(news, changed), self.read_only_of(olds)
        if body:
            with self.confirmed(olds), _hidden(news["key"]):
                ask = functools.partial(self.client.byok.update, object_id, body)
                known.update(_read_only(self.asked_about(ask, object_id, olds)))
        return {**self.arguments_of(news), **known}

    def delete(self, object_id: str, olds: Properties) -> None:
        """One DELETE."""
        with self.done_if_gone(olds):
            ask = functools.partial(self.client.byok.delete, object_id)
            self.asked_about(ask, object_id, olds)

    # the steps of these

    def _made(self, news: Properties, body: Values) -> ProviderKeyInfo:
        creation = ObjectCreation(
            self.context,
            f"provider key {news['name']!r}",
            functools.partial(self.client.byok.create, body),
            functools.partial(self.client.byok.list_in, news["workspace_id"], news["provider"]),
            functools.partial(self._is_like, news),
            ADVICE,
        )
        made = creation.run()
        return self._with_key(made, news["key"]) if creation.is_found else made

    def _with_key(self, made: ProviderKeyInfo, key: str) -> ProviderKeyInfo:
        """Send the key once more: nothing tells which one it was made with."""
        try:
            return self.client.byok.update(made.id, {"key": key})
        except RequestError as error:
            error.hint = f"There is a provider key {made.name!r} that no state knows: {ADVICE}"
            with suppress(OpenRouterError), self.client.operation(self.client.allowance):
                self.client.byok.delete(made.id)
                error.hint, error.unsettled = "", False
            raise

    def _is_like(self, news: Properties, found: ProviderKeyInfo) -> bool:
        """Whether a key has the plain settings that were sent."""
        names = ("name", "disabled", "is_fallback", "is_required", "is_byok_only")
        return all(getattr(found, name) == news[name] for name in names if name in news)

    def _found(self, key_id: str, olds: Properties) -> ProviderKeyInfo | None:
        """The key; None once it is certain that it is gone."""
        found = self.client.byok.find(key_id)
        if found is not None:
            return found
        if "created_at" not in olds:
            raise OpenRouterError("there is no provider key with this id")
        return self.found_late(functools.partial(self.client.byok.get, key_id), key_id, olds)

    def _body(self, news: Properties, names: Any) -> Values:
        """The named arguments under the API's names, people by their ids."""
        body = self.body_of(news, [name for name in names if name not in LISTS])
        if {USER_IDS_FIELD, EMAILS_FIELD} & set(names):
            people = resolved(
                self.context.directory, news.get(USER_IDS_FIELD, []), news.get(EMAILS_FIELD, []), {}
            )
            body["allowed_user_ids"] = sorted(people) or None
        if KEYS_FIELD in names:
            body["allowed_api_key_hashes"] = news.get(KEYS_FIELD)
        return body

    def _live(self, found: ProviderKeyInfo, wanted: Mapping[str, Any]) -> Values:
        """The wanted arguments as the API has them."""
        answered = {**attrs.asdict(found), KEYS_FIELD: found.allowed_api_key_hashes}
        answered.update(self._live_people(found, wanted))
        live = {
            name: value
            for name in self.arguments
            if name in wanted
            and name != "key"
            and (value := self.fields[name].from_api(answered.get(name))) is not None
        }
        if "allowed_models" in live and wanted["allowed_models"] is not None:
            declared = wanted["allowed_models"]
            live["allowed_models"] = self.context.models.in_spelling_of(
                declared, live["allowed_models"]
            )
        return live

    def _live_people(self, found: ProviderKeyInfo, wanted: Mapping[str, Any]) -> Values:
        """Who may use it: whom the program names by email by that, everybody else by id."""
        ids = set(found.allowed_user_ids or [])
        if not (emails := wanted.get(EMAILS_FIELD)) or not ids:
            return {USER_IDS_FIELD: sorted(ids) or None, EMAILS_FIELD: None}
        known = self.context.directory.ids_by_email()
        by_email = {email for email in emails if known.get(email) in ids}
        rest = ids - {known[email] for email in by_email}
        return {USER_IDS_FIELD: sorted(rest) or None, EMAILS_FIELD: sorted(by_email) or None}


def _read_only(found: ProviderKeyInfo) -> Values:
    return {"label": found.label, "created_at": found.created_at}


@contextlib.contextmanager
def _hidden(key: str) -> Iterator[None]:
    """Keep the key out of errors, whose words are those of the API."""
    try:
        yield
    except RequestError as error:
        error.message = error.message.replace(key, "[secret]")
        raise
