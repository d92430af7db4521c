"""A workspace of the organization: its fields, and what happens to it."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

import attrs

from pulumi_openrouter.api.errors import (
    BadRequestError,
    Call,
    ConflictError,
    NotFoundError,
    OpenRouterError,
    RequestError,
)
from pulumi_openrouter.core.failures import (
    ActiveKeysError,
    SlugDeclaredError,
    SlugTakenError,
    found_by_id,
    named_keys,
)
from pulumi_openrouter.core.fields import (
    Argument,
    Computed,
    Fields,
    SetArgument,
    computed,
    fields_of,
    optional,
)
from pulumi_openrouter.core.kinds import (
    FLAG,
    INTEGER,
    UNKNOWN,
    choice,
    number,
    pattern,
    set_of,
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
from pulumi_openrouter.core.moments import CLOCK_GRACE, moment

if TYPE_CHECKING:
    from pulumi_openrouter.api.keys import ApiKeyInfo
    from pulumi_openrouter.api.models import WorkspaceInfo

T = TypeVar("T")

DEFAULT_SLUG = "default"
MAX_SLUG_CHARS = 50
ADOPT_HINT = "It may exist now: if the next up finds the slug taken, set adopt_existing=True."


class WorkspaceArguments(Fields):
    """What a program may declare of a workspace."""

    name: Argument[str] = optional(
        text(1, 100),
        default=None,
        derived_from="the resource's own name",
        doc="Name shown to people.",
    )
    slug: Argument[str] = optional(
        pattern(
            rf"(?=.{{1,{MAX_SLUG_CHARS}}}$)[a-z0-9]+(?:-[a-z0-9]+)*",
            "1 to 50 lower-case letters and digits, with single hyphens between",
        ),
        default=None,
        derived_from="the resource's own name",
        doc="Name in URLs, unique in the organization.",
    )
    description: Argument[str | None] = optional(
        text(0, 500), default=None, nullable=True, doc="What the workspace is for."
    )
    default_text_model: Argument[str | None] = optional(
        text(1), default=None, nullable=True, doc="Slug of the default model for text."
    )
    default_image_model: Argument[str | None] = optional(
        text(1), default=None, nullable=True, doc="Slug of the default model for images."
    )
    default_provider_sort: Argument[str | None] = optional(
        choice("price", "throughput", "latency", "exacto"),
        default=None,
        nullable=True,
        doc="How providers are ranked by default.",
    )
    io_logging_api_key_ids: SetArgument[int] = optional(
        set_of(INTEGER, "whole numbers"),
        default=None,
        nullable=True,
        doc="Ids of the API keys whose input and output is logged; all, once no longer declared.",
    )
    io_logging_sampling_rate: Argument[float | None] = optional(
        number(0.0001, 1),
        default=None,
        initial=1,
        doc="Share of requests whose input and output is logged.",
    )
    is_data_discount_logging_enabled: Argument[bool | None] = optional(
        FLAG, default=None, initial=True, doc="Log requests in exchange for a discount."
    )
    is_observability_broadcast_enabled: Argument[bool | None] = optional(
        FLAG,
        default=None,
        initial=False,
        doc="Broadcast traces to the configured destinations.",
    )
    is_observability_io_logging_enabled: Argument[bool | None] = optional(
        FLAG, default=None, initial=False, doc="Log input and output privately."
    )
    disabled_server_tools: SetArgument[str] = optional(
        set_of(
            pattern(r"openrouter:\S+", "a tool's name such as openrouter:web_search"),
            "tool names such as openrouter:web_search",
            empty_is_null=True,
        ),
        default=None,
        nullable=True,
        doc="Server tools that requests in this workspace may not use.",
    )
    adopt_existing: Argument[bool] = optional(
        FLAG,
        default=False,
        local=True,
        doc="Take over a workspace that already has the slug, instead of failing.",
    )
    force_destroy: Argument[bool] = optional(
        FLAG,
        default=False,
        local=True,
        doc="Delete the API keys of the workspace with it; otherwise they hold it back.",
    )


class WorkspaceFields(OwnedFields, WorkspaceArguments):
    """All properties of a workspace."""

    created_at: Computed[str] = computed(doc="When it was created, ISO 8601.")
    created_by: Computed[str | None] = computed(doc="User id of who created it.")
    updated_at: Computed[str | None] = computed(doc="When it was last changed, ISO 8601.")
    default_guardrail_id: Computed[str | None] = computed(doc="Id of its default guardrail.")
    include_byok_in_budgets: Computed[bool | None] = computed(
        doc="Whether spending with own provider keys counts; WorkspaceBudget sets it."
    )


def slug_of(name: str) -> str:
    """A slug made from a name: empty where the name has nothing that a slug may hold."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return words[:MAX_SLUG_CHARS].rstrip("-")


