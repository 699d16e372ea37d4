"""A connector document as its vendor publishes it, in Markdown, read into facts. It opens no file."""

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from uplab.scenarios.documents.connector_document import Fact, members

__all__ = ["MOST_BYTES", "Problem", "VendorDocument", "VendorDocumentError", "read_vendor_document"]

MOST_BYTES = 250_000  # the three documents have 5,000 bytes each

_URL = re.compile(r"https?://[^\s<>\"'`*|]*")
# What a table's description names as a value: an address, a host with its port, a connector's id, a number.
_VALUE = re.compile(
    rf"{_URL.pattern}|(?<![\w.-])[\w-]+(?:\.[\w-]+)+:\d+|(?<![\w-])[a-z]+(?:-[a-z]+){{2,}}\b|(?<![\w.])\d+(?:\.\d+)*(?!\w)"
)
_HREF = re.compile(r"""\bhref\s*=\s*["']([^"']+)""", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_FENCE = re.compile(r"[ >]*(`{3,}|~{3,})")
_NEXT_FENCE = re.compile(r"\s*(```+|~~~+)[ \t]*\w+\s*$")
_RULE = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?$")  # below the head of a table
_CELL = re.compile(r"(?<!\\)\|")


class VendorDocumentError(Exception):
    """What was given cannot be read as a document; the text says why in one line, `line` where (from 1)."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True)
class Problem:
    """A part that cannot be read; the rest can. `example`: the request whose members are not known therefore."""

    line: int
    why: str
    example: str | None = None


@dataclass(frozen=True, slots=True)
class VendorDocument:
    """The facts of a file; `title` is its first heading of the first level, "" where it has none."""

    title: str
    sha256: str
    facts: tuple[Fact, ...]
    examples: dict[str, Any]
    problems: tuple[Problem, ...]

    @property
    def sections(self) -> dict[str, int]:
        """Each heading with its line."""
        return {fact.name: fact.line or 0 for fact in self.facts if fact.kind == "heading"}


def read_vendor_document(raw: bytes) -> VendorDocument:
    """Reads the bytes of a Markdown file; VendorDocumentError where they are none."""
    text = _text(raw)
    reading = _Reading(text)
    reading.read()
    return VendorDocument(
        reading.title,
        hashlib.sha256(raw).hexdigest(),
        tuple(reading.facts),
        reading.examples,
        tuple(reading.problems),
    )


def _text(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise VendorDocumentError(f"larger than {MOST_BYTES:,} bytes: no connector document is")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise VendorDocumentError("text in UTF-16; save it as UTF-8", 1)
    if b"\0" in raw:
        raise VendorDocumentError("a binary file, no text", raw[: raw.index(b"\0")].count(b"\n") + 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise VendorDocumentError(f"no text in UTF-8 (byte 0x{raw[error.start]:02x}); save it as UTF-8", line) from None
    if not text.strip():
        raise VendorDocumentError("an empty file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _digest(text: str) -> str:
    """What a sentence is known by; its white space and the addresses in it, which are facts of their own, do not count.

    64 bits of SHA-256, in lower-case hexadecimal digits.
    """
    plain = " ".join(_URL.sub("URL", text).split())
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


class _Reading:
    """One pass over the tokens of a document, from top to bottom."""

    def __init__(self, text: str) -> None:
        self.lines = _without_front_matter(text.split("\n"))
        self.facts: list[Fact] = []
        self.examples: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self.title = ""
        self.section = ""
        self.addressed: set[tuple[str, str]] = set()

    def read(self) -> None:
        tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(self.lines))
        at = 0
        while at < len(tokens):
            token = tokens[at]
            line = (token.map[0] if token.map else 0) + 1
            if token.type == "heading_open":
                self.section = _plain(tokens[at + 1])
                self.title = self.title or (self.section if token.tag == "h1" else "")
                self.add("heading", self.section, line)
            elif token.type in ("fence", "code_block"):
                self.block(token, line)
            elif token.type == "html_block":
                self.prose(html.unescape(_TAG.sub(" ", token.content)), line)
                self.addresses(_HREF.findall(token.content), line)
            elif token.type == "table_open":
                at = self.table(tokens, at)
            elif token.type == "inline" and tokens[at - 1].type == "paragraph_open":
                self.paragraph(token, line)
            at += 1

    def add(self, kind: str, name: str, line: int, value: str = "", wording: str = "", shown: str = "") -> None:
        self.facts.append(Fact(kind, name, self.section, value, wording, shown, line))

    def paragraph(self, token: Token, line: int) -> None:
        written = token.content.split("\n")
        for n, (head, rule) in enumerate(pairwise(written)):
            if "|" in head and _RULE.match(rule.strip()):
                cells = f"{_cells(rule)} columns below a head of {_cells(head)}"
                self.problems.append(Problem(line + n + 1, f"the table cannot be read: {cells}"))
                return
        at = line
        for child in token.children or ():
            if child.type in ("softbreak", "hardbreak"):
                at += 1
            elif child.type == "image":
                self.add("picture", str(child.attrs["src"]).removeprefix("./"), at)
            elif child.type == "link_open":
                self.addresses([str(child.attrs["href"])], at)
            elif child.type == "html_inline":
                self.addresses(_HREF.findall(child.content), at)
            elif child.type in ("text", "code_inline"):
                self.addresses(_URL.findall(child.content), at)
        # A box (::: tip) begins with a line of its own.
        self.prose(_plain(token), line + (len(written) > 1 and written[0].startswith(":::")))

    def addresses(self, found: list[str], line: int) -> None:
        """Each once in a section; an anchor within the page is none, nor is a bare scheme."""
        for address in (one.rstrip(".,;:)") for one in found):
            known = (self.section, address) in self.addressed
            if not known and not address.startswith("#") and address not in ("http", "https", "http://", "https://"):
                self.addressed.add((self.section, address))
                self.add("address", address, line)

    def prose(self, text: str, line: int) -> None:
        """One sentence or more, as they stand together; the marks of a box (::: tip) are none."""
        plain = " ".join(part for part in text.split("\n") if not part.lstrip().startswith(":::")).strip()
        if plain:
            self.add("sentence", _digest(plain), line, shown=" ".join(plain.split()))

    def block(self, token: Token, line: int) -> None:
        """A block of code: an example where it holds a JSON object or array, else one more sentence."""
        if token.type == "fence":
            self._closed(token, line)
        label, opening, _ = re.split(r"([{\[])", token.content, maxsplit=1) if _holds_json(token) else ("", "", "")
        if not opening:
            self.prose(token.content, line)
            return
        request = " ".join(label.split()).rstrip(":")
        named = f"the example {request}".rstrip()
        first = line + (token.type == "fence")
        start = len(label)
        try:
            body = json.loads(token.content[start:], object_pairs_hook=_once, parse_constant=_no_number)
            leaves = list(members(body))
        except json.JSONDecodeError as error:
            at = first + token.content.count("\n", 0, start + error.pos)
            self.problems.append(Problem(at, f"{named} is no JSON: {error.msg}", request))
        except RecursionError:
            self.problems.append(Problem(line, f"{named} is nested too deeply", request))
        except ValueError as error:
            self.problems.append(Problem(line, f"{named} is no JSON: {error}", request))
        else:
            self.examples.setdefault(request, body)
            self._members(request, leaves, token.content, first)

    def _closed(self, token: Token, line: int) -> None:
        content = token.content.split("\n")
        last = self.lines[token.map[1] - 1] if token.map else ""
        mark = _FENCE.match(last)
        if mark is None or not mark[1].startswith(token.markup) or not token.map or token.map[1] - token.map[0] < 2:
            raise VendorDocumentError("the block of code that begins here is never closed", line)
        for n, one in enumerate(content):
            begins = _NEXT_FENCE.match(one)
            if begins and begins[1].startswith(token.markup):
                why = f"the block of code that begins here is not closed before the next one, in line {line + n + 1}"
                raise VendorDocumentError(why, line)

    def _members(self, request: str, leaves: list[tuple[str, str]], content: str, line: int) -> None:
        at = 0
        for path, value in leaves:
            named = [part for part in path.split(".") if not part.isdecimal()][-1:]
            name = json.dumps("".join(named), ensure_ascii=False)
            there = max(at, content.find(name, at))
            line += content.count("\n", at, there)
            at = there
            self.add("example", f"{request} {path}".strip(), line, value=value, shown=value)

    def table(self, tokens: list[Token], at: int) -> int:
        """The rows of a table: parameter, description. Returns where it ends."""
        columns = 0
        cells: list[Token] = []
        while tokens[at].type != "table_close":
            token = tokens[at]
            if token.type == "tr_open":
                cells = []
            elif token.type == "inline":
                cells.append(token)
            elif token.type == "tr_close":
                columns = columns or len(cells)
                line = next(((cell.map[0] if cell.map else 0) + 1 for cell in cells), 0)
                in_body = tokens[at + 1].type != "thead_close"
                self._row(cells, columns, line, in_body=in_body)
            at += 1
        return at

    def _row(self, cells: list[Token], columns: int, line: int, *, in_body: bool) -> None:
        there = _cells(self.lines[line - 1])
        if there != columns:
            self.problems.append(Problem(line, f"the row has {there} cells, its table {columns} columns"))
        name, *others = (_plain(cell) for cell in cells)
        if not in_body or not name:
            return
        described = " | ".join(others)
        links = [str(one.attrs["href"]) for cell in cells[1:] for one in cell.children or () if one.type == "link_open"]
        codes = [one.content for cell in cells[1:] for one in cell.children or () if one.type == "code_inline"]
        found = [one.rstrip(".,;:)") if len(one) > len("https://") else one for one in _VALUE.findall(described)]
        values = ", ".join(dict.fromkeys([*found, *codes, *links]))
        self.add("parameter", name, line, value=values, wording=_digest(described), shown=described)


def _without_front_matter(lines: list[str]) -> list[str]:
    """Front matter (--- to ---) is the site's, no part of the text; its lines stay, empty, so that the others count."""
    if lines[0].strip() == "---" and "---" in [line.strip() for line in lines[1:50]]:
        end = [line.strip() for line in lines].index("---", 1)
        return [""] * (end + 1) + lines[end + 1 :]
    return lines


def _plain(token: Token) -> str:
    """The text of an inline token without its marks; pictures are none."""
    parts: Iterator[str] = (
        "\n" if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children or ()
        if child.type in ("text", "text_special", "code_inline", "softbreak", "hardbreak")
    )
    return "".join(parts).strip()


def _holds_json(token: Token) -> bool:
    """It is called json, or looks so: perhaps a request (POST /connections) or a name and a colon, then the body."""
    if token.info.strip().lower().startswith("json"):
        return re.search(r"[{\[]", token.content) is not None
    return re.match(r"\s*([A-Z]+ /\S*\s+|\w+:\s*)?[{\[]\s*[\"}\]{]", token.content) is not None


def _cells(row: str) -> int:
    return len(_CELL.split(row.strip(" \t>").removeprefix("|").removesuffix("|")))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    if twice:
        raise ValueError(f"{twice[0]} stands twice in it")
    return dict(pairs)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")
