"""The ready-made stack: the workspaces that Pulumi.<stack>.yaml describes."""

from pulumi_openrouter import stack

stack.declare()
