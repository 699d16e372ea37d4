"""How posthere.io answers: a request in, an answer out, no I/O.

The rules are those of the public source of the service (2020), as far as they show on the wire; where it loses what a
verification needs (the bytes as they came, what its limits pushed out) this fake keeps and shows it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from uplab.fakes.messages import Answer, Pairs, Request, json_answer, text_answer
from uplab.fakes.paging import paged
from uplab.fakes.posthere import views
from uplab.fakes.posthere.state import BinStore

__all__ = ["CAPTURED", "LiveView", "Posthere", "bin_of", "bin_path"]

CAPTURED: Final = frozenset({"POST", "PUT", "PATCH"})
_ALLOWED: Final = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

# The fixed list of the service, without its 1xx: those are interim (RFC 9110 §15.2), and a client would wait for more.
_STATUSES: Final = frozenset(
    {*range(200, 209), 226, *range(300, 309), *range(400, 425), 426, 428, 429, 431, 440, 444, 449, 450, 451}
    | {*range(494, 500), *range(500, 512), *range(520, 525), 598, 599}
)


@dataclass(frozen=True, slots=True)
class LiveView:
    """The answer to an EventSource: the bin whose requests numbered above `after` are to be sent as they come."""

    name: str
    after: int
    headers: Pairs


def bin_of(request: Request) -> str:
    """The bin that a request names: its path, decoded, without the first slash; the query is no part of it."""
    return request.path.removeprefix("/")


class Posthere:
    """Answers requests out of a store. `now_s` gives the time, `propose` a fresh bin name for the landing page."""

    def __init__(self, store: BinStore, *, now_s: Callable[[], float], propose: Callable[[], str]) -> None:
        self.store = store
        self._now_s = now_s
        self._propose = propose

    def answer(self, request: Request) -> Answer | LiveView:
        """Answer one request; GET and HEAD never create a bin."""
        if request.method in CAPTURED:
            return self._capture(request)
        open_to = _cors(request)
        name = bin_of(request)
        match request.method:
            case "OPTIONS":
                asked = request.header("Access-Control-Request-Headers") or "*"
                allow = (("Access-Control-Allow-Methods", _ALLOWED), ("Access-Control-Allow-Headers", asked))
                return Answer(200, b"", (*open_to, *allow))
            case "DELETE":
                self.store.delete(name)
                return Answer(204, b"", open_to)
            case "GET" | "HEAD":
                return self._show(request, name, open_to) if name else self._landing(request, open_to)
            case method:
                return text_answer(405, f"{method} is not captured here\n", ("Allow", _ALLOWED), *open_to)

    def news(self, name: str, after: int) -> list[tuple[int, dict[str, Any]]]:
        """What a live page has to add: number and event of each request above `after`, oldest first."""
        now_s = self._now_s()
        fresh = self.store.requests(name, now_s, after=after)
        summary = self.store.summary(name, now_s)
        return [
            (
                captured.number,
                {
                    "html": views.entry(captured, bin_path(name), now_s),
                    "kept": summary.count,
                    "note": views.losses(summary),
                },
            )
            for captured in reversed(fresh)
        ]

    def _capture(self, request: Request) -> Answer:
        name = bin_of(request)
        open_to = _cors(request)
        if not name:
            return text_answer(405, "the root is no bin: post to a path such as /f6f7-499f-b805\n", *open_to)
        status, query = _split_status(request.query)
        self._keep(request, status, query)
        line = f"Kept. The results are at {_url(request, name)}\n"
        return Answer(status, line.encode(), (("Content-Type", "text/plain"), *open_to))

    def miss(self, request: Request, why: str, status: int) -> None:
        """Keep a request that was not taken, since it was refused or cut off: who looks for it must find it."""
        if bin_of(request):
            self._keep(request, status, _split_status(request.query)[1], missed=why)

    def _keep(self, request: Request, status: int, query: Pairs, *, missed: str = "") -> None:
        self.store.capture(
            bin_of(request),
            now_s=self._now_s(),
            method=request.method,
            status=status,
            headers=tuple([pair for pair in request.headers if pair[0].lower() != "host"]),
            query=query,
            body=request.body,
            size=request.size,
            missed=missed,
        )

    def _show(self, request: Request, name: str, open_to: Pairs) -> Answer | LiveView:
        now_s = self._now_s()
        query = dict(request.query)
        accept = request.header("Accept")
        if "raw" in query:
            return self._raw(name, query["raw"], now_s)
        if accept == "text/event-stream" and request.method == "GET":
            return LiveView(name, _number(request.header("Last-Event-ID") or query.get("after", "")), open_to)
        summary = self.store.summary(name, now_s)
        captured = self.store.requests(name, now_s)
        lost = (
            ("X-Posthere-Dropped", str(summary.dropped)),
            ("X-Posthere-Expired", str(summary.expired)),
            ("Access-Control-Expose-Headers", "X-Posthere-Dropped, X-Posthere-Expired"),
        )
        if accept == "application/json":
            return json_answer(200, [views.as_item(one) for one in captured], *lost, *open_to)
        page = views.results(captured, summary, url=_url(request, name), path=bin_path(name), now_s=now_s)
        return _page(page, *lost, *open_to)

    def _raw(self, name: str, number: str, now_s: float) -> Answer:
        captured = self.store.find(name, _number(number), now_s)
        if captured is None or captured.body is None:
            return text_answer(404, f"raw: no body is kept under the number {number[:20]}\n")
        # Whatever was posted, a browser shows it as text and runs nothing of it.
        safe = (("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff"))
        return Answer(200, captured.body, (*safe, ("Content-Security-Policy", "default-src 'none'; sandbox")))

    def _landing(self, request: Request, open_to: Pairs) -> Answer:
        now_s = self._now_s()
        forgotten = ("X-Posthere-Forgotten-Bins", str(self.store.forgotten))
        if request.header("Accept") == "application/json":
            return json_answer(200, [views.as_bin(one) for one in self.store.bins(now_s)], forgotten, *open_to)
        query, names = dict(request.query), self.store.names()
        find = query.get("find", "").strip()
        found = [name for name in names if find in name]
        paging = paged(len(found), query.get("page", ""), find=find)
        page = views.landing(
            [(self.store.summary(name, now_s), bin_path(name)) for name in found[paging.part]],
            paging=paging,
            find=find,
            total=len(names),
            proposal=self._propose(),
            origin=request.origin,
            forgotten=self.store.forgotten,
            now_s=now_s,
        )
        return _page(page, forgotten, *open_to, forms="'self'")


@lru_cache(maxsize=1024)
def bin_path(name: str) -> str:
    """The path of a bin as it goes into a URL."""
    path = quote(name, safe="/:@!$&'()*+,;=~")
    # Two slashes at the beginning would name another host (RFC 3986 §4.2).
    return f"/%2F{path[1:]}" if path.startswith("/") else f"/{path}"


def _page(page: views.Page, *headers: tuple[str, str], forms: str = "'none'") -> Answer:
    policy = (
        f"default-src 'none'; style-src 'nonce-{page.nonce}'; script-src 'nonce-{page.nonce}'; "
        f"connect-src 'self'; img-src data:; base-uri 'none'; form-action {forms}"
    )
    content = (("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"))
    return Answer(200, page.html.encode(), (*content, ("Content-Security-Policy", policy), *headers))


def _cors(request: Request) -> Pairs:
    origin = request.header("Origin")
    if not origin:
        return (("Access-Control-Allow-Origin", "*"),)
    return (("Access-Control-Allow-Origin", origin), ("Vary", "Origin"))


def _split_status(query: Pairs) -> tuple[int, Pairs]:
    """The status that a query asks for, else 200, and the query without it."""
    if not query:
        return 200, query
    asked = next((value for name, value in query if name == "status"), "")
    status = _number(asked)
    return (status if status in _STATUSES else 200), tuple(pair for pair in query if pair[0] != "status")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _url(request: Request, name: str) -> str:
    return request.origin + bin_path(name)
