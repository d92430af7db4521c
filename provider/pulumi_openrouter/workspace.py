"""A workspace of the organization."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
from pulumi import ResourceOptions

from pulumi_openrouter.api.errors import (
    BadRequestError,
    Call,
    ConflictError,
    NotFoundError,
    OpenRouterError,
    RequestError,
    one_line,
)
from pulumi_openrouter.fields import (
    FLAG,
    INTEGER,
    UNKNOWN,
    choice,
    fields_of,
    number,
    pattern,
    set_of,
    text,
)
from pulumi_openrouter.host import Provider
from pulumi_openrouter.lifecycle import (
    Difference,
    Found,
    Lifecycle,
    Outputs,
    Problem,
    Properties,
)
from pulumi_openrouter.resource import (
    Computed,
    Declaration,
    Declared,
    DeclaredSet,
    Resource,
    computed,
    declared,
)
from pulumi_openrouter.uuids import is_uuid

if TYPE_CHECKING:
    from pulumi_openrouter.api import models

DEFAULT_SLUG = "default"
LONGEST_SLUG = 50
CLOCK_GRACE = timedelta(seconds=2)
ADOPT_HINT = "It may exist now: if the next up finds the slug taken, set adopt_existing=True."


class WorkspaceSettings(Declaration):
    """What can be declared of a workspace."""

    name: Declared[str] = declared(
        text(1, 100),
        default=None,
        derived_from="the resource's own name",
        doc="Name shown to people.",
    )
    slug: Declared[str] = declared(
        pattern(
            rf"(?=.{{1,{LONGEST_SLUG}}}$)[a-z0-9]+(?:-[a-z0-9]+)*",
            "1 to 50 lower-case letters and digits, with single hyphens between",
        ),
        default=None,
        derived_from="the resource's own name",
        doc="Name in URLs, unique in the organization.",
    )
    description: Declared[str | None] = declared(
        text(0, 500), default=None, nullable=True, doc="What the workspace is for."
    )
    default_text_model: Declared[str | None] = declared(
        text(1), default=None, nullable=True, doc="Slug of the default model for text."
    )
    default_image_model: Declared[str | None] = declared(
        text(1), default=None, nullable=True, doc="Slug of the default model for images."
    )
    default_provider_sort: Declared[str | None] = declared(
        choice("price", "throughput", "latency", "exacto"),
        default=None,
        nullable=True,
        doc="How providers are ranked by default.",
    )
    io_logging_api_key_ids: DeclaredSet[int] = declared(
        set_of(INTEGER, "whole numbers"),
        default=None,
        nullable=True,
        doc="Ids of the API keys whose input and output is logged; no longer declared: all keys.",
    )
    io_logging_sampling_rate: Declared[float | None] = declared(
        number(0.0001, 1), default=None, doc="Share of requests whose input and output is logged."
    )
    is_data_discount_logging_enabled: Declared[bool | None] = declared(
        FLAG, default=None, doc="Log requests in exchange for a discount."
    )
    is_observability_broadcast_enabled: Declared[bool | None] = declared(
        FLAG, default=None, doc="Broadcast traces to the configured destinations."
    )
    is_observability_io_logging_enabled: Declared[bool | None] = declared(
        FLAG, default=None, doc="Log input and output privately."
    )
    disabled_server_tools: DeclaredSet[str] = declared(
        set_of(
            pattern(r"openrouter:\S+", "a tool's name such as openrouter:web_search"),
            "tool names such as openrouter:web_search",
            empty_is_null=True,
        ),
        default=None,
        nullable=True,
        doc="Server tools that requests in this workspace may not use.",
    )
    adopt_existing: Declared[bool] = declared(
        FLAG,
        default=False,
        local=True,
        doc="Take over a workspace that already has the slug, instead of failing.",
    )
    force_destroy: Declared[bool] = declared(
        FLAG,
        default=False,
        local=True,
        doc="Delete the API keys of the workspace with it; without, they hold it back.",
    )


class Workspace(WorkspaceSettings, Resource, module="openrouter", name="Workspace"):
    """A workspace. Everything can be changed in place; it is never replaced."""

    created_at: Computed[str] = computed(doc="When it was created, ISO 8601.")
    created_by: Computed[str | None] = computed(doc="User id of who created it.")
    updated_at: Computed[str | None] = computed(doc="When it was last changed, ISO 8601.")
    default_guardrail_id: Computed[str | None] = computed(doc="Id of its default guardrail.")
    include_byok_in_budgets: Computed[bool | None] = computed(
        doc="Whether spending with own provider keys counts; WorkspaceBudget sets it."
    )

    @staticmethod
    def provider() -> Provider:
        """The provider of workspaces."""
        return WorkspaceProvider()

    takes_children_along = False
    """Whether deleting this resource deletes the workspace, with its budgets and members."""

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """Name and slug default from the resource's own name."""
        if properties["name"] is None:
            properties["name"] = resource_name
        if properties["slug"] is None:
            properties["slug"] = slug_of(resource_name) or None
        self.takes_children_along = not opts.retain_on_delete and not _may_be_default(properties)
        return opts


