"""Which part of a long list a page shows, and where its links lead."""

import pytest

from uplab.simulator.forwarder.pages.paging import PER_PAGE, paged


def test_pages_cover_the_list_without_gap_or_overlap() -> None:
    items = list(range(4 * PER_PAGE + 29))

    parts = [items[paged(len(items), str(number)).part] for number in range(1, 6)]

    assert [item for part in parts for item in part] == items
    last = paged(len(items), "5")
    assert (last.first, last.last, last.total, last.pages) == (201, 229, 229, 5)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("", 1), ("0", 1), ("-1", 1), ("1.5", 1), ("x", 1), ("²", 1), ("٣", 1), ("3", 3), ("4", 3), ("999999999", 3)],
)
def test_page_that_there_is_not_is_the_first_or_the_last(asked: str, shown: int) -> None:
    assert paged(3 * PER_PAGE, asked).number == shown


@pytest.mark.parametrize("total", [0, 1, PER_PAGE])
def test_short_list_is_one_page(total: int) -> None:
    only = paged(total, "7")

    assert (only.pages, only.previous, only.next) == (1, "", "")
    assert list(range(total))[only.part] == list(range(total))


def test_links_keep_what_else_the_address_says() -> None:
    paging = paged(1000, "10", name="events", period="1d", find="a&b=c ", nothing="")

    assert paging.previous == "?period=1d&find=a%26b%3Dc+&events=9"
    assert paging.next.endswith("&events=11")
    assert [page for page, _ in paging.links] == [1, 8, 9, 10, 11, 12, 20]
    assert dict(paging.links)[1] == "?period=1d&find=a%26b%3Dc+"
