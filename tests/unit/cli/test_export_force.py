"""`export --force`: what becomes of a file that exists."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_openrouter.cli import config_file
from pulumi_openrouter.simulator import Fault, FaultKind, Organization, Simulator
from tests.unit.cli.command import Command, Said

KEY = "openrouter-workspaces:workspaces"
STACK = """\
# The production stack. Ask Ada before you change it.
secretsprovider:   awskms://alias/pulumi?region=eu-west-1   # ours
encryptedkey: "AQICAHg\\u002b/="

encryptionsalt: v1:8Jb5s3M3ZVU=:v1:mVn0Xq:l0nG==
config:
  aws:region: 'eu-west-1'
  # Nobody but Ada knows this.
  app:token:
    secure: v1:Zm9v:YmFy=
{ours}  app:ports:
  - 80
  -   443   # TLS
  app:motd: |
    # no comment

    bye

# The end.
"""
DECLARED = """\
  openrouter-workspaces:workspaces:
    default:
      name: Default
      slug: default
      adopt_existing: true
"""
OLD = {
    "some": f"  {KEY}:\n    old:\n      name: Old\n      # gone\n      slug: old\n",
    "none": f"  {KEY}: {{}}\n",
    "nothing": f"  {KEY}:\n",
    "in braces": f"  {KEY}: {{old: {{name: Old,\n      slug: old}}}}\n",
    "text": f"  {KEY}: >-\n    old\n    # and new\n",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "Pulumi.prod.yaml"


def forced(command: Command, file: Path, *arguments: str) -> Said:
    return command("export", "--force", "--output", str(file), *arguments)


def put(text: str) -> str:
    """A text with one workspace in place of those it has."""
    value = {"default": {"name": "Default", "slug": "default", "adopt_existing": True}}
    return config_file.replaced(text, value).text


@pytest.mark.reliability(
    "export --force over the configuration of a stack",
    "the workspaces are replaced, and all else stays to the letter: secrets, their salt, comments",
)
@pytest.mark.parametrize("old", OLD.values(), ids=OLD)
def test_only_the_workspaces_are_replaced(command: Command, file: Path, old: str) -> None:
    """Every other character stays, whatever the workspaces were."""
    file.write_text(STACK.format(ours=old))
    said = forced(command, file)
    assert (said.code, said.out, said.err) == (0, "", "")
    assert file.read_text() == STACK.format(ours=DECLARED)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_file_without_workspaces_gets_them(command: Command, file: Path, end: str) -> None:
    """They become the last key of the configuration, with the file's own line breaks."""
    text = STACK.format(ours="")
    file.write_bytes(text.replace("\n", end).encode())
    assert forced(command, file).code == 0
    expected = text.replace("\n# The end", f"\n{DECLARED}# The end")
    assert file.read_bytes().decode() == expected.replace("\n", end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"config:\n{DECLARED}"),
        ("{}\n", f"config:\n{DECLARED}"),
        ("config: {}\n", f"config:\n{DECLARED}"),
        ("# soon", f"# soon\nconfig:\n{DECLARED}"),
        ("config: # soon\n\nencryptionsalt: v1", f"config: # soon\n{DECLARED}\nencryptionsalt: v1"),
        ("encryptionsalt: v1", f"encryptionsalt: v1\nconfig:\n{DECLARED}"),
        ("---\nconfig:\n  a:b: c\n...\n", f"---\nconfig:\n  a:b: c\n{DECLARED}...\n"),
        (f"config:\n  {KEY}: # why\n    # what\n    old:\n", None),
    ],
)
def test_any_configuration_will_do(text: str, expected: str | None) -> None:
    """Where there is no configuration yet, it is begun; comments on the workspaces stay."""
    if expected is None:
        expected = f"config:\n{DECLARED}".replace(f"{KEY}:\n", f"{KEY}: # why\n    # what\n")
    assert put(text) == expected


VALUES = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc # \n", max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    st.lists(VALUES, max_size=2),
    st.lists(VALUES, max_size=2),
    st.sampled_from([*OLD.values(), ""]),
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.sampled_from(["", "# a comment\n", "\n\n"]),
)
@settings(max_examples=50)
def test_any_other_value_stays(
    before: list[Any], after: list[Any], old: str, style: str | None, between: str
) -> None:
    """What stands around the workspaces stays, however it is written."""

    def dumped(key: str, value: Any) -> str:
        return yaml.dump({"config": {key: value}}, default_style=style).partition("\n")[2]

    head = "".join(dumped(f"a:{n}", value) + between for n, value in enumerate(before))
    tail = "".join(between + dumped(f"b:{n}", value) for n, value in enumerate(after))
    text = f"config:\n{head}{old}{tail}"
    if old:
        assert put(text) == f"config:\n{head}{DECLARED}{tail}"
    else:
        assert put(text).replace(DECLARED, "") == text


