"""What each room may import, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "pulumi_openrouter"
SOURCES = ROOT / "provider" / PACKAGE
EDGE = {
    "host",
    "stack_settings",
    "resource",
    "workspace",
    "workspace_child",
    "workspace_budget",
    "workspace_membership",
    "api_key",
    "guardrail",
    "workspace_default_guardrail",
    "byok_key",
    "team_workspace",
    "functions",
    "from_config",
    "policies",
}
"""The modules beside the rooms: the edge, where Pulumi is."""


@attrs.frozen
class Import:
    """One import of one file."""

    file: Path
    line: int
    module: str
    is_for_types: bool
    """Whether it is made by type checkers alone."""

    @property
    def room(self) -> str:
        """The first part of a module of this package, else the library."""
        parts = self.module.split(".")
        if parts[0] != PACKAGE:
            return parts[0]
        return parts[1] if len(parts) > 1 else ""

    def __str__(self) -> str:
        text = self.file.read_text(encoding="utf-8").splitlines()[self.line - 1].strip()
        return f"{self.file.relative_to(ROOT)}:{self.line}: {text}"


def imports_of(file: Path) -> Iterator[Import]:
    """All imports of a file, wherever in it they stand."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        for module in _modules(node):
            yield Import(file, node.lineno, module, node in for_types)  # type: ignore[attr-defined]


def _modules(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        is_package = (ROOT / "provider" / Path(*node.module.split("."))).is_dir()
        names = [alias.name for alias in node.names]
        yield from (f"{node.module}.{name}" for name in names) if is_package else [node.module]


def imports_in(room: str) -> list[Import]:
    """The imports of a folder of the package, or of one of its modules."""
    folder = SOURCES / room
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [SOURCES / f"{room}.py"]
    return [found for file in files for found in imports_of(file)]


def rooms() -> set[str]:
    """The folders and modules of the package."""
    names = {path.stem for path in SOURCES.iterdir() if path.suffix == ".py" or path.is_dir()}
    return names - {"__init__", "__main__", "__pycache__"}


OURS = {"api", "core", "internals", "review", "simulator", "cli", "testing", *EDGE}
MAY_IMPORT = {
    "api": {"api"},
    "core": {"core", "api"},
    "internals": {"internals"},
    "simulator": {"simulator"},
    "review": {"review"},
    "cli": {"cli", "review", "core", "api"},
    "testing": {"testing", "simulator"},
    "host": {"core", "api", "internals"},
    "stack_settings": {"core"},
    "resource": {"host", "stack_settings", "core", "internals"},
    "workspace": {"resource", "core"},
    "workspace_child": {"workspace", "resource", "core", "api"},
    "workspace_budget": {"workspace", "workspace_child", "core"},
    "workspace_membership": {"workspace_child", "core"},
    "api_key": {"workspace_child", "resource", "core"},
    "guardrail": {"workspace_child", "api_key", "resource", "core"},
    "workspace_default_guardrail": {"workspace_child", "core"},
    "byok_key": {"workspace_child", "guardrail", "resource", "core"},
    "team_workspace": {
        *("workspace", "workspace_budget", "workspace_membership", "api_key", "resource", "core"),
        *("guardrail", "workspace_default_guardrail"),
    },
    "functions": {"stack_settings", "core", "api"},
    "policies": set(),
    "from_config": {"team_workspace", "stack_settings", "core"},
}
"""The rooms of this package that each room may import from."""
PULUMI = {*EDGE, "testing"}
"""The rooms that may import Pulumi."""


def test_every_room_has_its_place() -> None:
    """A new folder or module is given a layer, and none is listed that is gone."""
    assert rooms() == set(MAY_IMPORT) == OURS


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_from_its_layer_and_below(room: str) -> None:
    """Whatever else it imports of this package, by type checkers too, breaks the layers."""
    allowed = MAY_IMPORT[room]
    wrong = [
        found
        for found in imports_in(room)
        if found.module.split(".")[0] == PACKAGE and found.room not in allowed
    ]
    assert not wrong, _told(wrong)


@pytest.mark.parametrize("room", sorted(OURS - PULUMI))
def test_pulumi_is_at_the_edge(room: str) -> None:
    """The core, the client, the simulator and the command line run where there is no Pulumi.

    What type checkers take from it is what a field is for them in a program, in one file.
    """
    wrong = [
        found
        for found in imports_in(room)
        if found.module.split(".")[0] == "pulumi"
        and not (found.is_for_types and found.file == SOURCES / "core" / "fields.py")
    ]
    assert not wrong, _told(wrong)


@pytest.mark.parametrize("folder", ["tools", "benchmarks", "demo", "examples"])
def test_nothing_but_tests_imports_tests(folder: str) -> None:
    """What is run by hand does without them."""
    files = [file for file in (ROOT / folder).rglob("*.py") if "tests" not in file.parts]
    wrong = [
        found
        for file in files
        for found in imports_of(file)
        if found.module.split(".")[0] == "tests"
    ]
    assert not wrong, _told(wrong)


def test_a_broken_layer_is_told_by_its_line(tmp_path: Path) -> None:
    """The test of layers sees imports in functions, of modules by name, and for types."""
    file = SOURCES / "core" / "fields.py"
    *_, found = [each for each in imports_of(file) if each.module == "pulumi"]
    assert str(found).startswith("provider/pulumi_openrouter/core/fields.py:")
    assert str(found).endswith(": from pulumi import Output")
    assert found.is_for_types
    hidden = tmp_path / "hidden.py"
    hidden.write_text(
        "def f():\n    from pulumi_openrouter import host\n    import pulumi.runtime\n"
    )
    assert [(each.room, each.line) for each in imports_of(hidden)] == [("host", 2), ("pulumi", 3)]


def _told(wrong: list[Import]) -> str:
    return "\n".join(map(str, wrong))
