"""A secret is one thing: registered once, by a name for people, it is hidden in all that a run writes and looked for.

Both go by its usual forms (`forms.py`): as it is, in JSON, in a URL, in HTML, hexadecimal, as numbers, in UTF-16, and
as Base64 wherever it begins in what was encoded, so that `Basic` with a user before it is met too; in any case, over
the ends of lines, and also where each character is escaped for itself or an escape is escaped again (`escapes.py`), and
where it was encoded or packed up to three times over (`encoded.py`). The
filter is stateless over bytes. A placeholder has the length of what it hides and holds a digest of the secret, whatever
its form: two different secrets stay different, so a stored history can still be judged for right credentials, and a
text that is redacted already still says which secret stood in it.

Lab secrets are canaries: made from the seed, recognisable by a mark, so that a leak is found wherever it ends without
any registration, and a replay makes them again.
"""

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import takewhile

from uplab.scenarios.history.encoded import MARKS, Room, decoded, unpacked
from uplab.scenarios.history.escapes import Unescaped, last_words, may_be_escaped, unescaped
from uplab.scenarios.history.forms import base64_cores, forms

__all__ = [
    "LEAST_SECRET",
    "Secrets",
    "common",
    "found_in",
    "is_canary",
    "may_hold",
    "names_of",
    "redact",
    "redact_body",
    "redact_lines",
    "redact_text",
    "register",
]

MARK = "5ec0de5a"  # eight hexadecimal digits, so that random payload bytes do not meet them by chance
_LAYERS = 3  # HTML within JSON within a URL
_DEPTH = 3  # Base64 within Base64 within what was packed
LEAST_SECRET = 8  # characters: a shorter one is also a part of words that a report must show

_PLAIN = (
    rb"5ec0de5a(?:[0-9a-f]{24}|-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    rb"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"  # a JSON Web Token, by its shape
)


@dataclass(frozen=True, slots=True)
class _Form:
    """One way in which a registered secret may be written, in lower case.

    `stem` is as much of its beginning as is hidden where a text was cut off within it.
    """

    lower: bytes
    stem: bytes
    name: str
    digest: bytes


_foreign: list[_Form] = []  # of all registered secrets, the longest first


