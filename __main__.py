"""The ready-made stack: the workspaces that Pulumi.<stack>.yaml describes."""

from pulumi_openrouter import from_config

from_config.declare()
