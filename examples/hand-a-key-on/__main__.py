"""A key that goes from OpenRouter into the file that an application reads, and through no hands."""

from pathlib import Path

import pulumi
from secret_file import SecretFile

from pulumi_openrouter import ApiKey, Workspace

config = pulumi.Config()
folder = Path(config.get("folder") or "secrets").resolve()

billing = Workspace("billing")

service = ApiKey(
    "billing-service",
    workspace_id=billing,
    limit=50,
    limit_reset="monthly",
    rotate_after_days=30,
)

file = SecretFile("billing-service-key", path=str(folder / "openrouter.key"), content=service.key)

pulumi.export("path", file.path)
