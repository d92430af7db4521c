"""What is told to people where a resource can't be as it is declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pulumi_openrouter.api.errors import OpenRouterError, one_line
from pulumi_openrouter.core.uuids import is_uuid

if TYPE_CHECKING:
    from pulumi_openrouter.api.guardrails import GuardrailInfo
    from pulumi_openrouter.api.keys import ApiKeyInfo
    from pulumi_openrouter.api.models import WorkspaceInfo


class SlugTakenError(OpenRouterError):
    """Another workspace has the slug."""

    def __init__(self, holder: WorkspaceInfo) -> None:
        super().__init__(
            f"the slug is taken by workspace {holder.id} ({one_line(holder.name)}), "
            f"created {holder.created_at}\n"
            "To take that one over set adopt_existing=True. If the resource was only renamed "
            "in the program, give it an alias instead (renamed_from in the ready-made stack)."
        )


class SlugDeclaredError(OpenRouterError):
    """Two resources of the stack stand for one workspace."""

    def __init__(self, holder: WorkspaceInfo) -> None:
        super().__init__(
            f"the slug is taken by workspace {holder.id} ({one_line(holder.name)}), which another "
            "resource of this stack declares\nGive one of the two another slug, or remove it."
        )


class DeclaredTwiceError(OpenRouterError):
    """Two resources of the stack take over one object."""

    def __init__(self, noun: str, argument: str) -> None:
        super().__init__(
            f"another resource of this stack declares the {noun} already\n"
            f"Remove one of the two, or give it another {argument}."
        )


class DeletedOutsideError(OpenRouterError):
    """The object is gone, and the state does not know it."""

    def __init__(self, noun: str = "workspace") -> None:
        super().__init__(
            f"the {noun} no longer exists: it was deleted outside this stack\n"
            "Run `pulumi refresh`, then `pulumi up` to create it again."
        )


class NotThereYetError(OpenRouterError):
    """The API does not know what this run made a moment ago."""

    def __init__(self, noun: str = "workspace") -> None:
        super().__init__(
            f"OpenRouter does not know the {noun} yet, which was made a moment ago\n"
            "Run `pulumi up` again."
        )


class OtherOrganizationError(OpenRouterError):
    """The key belongs to another organization than the state: nothing of it can be called gone."""

    def __init__(self, actual: str, made_in: str) -> None:
        super().__init__(
            f"not found, but the key belongs to organization {actual}, and this was made in "
            f"{made_in}: it stays in the state\nUse a key of that organization."
        )


class NoSuchWorkspaceError(OpenRouterError):
    """A `get` names a workspace that does not exist."""

    def __init__(self) -> None:
        super().__init__("there is no such workspace")


class NoSuchKeyError(OpenRouterError):
    """A program names an API key that does not exist."""

    def __init__(self) -> None:
        super().__init__("there is no API key with this hash")


class SecretForHashError(OpenRouterError):
    """A program names an API key by something else than its hash."""

    def __init__(self) -> None:
        super().__init__(
            "an API key is named by its hash, 64 hexadecimal digits, never by the key itself\n"
            "`pulumi-openrouter show --json` prints the hashes."
        )


class StrayKeysError(OpenRouterError):
    """Nobody can tell which key a creation made whose answer was lost.

    Args:
        keys: those that it could be.
    """

    def __init__(self, keys: Sequence[ApiKeyInfo]) -> None:
        named = ", ".join(one_line(f"{key.label} (created {key.created_at})") for key in keys)
        super().__init__(
            f"no answer came, and what it made could be any of these API keys: {named}\n"
            "Nothing was deleted: delete those that nobody made, then run `pulumi up` again."
        )


class NoSuchGuardrailError(OpenRouterError):
    """A program names a guardrail that does not exist."""

    def __init__(self) -> None:
        super().__init__("there is no guardrail with this id")


class SameNameDeclaredError(OpenRouterError):
    """Two resources of the stack give a workspace a guardrail of one name."""

    def __init__(self) -> None:
        super().__init__(
            "another resource of this stack gives the workspace a guardrail of this name\n"
            "Give one of the two another name, or remove it."
        )


class SameNameError(OpenRouterError):
    """The workspace has a guardrail of this name."""

    def __init__(self, holder: GuardrailInfo) -> None:
        super().__init__(
            f"the workspace has a guardrail of this name already: {holder.id}, created "
            f"{holder.created_at}\nTo take that one over set existing_id; else choose another "
            "name. If the resource was only renamed in the program, give it an alias instead."
        )


class ActiveKeysError(OpenRouterError):
    """API keys hold a workspace back."""

    def __init__(self, keys: Sequence[ApiKeyInfo]) -> None:
        super().__init__(
            f"refused, because it has API keys: {named_keys(keys)}\n"
            "Move them to another workspace, delete them, or set force_destroy=True and run "
            "`pulumi up` first."
        )


class BlockedError(OpenRouterError):
    """Some members can't be removed; the others were, and nobody was added.

    Args:
        blocked: why, by the name of each member.
        removed: how many of the others were removed.
    """

    def __init__(self, blocked: Mapping[str, str], removed: int) -> None:
        reasons = "; ".join(f"{name}: {why}" for name, why in blocked.items())
        super().__init__(f"these members can't be removed: {reasons}")
        self.unsettled = removed > 0


class DefaultWorkspaceError(OpenRouterError):
    """The members of the default workspace are those of the organization."""

    def __init__(self) -> None:
        super().__init__(
            "this is the default workspace: everybody in the organization is in it, and its "
            "members can't be changed\nRemove this resource from the program."
        )


def named_keys(keys: Sequence[ApiKeyInfo]) -> str:
    """API keys as people know them: by name and label."""
    return ", ".join(one_line(f"{key.name} ({key.label})") for key in keys)


def found_by_id(ref: str, workspace: WorkspaceInfo | None) -> WorkspaceInfo:
    """The workspace that a `get` found.

    Raises:
        NoSuchWorkspaceError: there is none.
        OpenRouterError: it was named by its slug.
    """
    if workspace is None:
        raise NoSuchWorkspaceError
    if not is_uuid(ref):
        raise OpenRouterError(f"get takes the UUID, not the slug: that is {workspace.id}")
    return workspace
