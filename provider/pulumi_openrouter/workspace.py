"""Workspace: what a program declares of a workspace of the organization."""

from __future__ import annotations

from typing import Any

from pulumi import ResourceOptions

from pulumi_openrouter.core.lifecycle import Properties
from pulumi_openrouter.core.workspace import (
    DEFAULT_SLUG,
    WorkspaceFields,
    WorkspaceLifecycle,
    slug_of,
)
from pulumi_openrouter.resource import Holders, Resource


class Workspace(WorkspaceFields, Resource, module="openrouter", name="Workspace"):
    """A workspace. Everything can be changed in place; it is never replaced."""

    noun = WorkspaceLifecycle.noun
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
        self.takes_children_along = (
            self.has_final_options and not opts.retain_on_delete and not _may_be_default(properties)
        )
        _refuse_same_slug(resource_name, properties["slug"])
        return opts


_slugs = Holders()


def _refuse_same_slug(resource_name: str, slug: Any) -> None:
    if isinstance(slug, str) and (holder := _slugs.taken_by(slug, resource_name)):
        raise ValueError(
            f"Workspace {resource_name!r}: Workspace {holder!r} has the slug {slug!r} already; "
            "give one of the two another slug, or remove it"
        )


def _may_be_default(properties: Properties) -> bool:
    """The default workspace survives its resource; an Output may turn out to be its slug."""
    slug, adopt = properties["slug"], properties["adopt_existing"]
    return bool(slug == DEFAULT_SLUG if slug is None or isinstance(slug, str) else adopt)
