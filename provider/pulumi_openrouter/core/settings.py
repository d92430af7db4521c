"""Key, base URL and time: from the environment, else from the stack's configuration.

The environment wins, since refresh and destroy see the configuration of the last up.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL
from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.api.key import is_key

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


class SettingsError(OpenRouterError):
    """A setting is missing or wrong; the message names where it comes from."""


@attrs.frozen(kw_only=True)
class Settings:
    """How to reach the API.

    Attributes:
        key: the management key.
        base_url: None means the public one.
        organization_id: the organization that may be changed; None means that of the key.
        timeout: seconds that one operation may take in all; None means the client's own.
    """

    key: str = attrs.field(repr=False)
    base_url: str | None = None
    organization_id: str | None = None
    timeout: float | None = None

    @classmethod
    def load(
        cls,
        config: Callable[[str], str | None],
        environment: Mapping[str, str] = os.environ,
    ) -> Settings:
        """The settings of this process.

        Raises:
            SettingsError: there is no key, or a value is not usable.
        """
        return cls(
            key=_key(config, environment),
            base_url=_given(environment.get(BASE_URL_VARIABLE)) or _given(config(BASE_URL_CONFIG)),
            organization_id=_given(environment.get(ORGANIZATION_VARIABLE))
            or _given(config(ORGANIZATION_CONFIG)),
            timeout=_timeout(_given(environment.get(TIMEOUT_VARIABLE))),
        )

    def connect(self, connections: int = 32) -> Client:
        """A client with these settings, which keeps so many connections open for reuse.

        Raises:
            SettingsError: the base URL is not one that a key should be sent to.
        """
        # Only here: a preview sends nothing, and starts faster without requests and cattrs.
        from pulumi_openrouter.api.client import DEFAULT_TIMEOUT, Client

        try:
            return Client(
                self.key,
                self.base_url or PUBLIC_BASE_URL,
                organization_id=self.organization_id,
                timeout=self.timeout or DEFAULT_TIMEOUT,
                connections=connections,
            )
        except ValueError as error:
            where = f"The base URL ({BASE_URL_VARIABLE} or {BASE_URL_CONFIG})"
            raise SettingsError(f"{where} {error}") from None


def log_as_asked(environment: Mapping[str, str] = os.environ) -> None:
    """Write every request to standard error where OPENROUTER_LOG=debug asks for it."""
    if environment.get(LOG_VARIABLE, "").strip().lower() == "debug":
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("openrouter: %(message)s"))
        logger = logging.getLogger("pulumi_openrouter")
        logger.handlers = [handler]
        logger.setLevel(logging.DEBUG)


def _given(text: str | None) -> str | None:
    """The text, None where it is empty or blank."""
    return (text or "").strip() or None


def _key(config: Callable[[str], str | None], environment: Mapping[str, str]) -> str:
    key = _given(environment.get(KEY_VARIABLE)) or _given(config(KEY_CONFIG))
    if key is None:
        raise SettingsError(
            f"There is no OpenRouter management key: set {KEY_VARIABLE}, or run\n"
            f"`pulumi config set --secret {KEY_CONFIG}` and `pulumi up`."
        )
    if not is_key(key):
        raise SettingsError(
            f"The management key ({KEY_VARIABLE} or {KEY_CONFIG}) is not a valid key: "
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
