"""A stack on the real engine, as the fixture `openrouter_stack` makes it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import yaml
from pulumi import automation as auto

from pulumi_openrouter.simulator import Simulator

PROJECT = "Pulumi.yaml"
LOOKING = {"same", "refresh", "read"}
NOT_A_PROGRAM = {"__pycache__", "node_modules"}
OF_THE_BACKEND = {"encryptionsalt", "environment"}
"""What in a stack's settings its real backend alone can use."""


@attrs.frozen
class Result:
    """What the engine did, or would do.

    Attributes:
        changes: the operation on each resource that is not left as it is: create, update, replace
            or delete, by its kind and name in the program, such as `Workspace research`.
        output: what the command printed.
    """

    changes: dict[str, str]
    output: str


@attrs.frozen
class Stack:
    """One stack of a program, and what it talks to.

    A command that fails raises `pulumi.automation.CommandError`, which has what it printed.
    Options are those of the Automation API, such as `refresh=True`.

    Attributes:
        automation: the stack in Pulumi's Automation API, for all that is not here.
        openrouter: the simulator, its log and its faults.
    """

    automation: auto.Stack
    openrouter: Simulator

    def preview(self, **options: Any) -> Result:
        """`pulumi preview`."""
        return self._run(self.automation.preview, options)

    def up(self, **options: Any) -> Result:
        """`pulumi up`."""
        return self._run(self.automation.up, options)

    def refresh(self, **options: Any) -> Result:
        """`pulumi refresh`; its changes are the drift that it found."""
        return self._run(self.automation.refresh, options)

    def destroy(self, **options: Any) -> Result:
        """`pulumi destroy`."""
        return self._run(self.automation.destroy, options)

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs of the last `up`, secrets in plain."""
        return {name: output.value for name, output in self.automation.outputs().items()}

    @property
    def folder(self) -> Path:
        """The copy of the program that runs, which a test may edit."""
        return Path(self.automation.workspace.work_dir)

    def configure(self, config: Mapping[str, Any]) -> None:
        """Set configuration: text, what JSON can say, or a `pulumi.automation.ConfigValue`."""
        values = {name: _config_value(value) for name, value in config.items()}
        self.automation.set_all_config(values)

    def _run(self, command: Callable[..., Any], options: Mapping[str, Any]) -> Result:
        __tracebackhide__ = True
        changes = _Changes()
        try:
            finished = command(on_event=changes.note, color="never", **options)
        except auto.CommandError as error:
            # What the command printed says it; the lines of the Automation API would bury that.
            raise error.with_traceback(None) from None
        return Result(changes.found, finished.stdout)


@attrs.frozen
class NewStack:
    """Makes stacks, all in one backend that is gone after the test, and so is what they made."""

    _folder: Path
    _beside: Path
    _openrouter: Simulator

    def __call__(
        self,
        program: str | Path | Callable[[], Any] | None = None,
        *,
        config: Mapping[str, Any] | None = None,
        stack_name: str = "test",
    ) -> Stack:
        """A new stack.

        Args:
            program: the folder of a Pulumi project, relative to that of the test's file; it is
                copied, with the plain values of its `Pulumi.<stack_name>.yaml`. Or a function.
                None: the nearest folder above the test's file that has a Pulumi.yaml.
            config: configuration to set.
            stack_name: the stack.
        """
        work = Path(tempfile.mkdtemp(prefix="program-", dir=self._folder))
        if callable(program):
            _save(work / PROJECT, {"name": "test", "runtime": _runtime()})
        else:
            _copy(self._source(program), work, stack_name)
        inline = program if callable(program) else None
        workspace = auto.LocalWorkspace(work_dir=str(work), program=inline)
        stack = Stack(auto.Stack.create(stack_name, workspace), self._openrouter)
        if config:
            stack.configure(config)
        return stack

    def _source(self, program: str | Path | None) -> Path:
        nearest = [self._beside, *self._beside.parents]
        for folder in [self._beside / program] if program else nearest:
            if (folder / PROJECT).is_file():
                return folder.resolve()
        where = self._beside / program if program else f"{self._beside} nor above it"
        raise FileNotFoundError(f"There is no {PROJECT} in {where}.")


class _Changes:
    """Reads them from the engine's events; of several on one resource the last one counts."""

    def __init__(self) -> None:
        self._operations: dict[str, str] = {}

    def note(self, event: auto.EngineEvent) -> None:
        for step in (event.resource_pre_event, event.res_outputs_event):
            # What begins with pulumi: is the stack itself, and the engine's providers.
            if step and not step.metadata.type.startswith("pulumi:"):
                kind, name = (
                    text.rpartition(":")[2] for text in (step.metadata.type, step.metadata.urn)
                )
                operation = step.metadata.op.value
                self._operations[f"{kind} {name}"] = (
                    "replace" if "replace" in operation else operation
                )

    @property
    def found(self) -> dict[str, str]:
        return {name: op for name, op in self._operations.items() if op not in LOOKING}


def _config_value(value: Any) -> auto.ConfigValue:
    if isinstance(value, auto.ConfigValue):
        return value
    return auto.ConfigValue(value if isinstance(value, str) else json.dumps(value))


def _copy(source: Path, work: Path, stack_name: str) -> None:
    """Copy a project, for it to run here: in this Python, in a backend of its own."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        paths = [Path(folder, name) for name in names]
        return {path.name for path in paths if path == work or _is_left_out(path)}

    shutil.copytree(
        source, work, ignore=left_out, ignore_dangling_symlinks=True, dirs_exist_ok=True
    )
    _save(work / PROJECT, {**_load(work / PROJECT), "runtime": _runtime()})
    settings = work / f"Pulumi.{stack_name}.yaml"
    if settings.is_file():
        _save(settings, _readable(_load(settings)))


def _is_left_out(path: Path) -> bool:
    is_hidden = path.name.startswith(".") or path.name in NOT_A_PROGRAM
    return path.is_dir() and (is_hidden or (path / "pyvenv.cfg").exists())


def _readable(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings of a stack without its secrets, and without the way to the real API."""
    config = _plain(settings.get("config") or {})
    return {
        **{name: value for name, value in settings.items() if name not in OF_THE_BACKEND},
        "config": {name: value for name, value in config.items() if _is_of_the_program(name)},
    }


def _is_of_the_program(name: str) -> bool:
    return not name.startswith("openrouter:")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items() if not _is_secret(part)}
    if isinstance(value, list):
        return [_plain(part) for part in value if not _is_secret(part)]
    return value


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"secure"}


def _runtime() -> dict[str, Any]:
    is_virtual = sys.prefix != sys.base_prefix
    return {"name": "python", "options": {"virtualenv": sys.prefix} if is_virtual else {}}


def _load(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")) or {})


def _save(file: Path, settings: Mapping[str, Any]) -> None:
    file.write_text(yaml.safe_dump(dict(settings)), encoding="utf-8")
