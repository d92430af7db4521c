"""The default workspace, which every account has, taken under management as it is."""

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
