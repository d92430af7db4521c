"""What a program is refused for its settings, whichever part of this package it uses first."""

from __future__ import annotations

import os

import pulumi

from pulumi_openrouter.core.settings import KEY_CONFIG, misspelt_variable, unknown_config


def refuse_wrong() -> None:
    """Refuse settings that would be ignored, and a key that would lie in the state in clear.

    Raises:
        pulumi.RunError: names the setting, and what would be right.
    """
    config = pulumi.runtime.config
    names = config.CONFIG.get() or config.get_config_env()
    if reason := unknown_config(names, pulumi.get_project()) or misspelt_variable(os.environ):
        raise pulumi.RunError(reason)
    if config.get_config(KEY_CONFIG) and not config.is_config_secret(KEY_CONFIG):
        raise pulumi.RunError(
            f"{KEY_CONFIG} is set without --secret, so the state would hold it in clear: "
            f"run `pulumi config set --secret {KEY_CONFIG}`, and make a new key."
        )
