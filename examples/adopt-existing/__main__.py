"""The default workspace, which every account has, adopted by the stack."""

import pulumi

from pulumi_openrouter import Workspace

default = Workspace(
    "default",
    name="Default",
    slug="default",
    adopt_existing=True,
    default_provider_sort="latency",
)

pulumi.export("created_at", default.created_at)
