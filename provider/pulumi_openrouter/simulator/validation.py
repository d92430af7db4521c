"""What a request may contain, field by field, as the API's schema says."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

import attrs

from . import errors
from .entities import Number

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,19}")
SAFE_INTEGER = 2**53 - 1
MOST = sys.float_info.max
INTERVALS = ("lifetime", "monthly", "weekly", "daily")
PROVIDER_SORTS = ("price", "throughput", "latency", "exacto")
LIMIT_RESETS = ("daily", "weekly", "monthly")

Check = Callable[[Any], Any]


@attrs.frozen
class Rule:
    """How one property is checked; the check returns the value to keep or raises ValueError."""

    check: Check
    nullable: bool = False
    required: bool = False

    def clean(self, value: Any) -> Any:
        """The value to keep."""
        if value is None:
            if not self.nullable:
                raise ValueError("must not be null")
            return None
        return self.check(value)


def text(shortest: int = 0, longest: int | None = None) -> Check:
    """Accept a string of this length."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("must be a string")
        if len(value) < shortest:
            raise ValueError(f"must be at least {shortest} character(s) long")
        if longest is not None and len(value) > longest:
            raise ValueError(f"must be at most {longest} characters long")
        return value

    return check


def slug(value: Any) -> str:
    """Accept lower-case words joined by single hyphens."""
    checked: str = text(1, 50)(value)
    if not SLUG.fullmatch(checked):
        raise ValueError("must be lowercase alphanumeric segments separated by single hyphens")
    return checked


def one_of(*choices: str) -> Check:
    """Accept one of these strings."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return check


def boolean(value: Any) -> bool:
    """Accept true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be a boolean")
    return value


