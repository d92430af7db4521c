"""README.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import faults, generate

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "examples").glob("*/README.md"),
]
PULUMIS_OWN = {"the stack is currently locked"}


def source() -> str:
    """All of the provider's code, with the strings that were split over lines joined."""
    files = sorted((ROOT / "provider").rglob("*.py"))
    text = "\n".join(file.read_text() for file in files)
    return re.sub(r'"\s*\n\s*f?"', "", text)


def errors_explained() -> list[str]:
    """The error texts in the first column of the table on troubleshooting."""
    section = README.partition("## Troubleshooting")[2].partition("\n## ")[0]
    return [match[2] for match in re.finditer(r"^\| (`+)(.+?)\1 \|", section, re.MULTILINE)]


@pytest.mark.parametrize("page", generate.WITHOUT_ENGINE, ids=lambda page: page.name)
def test_the_blocks_that_need_no_engine_have_not_drifted(page: Path) -> None:
    """The tables, the program and the mistakes in the pages are those of the code."""
    text = page.read_text()
    assert generate.filled(text, generate.WITHOUT_ENGINE[page]) == text


def test_the_table_of_faults_is_of_the_tests_that_there_are() -> None:
    """Each line of the table is a test, each such test is a line, and each was run."""
    table = generate.RELIABILITY.read_text().partition("<!-- begin faults -->\n")[2]
    shown = table.partition("\n<!-- end -->")[0].splitlines()
    without_counts = [re.sub(r" [1-9][\d,]* \| (\S+ \|)$", r"  | \1", line) for line in shown]
    assert without_counts == [*faults.HEAD, *(line.shown(None) for line in faults.lines())]


def test_a_missing_block_is_an_error() -> None:
    """A block that was deleted from README.md is noticed."""
    with pytest.raises(ValueError, match="has no block code"):
        generate.filled("", {"code": generate.code})


def test_a_drifted_block_is_made_anew() -> None:
    """What stands in a block is replaced, and nothing around it."""
    before = "a\n<!-- begin code -->\nold\n<!-- end -->\nz"
    after = generate.filled(before, {"code": lambda: "new"})
    assert after == "a\n<!-- begin code -->\nnew\n<!-- end -->\nz"


def test_every_error_that_is_explained_exists() -> None:
    """The table on troubleshooting quotes errors that the code really raises."""
    code = source()
    quoted = errors_explained()
    assert len(quoted) > 10
    assert [text for text in quoted if text not in code and text not in PULUMIS_OWN] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file that is there."""
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_first_lines_are_the_two_commands() -> None:
    """README.md begins with `make demo` and `make test`, and make knows both."""
    commands = re.findall(r"^make (\w+)", README, re.MULTILINE)
    assert commands[:2] == ["demo", "test"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(commands) <= set(targets)


def test_the_changelog_tells_of_this_version() -> None:
    """The version of the package has a section in CHANGELOG.md."""
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text()
