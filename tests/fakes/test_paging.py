"""Which part of a long list a page of a fake shows, and where its links lead."""

import pytest

from uplab.fakes.paging import PER_PAGE, paged


def test_pages_cover_the_list_without_gap_or_overlap() -> None:
    items = list(range(2 * PER_PAGE + 29))

    parts = [items[paged(len(items), str(number)).part] for number in (1, 2, 3)]

    assert [item for part in parts for item in part] == items
    last = paged(len(items), "3")
    assert (last.first, last.last, last.total, last.pages) == (201, 229, 229, 3)


@pytest.mark.parametrize(
    ("asked", "shown"), [("", 1), ("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("3", 3), ("4", 3), ("999999999", 3)]
)
def test_page_that_there_is_not_is_the_first_or_the_last(asked: str, shown: int) -> None:
    assert paged(3 * PER_PAGE, asked).number == shown


@pytest.mark.parametrize("total", [0, 1, PER_PAGE])
def test_short_list_is_one_page(total: int) -> None:
    only = paged(total, "7")

    assert (only.to_first, only.to_previous, only.to_next, only.to_last) == ("", "", "", "")
    assert list(range(total))[only.part] == list(range(total))


def test_links_keep_what_else_the_address_says() -> None:
    middle = paged(1000, "5", search="a&b=c ", nothing="")

    assert middle.to_first == "?search=a%26b%3Dc+"
    assert (middle.to_previous, middle.to_next) == ("?search=a%26b%3Dc+&page=4", "?search=a%26b%3Dc+&page=6")
    assert middle.to_last == "?search=a%26b%3Dc+&page=10"
