"""Guardrail: what a program declares of what keys and members may use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pulumi import Input, Output, ResourceOptions

from pulumi_openrouter.api_key import ApiKey
from pulumi_openrouter.core.fields import SetArgument, optional
from pulumi_openrouter.core.guardrail import HASHES, GuardrailFields, GuardrailLifecycle
from pulumi_openrouter.core.lifecycle import Properties
from pulumi_openrouter.resource import Holders
from pulumi_openrouter.workspace_child import WorkspaceChild


class Keys(SetArgument[str]):
    """API keys: ApiKey resources, their hashes, or Outputs of these."""

    if TYPE_CHECKING:

        def __set__(
            self, resource: object, value: Input[Sequence[Input[str] | ApiKey]] | None
        ) -> None: ...


class Guardrail(WorkspaceChild, GuardrailFields, module="openrouter", name="Guardrail"):
    """What keys and members of a workspace may use, and whom that holds for.

    It enforces nothing until somebody is assigned. Whoever has another guardrail in the workspace
    is an error, and never moved silently, unless that one is this stack's too and gives them up.
    """

    noun = GuardrailLifecycle.noun

    if TYPE_CHECKING:
        keys: Keys = optional(HASHES, default=None, doc="")

    @staticmethod
    def is_sole(properties: Properties) -> bool:
        """A workspace can have any number of guardrails."""
        return False

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """The name defaults to the resource's own; nobody is in two guardrails."""
        if properties["name"] is None:
            properties["name"] = resource_name
        _refuse_same_name(resource_name, properties)
        _refuse_second_guardrail(resource_name, properties)
        properties["keys"] = hashes_of(properties["keys"])
        return super().complete(resource_name, properties, opts)


def hashes_of(keys: Any) -> Any:
    """API keys by their hashes, which are their ids."""
    if not isinstance(keys, (list, tuple)):
        return keys
    return [key.id if isinstance(key, ApiKey) else key for key in keys]


_names, _governed = Holders(), Holders()


def _refuse_same_name(resource_name: str, properties: Properties) -> None:
    name, workspace = properties["name"], properties["workspace_id"]
    if isinstance(name, Output) or isinstance(workspace, Output):
        return
    if holder := _names.taken_by((workspace, name), resource_name):
        raise ValueError(
            f"Guardrail {resource_name!r}: Guardrail {holder!r} of the same workspace has the name "
            f"{name!r} already; give one of the two another name, or remove it"
        )


def _refuse_second_guardrail(resource_name: str, properties: Properties) -> None:
    """Refuse somebody whom another guardrail of the program has.

    Raises:
        ValueError: names the argument and both resources.
    """
    workspace = properties["workspace_id"]
    if isinstance(workspace, Output):
        workspace = None
    for field in ("keys", "emails", "user_ids"):
        for ref in _known(properties[field]):
            thing = (field, ref) if field == "keys" else (workspace, ref)
            if None in thing:
                continue
            holder = _governed.taken_by(thing, resource_name)
            if holder not in (None, resource_name):
                raise ValueError(
                    f"Guardrail {resource_name!r}: {field} has somebody whom Guardrail {holder!r} "
                    "has already; a key or member has one guardrail at the most"
                )


def _known(refs: Any) -> Iterable[Any]:
    """The elements that can be told apart before the program has run."""
    listed = refs if isinstance(refs, (list, tuple)) else ()
    return [
        ref.lower() if isinstance(ref, str) else ref
        for ref in listed
        if isinstance(ref, (str, ApiKey))
    ]
