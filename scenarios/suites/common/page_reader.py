"""The forwarder's pages as one reads them who is no browser: over HTTP, link after link, heads and bodies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

from uplab.scenarios.history.encoded import unpacked

__all__ = ["Links", "read_pages"]

_MOST = 60  # pages; a list of thousands has the same on each
_MOST_BYTES = 1_000_000


class Links(HTMLParser):
    """What a page leads to or loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms are not sent: reading changes nothing."""
        self.found += [value for name, value in attrs if value and name in ("href", "src") and tag != "base"]


def read_pages(root: str, *, timeout_s: float) -> Iterator[tuple[str, bytes]]:
    """Each page, script and style sheet below the host of `root`: where it stands, and its head and body.

    What gives no answer is left out.
    """
    seen, waiting = {root}, deque([root])
    with httpx.Client(trust_env=False, timeout=timeout_s) as client:
        for _ in range(_MOST):
            if not waiting:
                return
            url = waiting.popleft()
            try:
                answer = client.get(url)
            except httpx.HTTPError:
                continue
            head = b"\n".join(name + b": " + value for name, value in answer.headers.raw)
            body = answer.content[:_MOST_BYTES]
            # What a link loads, such as a table, may be packed.
            yield f"the page {urlsplit(url).path}", b"\n\n".join(filter(None, (head, body, unpacked(answer.content))))
            links = [answer.headers["Location"]] if "Location" in answer.headers else []
            if "html" in answer.headers.get("Content-Type", ""):
                links += Links(answer.text[:_MOST_BYTES]).found
            for link in links:
                following = urldefrag(urljoin(url, link)).url
                if following not in seen and urlsplit(following)[:2] == urlsplit(root)[:2]:
                    seen.add(following)
                    waiting.append(following)