def slug_of(name: str) -> str:
    """A slug made from a name: empty where the name has nothing that a slug may hold."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return words[:LONGEST_SLUG].rstrip("-")


def _may_be_default(properties: Properties) -> bool:
    """The default workspace survives its resource; an Output may turn out to be its slug."""
    slug, adopt = properties["slug"], properties["adopt_existing"]
    return bool(slug == DEFAULT_SLUG if slug is None or isinstance(slug, str) else adopt)


class SlugTakenError(OpenRouterError):
    """Another workspace has the slug."""

    def __init__(self, holder: models.Workspace) -> None:
        super().__init__(
            f"the slug is taken by workspace {holder.id} ({one_line(holder.name)}), "
            f"created {holder.created_at}\n"
            "To take that one over set adopt_existing=True. If the resource was only renamed "
            "in the program, give it an alias instead."
        )


class DeletedOutsideError(OpenRouterError):
    """The workspace is gone, and the state does not know it."""

    def __init__(self) -> None:
        super().__init__(
            "the workspace does not exist any more: it was deleted outside this stack\n"
            "Run `pulumi refresh`, then `pulumi up` to create it again."
        )


class NoSuchWorkspaceError(OpenRouterError):
    """A `get` names a workspace that is not there."""

    def __init__(self) -> None:
        super().__init__("there is no such workspace")


def named_by_id(id: str, workspace: models.Workspace | None) -> models.Workspace:
    """The workspace that a `get` found.

    Raises:
        NoSuchWorkspaceError: there is none.
        OpenRouterError: it was named by its slug.
    """
    if workspace is None:
        raise NoSuchWorkspaceError
    if not is_uuid(id):
        raise OpenRouterError(f"get takes the UUID, not the slug: that is {workspace.id}")
    return workspace


def _named(keys: list[models.ApiKey]) -> str:
    return ", ".join(one_line(f"{key.name} ({key.label})") for key in keys)


class ActiveKeysError(OpenRouterError):
    """API keys hold a workspace back."""

    def __init__(self, keys: list[models.ApiKey]) -> None:
        super().__init__(
            f"refused, for it has API keys: {_named(keys)}\n"
            "Move them to another workspace, delete them, or set force_destroy=True and run "
            "`pulumi up` first to have them deleted with the workspace."
        )


class WorkspaceLifecycle(Lifecycle):
    """What happens to a workspace."""

    noun = "workspace"
    fields = fields_of(Workspace)
    managed_mark = "force_destroy"
    shares_reads = True

    def label(self, id: str, properties: Properties) -> str:
        """By slug, as people do."""
        slug = properties.get("slug")
        return repr(slug) if isinstance(slug, str) else id

    # check and diff

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """The default workspace can be adopted, and neither created nor renamed."""
        slug, adopt = news.get("slug"), news.get("adopt_existing", False)
        if "slug" not in news:
            yield Problem("slug", "is missing: none can be made from the resource's name; give one")
        elif olds.get("slug") == DEFAULT_SLUG and slug not in (DEFAULT_SLUG, UNKNOWN):
            yield Problem("slug", "can't be changed: this is the default workspace")
        elif slug == DEFAULT_SLUG and not olds and adopt is False:
            yield Problem("slug", "is the default workspace's: set adopt_existing=True to take it")

    def note_declared(self, olds: Properties, news: Properties) -> None:
        """The slug; a replacement is checked like something new, and its old object may go."""
        declared, slug = self.context.declared, str(news["slug"])
        declared.note("slug", slug)
        if not olds:
            for id in declared.under("compared", slug):
                declared.forget("workspace", id)

    def diff(self, id: str, olds: Properties, news: Properties) -> Difference:
        """Compare, and keep what a program declares: a refresh compares too, but checks nothing."""
        declared, slug = self.context.declared, str(news.get("slug"))
        if ("slug", slug) in declared:
            declared.note("workspace", id)
            declared.note("compared", slug, id)
        return super().diff(id, olds, news)

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One POST; with adopt_existing a look at the slug before."""
        self.context.declared.note("attempted", news["slug"])
        existing = self.client.find_workspace(news["slug"]) if news.get("adopt_existing") else None
        workspace = self._adopted(existing, news) if existing else self._created(news)
        self.context.declared.forget("attempted", news["slug"])
        self.context.declared.note("workspace", workspace.id)
        return Found(workspace.id, self._outputs(self.declared_in(news), workspace))

    def read(self, id: str, olds: Properties) -> Found | None:
        """What the workspace is now."""
        workspace = self.context.workspaces.find(id)
        if not self.is_managed(olds):
            return self._got(id, olds, workspace)
        if workspace is None:
            return None
        return Found(id, self._outputs(self._live(workspace, olds), workspace))

    def update(self, id: str, olds: Properties, news: Properties) -> Outputs:
        """One PATCH of what differs, null for what is declared no longer."""
        body = {
            name: self.fields[name].canonical(news.get(name))
            for name in self.changes(olds, news)
            if not self.fields[name].local and (name in news or self.fields[name].nullable)
        }
        if not body:
            return {**self.declared_in(news), **self.computed_in(olds)}
        try:
            workspace = self.client.update_workspace(id, body)
        except NotFoundError:
            raise DeletedOutsideError from None
        return self._outputs(self.declared_in(news), workspace)

    def delete(self, id: str, olds: Properties) -> None:
        """One DELETE; with force_destroy that of its API keys before."""
        name = f"workspace {self.label(id, olds)}"
        if ("workspace", id) in self.context.declared:
            self.context.say(
                f"{name} is left alone: another resource of this stack declares it "
                "(budgets and members that were dropped with it stay)"
            )
        elif olds.get("slug") == DEFAULT_SLUG:
            self.context.say(f"{name} can't be deleted: it is only forgotten by this stack")
        else:
            self._refuse_declared(id, olds)
            deleted: list[models.ApiKey] = []
            try:
                if olds.get("force_destroy"):
                    self._delete_keys(id, deleted)
                self._delete(id)
            except RequestError as error:
                if deleted:
                    told = f"Its API keys are deleted already: {_named(deleted)}."
                    error.hint = f"{told} {error.hint}".rstrip()
                    error.unsettled = True
                raise

    # the steps of these

    def _outputs(self, declared: Outputs, workspace: models.Workspace) -> Outputs:
        answered = self.computed_in(attrs.asdict(workspace, recurse=False))
        return {**declared, **{key: value for key, value in answered.items() if value is not None}}

    def _live(self, workspace: models.Workspace, wanted: Properties) -> Outputs:
        """The declared fields as the API has them; what never reaches it as it was declared."""
        live: Outputs = {}
        for name in self.declared_in(wanted):
            field = self.fields[name]
            value = wanted[name] if field.local else field.from_api(getattr(workspace, name))
            if value is not None:
                live[name] = value
        return live

    def _got(self, id: str, olds: Properties, workspace: models.Workspace | None) -> Found | None:
        if workspace is None and "created_at" in olds:
            return None
        workspace = named_by_id(id, workspace)
        everything = {name: None for name, field in self.declarable.items() if not field.local}
        return Found(id, self._outputs(self._live(workspace, everything), workspace))

    def _created(self, news: Properties) -> models.Workspace:
        body = {
            name: self.fields[name].canonical(value)
            for name, value in self.declared_in(news).items()
            if not self.fields[name].local
        }
        try:
            return self.client.create_workspace(body)
        except RequestError as error:
            return self._recovered(body, error)

    def _recovered(self, body: Outputs, error: RequestError) -> models.Workspace:
        """The workspace that an attempt made whose answer was lost."""
        # The API does not document its status for a slug that is taken: look, not guess.
        refused = isinstance(error, (BadRequestError, ConflictError))
        holder = self._holder(body["slug"], error) if refused or error.unsettled else None
        if holder is None:
            raise error
        if error.unsettled and self._is_own(holder, body, error.call):
            return holder
        if refused:
            raise SlugTakenError(holder)
        error.hint = ADOPT_HINT
        raise error

    def _is_own(self, holder: models.Workspace, body: Outputs, call: Call) -> bool:
        """Whether the holder of the slug came from an attempt whose answer was lost."""
        first_sent = self.client.clock.at(call.first_sent)
        if first_sent is None or holder.name.strip() != body["name"].strip():
            return False
        try:
            created = datetime.fromisoformat(holder.created_at.replace("Z", "+00:00"))
            return created >= first_sent - CLOCK_GRACE
        except (ValueError, TypeError):
            return False

    def _holder(self, slug: str, error: RequestError) -> models.Workspace | None:
        """Who has the slug; where that can't be found out, the error is the better news."""
        try:
            with self.client.operation(self.client.allowance):
                return self.client.find_workspace(slug)
        except RequestError:
            if error.unsettled:
                error.hint = ADOPT_HINT
            raise error from None

    def _adopted(self, existing: models.Workspace, news: Properties) -> models.Workspace:
        live = self._live(existing, news)
        body = {name: self.fields[name].canonical(news[name]) for name in self.changes(live, news)}
        return self.client.update_workspace(existing.id, body) if body else existing

    def _refuse_declared(self, id: str, olds: Properties) -> None:
        """Refuse to delete what this run declares, where no other resource stands for it."""
        declared = self.context.declared
        if ("attempted", olds.get("slug", "")) in declared:
            raise OpenRouterError(
                "not deleted: this stack declares another resource for it, which failed"
            )
        if any(declared.under(kind, id) for kind in ("budget", "user_ids", "emails")):
            raise OpenRouterError(
                "not deleted: this stack declares budgets or members in it\n"
                "Drop these as well, or set retain_on_delete=True and run `pulumi up` first."
            )

    def _delete_keys(self, id: str, deleted: list[models.ApiKey]) -> None:
        """Delete the API keys of the workspace, and note each."""
        with contextlib.suppress(NotFoundError):
            for key in self.client.list_keys(id):
                with contextlib.suppress(NotFoundError):
                    self.client.delete_key(key.hash)
                deleted.append(key)

    def _delete(self, id: str) -> None:
        try:
            self.client.delete_workspace(id)
        except NotFoundError:
            return
        except BadRequestError as error:
            keys = self._active_keys(id)
            raise (ActiveKeysError(keys) if keys else error) from None

    def _active_keys(self, id: str) -> list[models.ApiKey]:
        """The API keys that can hold the workspace back; none where they can't be asked for."""
        try:
            return [key for key in self.client.list_keys(id) if not key.disabled]
        except RequestError:
            return []


class WorkspaceProvider(Provider):
    """The dynamic provider of workspaces; its name is in every state, and stays."""

    lifecycle_class = WorkspaceLifecycle