def test_the_workspaces_of_another_project_are_replaced(command: Command, file: Path) -> None:
    """A project with a name of its own keeps its key, and is told so."""
    file.write_text("config:\n  shop:workspaces: {}\n")
    said = forced(command, file)
    assert (said.code, said.err) == (0, f"note: replaced shop:workspaces in {file}\n")
    assert file.read_text() == f"config:\n{DECLARED}".replace(KEY, "shop:workspaces")


def test_encrypted_workspaces_become_plain_text_with_a_warning(
    command: Command, file: Path
) -> None:
    """Who kept them secret is told that they no longer are."""
    file.write_text(f"config:\n  {KEY}:\n    secure: v1:Zm9v\n")
    said = forced(command, file)
    assert (said.code, file.read_text()) == (0, f"config:\n{DECLARED}")
    assert said.err == f"warning: {KEY} had secrets; in {file} it is plain text now\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"config:\n  a: : b\n", "not valid YAML: line 2: mapping values are not allowed here"),
        (b"a: 1\n---\nb: 2\n", "not valid YAML: line 2: but found another document"),
        (b"a: \x01\n", "not valid YAML: unacceptable character"),
        (b"a: \xff\n", "not valid YAML: it is not UTF-8"),
        (b"precious", "not the configuration of a stack: the file must be a mapping"),
        (b"null\n", f"can't replace {KEY} without"),
        (b"config: 5\n", "not the configuration of a stack: config must be a mapping"),
        (b'{"config": {"a:b": "c"}}', "its keys stand in braces"),
        (b"config:\n  a:workspaces:\n  b:workspaces:\n", "it has a:workspaces and b:workspaces"),
        (b"a: &x {}\nconfig:\n  shop:workspaces: *x\n", "can't replace shop:workspaces without"),
        (f"config:\n  {KEY}: &x {{}}\n  a:b: *x\n".encode(), f"can't replace {KEY} without"),
    ],
)
def test_a_file_that_can_not_be_changed_stays(
    command: Command, file: Path, content: bytes, reason: str
) -> None:
    """The error says why, and nothing is left beside the file."""
    file.write_bytes(content)
    said = forced(command, file)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"pulumi-openrouter: {file}: {reason}")
    assert said.err.endswith("\nThe file was not changed.\n")
    assert file.read_bytes() == content
    assert [*file.parent.iterdir()] == [file]


def test_an_api_that_fails_leaves_the_file(
    command: Command, simulator: Simulator, file: Path
) -> None:
    """What is not known in full replaces nothing."""
    file.write_text("config:\n  a:b: c\n")
    simulator.faults.add(Fault(kind=FaultKind.STATUS, status=500, path="*/members", times=None))
    assert forced(command, file).code == 1
    assert file.read_text() == "config:\n  a:b: c\n"


def test_the_file_is_replaced_as_a_whole(command: Command, file: Path) -> None:
    """A new file takes the place of the old one, with its mode, where a link leads to."""
    file.write_text("config:\n  a:b: c\n")
    file.chmod(0o640)
    (file.parent / "again").hardlink_to(file)
    link = file.parent / "link"
    link.symlink_to(file)
    assert forced(command, link).code == 0
    assert link.is_symlink()
    assert file.read_text() == f"config:\n  a:b: c\n{DECLARED}"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert (file.parent / "again").read_text() == "config:\n  a:b: c\n"
    assert len([*file.parent.iterdir()]) == 3


def test_a_file_that_can_not_be_replaced_stays(
    command: Command, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the system while it is written leaves the old file alone."""
    file.write_text("config:\n  a:b: c\n")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    said = forced(command, file)
    assert said.err == f"pulumi-openrouter: can't write {file}: Permission denied\n"
    assert file.read_text() == "config:\n  a:b: c\n"
    assert [*file.parent.iterdir()] == [file]


def test_a_program_is_overwritten(command: Command, organization: Organization, file: Path) -> None:
    """A Python program is replaced whole."""
    file.write_text("precious = True\n")
    assert forced(command, file, "--format", "python").code == 0
    assert file.read_text() == command("export", "--format", "python").out


def test_a_file_that_does_not_exist_is_made(command: Command, file: Path) -> None:
    """With --force it is the same file as without."""
    assert forced(command, file).code == 0
    assert file.read_text() == command("export").out
