"""An organization from a YAML file, such as the one that `pulumi-openrouter export` writes.

The file has the workspaces of a stack's configuration, below `config` as in Pulumi.<stack>.yaml or
at the top, and may have `people` of the organization who are in no workspace.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import yaml

from . import validation
from .errors import ApiError
from .guardrail_rules import CHANGED_GUARDRAIL
from .state import Organization

ADMINISTRATION = {"adopt_existing", "force_destroy", "protect", "renamed_from", "exclusive"}
"""Settings of a stack, of which OpenRouter never hears."""
GOVERNED = ("keys", "emails", "user_ids")
KEY_ADMINISTRATION = {"keepers", "rotate_after_days"}
LIMITS = {f"{interval}_limit_usd": interval for interval in validation.INTERVALS}
BYOK = "include_byok_in_budgets"
DEFAULT_SLUG = "default"


class SeedError(Exception):
    """Why a file can't be planted; the message names the file, and the place in it."""


@attrs.frozen
class Place:
    """One value of the file, and where it is."""

    value: Any
    path: str = ""

    def __getitem__(self, name: str) -> Place:
        """What a mapping has under this name, None where it has nothing there."""
        return Place(self.mapping().get(name), f"{self.path}.{name}".lstrip("."))

    def mapping(self) -> Mapping[str, Any]:
        """The value, which must be a mapping; nothing is an empty one."""
        value = {} if self.value is None else self.value
        if not isinstance(value, Mapping):
            raise self.error("must be a mapping")
        if value.keys() == {"secure"}:
            raise self.error("is encrypted: the simulator has no way to read it")
        return {str(name): part for name, part in value.items()}

    def items(self) -> Iterator[tuple[str, Place]]:
        """The parts of a mapping by name."""
        return ((name, self[name]) for name in self.mapping())

    def elements(self) -> list[Place]:
        """The elements of a list; nothing is an empty one."""
        value = [] if self.value is None else self.value
        if not isinstance(value, list):
            raise self.error("must be a list")
        return [Place(element, f"{self.path}[{index}]") for index, element in enumerate(value)]

    def text(self) -> str:
        """The value, which must be text."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error("must be text")
        return self.value

    def known(self, known: set[str], ignored: set[str]) -> dict[str, Any]:
        """What a mapping has of the known settings; it may have nothing else but ignored ones."""
        for name in self.mapping():
            if name not in known | ignored:
                raise self.error(f"has the unknown setting {name}")
        return {name: value for name, value in self.mapping().items() if name in known}

    def error(self, reason: str) -> SeedError:
        """An error about this value."""
        return SeedError(f"{self.path or 'the file'} {reason}")


def plant(file: Path, organization: Organization) -> None:
    """Add to an organization what a file has.

    Raises:
        SeedError: the file can't be read, or the API would refuse something in it.
    """
    try:
        _plant(Place(_read(file)), organization)
    except SeedError as error:
        raise SeedError(f"{file}: {error}") from None


def _read(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SeedError(f"can't be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SeedError(f"not valid YAML: {' '.join(str(error).split())}") from None


def _plant(top: Place, organization: Organization) -> None:
    config = top["config"] if "config" in top.mapping() else top
    workspaces, members = _entry(config, "workspaces"), _entry(config, "members")
    if workspaces.value is None:
        raise config.error("has no workspaces")
    for person in top["people"].elements():
        _add_person(person, organization)
    for name, entry in workspaces.items():
        _add_workspace(name, entry, members[name], organization)


def _entry(config: Place, key: str) -> Place:
    """The value of a key, which a stack's configuration prefixes with the project's name."""
    names = [name for name in config.mapping() if name.rpartition(":")[2] == key]
    return config[names[0]] if names else Place(None, key)


def _add_person(place: Place, organization: Organization) -> None:
    if isinstance(place.value, str):
        organization.add_member(place.text())
        return
    names = {"email", "role", "scim", "user_id", "first_name", "last_name"}
    organization.add_member(**{"email": place["email"].text(), **place.known(names, set())})


def _add_workspace(name: str, entry: Place, apart: Place, organization: Organization) -> None:
    fields = entry.known(set(validation.WORKSPACE), ADMINISTRATION | set(PARTS))
    fields = {"name": name, "slug": name, **fields}
    with _refusals(entry):
        if fields["slug"] == DEFAULT_SLUG:
            workspace = organization.update_workspace(DEFAULT_SLUG, **fields)
        else:
            workspace = organization.create_workspace(**fields)
    for part, add in PARTS.items():
        add(entry[part], workspace.slug, organization)
    _add_members(apart, workspace.slug, organization)


def _add_budget(place: Place, slug: str, organization: Organization) -> None:
    budget = place.known({*LIMITS, BYOK}, ADMINISTRATION)
    for field, interval in LIMITS.items():
        if field in budget:
            with _refusals(place):
                organization.set_budget(slug, interval, budget[field], budget.get(BYOK))


def _add_members(place: Place, slug: str, organization: Organization) -> None:
    if isinstance(place.value, Mapping):
        place.known({"emails", "user_ids"}, ADMINISTRATION)
        _add_members(place["emails"], slug, organization)
        ids = [_known_id(user_id.text(), organization) for user_id in place["user_ids"].elements()]
    else:
        ids = [_id_by_email(email.text(), organization) for email in place.elements()]
    if ids:
        with _refusals(place):
            organization.add_members(slug, ids)


def _id_by_email(email: str, organization: Organization) -> str:
    try:
        return organization.person(email).id
    except ApiError:
        return organization.add_member(email).id


def _known_id(user_id: str, organization: Organization) -> str:
    try:
        return organization.person(user_id).id
    except ApiError:
        return organization.add_member("", user_id=user_id).id


def _add_keys(place: Place, slug: str, organization: Organization) -> None:
    for name, entry in place.items():
        people = {"creator_email", "creator_user_id"}
        known = {*validation.NEW_KEY, "disabled", "existing_hash", *people} - {"workspace_id"}
        settings = {"name": f"{slug}-{name}", **entry.known(known, KEY_ADMINISTRATION)}
        hashed = settings.pop("existing_hash", None)
        creator = _creator(settings.pop("creator_email", None), organization)
        with _refusals(entry):
            cleaned = validation.clean(settings, validation.NEW_KEY)
            creator = cleaned.pop("creator_user_id", None) or creator
            organization.create_key(
                workspace=slug,
                creator=creator,
                disabled=bool(settings.get("disabled")),
                key_hash=hashed,
                **cleaned,
            )


def _creator(email: str | None, organization: Organization) -> str | None:
    return _id_by_email(email, organization) if email else None


@contextlib.contextmanager
def _refusals(place: Place) -> Iterator[None]:
    """Name the place of what the API refuses."""
    try:
        yield
    except ApiError as error:
        raise place.error(f"is refused by the API: {error.message}") from None


def _add_default_guardrail(place: Place, slug: str, organization: Organization) -> None:
    fields = place.known(set(CHANGED_GUARDRAIL) - {"name"}, set())
    if fields:
        with _refusals(place):
            default = organization.workspace(slug).default_guardrail_id
            organization.guardrails.update(default, **fields)


def _add_guardrails(place: Place, slug: str, organization: Organization) -> None:
    workspace_id = organization.workspace(slug).id
    for name, entry in place.items():
        fields = entry.known(set(CHANGED_GUARDRAIL), {*ADMINISTRATION, *GOVERNED, "existing_id"})
        hashes = [_known_hash(each.text(), slug, organization) for each in entry["keys"].elements()]
        ids = [_id_by_email(email.text(), organization) for email in entry["emails"].elements()]
        ids += [_known_id(user_id.text(), organization) for user_id in entry["user_ids"].elements()]
        with _refusals(entry):
            fields = {"name": f"{slug}-{name}", **fields, "workspace_id": workspace_id}
            guardrail = organization.guardrails.create(
                guardrail_id=entry["existing_id"].value, **fields
            )
            organization.guardrails.assign_keys(guardrail.id, hashes)
            organization.guardrails.assign_members(guardrail.id, ids)


def _known_hash(key_hash: str, slug: str, organization: Organization) -> str:
    """The hash of a key by hash or name; it is made where nobody has it: an export may lack it."""
    home = organization.workspace(slug).id
    named = {key.name: key.hash for key in organization.keys if key.workspace_id == home}
    if f"{slug}-{key_hash}" in named:
        return named[f"{slug}-{key_hash}"]
    if key_hash not in {key.hash for key in organization.keys}:
        organization.create_key(f"{slug}-{key_hash[:8]}", workspace=slug, key_hash=key_hash)
    return key_hash


PARTS: dict[str, Callable[[Place, str, Organization], None]] = {
    "budget": _add_budget,
    "members": _add_members,
    "emails": _add_members,
    "keys": _add_keys,
    "default_guardrail": _add_default_guardrail,
    # Last: whom they govern must be there.
    "guardrails": _add_guardrails,
}
"""What an entry has besides the settings of the workspace itself."""
