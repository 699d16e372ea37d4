"""How posthere.io shows what it keeps: JSON items, and pages made from the templates in `pages/`."""

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uplab.fakes.messages import Pairs
from uplab.fakes.paging import Paging
from uplab.fakes.posthere.encoding import PackedError, unpacked
from uplab.fakes.posthere.pretty import kind_of, parses, pretty
from uplab.fakes.posthere.state import AGE_S, BODY_LIMIT, REQUESTS_LIMIT, BinSummary, Captured

__all__ = ["Page", "as_bin", "as_item", "entry", "landing", "losses", "results"]

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _pages() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - most runs show no page

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class Page:
    """A page and the nonce that its own style and script carry."""

    html: str
    nonce: str


def as_item(captured: Captured) -> dict[str, Any]:
    """One request as the JSON view shows it; a name that was sent more than once has a list of values.

    `rawHeaders` keeps the headers' order. `body` is unpacked where the request says how (Content-Encoding); then, and
    when it is not UTF-8, `bodyBase64` holds the bytes as they came. `packed` says why it could not be unpacked, and
    `missed` why a request was not taken; both are null where there is nothing to say.
    """
    packed: str | None = None
    item: dict[str, Any] = {
        "timestamp": _iso(captured.time_s),
        "number": captured.number,
        "method": captured.method,
        "status": captured.status,
        "headers": _by_name(captured.headers),
        "rawHeaders": [list(pair) for pair in captured.headers],
        "query": _by_name(captured.query),
        "contentType": captured.content_type or None,
        "size": captured.size,
        "body": None,
        "flags": {"unparsable": _unparsable(captured), "tooLarge": captured.body is None},
        "missed": captured.missed or None,
    }
    if captured.body is not None:
        plain, packed = _plain(captured)
        item["body"], exact = _text(plain)
        if not exact or captured.encoding:
            item["bodyBase64"] = base64.b64encode(captured.body).decode()
    return item | {"packed": packed}


def as_bin(summary: BinSummary) -> dict[str, Any]:
    """One bin as the JSON list of bins shows it."""
    return {
        "name": summary.name,
        "count": summary.count,
        "dropped": summary.dropped,
        "expired": summary.expired,
        "lastTimestamp": _iso(summary.last_s) if summary.count else None,
    }


def losses(summary: BinSummary) -> str:
    """What a bin no longer has, as a sentence for people; empty when it has all."""
    parts = []
    if summary.dropped:
        parts.append(f"{_several(summary.dropped, 'older request was', 'older requests were')} dropped")
    if summary.expired:
        parts.append(f"{_several(summary.expired, 'request has', 'requests have')} expired")
    if not parts:
        return ""
    return f"{' and '.join(parts)}: a bin keeps the last {REQUESTS_LIMIT}, for {AGE_S / 3600:.0f} hours."


def entry(captured: Captured, path: str, now_s: float) -> str:
    """One request as a piece of the results page."""
    return _pages().get_template("entry.html").render(one=_shown(captured, now_s), path=path)


def results(captured: list[Captured], summary: BinSummary, *, url: str, path: str, now_s: float) -> Page:
    """The results page of a bin; `captured` is newest first."""
    nonce = secrets.token_urlsafe(12)
    html = (
        _pages()
        .get_template("results.html")
        .render(
            entries=[_shown(one, now_s) for one in captured],
            newest=max((one.number for one in captured), default=0),
            limit=REQUESTS_LIMIT,
            nonce=nonce,
            note=losses(summary),
            path=path,
            summary=summary,
            url=url,
        )
    )
    return Page(html, nonce)


def landing(
    bins: list[tuple[BinSummary, str]],
    *,
    paging: Paging,
    find: str,
    total: int,
    proposal: str,
    origin: str,
    forgotten: int,
    now_s: float,
) -> Page:
    """The page that proposes a fresh bin and lists some of those that exist, each with its path."""
    nonce = secrets.token_urlsafe(12)
    html = (
        _pages()
        .get_template("landing.html")
        .render(
            bins=[(one, path, _ago(now_s - one.last_s), _iso(one.last_s)) for one, path in bins],
            find=find,
            forgotten=forgotten,
            limit=REQUESTS_LIMIT,
            nonce=nonce,
            origin=origin,
            paging=paging,
            proposal=proposal,
            total=total,
        )
    )
    return Page(html, nonce)


def _shown(captured: Captured, now_s: float) -> dict[str, Any]:
    body, exact, readable, packed = None, True, None, None
    if captured.body is not None:
        plain, packed = _plain(captured)
        readable = pretty(plain, captured.content_type)
        body, exact = _text(plain)
    return {
        "ago": _ago(now_s - captured.time_s),
        "body": body if readable is None else readable,
        "encoding": captured.encoding,
        "exact": exact,
        "headers": captured.headers,
        "iso": _iso(captured.time_s),
        "limit": f"{BODY_LIMIT:,}",
        "method": captured.method,
        "missed": captured.missed,
        "number": captured.number,
        "packed": packed,
        "pretty": readable is not None and readable != body,
        "query": captured.query,
        "size": _several(captured.size, "byte", "bytes"),
        "status": captured.status,
        "too_large": captured.body is None,
        "unparsable": _unparsable(captured),
        "verb": captured.method + ("" if captured.method == "PUT" else "ed"),
    }


def _unparsable(captured: Captured) -> bool:
    if captured.body is None:
        return False
    plain, packed = _plain(captured)
    return packed is not None or not parses(plain, kind_of(captured.content_type))


def _plain(captured: Captured) -> tuple[bytes, str | None]:
    """The body unpacked, or as it came and why it cannot be."""
    body = captured.body or b""
    try:
        return unpacked(body, captured.encoding, BODY_LIMIT), None
    except PackedError as error:
        return body, str(error)


def _text(body: bytes) -> tuple[str, bool]:
    """A body as text, and whether the text says it all."""
    try:
        return body.decode(), True
    except UnicodeDecodeError:
        return body.decode(errors="replace"), False


def _by_name(pairs: Pairs) -> dict[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ago(age_s: float) -> str:
    """An age in words, as the page's script goes on to say it."""
    if age_s < 45:
        return "a few seconds ago" if age_s >= 0 else "just now"
    minutes = max(1, round(age_s / 60))
    if minutes < 60:
        return f"{_several(minutes, 'minute', 'minutes')} ago"
    return f"{_several(round(minutes / 60), 'hour', 'hours')} ago"


def _several(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
