"""How the command line reaches the API: its settings are environment variables alone."""

from __future__ import annotations

import os

import attrs

from pulumi_openrouter.core.settings import (
    KEY_CONFIG,
    KEY_VARIABLE,
    Settings,
    SettingsError,
    misspelt_variable,
)

PATIENCE = 30.0
"""Seconds that a request may take unless OPENROUTER_TIMEOUT is set: somebody is waiting."""


def settings() -> Settings:
    """How to reach the API, from the environment variables.

    Raises:
        SettingsError: the key is missing, or a setting is unusable or misspelt.
    """
    if not os.environ.get(KEY_VARIABLE, "").strip():
        raise SettingsError(
            misspelt_variable(os.environ)
            or f"{KEY_VARIABLE} is not set: it must hold a management key (sk-or-mgmt-...).\n"
            f"Only Pulumi reads the configuration of a stack ({KEY_CONFIG})."
        )
    found = Settings.load(lambda name: None)
    return attrs.evolve(found, timeout=found.timeout or PATIENCE)