class Secrets:
    """Derives the secrets of a run from its seed; the same name gives the same secret."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def _digest(self, name: str) -> str:
        return hashlib.sha256(f"uplab secret {self._seed} {name}".encode()).hexdigest()

    def hex(self, name: str) -> str:
        """32 hexadecimal digits: an AS key, a bearer token, a password."""
        return MARK + self._digest(name)[:24]

    def uuid(self, name: str) -> str:
        """The 36 characters of a version 4 UUID: an access token as Widgelix shows it."""
        d = self._digest(name)
        return str(uuid.UUID(f"{MARK}{d[:4]}4{d[4:7]}8{d[7:10]}{d[10:22]}"))


def register(secret: str, name: str = "a secret") -> bool:
    """Makes a secret known from now on, as `name`, "the API token"; False where it is too common to be hidden."""
    if common(secret):
        return False
    known = {form.lower for form in _foreign}
    digest = _digest(secret.encode("utf-8", "surrogateescape"))
    _foreign.extend(_Form(lower, _stem(lower), name, digest) for lower in forms(secret) if lower not in known)
    _foreign.sort(key=lambda form: len(form.lower), reverse=True)
    return True


def common(secret: str, public: Iterable[str] = ()) -> str | None:
    """Why a secret cannot be hidden without taking words out of the report, None where it can.

    `public` are words of the user's own that are no secret, such as the name that belongs to a password.
    """
    if len(secret) < LEAST_SECRET:
        return f"has fewer than {LEAST_SECRET} characters"
    if MARK in secret:
        return None
    if any(secret.lower() in word.lower() for word in public):
        return "is also the name of something"
    return "is a word that uplab itself writes" if _is_ours(secret.lower()) else None


@lru_cache(10_000)
def _is_ours(lower: str) -> bool:
    return lower in _vocabulary()


@cache
def _vocabulary() -> str:
    """All that uplab itself may write, in lower case: its own sources."""
    return "\n".join(
        text for package in ("scenarios", "simulator", "fakes") for text in _texts(files(f"uplab.{package}"))
    )


def _texts(folder: Traversable) -> Iterable[str]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry)
        elif entry.name.endswith((".py", ".md", ".toml")):
            yield entry.read_text(encoding="utf-8").lower()


def _stem(lower: bytes) -> bytes:
    least = LEAST_SECRET * (2 if b"\0" in lower else 1)
    stem = lower[: max(least, len(lower) // 2)]
    return lower if common(stem.decode("utf-8", "replace")) else stem


_BETWEEN = rb"(?:[ :._-]|, ?(?:0x)?| 0x)"  # the bytes of what is written in hexadecimal
# The first eight characters of a canary, in the encodings, and what then still belongs to it.
_ENCODED = b"|".join(
    [
        *(re.escape(core.encode()) + rb"[A-Za-z0-9+/_-]{24,38}" for core in base64_cores(MARK.encode())),
        MARK.encode().hex().encode() + rb"(?:3[0-9]|6[1-6]|2d){24,28}",
        rb"\x00".join(bytes([byte]) for byte in MARK.encode()) + rb"(?:\x00[0-9a-f-]){24,28}",  # UTF-16
        rb", ?".join(b"%d" % byte for byte in MARK.encode()) + rb"(?:, ?(?:4[5-9]|5[0-7]|9[7-9]|10[0-2])){24,28}",
        rb"(?:[0-9a-f]{24}|[0-9a-f]{12}(?:-[0-9a-f]{4}){3}-)" + MARK[::-1].encode(),
        _BETWEEN.join(b"%02x" % byte for byte in MARK.encode()) + rb"(?:" + _BETWEEN + rb"(?:3[0-9]|6[1-6]|2d)){24,28}",
    ]
)
_CUT = rb"5ec0de5a[0-9a-f-]*(?:\.\.\.[0-9a-f-]*)?"  # what is left of one in a text that was shortened
_CANARY = re.compile(rb"(?i)" + _PLAIN + rb"|" + _CUT + rb"|" + _ENCODED)
_DECODED = re.compile(rb"(?i)" + _PLAIN)
# To search for these beginnings costs a tenth of the pattern, and most of what is said holds none of them.
_BEGINNINGS = tuple(
    {beginning.lower().encode() for beginning in (MARK, "eyJ", MARK.encode().hex(), *base64_cores(MARK.encode()))}
    | {MARK.encode()[:4].hex(between).encode() for between in " :-._,"}
    | {b"\0".join(bytes([byte]) for byte in MARK.encode()), MARK[::-1].encode(), b"53,101,99,48", b"53, 101, 99, 48"}
    | {b", 0x".join(b"%02x" % byte for byte in MARK.encode()[:2]), b"35, 65, 63"}
)


_END_OF_LINE = re.compile(rb"[\r\n]")
_PLACEHOLDER = re.compile(rb"S(?:ECRET)?-[0-9a-f-]*")
_WHOLE = re.compile(rb"SECRET-[0-9a-f]{9}[0-9a-f-]*")


def is_canary(text: str) -> bool:
    """Says whether the text holds a lab secret, in any form, or a JSON Web Token."""
    return any(_CANARY.search(read) for read in _read(text.encode("utf-8", "surrogateescape"), _DEPTH, Room()))


def _read(raw: bytes, depth: int, room: Room) -> Iterator[bytes]:
    """The text, then what it says with its escapes read, layer by layer, then what the words of that say."""
    yield raw
    for _ in range(_LAYERS):
        read = unescaped(raw) if may_be_escaped(raw) else None
        if read is None:
            break
        raw = read.text
        yield raw
    if depth and (said := b"\0".join([one.text for one in decoded(raw, room)])):
        yield from _read(said, depth - 1, room)


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret.lower()).hexdigest().encode()


def _placeholder(digest: bytes, length: int) -> bytes:
    """As much of the digest as there is room for: where there is little, the word before it is a letter."""
    head = b"SECRET-" if length >= 2 * LEAST_SECRET else b"S-"
    return (head + digest).ljust(length, b"-")[:length]


def _traces(digest: bytes) -> tuple[bytes, bytes]:
    """What each placeholder of a secret begins with."""
    return _placeholder(digest, 2 * LEAST_SECRET), _placeholder(digest, LEAST_SECRET)


def _hide_canary(match: re.Match[bytes]) -> bytes:
    """The placeholder of the canary itself, in whatever form it stands."""
    found = match.group()
    if inner := _WHOLE.search(found):  # a token, in which a secret was hidden already: that one is told
        return inner.group().ljust(len(found), b"-")
    for plain in _readings(found):
        if decoded := _DECODED.search(plain):
            return _placeholder(_digest(decoded.group()), len(found))
    return _placeholder(_digest(found), len(found))


def _readings(found: bytes) -> Iterable[bytes]:
    """What was found, and what it may be an encoding of."""
    yield found
    yield found[::-1]
    if found.startswith(b"53,"):
        yield bytes(map(int, found.split(b",")))
    if b"\0" in found:
        yield found.replace(b"\0", b"")
    if found.lower().startswith(MARK[:1].encode().hex().encode()):
        digits = re.sub(rb"(?i)0x|[^0-9a-f]", b"", found)
        yield bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    if b"." in found:
        return  # what was shortened is no Base64 any more
    for before in (b"", b"AA", b"AAA"):  # where it began within four characters of Base64 is not to be seen
        whole = before + found
        decoded = base64.b64decode(whole[: len(whole) // 4 * 4] + _last(whole), b"-_")
        # A part of the first byte stands in a character before it, which was not found with it.
        _, most, rest = decoded.partition(MARK[1:].encode())
        if most:
            yield MARK.encode() + rest


def _last(whole: bytes) -> bytes:
    """The characters of Base64 behind the last four, filled up; a single one says nothing."""
    rest = whole[len(whole) // 4 * 4 :]
    return rest.ljust(4, b"=") if len(rest) > 1 else b""


def may_hold(raw: bytes) -> bool:
    """Whether the beginning of a secret stands in it; where none does, `redact` has nothing to do.

    To ask it of many texts at once costs less than to ask it of each.
    """
    if any(mark in raw for mark in MARKS):
        return True
    for read in _read(raw, _DEPTH, Room()):
        lower = read.lower()
        for beginning in _BEGINNINGS:  # no generator: this is done for all that a run writes
            if beginning in lower:
                return True
        if any(form.stem in lower for form in _foreign):
            return True
    return False


def redact(raw: bytes) -> bytes:
    """Replaces every secret by a placeholder of the same length; returns the same object where there is none."""
    return _redact(raw, _LAYERS, _DEPTH, Room()) if may_hold(raw) else raw


def redact_lines(raw: bytes) -> bytes:
    """The same of a log: also what goes over the ends of its lines, with words of the log before each of its pieces."""
    words = last_words(raw)
    read = redact(words.text)
    hidden = bytearray(raw)
    for start, end in _placed(words.text, read):
        for at in range(start, end):
            hidden[words.span(at, at + 1)[0]] = read[at]
    return redact(bytes(hidden))


def redact_body(raw: bytes) -> bytes:
    """The same of a body, which may be packed: then all of it is hidden where a secret is in it."""
    plain = unpacked(raw)
    if plain is None or (clean := redact(plain)) is plain or clean == plain:
        return redact(raw)
    return b" ".join(match.group() for match in _PLACEHOLDER.finditer(clean)).ljust(len(raw), b"-")[: len(raw)]


def _redact(raw: bytes, layers: int, depth: int, room: Room) -> bytes:
    """Hides first what is a secret when escapes are read, layer by layer, then what stands there as it is."""
    read = unescaped(raw) if layers and may_be_escaped(raw) else None
    if read is not None:
        clean = _redact(read.text, layers - 1, depth, room)
        return _redact_plain(raw if clean == read.text else _put_back(raw, read, clean))
    raw = _redact_plain(raw)
    return _redact_words(raw, depth, room) if depth else raw


def _redact_words(raw: bytes, depth: int, room: Room) -> bytes:
    """Hides those parts of words that say a secret when they are decoded."""
    hidden: bytearray | None = None
    for one in decoded(raw, room):
        clean = _redact(one.text, _LAYERS, depth - 1, room)
        if clean == one.text:
            continue
        places = list(_placed(one.text, clean))
        if one.packed:  # there is one place for all of them
            clean = b"-".join([clean[start:end] for start, end in places])
            places = [(0, len(clean))]
        for start, end in places:
            begin, behind = one.span(start, end)
            hidden = hidden or bytearray(raw)
            hidden[begin:behind] = clean[start:end].ljust(behind - begin, b"-")[: behind - begin]
    return raw if hidden is None else bytes(hidden)


def _put_back(raw: bytes, read: Unescaped, clean: bytes) -> bytes:
    """The text with each placeholder of what was read in it at its place."""
    hidden = bytearray(raw)
    for start, end in _placed(read.text, clean):
        begin, behind = read.span(start, end)
        free = [at for at in range(begin, behind) if raw[at] not in b"\r\n"]  # lines stay lines
        for at, byte in zip(free, clean[start:end].ljust(len(free), b"-"), strict=False):
            hidden[at] = byte
    return bytes(hidden)


def _placed(text: bytes, clean: bytes) -> Iterator[tuple[int, int]]:
    """Where placeholders came into a text."""
    for match in _PLACEHOLDER.finditer(clean):
        start, end = match.span()
        while end > start and clean[end - 1] == text[end - 1]:
            end -= 1  # what follows may look like more of the placeholder
        if end > start:
            yield start, end


def _redact_plain(raw: bytes) -> bytes:
    lower = raw.lower()
    if begun := [form for form in _foreign if form.stem in lower]:
        raw = _hide(raw, begun)
    return _CANARY.sub(_hide_canary, raw) if _CANARY.search(raw) else raw


def _hide(raw: bytes, forms: list[_Form]) -> bytes:
    """The bytes with each place of these forms taken: first those that stand there whole, then what was cut off."""
    hidden = bytearray(raw)
    for form in forms:
        for at in _places(hidden, form.lower):
            hidden[at : at + len(form.lower)] = _placeholder(form.digest, len(form.lower))
    for form in forms:
        for at in _places(hidden, form.stem):
            there = zip(hidden[at : at + len(form.lower)].lower(), form.lower, strict=False)
            length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], there))
            hidden[at : at + length] = b"SECRET".ljust(length, b"-")
    return bytes(hidden)


def _places(text: bytearray, lower: bytes) -> list[int]:
    """Where the bytes stand in the text, in any case and without overlapping."""
    return [match.start() for match in re.finditer(re.escape(lower), text.lower())]


def redact_text(text: str) -> str:
    """The same filter over text."""
    return redact(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def found_in(said: bytes | str, more: Mapping[str, str] | None = None) -> list[str]:
    """The names of the registered secrets that stand in what was said, in any form or redacted already.

    `more` are lab secrets to look for too, by their names.
    """
    hidden = redact(said if isinstance(said, bytes) else said.encode("utf-8", "surrogateescape"))
    if _END_OF_LINE.search(hidden):
        # A placeholder goes over the ends of lines as its secret did.
        hidden += b"\0" + _END_OF_LINE.sub(b"", hidden) + b"\0" + last_words(hidden).text
    return [name for name, traces in _known(more).items() if any(trace in hidden for trace in traces)]


def names_of(more: Mapping[str, str] | None = None) -> list[str]:
    """The names of all secrets that `found_in` looks for."""
    return list(_known(more))


def _known(more: Mapping[str, str] | None) -> dict[str, set[bytes]]:
    """What to look for, by the names of the secrets; several may share one, such as tokens that were fetched anew."""
    known: dict[str, set[bytes]] = {}
    for name, digest in {(form.name, form.digest) for form in _foreign}:
        known.setdefault(name, set()).update(_traces(digest))
    for name, secret in (more or {}).items():
        known.setdefault(name, set()).update(_traces(_digest(secret.encode())))
    return dict(sorted(known.items()))
