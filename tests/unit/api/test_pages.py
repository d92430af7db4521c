"""How a paged list is fetched, whatever the server's pages are like."""

from __future__ import annotations

import pytest

from pulumi_openrouter.api.models import Page
from pulumi_openrouter.api.pages import Pages

ROWS = list(range(7))


def paged(size: int, *, counts: bool = True, left: int = 1) -> Pages[int]:
    """Seven rows, so many to a page."""

    def fetch(offset: int) -> Page[int]:
        return Page(data=ROWS[offset : offset + size], total_count=len(ROWS) if counts else None)

    return Pages(fetch, left)


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 9])
def test_every_row_comes_once(size: int, counts: bool) -> None:
    """Pages of any size bring all rows in order, whether or not the server counts them."""
    assert [row for page in paged(size, counts=counts) for row in page] == ROWS


def test_what_is_left_is_known_from_the_first_page_on() -> None:
    """A list that counts its rows tells how many pages there still are."""
    pages = paged(3)
    found = []
    while pages.left:
        pages.fetch()
        found.append((pages.fetched, pages.left))
    assert found == [(1, 2), (2, 1), (3, 0)]


def test_a_list_that_counts_is_not_asked_beyond_its_end() -> None:
    """No request is made for a page that can't be there."""
    pages = paged(7)
    assert list(pages) == [ROWS]
    assert pages.fetched == 1


def test_nothing_is_fetched_before_it_is_asked_for() -> None:
    """What a caller knows of the length stands until the first page corrects it."""
    pages = paged(2, left=9)
    assert (pages.left, pages.fetched) == (9, 0)
    pages.fetch()
    assert pages.left == 3


def test_a_server_that_knows_no_offset_ends() -> None:
    """The same page over and over is a list of one page."""
    pages = Pages(lambda offset: Page(data=ROWS))
    assert [page for page in pages if page] == [ROWS]


def test_an_empty_list_has_no_rows() -> None:
    """One page is asked for, and it is the last."""
    pages: Pages[int] = Pages(lambda offset: Page(data=[], total_count=0))
    assert list(pages) == [[]]


@pytest.mark.reliability(
    "somebody leaves while the pages of a list are read",
    "the list is read once more, before anybody is called missing",
)
def test_a_list_that_shifts_is_read_once_more() -> None:
    """A row that slipped from one page to another in between is not missed."""
    people = [*ROWS]
    asked: list[int] = []

    def fetch(offset: int) -> Page[int]:
        page = Page(data=people[offset : offset + 3], total_count=len(people))
        asked.append(offset)
        if len(asked) == 1:
            people.remove(0)
        return page

    assert Pages(fetch).rows() == [1, 2, 3, 4, 5, 6]
    assert asked == [0, 3, 0, 3]


def test_a_list_with_fewer_rows_than_it_counts_is_read_once_more() -> None:
    """Once, for the server may count what it does not show."""
    asked: list[int] = []

    def fetch(offset: int) -> Page[int]:
        asked.append(offset)
        return Page(data=ROWS[offset:5][:3], total_count=7)

    assert Pages(fetch).rows() == ROWS[:5]
    assert asked == [0, 3, 5, 0, 3, 5]


def test_rows_that_are_counted_but_not_shown_end_no_list() -> None:
    """Where pages may be short, or empty in the middle, the next one begins after a full one."""
    hidden = {0, 1, 2, 4}

    def fetch(offset: int) -> Page[int]:
        shown = [row for row in ROWS[offset : offset + 2] if row not in hidden]
        return Page(data=shown, total_count=len(ROWS))

    pages = Pages(fetch, step=2)
    assert pages.rows() == [3, 5, 6]
    assert pages.fetched == 4
