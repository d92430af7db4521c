"""A small client of the OpenRouter workspaces API; it knows nothing of Pulumi."""
