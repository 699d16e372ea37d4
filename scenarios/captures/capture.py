"""What was captured elsewhere, as a row of exchanges: documents, HAR, the JSON of a request bin, NDJSON, folders.

The bytes of a document are those that the capture holds: of one that stands in it as JSON, the characters between its
braces. What bins and platforms call their members is in `shapes.py`; HAR is version 1.2
(http://www.softwareishard.com/blog/har-12-spec/), with `_error` as Chromium writes it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NotRequired, TypedDict

from uplab.fakes.messages import Pairs
from uplab.fakes.posthere.encoding import PackedError, unpacked
from uplab.scenarios.captures import shapes
from uplab.scenarios.captures.characters import CharactersError, characters
from uplab.scenarios.captures.foreign import foreign
from uplab.scenarios.captures.json_text import JsonTextError, Node, read_json_text, read_json_texts
from uplab.scenarios.captures.within import begins, documents_within, unwrapped
from uplab.simulator.thingpark.documents import ROOTS

__all__ = ["CaptureError", "Exchange", "read_capture", "read_path"]

MOST_BYTES: Final = 64_000_000
_SUFFIXES: Final = (".json", ".har", ".ndjson", ".jsonl")
_HEADERS: Final = ("rawHeaders", *shapes.HEADERS)
_GZIP: Final = b"\x1f\x8b"
_EXACT: Final = ("rawBody", "bodyRaw", "raw_body", "requestBody", "request_body", "raw", "body", "content")
"""Members that hold a body as it came; elsewhere there may be words around it, or it stands there in Base64."""


class CaptureError(Exception):
    """What was given is no capture that can be read; the text names the place in one line."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a capture, and what is known of its answer.

    `body` is None where the capture has none, and `unread` says why where it has one that cannot be read. `at_s` is in
    seconds since 1970, `wait_ms` the time to the whole answer. `status` 0 or `error` say that no answer came.
    """

    place: str
    body: bytes | None
    at_s: float | None = None
    method: str = "POST"
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    wait_ms: float | None = None
    error: str = ""
    unread: str = ""


def read_path(path: Path) -> list[Exchange]:
    """The exchanges of a file or of all files of a folder, by name; CaptureError names what cannot be read."""
    try:
        if path.is_dir():
            files = sorted(one for one in path.iterdir() if _is_capture(one) and one.is_file())
            if not files:
                raise CaptureError(f"{path}: no file in it ends with {', '.join(_SUFFIXES)}, or with .gz behind it")
            return [one for file in files for one in read_path(file)]
        if path.stat().st_size > MOST_BYTES:
            raise CaptureError(f"{path}: it has more than {MOST_BYTES} bytes; cut it into parts")
        raw = path.read_bytes()
    except OSError as error:
        raise CaptureError(f"{path}: {error.strerror}") from None
    return read_capture(raw, str(path))


def read_capture(raw: bytes, name: str) -> list[Exchange]:
    """The exchanges of one capture, in the order in which they happened; CaptureError.

    A byte order mark before it counts for nothing, as HAR 1.2 wants it, and one that is packed by gzip is unpacked.
    """
    if raw.startswith(_GZIP):
        try:
            raw = unpacked(raw, "gzip", MOST_BYTES)
        except PackedError as error:
            raise CaptureError(f"{name}: it {error}") from None
    try:
        text = characters(raw)
    except CharactersError as error:
        raise CaptureError(f"{name}: it {error}") from None
    if not text.strip():
        raise CaptureError(f"{name}, line 1, column 1: expected a value, found the end")
    lines = text.split("\n")
    try:
        tree = read_json_text(text, halves=True)
    except JsonTextError as error:
        if not _is_json(text) and begins(text):
            return _in_time(list(_of_text(text, name)))
        if _is_lines(lines):
            return _in_time(list(_of_lines(lines, name)))
        if several := _several(text):
            return _in_time([one for n, tree in several for one in _of_tree(text, tree, f"{name}, value {n}")])
        if _is_one_document(text):  # the document's own judge says what is wrong with it
            return [Exchange(name, raw)]
        raise CaptureError(f"{name}, {error}") from None
    if not raw.lstrip().startswith(b"{") and any(one.name in ROOTS for one in tree.members):
        return [Exchange(name, raw)]  # a document goes out byte for byte, and its judge takes no mark and no UTF-16
    if (found := _in_time(list(_of_tree(text, tree, name)))) or not _is_list(tree):
        return found or [Exchange(name, raw)]
    raise CaptureError(f"{name}: there is no request in it")


def _is_capture(path: Path) -> bool:
    return Path(path.name.lower().removesuffix(".gz")).suffix in _SUFFIXES


def _is_list(tree: Node) -> bool:
    """Whether an object says that it lists requests: a HAR, or what a bin exports."""
    return tree.kind == "object" and (tree.member("log") is not None or shapes.listed_in(tree) is not None)


def _several(text: str) -> list[tuple[int, Node]]:
    """JSON values one after the other, over many lines each, as a pretty printer leaves them; none where it is not."""
    try:
        return list(enumerate(read_json_texts(text, halves=True), 1))
    except JsonTextError:
        return []


def _in_time(found: list[Exchange]) -> list[Exchange]:
    """By time where all have one (a bin shows the newest first), else as they stand."""
    times = [one.at_s for one in found if one.at_s is not None]
    return sorted(found, key=lambda one: one.at_s or 0.0) if len(times) == len(found) else found


def _is_lines(lines: list[str]) -> bool:
    """Whether it is JSON line by line: more than one line, and the first is a value of its own."""
    full = [line for line in lines if line.strip()]
    if len(full) < 2:
        return False
    try:
        return read_json_text(full[0]).kind in ("object", "array")
    except JsonTextError:
        return full[0].lstrip().startswith("{") and full[0].rstrip().endswith("}")


def _is_json(text: str) -> bool:
    """Whether it begins as JSON does; a line of a log may begin with a bracket too, and goes on otherwise."""
    return re.match(r"\s*(?:\{|\[\s*[\[{\"\]])", text) is not None


def _of_text(text: str, name: str) -> Iterator[Exchange]:
    """What a text holds that is no JSON: one HTTP request as it went, else every document in it."""
    if (message := shapes.split_message(text.lstrip())) is not None:
        yield Exchange(name, message[3].strip().encode(), method=message[0], url=message[1], headers=message[2])
        return
    found: list[tuple[int, Exchange]] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("{") and begins(line):
            with contextlib.suppress(JsonTextError):  # a line of JSON may be a whole HAR
                tree = read_json_text(line, halves=True)
                found += [(number, one) for one in _of_tree(line, tree, f"{name}, line {number}")]
                lines[number - 1] = ""
    for within in documents_within("\n".join(lines)):
        where = f"{name}, line {within.line}"
        found.append((within.line, Exchange(where, within.text.encode(), at_s=within.at_s)))
    yield from (one for _, one in sorted(found, key=lambda each: each[0]))


def _is_one_document(text: str) -> bool:
    return any(f'"{root}"' in text for root in ROOTS) and text.lstrip().startswith("{")


def _of_lines(lines: list[str], name: str) -> Iterator[Exchange]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        line = line.rstrip("\r")  # noqa: PLW2901 - the end of a line is no part of it
        try:
            tree = read_json_text(line, halves=True)
        except JsonTextError as error:
            if _is_one_document(line):
                yield Exchange(place, line.strip().encode())
                continue
            raise CaptureError(f"{place}: {str(error).partition(', ')[2]}") from None
        yield from _of_tree(line, tree, place)


def _of_tree(text: str, tree: Node, place: str) -> Iterator[Exchange]:
    if tree.kind == "array":
        counted = [shapes.whole(item.member("number")) or 0 for item in tree.items]
        newest_first = counted == sorted(counted, reverse=True) and len(set(counted)) > 1
        numbered = list(enumerate(tree.items, 1))
        if not any(item.kind in ("object", "array") for item in tree.items):
            yield from _inside(text, tree, place)
            return
        for number, item in reversed(numbered) if newest_first else numbered:
            yield from _of_tree(text, item, f"{place}, entry {number}")
        return
    if tree.kind != "object":
        return
    if any(one.name in ROOTS for one in tree.members):
        yield Exchange(place, **_document(text, tree))
        return
    if foreign([one.name for one in tree.members]):
        yield Exchange(place, at_s=shapes.when(tree), **_document(text, tree))
        return
    log = tree.member("log")
    entries = log.member("entries") if log is not None else None
    if log is not None and entries is not None and entries.kind == "array":
        for number, item in enumerate(entries.items, 1):
            yield _of_har(text, item, f"{place}, entry {number}")
        return
    if (listed := shapes.listed_in(tree)) is not None:
        yield from _of_tree(text, listed, place)
        return
    known = (*shapes.BODIES, *shapes.HEADERS, "request", "event", "method")
    request = any(tree.member(one) for one in known)
    if request and shapes.speaks(shapes.told_in(shapes.inner_of(tree))[1]):
        yield _of_item(text, tree, place)
        return
    found = list(_inside(text, tree, place))
    if len(found) > 1 or (found and not request):
        yield from found
        return
    # No request: a document, if a wrong one.
    yield _of_item(text, tree, place) if request else Exchange(place, at_s=shapes.when(tree), **_document(text, tree))


def _inside(text: str, tree: Node, place: str) -> Iterator[Exchange]:
    """Every document that stands somewhere within, under names that nobody here knows."""
    found = list(shapes.documents_in(tree))
    for number, (at_s, node) in enumerate(found, 1):
        where = place if len(found) == 1 else f"{place}, document {number}"
        yield Exchange(where, at_s=at_s, **_body(text, node, "", (), exact=False))


def _of_har(text: str, item: Node, place: str) -> Exchange:
    request, response = item.member("request"), item.member("response")
    if request is None or request.kind != "object":
        return Exchange(place, None)
    posted = request.member("postData")
    error = shapes.first(item, shapes.ERRORS) or (shapes.first(response, shapes.ERRORS) if response else None)
    headers = shapes.headers_of(request.member("headers"))
    mime = shapes.plain(posted.member("mimeType")) if posted is not None else ""
    if mime and not any(header.lower() == "content-type" for header, _ in headers):
        headers += (("Content-Type", mime),)
    told = posted.member("text") if posted is not None else None
    if told is None and posted is not None:  # a form has its members one by one
        told = next((node for _, node in shapes.documents_in(posted)), None)
    return Exchange(
        place,
        at_s=shapes.seconds(item.member("startedDateTime")),
        method=shapes.plain(request.member("method")) or "POST",
        url=shapes.plain(request.member("url")),
        headers=headers,
        status=shapes.whole(response.member("status")) if response is not None else None,
        wait_ms=shapes.waited_ms(shapes.real(item.member("time"))),
        error=shapes.plain(error),
        **_body(text, told, shapes.plain(posted.member("encoding")) if posted is not None else "", headers),
    )


def _of_item(text: str, item: Node, place: str) -> Exchange:
    """One request as a bin or a platform shows it."""
    inner = shapes.inner_of(item)
    response = item.member("response")
    answered = response if response is not None and response.kind == "object" else item
    name, told = shapes.told_in(inner)
    at_s = shapes.when(item, inner)
    if not shapes.speaks(told) and (found := next(shapes.documents_in(item), None)) is not None:
        (around, told), name = found, ""  # it stands somewhere else
        at_s = at_s if at_s is not None else around
    packed = name in shapes.BASE64 or _is_true(inner.member("isBase64Encoded"))
    encoding = "base64" if packed else shapes.plain(inner.member("encoding"))
    headers = shapes.headers_of(next((one for n in _HEADERS if (one := inner.member(n)) is not None), None))
    method = shapes.plain(inner.member("method")) or shapes.plain(item.member("method")) or "POST"
    url = shapes.url_of(inner) or shapes.url_of(item)
    body = _body(text, told, encoding, headers, exact=name in (*_EXACT, *shapes.BASE64))
    if told is not None and told.kind == "text" and (message := shapes.split_message(str(told.value))) is not None:
        method, url, headers, body = message[0], url or message[1], message[2], {"body": message[3].encode()}
    return Exchange(
        place,
        at_s=at_s,
        method=method,
        url=url,
        headers=headers,
        status=next(
            (n for one in (answered, item) if (n := shapes.whole(shapes.first(one, shapes.STATUSES))) is not None), None
        ),
        wait_ms=shapes.wait_ms(item, answered, inner),
        error=shapes.failure(item, answered),
        **body,
    )


def _is_true(node: Node | None) -> bool:
    return node is not None and node.kind == "constant" and node.value is True


def _text_of(text: str, node: Node) -> str:
    return text[node.start : node.end]


class _Body(TypedDict):
    body: bytes | None
    unread: NotRequired[str]


def _document(text: str, node: Node) -> _Body:
    """A document that stands there itself, as the characters that it has there."""
    return {"body": _text_of(text, node).encode()}


def _found_in(value: str) -> bytes:
    """The document within a text, as it stands there or out of Base64; the text itself where there is none."""
    if (inside := unwrapped(value)) is not None:
        return inside
    found = None if value.lstrip().startswith("{") else next(documents_within(value), None)
    return (value if found is None else found.text).encode()


def _body(text: str, told: Node | None, encoding: str, headers: Pairs, *, exact: bool = True) -> _Body:
    """The bytes of a body: a text as it says, out of Base64 and unpacked where it is; JSON as it stands there.

    Of what is not `exact`, the document within.
    """
    if told is None or told.kind == "constant":
        return {"body": None}
    if told.kind != "text":
        return _document(text, told)
    value = str(told.value)
    try:
        if encoding.lower() != "base64":
            return {"body": value.encode() if exact else _found_in(value)}
        packed = base64.b64decode(value, validate=True)
    except UnicodeEncodeError:
        return {"body": None, "unread": "its body holds half a character"}
    except (binascii.Error, ValueError):
        return {"body": None, "unread": "its body is no Base64"}
    said = next((value for name, value in headers if name.lower() == "content-encoding"), "")
    if packed.lstrip()[:1] in (b"{", b"["):  # many a tool shows it unpacked, under the header of what came
        return {"body": packed}
    try:
        return {"body": unpacked(packed, said, MOST_BYTES)}
    except PackedError as error:
        return {"body": None, "unread": f"its body {error}"}
