"""An example is a folder that somebody copies: it needs nothing of this repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tools.paths import DOCS, EXAMPLES, README, ROOT

FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/Pulumi.yaml"))
EACH = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
MADE = {"__pycache__", ".venv", ".pytest_cache"}
"""What running an example leaves in its folder."""


def files(folder: Path) -> list[Path]:
    """The files of an example."""
    return [path for path in folder.rglob("*") if path.is_file() and not MADE & {*path.parts}]


@EACH
def test_no_file_of_an_example_leads_out_of_it(folder: Path) -> None:
    """Neither a setting nor a link, so that a copy is whole."""
    for file in files(folder):
        for path in re.findall(r"(?:\.\./)+[\w./-]*", file.read_text()):
            assert (file.parent / path).resolve().is_relative_to(folder), f"{file}: {path}"


@EACH
def test_the_links_of_an_example_lead_to_its_own_files(folder: Path) -> None:
    """Every one that is not an address."""
    for page in folder.rglob("*.md"):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            target = (page.parent / link).resolve()
            assert target.exists(), link
            assert target.is_relative_to(folder), link


@EACH
def test_an_example_says_what_it_needs(folder: Path) -> None:
    """`pulumi install` makes its .venv from its requirements.txt."""
    (line,) = (folder / "requirements.txt").read_text().splitlines()
    assert line.partition("[")[0] == "pulumi-openrouter"
    options = yaml.safe_load((folder / "Pulumi.yaml").read_text())["runtime"]["options"]
    assert options.get("virtualenv", ".venv") == ".venv"
    readme = (folder / "README.md").read_text()
    assert "pulumi install" in readme or "pip install -r requirements.txt" in readme


def test_the_ready_made_stack_is_copied_with_what_it_needs() -> None:
    """README.md names the files to copy; one of them says what `pulumi install` is to install."""
    readme = README.read_text()
    section = readme.partition("### Without Python")[2].partition("\n### ")[0]
    for name in ("Pulumi.yaml", "__main__.py", "requirements.txt"):
        assert f"`{name}`" in section
        assert (ROOT / name).is_file()
    assert "pulumi install" in section
    assert (ROOT / "requirements.txt").read_text().startswith("pulumi-openrouter")


@pytest.mark.parametrize("page", [README, DOCS / "tutorial.md"], ids=lambda page: page.name)
def test_who_begins_is_told_how_to_install(page: Path) -> None:
    """A requirements.txt, and `pulumi install` that makes .venv from it."""
    text = page.read_text()
    assert text.index("requirements.txt") < text.index("`pulumi install`")
    assert "virtualenv: .venv" in text
