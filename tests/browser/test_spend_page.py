"""The page of `show --html`, in a real headless browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from pulumi_openrouter.cli import main
from pulumi_openrouter.simulator import Organization, Simulator

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = "REQUIRE_BROWSER"
HOSTILE = '<img src="https://evil.example/x" onerror="document.title=1"><script>boom()</script>'
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, from wherever the machine has it."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get(REQUIRED):
            pytest.fail("there is no Chromium on this machine: on Debian, `apt install chromium`")
        pytest.skip("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        # The sandbox needs rights that a container does not give to root.
        launched = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def organization(simulator: Simulator) -> Organization:
    """A workspace over its limit, one near it, one without any, and a key with a hostile name."""
    found = simulator.organization
    for slug in ("research", "support", "lab"):
        found.create_workspace(name=slug, slug=slug)
    found.set_budget("research", "monthly", 200)
    found.set_budget("support", "monthly", 1000)
    found.spend(found.create_key("app", "research", limit=90).hash, 250)
    found.spend(found.create_key(HOSTILE, "support").hash, 900)
    found.spend(found.create_key("small", "lab", limit=100, limit_reset="daily").hash, 3)
    return found


@pytest.fixture
def page(
    browser: Browser,
    simulator: Simulator,
    organization: Organization,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Page]:
    """The page as the command writes it; it asks for nothing, and no error is in the console."""
    monkeypatch.setenv("OPENROUTER_MANAGEMENT_KEY", simulator.key)
    monkeypatch.setenv("OPENROUTER_BASE_URL", simulator.base_url)
    file = tmp_path / "spend.html"
    assert main(["show", "--html", str(file)]) == 0
    opened = browser.new_page()
    trouble: list[str] = []
    asked: list[str] = []
    opened.on("console", lambda message: trouble.append(message.text))
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(file.as_uri())
    yield opened
    assert trouble == []
    assert asked == [file.as_uri()]
    opened.close()


def column(page: Page, table: str, number: int) -> list[str]:
    """The texts of a column, from top to bottom."""
    cells = page.locator(f"#{table} tbody td:nth-child({number})")
    return [text.strip() for text in cells.all_inner_texts()]


def test_the_page_has_what_the_command_prints(page: Page) -> None:
    """Workspaces over or near a limit first, each with a bar, and the keys in a table below."""
    assert column(page, "workspaces", 1) == ["research", "support", "default", "lab"]
    assert column(page, "workspaces", 6) == ["$50 over", "$100", "-", "-"]
    assert column(page, "workspaces", 5)[0].endswith("125%")
    assert page.locator("#workspaces meter").first.is_visible()
    assert sorted(column(page, "keys", 1)) == sorted(["app", HOSTILE, "small"])


def test_no_name_is_markup(page: Page) -> None:
    """Whatever a key is called: it is shown as it is, and nothing of it runs."""
    assert page.title() == "What was spent at OpenRouter"
    assert page.locator("img, tbody script").count() == 0


@pytest.mark.parametrize(
    ("number", "heading", "ascending"),
    [
        (1, "Workspace", ["default", "lab", "research", "support"]),
        (3, "Limit", ["$200", "$1,000", "-", "-"]),
        (4, "Spent", ["$0", "$3", "$250", "$900"]),
        (6, "Left", ["$50 over", "$100", "-", "-"]),
    ],
)
def test_a_heading_sorts_its_table(
    page: Page, number: int, heading: str, ascending: list[str]
) -> None:
    """Figures as figures; a second click turns the order round. The other table stays."""
    keys = column(page, "keys", 1)
    button = page.locator("#workspaces th button", has_text=heading)
    button.click()
    assert column(page, "workspaces", number) == ascending
    assert page.locator("#workspaces th[aria-sort=ascending]").inner_text().startswith(heading)
    button.press("Enter")
    assert column(page, "workspaces", number) == ascending[::-1]
    assert column(page, "keys", 1) == keys


def test_the_page_fits_a_phone(page: Page) -> None:
    """Nothing reaches beyond the screen, and each figure says what it is."""
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    label = page.locator("#workspaces tbody td:nth-child(4)").first
    assert "Spent" in label.evaluate("cell => getComputedStyle(cell, '::before').content")
