"""What differs between accounts, and between the live API and its schema."""

from __future__ import annotations

from typing import TypeVar

import attrs

from .deviations import DEVIATIONS

T = TypeVar("T")


def _switch(default: T, doc: str) -> T:
    return attrs.field(default=default, metadata={"help": doc})


@attrs.frozen(kw_only=True)
class Quirks:
    """How this simulated account behaves; the command line's switches are made from it.

    The defaults are the live API's; `DEVIATIONS` lists where they differ from the official OpenAPI
    document.
    """

    enterprise: bool = _switch(
        True, "the account has the Enterprise plan; without it every budget operation answers 403"
    )
    personal_account: bool = _switch(
        False,
        "no organization: GET /key has a null organization_id, /organization/members answers 404",
    )
    empty_budgets_404: bool = _switch(
        True,
        "listing the budgets of a workspace that has none answers 404, as the live API has done; "
        "without it, 200 and an empty list, as the schema says",
    )
    byok_in_answers: bool = _switch(
        True, "answers about workspaces and budgets have include_byok_in_budgets"
    )
    trim_text: bool = _switch(
        True, "spaces around the names and descriptions of workspaces are dropped"
    )
    duplicate_slug_status: int = _switch(
        400, "the status for a slug that is taken: 400 (as seen), or 409"
    )
    inference_key_status: int = _switch(
        403, "the status for an inference key on a management operation: 403 or 401"
    )
    default_workspace_deletable: bool = _switch(
        False,
        "the default workspace can be deleted with confirm_default_workspace_deletion=true, "
        "which is not generally available",
    )
    impossible_page_400: bool = _switch(
        True,
        "an impossible limit or offset answers 400; without it, the default is used where no 400 "
        "is documented: in the lists of workspaces, people, members, and of what one guardrail "
        "governs",
    )
    creators_are_members: bool = _switch(
        True,
        "only a member of the workspace can be the creator of an API key in it; without it, any "
        "member of the organization",
    )
    scoped_key: bool = _switch(
        False,
        "the management key is limited to the default workspace: it sees no other, and gets 403 "
        "for whatever is in one",
    )
    provider_keys_go_along: bool = _switch(
        True,
        "deleting a workspace deletes its provider keys; without it, they stay, in no workspace",
    )
    current_key: bool = _switch(True, "GET /key exists, which the schema does not have")
    activity: bool = _switch(
        True, "GET /activity answers; without it 403, as for a key that may not read it"
    )
    newest_fields: bool = _switch(
        True,
        "what the newest SDK has and the schema does not: disabled_server_tools of workspaces; "
        "external_user, last_used_at, PATCH of workspace_id and include_expired of API keys",
    )
    page_cap: int | None = _switch(
        None, "the most rows in a page, whatever limit was asked for (default: no cap)"
    )
    requests_per_second: int | None = _switch(
        None, "more requests than this in a second answer 429 (default: no limit)"
    )

    @classmethod
    def as_documented(cls) -> Quirks:
        """An account that answers as the official OpenAPI document says, and never otherwise."""
        return cls(**{deviation.quirk: deviation.documented for deviation in DEVIATIONS})
