"""How the command line reaches the API: settings come from the environment alone."""

from __future__ import annotations

import os

import attrs

from pulumi_openrouter.core.settings import KEY_CONFIG, KEY_VARIABLE, Settings, SettingsError

PATIENCE = 30.0
"""Seconds that a request may take, unless OPENROUTER_TIMEOUT says otherwise: somebody waits."""


def settings() -> Settings:
    """How the environment says that the API is to be reached.

    Raises:
        SettingsError: there is no key, or a setting is not usable.
    """
    if not os.environ.get(KEY_VARIABLE, "").strip():
        raise SettingsError(
            f"{KEY_VARIABLE} is not set: it must hold a management key (sk-or-mgmt-...).\n"
            f"The configuration of a stack ({KEY_CONFIG}) is read by Pulumi alone."
        )
    found = Settings.load(lambda name: None)
    return attrs.evolve(found, timeout=found.timeout or PATIENCE)
