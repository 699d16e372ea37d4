"""A long list in pages: which part of it a page shows, and the plain links to the others, which need no script."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

__all__ = ["PER_PAGE", "Paging", "paged"]

PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of a list, counted from 1; `first` and `last` count items, and are 0 where there is none.

    The four links are queries; those that lead nowhere from here are empty.
    """

    number: int
    pages: int
    total: int
    first: int
    last: int
    to_first: str
    to_previous: str
    to_next: str
    to_last: str

    @property
    def part(self) -> slice:
        """What of the list is shown."""
        return slice(max(self.first - 1, 0), self.last)


def paged(total: int, asked: str, **kept: str) -> Paging:
    """Find the page that an address asks for: one that is no number is the first, one too far the last.

    `kept` are the other parameters of the address, which every link keeps; empty ones are left out.
    """
    pages = max(1, -(-total // PER_PAGE))
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 1
    number = min(max(number, 1), pages)

    def query(page: int) -> str:
        others = {name: value for name, value in kept.items() if value}
        return "?" + urlencode(others | ({"page": str(page)} if page > 1 else {}))

    return Paging(
        number=number,
        pages=pages,
        total=total,
        first=(number - 1) * PER_PAGE + 1 if total else 0,
        last=min(number * PER_PAGE, total),
        to_first=query(1) if number > 1 else "",
        to_previous=query(number - 1) if number > 1 else "",
        to_next=query(number + 1) if number < pages else "",
        to_last=query(pages) if number < pages else "",
    )
