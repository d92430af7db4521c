"""Makes an API key, and never a second one where an answer is lost.

Names of keys are not unique: a POST that is repeated makes another key, and only the answer tells
its secret. So a key whose answer was lost is of no use to anybody: it is looked for and deleted
before another attempt is made, and before the operation gives up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs
from typing_extensions import override

from pulumi_openrouter.api.errors import NotFoundError, OpenRouterError, RequestError
from pulumi_openrouter.core.creation import Creation
from pulumi_openrouter.core.failures import StrayKeysError, named_keys
from pulumi_openrouter.core.moments import moment

if TYPE_CHECKING:
    from pulumi_openrouter.api.keys import ApiKeyInfo, CreatedKey
    from pulumi_openrouter.core.lifecycle import Values


@attrs.define
class KeyCreation(Creation["CreatedKey"]):
    """The creation of one key.

    Whoever runs it holds the turn of the workspace and the name: a key of that name that is being
    made by another thread would else be taken for a stray.
    """

    _body: Values

    def run(self) -> CreatedKey:
        """The new key.

        Raises:
            StrayKeysError: an answer is lost, and nobody can tell which key it was about.
            RequestError: there is no key; or, where the hint says so, there may be one.
        """
        made = self.made()
        self._context.absence.note_made(made.data.hash)
        self._context.claims.note_known_key(made.data.hash)
        if self._first_sent is not None:
            self._look_once_more(made)
        return made

    @override
    def post(self) -> CreatedKey:
        return self._context.client.keys.create(self._body)

    @override
    def settled(self, error: RequestError) -> None:
        """Delete what the attempt made, so that the error leaves nothing behind."""
        try:
            with self._context.client.operation(self._context.client.allowance):
                self._delete_stray()
        except RequestError:
            error.hint = (
                f"An API key named {self._body['name']!r} that was never used may be there now: "
                "`pulumi-openrouter check` names it. Delete it."
            )
            raise error from None

    def _look_once_more(self, made: CreatedKey) -> None:
        """Delete what a lost attempt made after it was looked for; the new key is safe already."""
        try:
            self._delete_stray()
        except OpenRouterError as error:
            self._context.say(f"API key {made.data.name!r}: made, but a second one may be: {error}")

    def _delete_stray(self) -> None:
        """Delete the key that an attempt made, if it made one.

        Raises:
            StrayKeysError: more than one could be it.
            RequestError: nobody can tell, or it could not be deleted.
        """
        strays = list(self._strays())
        if len(strays) > 1 or (strays and self.since() is None):
            raise StrayKeysError(strays)
        for stray in strays:
            self._delete(stray)

    def _delete(self, stray: ApiKeyInfo) -> None:
        try:
            self._context.client.keys.delete(stray.hash)
        except NotFoundError:
            return
        self._context.say(
            f"API key {named_keys([stray])}: deleted, because the answer with its secret was lost"
        )

    def _strays(self) -> Iterator[ApiKeyInfo]:
        pages = self._context.client.keys.pages(self._body["workspace_id"])
        for page in pages:
            since = self.since()
            yield from (key for key in page if self._may_be_ours(key, since))
            if any(_is_older(key, since) for key in page):
                return

    def _may_be_ours(self, key: ApiKeyInfo, since: datetime | None) -> bool:
        is_known = self._context.claims.knows_key(key.hash)
        return not (is_known or key.is_used or _is_older(key, since)) and self._is_like(key)

    def _is_like(self, key: ApiKeyInfo) -> bool:
        """Whether the key has the settings that were sent."""
        sent = {**dict.fromkeys(("limit", "limit_reset", "expires_at")), **self._body}
        return all(_same(getattr(key, name), value) for name, value in sent.items())


def _is_older(key: ApiKeyInfo, since: datetime | None) -> bool:
    created = moment(key.created_at or "")
    return created is None or (since is not None and created < since)


def _same(answered: Any, sent: Any) -> bool:
    if isinstance(answered, str) and isinstance(sent, str):
        return (moment(answered) or answered.strip()) == (moment(sent) or sent.strip())
    return bool(answered == sent)
