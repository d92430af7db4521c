"""A file that nobody but its owner may read, as a resource of this program's own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from pulumi import Input, Output, ResourceOptions
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

PROPERTIES = ("path", "content")


class SecretFileProvider(ResourceProvider):
    """Writes the file, whose path is its id. The state finds this class by its name."""

    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        _write(Path(props["path"]), props["content"])
        return CreateResult(props["path"], _outputs(props))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        changed = [name for name in PROPERTIES if _olds.get(name) != _news.get(name)]
        return DiffResult(changes=bool(changed), replaces=["path"] if "path" in changed else [])

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        _write(Path(_id), _news["content"])
        return UpdateResult(_outputs(_news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        try:
            content = Path(id_).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ReadResult("", {})
        return ReadResult(id_, {**_outputs(props), "content": content})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        Path(_id).unlink(missing_ok=True)


class SecretFile(Resource):
    """A file with mode 600, whose content is a secret for Pulumi."""

    path: Output[str]
    content: Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        path: Input[str],
        content: Input[str],
        opts: ResourceOptions | None = None,
    ) -> None:
        secret = ResourceOptions(additional_secret_outputs=["content"])
        super().__init__(
            SecretFileProvider(),
            resource_name,
            {"path": path, "content": Output.secret(content)},
            ResourceOptions.merge(opts, secret),
        )


def _outputs(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: properties[name] for name in PROPERTIES}


def _write(path: Path, content: str) -> None:
    """Replace the file at once: whoever reads it sees the old content or the new one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Such a file has mode 600 from the first moment.
    handle, written = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
    Path(written).replace(path)
