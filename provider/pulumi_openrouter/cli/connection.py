"""How the command line reaches the API: its settings are environment variables alone."""

from __future__ import annotations

import attrs

from pulumi_openrouter.core.settings import (
    KEY_CONFIG,
    KEY_VARIABLE,
    MissingKeyError,
    Settings,
    SettingsError,
)

PATIENCE = 30.0
"""Seconds that a request may take unless OPENROUTER_TIMEOUT is set: somebody is waiting."""


def settings() -> Settings:
    """How to reach the API, from the environment variables.

    Raises:
        SettingsError: the key is missing, or a setting is unusable or misspelt.
    """
    try:
        found = Settings.load(lambda name: None)
    except MissingKeyError:
        raise SettingsError(
            f"{KEY_VARIABLE} is not set: it must hold a management key (sk-or-mgmt-...).\n"
            f"Only Pulumi reads the configuration of a stack ({KEY_CONFIG})."
        ) from None
    return attrs.evolve(found, timeout=found.timeout or PATIENCE)
