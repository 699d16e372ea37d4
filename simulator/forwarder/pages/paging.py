"""A long list in pages: which part of it is shown, and the plain links to the others, which need no script."""

from dataclasses import dataclass
from urllib.parse import urlencode

__all__ = ["PER_PAGE", "Paging", "paged"]

PER_PAGE = 50
_NEAR = 2  # so many pages on either side of this one have a link of their own, beside the first and the last


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of a list, counted from 1. `first` and `last` count items, and are 0 where there is none."""

    number: int
    pages: int
    total: int
    first: int
    last: int
    links: tuple[tuple[int, str], ...]
    """The pages that have a link, in their order, and the query that leads to each; gaps are left out."""
    previous: str
    next: str
    """The queries that lead one page back and one on; empty at the ends."""

    @property
    def part(self) -> slice:
        """What of the list is shown."""
        return slice(max(self.first - 1, 0), self.last)


def paged(total: int, asked: str, *, name: str = "page", **kept: str) -> Paging:
    """Find the page that an address asks for by `name`: one that is no number is the first, one too far the last.

    `kept` are the other parameters of the address, which every link keeps; empty ones are left out.
    """
    pages = max(1, -(-total // PER_PAGE))
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else 1
    number = min(max(number, 1), pages)

    def query(page: int) -> str:
        others = {key: value for key, value in kept.items() if value}
        return "?" + urlencode(others | ({name: str(page)} if page > 1 else {}))

    near = {1, pages, *range(max(1, number - _NEAR), min(pages, number + _NEAR) + 1)}
    return Paging(
        number=number,
        pages=pages,
        total=total,
        first=(number - 1) * PER_PAGE + 1 if total else 0,
        last=min(number * PER_PAGE, total),
        links=tuple((page, query(page)) for page in sorted(near)),
        previous=query(number - 1) if number > 1 else "",
        next=query(number + 1) if number < pages else "",
    )