class WorkspaceLifecycle(Lifecycle):
    """What happens to a workspace."""

    noun = "workspace"
    fields = fields_of(WorkspaceFields)
    managed_mark = "force_destroy"
    forgotten = (
        "Budgets and members that were to go with it are still there, and this stack has forgotten "
        "them: `pulumi up` of the same program takes them over."
    )
    shares_reads = True

    def label(self, object_id: str, properties: Properties) -> str:
        """By slug, as people do."""
        slug = properties.get("slug")
        return repr(slug) if isinstance(slug, str) else object_id

    def contested(self, news: Properties) -> tuple[str, ...]:
        """The slug, whose workspace two resources may want to adopt."""
        return (news["slug"],)

    # check and diff

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """The default workspace can be adopted, but neither created nor renamed."""
        slug, adopt = news.get("slug"), news.get("adopt_existing", False)
        if "slug" not in news:
            yield Problem("slug", "is missing: none can be made from the resource's name; give one")
        elif olds.get("slug") == DEFAULT_SLUG and slug not in (DEFAULT_SLUG, UNKNOWN):
            yield Problem("slug", "can't be changed: this is the default workspace")
        elif slug == DEFAULT_SLUG and not olds and adopt is False:
            yield Problem("slug", "is the default workspace's: set adopt_existing=True to take it")

    def claim(self, olds: Properties, news: Properties) -> None:
        """The slug; a replacement is checked like something new, and lets the old one go."""
        self.context.claims.claim_slug(news["slug"])
        if not olds:
            self.context.claims.release_replaced(news["slug"])

    def diff(self, object_id: str, olds: Properties, news: Properties) -> Difference:
        """What differs; the workspace of a slug that the program declares is claimed."""
        self.context.claims.claim_compared(news.get("slug", UNKNOWN), object_id)
        if "slug" in olds:
            # What belongs to it and changes later in this run is called by that.
            self.context.slugs.setdefault(object_id, olds["slug"])
        return super().diff(object_id, olds, news)

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One POST; with adopt_existing a look at the slug before."""
        slug, owner = news["slug"], self.owner()
        with self.context.claims.creating(slug):
            existing = self.client.find_workspace(slug) if news.get("adopt_existing") else None
            workspace = self._adopted(existing, news) if existing else self._created(news)
            self.context.claims.claim_workspace(workspace.id)
        if news.get("adopt_existing") and not existing:
            self.context.say(f"workspace {slug!r}: created, because no workspace had this slug")
        return Found(workspace.id, {**self._outputs(self.arguments_of(news), workspace), **owner})

    def read(self, object_id: str, olds: Properties) -> Found | None:
        """What the workspace is now."""
        workspace = self._found(object_id, olds)
        if not self.is_managed(olds):
            return self._got(object_id, olds, workspace)
        if workspace is None:
            return None
        outputs = self._outputs(self.live_of(workspace, olds), workspace)
        return Found(object_id, {**outputs, **self.owner_of(olds)})

    def update(self, object_id: str, olds: Properties, news: Properties) -> Values:
        """One PATCH of what differs, null for what is no longer declared."""
        body = self.body_of(news, self.settings_to_send(olds, news))
        if not body:
            return {**self.arguments_of(news), **self.read_only_of(olds)}
        with self.confirmed(olds):
            workspace = self.asked_about(
                functools.partial(self.client.update_workspace, object_id, body), object_id, olds
            )
        return {**self._outputs(self.arguments_of(news), workspace), **self.owner_of(olds)}

    def delete(self, object_id: str, olds: Properties) -> None:
        """One DELETE; with force_destroy that of its API keys before."""
        name = f"workspace {self.label(object_id, olds)}"
        if self.context.claims.keeps_workspace(object_id):
            self.context.say(
                f"{name} is left alone: another resource of this stack declares it "
                "(budgets and members that were dropped with it stay)"
            )
        elif olds.get("slug") == DEFAULT_SLUG:
            self.context.say(f"{name} can't be deleted: this stack only forgets it")
        else:
            self._refuse_declared(object_id, olds)
            self._delete_with_keys(object_id, olds)

    # the steps of these

    def _found(self, ref: str, olds: Properties) -> WorkspaceInfo | None:
        """The workspace; None once it is certain that it is gone."""
        found = self.context.workspaces.find(ref)
        if found is not None or "created_at" not in olds:
            return found
        return self.found_late(functools.partial(self.client.get_workspace, ref), ref, olds)

    def _outputs(self, declared: Values, workspace: WorkspaceInfo) -> Values:
        self.context.slugs[workspace.id] = workspace.slug
        if workspace.default_guardrail_id:
            self.context.default_guardrails[workspace.id] = workspace.default_guardrail_id
        answered = self.read_only_of(attrs.asdict(workspace, recurse=False))
        return {**declared, **{key: value for key, value in answered.items() if value is not None}}

    def _got(self, ref: str, olds: Properties, workspace: WorkspaceInfo | None) -> Found | None:
        if workspace is None and "created_at" in olds:
            return None
        workspace = found_by_id(ref, workspace)
        return Found(ref, self._outputs(self.live_of(workspace, self.everything), workspace))

    def _created(self, news: Properties) -> WorkspaceInfo:
        body = self.body_of(news, self.arguments_of(news))
        try:
            workspace = self.client.create_workspace(body)
        except RequestError as error:
            workspace = self._recovered(body, error)
        self.context.absence.note_made(workspace.id)
        return workspace

    def _recovered(self, body: Values, error: RequestError) -> WorkspaceInfo:
        """The workspace that an attempt made whose answer was lost."""
        # The API does not document its status for a slug that is taken: look, don't guess.
        refused = isinstance(error, (BadRequestError, ConflictError))
        holder = self._holder(body["slug"], error) if refused or error.unsettled else None
        if holder is None:
            raise error
        if self.context.claims.keeps_workspace(holder.id):
            raise SlugDeclaredError(holder)
        if error.unsettled and self._is_own(holder, body, error.call):
            return holder
        if refused:
            raise SlugTakenError(holder)
        error.hint = ADOPT_HINT
        raise error

    def _is_own(self, holder: WorkspaceInfo, body: Values, call: Call) -> bool:
        """Whether the holder of the slug came from an attempt whose answer was lost."""
        first_sent = self.client.clock.at(call.first_sent)
        created = moment(holder.created_at)
        if first_sent is None or created is None or holder.name.strip() != body["name"].strip():
            return False
        return created >= first_sent - CLOCK_GRACE

    def _holder(self, slug: str, error: RequestError) -> WorkspaceInfo | None:
        """Who has the slug; where that can't be found out, the given error is the better news."""
        try:
            with self.client.operation(self.client.allowance):
                return self.client.find_workspace(slug)
        except RequestError:
            if error.unsettled:
                error.hint = ADOPT_HINT
            raise error from None

    def _adopted(self, existing: WorkspaceInfo, news: Properties) -> WorkspaceInfo:
        if self.context.claims.keeps_workspace(existing.id):
            raise SlugDeclaredError(existing)
        body = self.body_of(news, self.changes(self.live_of(existing, news), news))
        workspace = self.client.update_workspace(existing.id, body) if body else existing
        how = f"and changed: {', '.join(body)}" if body else "as it is"
        self.context.say(f"workspace {news['slug']!r}: adopted {how}")
        return workspace

    def _refuse_declared(self, workspace_id: str, olds: Properties) -> None:
        """Refuse to delete what this run declares, where no other resource stands for it."""
        if self.context.claims.failed_to_create(olds.get("slug", "")):
            raise OpenRouterError(
                "not deleted: this stack declares another resource for it, which failed"
            )
        if self.context.claims.has_children(workspace_id):
            raise OpenRouterError(
                "not deleted: this stack declares budgets or members in it\n"
                "Drop these as well, or set retain_on_delete=True and run `pulumi up` first."
            )

    def _delete_with_keys(self, workspace_id: str, olds: Properties) -> None:
        deleted: list[ApiKeyInfo] = []
        try:
            if olds.get("force_destroy"):
                self._delete_keys(workspace_id, deleted)
            self._delete(workspace_id, olds)
        except RequestError as error:
            if deleted:
                told = f"Its API keys are deleted already: {named_keys(deleted)}."
                error.hint = f"{told} {error.hint}".rstrip()
                error.unsettled = True
            raise

    def _delete_keys(self, workspace_id: str, deleted: list[ApiKeyInfo]) -> None:
        """Delete the API keys of the workspace, and note each."""
        with contextlib.suppress(NotFoundError):
            for key in self.client.keys.pages(workspace_id, expired=False).rows():
                with contextlib.suppress(NotFoundError):
                    self.client.keys.delete(key.hash)
                deleted.append(key)

    def _delete(self, workspace_id: str, olds: Properties) -> None:
        try:
            with self.done_if_gone(olds):
                self.asked_about(
                    functools.partial(self.client.delete_workspace, workspace_id),
                    workspace_id,
                    olds,
                )
        except BadRequestError as error:
            keys = self._active_keys(workspace_id)
            raise (ActiveKeysError(keys) if keys else error) from None

    def _active_keys(self, workspace_id: str) -> list[ApiKeyInfo]:
        """The API keys that can hold the workspace back; none where they can't be asked for."""
        try:
            keys = self.client.keys.pages(workspace_id, expired=False).rows()
        except RequestError:
            return []
        return [key for key in keys if not key.disabled]
