"""Reads a report as a browser without JavaScript would: its elements, and the text that a reader sees."""

from html.parser import HTMLParser

__all__ = ["Page", "part"]


class Page(HTMLParser):
    """The elements of a page with their attributes, and its visible text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._hidden = ""
        self._text: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag in ("script", "style", "title"):
            self._hidden = tag
        self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._text.append(data)

    @property
    def text(self) -> str:
        """What a reader sees, on one line."""
        return " ".join("".join(self._text).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


def part(source: str, begin: str, end: str) -> str:
    """The visible text from one piece of markup to the next other one; AssertionError when the first is not there."""
    assert begin in source, f"{begin} is not in the page"
    rest = source.partition(begin)[2].partition(">")[2]
    return Page(rest.partition(end)[0]).text
