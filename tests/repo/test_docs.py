"""The pages say what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import faults, generate, outputs
from tools.paths import DOCS, EXAMPLES, README, ROOT, SOURCES

README_TEXT = README.read_text()
DOCS_PAGES = sorted(DOCS.glob("*.md"))
PAGES = [
    README,
    ROOT / "CONTRIBUTING.md",
    *DOCS_PAGES,
    *EXAMPLES.glob("*/README.md"),
]
PULUMIS_OWN = {"the stack is currently locked"}
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
WORDS_IN_AN_HOUR = 13_500
SDKS = ("pulumi_kubernetes", "pulumi_aws", "pulumi_pulumiservice")
"""Of other providers, in programs that the tests do not run. Where one is installed, the engine
asks for its plugin."""
WITHOUT_SDKS = "[mypy]\n" + "".join(
    f"[mypy-{name}]\nignore_missing_imports = True\n" for name in SDKS
)


def source() -> str:
    """All of the provider's code, with the strings that were split over lines joined."""
    files = sorted(SOURCES.rglob("*.py"))
    text = "\n".join(file.read_text() for file in files)
    return re.sub(r'"\s*\n\s*f?"', "", text)


def errors_explained() -> list[str]:
    """The error texts in the first column of the table on troubleshooting."""
    section = README_TEXT.partition("## Troubleshooting")[2].partition("\n## ")[0]
    return [match[2] for match in re.finditer(r"^\| (`+)(.+?)\1 \|", section, re.MULTILINE)]


def relative_links(page: Path) -> list[str]:
    """The links of a page that do not leave the repository, as they are written."""
    return re.findall(r"\]\(((?!https?:)[^)]+)\)", page.read_text())


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether there is such a file, with such a heading."""
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


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
    """Every relative link of a page names a file that is there, and a heading of it."""
    assert [link for link in relative_links(page) if not leads_somewhere(page, link)] == []


def test_every_page_is_in_the_index() -> None:
    """docs/README.md and README.md lead to each page of docs/."""
    pages = {page.name for page in DOCS_PAGES} - {"README.md"}
    index = DOCS / "README.md"
    assert pages <= set(relative_links(index))
    assert {f"docs/{name}" for name in pages} <= set(relative_links(README))


def test_the_pages_are_read_in_an_hour() -> None:
    """Without code, outputs and generated tables they have no more words than that."""
    texts = [CODE.sub("", generate.BLOCK.sub("", page.read_text())) for page in DOCS_PAGES]
    assert sum(len(text.split()) for text in texts) <= WORDS_IN_AN_HOUR


def test_every_program_in_the_pages_has_right_types(tmp_path: Path) -> None:
    """mypy finds nothing in any of them, strict as it is."""
    for page in DOCS_PAGES:
        for number, program in enumerate(outputs.programs(page)):
            name = f"{page.stem.replace('-', '_')}_{number}.py"
            # A fragment may do without the import that every program has.
            (tmp_path / name).write_text(f"import pulumi\n{program}")
    (tmp_path / "mypy.ini").write_text(WITHOUT_SDKS)
    files = sorted(file.name for file in tmp_path.glob("*.py"))
    assert len(files) > 5
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-version=3.10", *files],
        cwd=tmp_path,
        env={"PATH": "", "MYPYPATH": str(SOURCES)},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_first_lines_are_the_two_commands() -> None:
    """README.md begins with `make demo` and `make test`, and make knows both."""
    commands = re.findall(r"^make (\w+)", README_TEXT, re.MULTILINE)
    assert commands[:2] == ["demo", "test"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(commands) <= set(targets)


def test_the_changelog_tells_of_this_version() -> None:
    """The version of the package has a section in CHANGELOG.md."""
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text()