def number(value: Any) -> Number:
    """Accept a finite number, and write whole ones as JavaScript does, without a fraction."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("must be a number")
    if abs(value) > MOST or value != value:
        raise ValueError("must be finite")
    return int(value) if value == int(value) else value


def not_negative(value: Any) -> Number:
    """Accept a number from 0 on."""
    checked = number(value)
    if checked < 0:
        raise ValueError("must be greater than or equal to 0")
    return checked


def positive(value: Any) -> Number:
    """Accept a number above 0."""
    checked = number(value)
    if checked <= 0:
        raise ValueError("must be greater than 0")
    return checked


def sampling_rate(value: Any) -> Number:
    """Accept a share between a ten-thousandth and all."""
    checked = number(value)
    if not 0.0001 <= checked <= 1:
        raise ValueError("must be between 0.0001 and 1")
    return checked


def integer(value: Any) -> int:
    """Accept a whole number that JavaScript can hold."""
    checked = number(value)
    if not isinstance(checked, int) or abs(checked) > SAFE_INTEGER:
        raise ValueError("must be an integer")
    return checked


def list_of(check: Check, shortest: int = 0, longest: int | None = None) -> Check:
    """Accept a list of this length if the check accepts each element."""

    def check_list(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError("must be a list")
        if len(value) < shortest or (longest is not None and len(value) > longest):
            span = f"{shortest} or more" if longest is None else f"{shortest} to {longest}"
            raise ValueError(f"must have {span} elements")
        return [element(index, item) for index, item in enumerate(value)]

    def element(index: int, item: Any) -> Any:
        try:
            return check(item)
        except ValueError as error:
            raise ValueError(f"element {index} {error}") from None

    return check_list


def server_tool(value: Any) -> str:
    """Accept the name of any server tool, because the list of them is open."""
    checked: str = text(1)(value)
    if not checked.startswith("openrouter:") or checked == "openrouter:":
        raise ValueError("must be a server tool such as openrouter:web_search")
    return checked


def server_tools(value: Any) -> list[str] | None:
    """Accept a list of server tools; an empty one clears it as null does."""
    return list_of(server_tool)(value) or None


def uuid(value: Any) -> str:
    """Accept a UUID."""
    checked: str = text()(value)
    if not UUID.fullmatch(checked):
        raise ValueError("must be a UUID")
    return checked.lower()


def moment(value: Any) -> datetime:
    """Accept a point in time, to the second at least, in UTC: other zones are refused."""
    match = MOMENT.fullmatch(text()(value))
    try:
        parsed = datetime.fromisoformat(match.group(1) if match else "")
    except ValueError:
        raise ValueError("must be a timestamp in UTC such as 2030-01-31T00:00:00Z") from None
    return parsed.replace(tzinfo=timezone.utc)


WORKSPACE: Mapping[str, Rule] = {
    "name": Rule(text(1, 100), required=True),
    "slug": Rule(slug, required=True),
    "description": Rule(text(0, 500), nullable=True),
    "default_text_model": Rule(text(), nullable=True),
    "default_image_model": Rule(text(), nullable=True),
    "default_provider_sort": Rule(one_of(*PROVIDER_SORTS), nullable=True),
    "io_logging_api_key_ids": Rule(list_of(integer), nullable=True),
    "io_logging_sampling_rate": Rule(sampling_rate),
    "is_data_discount_logging_enabled": Rule(boolean),
    "is_observability_broadcast_enabled": Rule(boolean),
    "is_observability_io_logging_enabled": Rule(boolean),
    "disabled_server_tools": Rule(server_tools, nullable=True),
}
BUDGET: Mapping[str, Rule] = {
    "limit_usd": Rule(positive, required=True),
    "include_byok_in_budgets": Rule(boolean),
}
MEMBERS: Mapping[str, Rule] = {
    "user_ids": Rule(list_of(text(), 1, 100), required=True),
}
KEY_FILTER: Mapping[str, Rule] = {"workspace_id": Rule(uuid)}
NEW_KEY: Mapping[str, Rule] = {
    "name": Rule(text(1), required=True),
    "creator_user_id": Rule(text(1), nullable=True),
    "expires_at": Rule(moment, nullable=True),
    "include_byok_in_limit": Rule(boolean),
    "limit": Rule(not_negative, nullable=True),
    "limit_reset": Rule(one_of(*LIMIT_RESETS), nullable=True),
    "workspace_id": Rule(uuid),
}
CHANGED_KEY: Mapping[str, Rule] = {
    "name": Rule(text()),
    "disabled": Rule(boolean),
    "include_byok_in_limit": Rule(boolean),
    "limit": Rule(not_negative, nullable=True),
    "limit_reset": Rule(one_of(*LIMIT_RESETS), nullable=True),
    "workspace_id": Rule(uuid),
}


def clean(body: Any, rules: Mapping[str, Rule], partial: bool = False) -> dict[str, Any]:
    """The known properties of a body; the error names every one that is wrong."""
    if not isinstance(body, dict):
        raise errors.invalid(["the body must be a JSON object"])
    cleaned, problems = {}, []
    for name, rule in rules.items():
        try:
            if name in body:
                cleaned[name] = rule.clean(body[name])
            elif rule.required and not partial:
                raise ValueError("is required")
        except ValueError as error:
            problems.append(f"{name} {error}")
    if problems:
        raise errors.invalid(problems)
    return cleaned


def trimmed(body: dict[str, Any]) -> dict[str, Any]:
    """The body of a workspace without the spaces around its texts."""
    texts = {name: body[name].strip() for name in ("name", "description") if _is_text(body, name)}
    return {**body, **texts}


def _is_text(body: dict[str, Any], name: str) -> bool:
    return isinstance(body.get(name), str)


def interval(value: str) -> str:
    """Accept the name of a budget's interval."""
    if value not in INTERVALS:
        raise errors.invalid([f"interval must be one of {', '.join(reversed(INTERVALS))}"])
    return value


def whole(
    query: Mapping[str, str], name: str, default: int, least: int, most: int = SAFE_INTEGER
) -> int:
    """Accept a whole number in a query, or use the default."""
    given = query.get(name)
    if given is None:
        return default
    if not WHOLE.fullmatch(given) or not least <= int(given) <= most:
        raise errors.invalid([f"{name} must be an integer from {least} to {most}"])
    return int(given)
