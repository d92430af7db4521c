"""Key, base URL and time: from the environment, else from the stack's configuration.

The environment wins, since refresh and destroy see the configuration of the last up.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import attrs

from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL
from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.api.key import is_key, is_quoted

if TYPE_CHECKING:
    from pulumi_openrouter.api.client import Client

KEY_VARIABLE = "OPENROUTER_MANAGEMENT_KEY"
KEY_CONFIG = "openrouter:managementKey"
BASE_URL_VARIABLE = "OPENROUTER_BASE_URL"
BASE_URL_CONFIG = "openrouter:baseUrl"
ORGANIZATION_VARIABLE = "OPENROUTER_ORGANIZATION_ID"
ORGANIZATION_CONFIG = "openrouter:organizationId"
TIMEOUT_VARIABLE = "OPENROUTER_TIMEOUT"
LOG_VARIABLE = "OPENROUTER_LOG"

VARIABLES = (KEY_VARIABLE, BASE_URL_VARIABLE, ORGANIZATION_VARIABLE, TIMEOUT_VARIABLE)
CONFIGS = (KEY_CONFIG, BASE_URL_CONFIG, ORGANIZATION_CONFIG)
NAMESPACE = "openrouter"
MISSPELT = 0.9
"""How much alike, as difflib counts, a name is to the one of which it is a misspelling."""
WORTH_A_HINT = 0.8

KEY_ORIGINS = {
    KEY_VARIABLE: KEY_VARIABLE,
    KEY_CONFIG: f"{KEY_CONFIG}.\n`pulumi refresh` and `pulumi destroy` use the key of the last "
    f"`pulumi up`, unless {KEY_VARIABLE} is set",
}
"""For each setting of a key, what people should know of it when the key is not accepted."""

Config = Callable[[str], str | None]


class SettingsError(OpenRouterError):
    """A setting is missing or wrong; the message names where it comes from."""


class MissingKeyError(SettingsError):
    """There is no management key."""

    def __init__(self) -> None:
        super().__init__(
            f"There is no OpenRouter management key: set {KEY_VARIABLE}, or run\n"
            f"`pulumi config set --secret {KEY_CONFIG}` and `pulumi up`."
        )


@attrs.frozen(kw_only=True)
class Settings:
    """How to reach the API.

    Attributes:
        key: the management key.
        base_url: None means the public one.
        organization_id: the organization that may be changed; None means that of the key.
        timeout: seconds that one operation may take in all; None means the client's own.
        key_setting: which setting the key comes from; None where nobody said.
    """

    key: str = attrs.field(repr=False)
    base_url: str | None = None
    organization_id: str | None = None
    timeout: float | None = None
    key_setting: str | None = None

    @classmethod
    def load(cls, config: Config, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of this process.

        Raises:
            MissingKeyError: there is no key.
            SettingsError: a value is not usable, or a variable is misspelt.
        """
        if reason := misspelt_variable(environment):
            raise SettingsError(reason)
        variable = environment.get
        key = _given(variable, KEY_VARIABLE)
        key_setting = KEY_VARIABLE if key else KEY_CONFIG
        return cls(
            key=_checked_key(key or _given(config, KEY_CONFIG), key_setting),
            base_url=_given(variable, BASE_URL_VARIABLE) or _given(config, BASE_URL_CONFIG),
            organization_id=_given(variable, ORGANIZATION_VARIABLE)
            or _given(config, ORGANIZATION_CONFIG),
            timeout=_timeout(_given(variable, TIMEOUT_VARIABLE)),
            key_setting=key_setting,
        )

    def connect(self, connections: int = 32, notify: Callable[[str], None] | None = None) -> Client:
        """A client with these settings.

        Args:
            connections: how many connections stay open for reuse.
            notify: is told, from another thread, that requests are being retried for longer.

        Raises:
            SettingsError: the base URL is not one that a key should be sent to.
        """
        # Only here: a preview sends nothing, and starts faster without requests and cattrs.
        from pulumi_openrouter.api.client import DEFAULT_TIMEOUT, Client

        try:
            return Client(
                self.key,
                self.base_url or PUBLIC_BASE_URL,
                key_origin=KEY_ORIGINS[self.key_setting] if self.key_setting else None,
                organization_id=self.organization_id,
                timeout=self.timeout or DEFAULT_TIMEOUT,
                connections=connections,
                notify=notify,
            )
        except ValueError as error:
            where = f"The base URL ({BASE_URL_VARIABLE} or {BASE_URL_CONFIG})"
            raise SettingsError(f"{where} {error}") from None


def misspelt_variable(environment: Mapping[str, str]) -> str | None:
    """What to say of a variable that is nearly one of ours, which would be ignored.

    Other tools have variables that begin alike: OPENROUTER_TIMEOUT_MS has a word more than ours,
    and so is no misspelling. Where ours is set too, nothing is missing.
    """
    for name, text in environment.items():
        if not name.startswith("OPENROUTER_") or name in VARIABLES or not text.strip():
            continue
        meant = _nearest(name, VARIABLES, MISSPELT)
        has_more_words = meant is not None and {*meant.split("_")} < {*name.split("_")}
        if meant and not has_more_words and not environment.get(meant, "").strip():
            return f"unknown setting {name}; did you mean {meant}?"
    return None


def unknown_config(names: Iterable[str], project: str) -> str | None:
    """What to say of a name in the namespace of our settings that is none of them.

    A project may be called as the namespace is, and have settings of its own there.
    """
    for name in sorted(names):
        if not name.startswith(f"{NAMESPACE}:") or name in CONFIGS:
            continue
        if project == NAMESPACE and not _nearest(name, CONFIGS, MISSPELT):
            continue
        meant = _nearest(name, CONFIGS, WORTH_A_HINT)
        hint = f"did you mean {meant}?" if meant else f"expected one of {', '.join(CONFIGS)}"
        return f"unknown setting {name}; {hint}"
    return None


def _nearest(name: str, known: Iterable[str], likeness: float) -> str | None:
    # Only here: only a name that may be a mistake needs it, and every program imports this module.
    import difflib

    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=likeness)), None)


def log_as_asked(environment: Mapping[str, str] = os.environ) -> None:
    """Write every request to standard error where OPENROUTER_LOG=debug asks for it."""
    if environment.get(LOG_VARIABLE, "").strip().lower() == "debug":
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("openrouter: %(message)s"))
        logger = logging.getLogger("pulumi_openrouter")
        logger.handlers = [handler]
        logger.setLevel(logging.DEBUG)


def _given(source: Config, name: str) -> str | None:
    """The text of a setting, None where it is empty or blank."""
    text = (source(name) or "").strip()
    if is_quoted(text):
        raise SettingsError(f"{name} has quotes around it: remove them.")
    return text or None


def _checked_key(key: str | None, setting: str) -> str:
    if key is None:
        raise MissingKeyError
    if not is_key(key):
        raise SettingsError(
            f"The management key in {setting} is not a valid key: "
            "expected one word of printable ASCII."
        )
    return key


def _timeout(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise SettingsError(f"{TIMEOUT_VARIABLE} must be a number of seconds greater than 0.")
    return seconds
