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

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from uplab.scenarios.history.canaries import BEGINNINGS, CANARY, CUT, canary_in
from uplab.scenarios.history.common import LEAST_SECRET, MARK, common
from uplab.scenarios.history.encoded import MARKS, Room, decoded, unpacked
from uplab.scenarios.history.escapes import Unescaped, may_be_escaped, unescaped
from uplab.scenarios.history.forms import forms
from uplab.scenarios.history.over_lines import OVER_LINES, over_lines, words_behind

__all__ = [
    "LEAST_SECRET",
    "Secrets",
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

_LAYERS = 3  # HTML within JSON within a URL
_PIECE = 4  # characters of a secret, before the end of a line or behind it
_DEPTH = 3  # Base64 within Base64 within what was packed


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


def _stem(lower: bytes) -> bytes:
    least = LEAST_SECRET * (2 if b"\0" in lower else 1)
    stem = lower[: max(least, len(lower) // 2)]
    return lower if common(stem.decode("utf-8", "replace")) else stem


_END_OF_LINE = re.compile(rb"[\r\n]")
_PLACEHOLDER = re.compile(rb"S(?:ECRET)?-[0-9a-f-]*")
_WHOLE = re.compile(rb"SECRET-[0-9a-f]{9}[0-9a-f-]*")


def is_canary(text: str) -> bool:
    """Says whether the text holds a lab secret, in any form, or a JSON Web Token."""
    raw = text.encode("utf-8", "surrogateescape")
    return any(CANARY.search(read) or CUT.search(read) for read in _read(raw, _DEPTH, Room()))


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
    return _fitted(head + digest, length)


def _fitted(text: bytes, length: int) -> bytes:
    return text.ljust(length, b"-")[:length]


def _traces(digest: bytes) -> tuple[bytes, bytes]:
    """What each placeholder of a secret begins with."""
    return _placeholder(digest, 2 * LEAST_SECRET), _placeholder(digest, LEAST_SECRET)


def _hide_canary(match: re.Match[bytes]) -> bytes:
    """The placeholder of the canary itself, in whatever form it stands."""
    found = match.group()
    # A token in which a secret is, hidden already or not: that one is told.
    if inner := next((one for text in _within(found) if (one := _WHOLE.search(text))), None):
        return inner.group().ljust(len(found), b"-")
    return _placeholder(_digest(canary_in(found)), len(found))


def _within(found: bytes) -> Iterator[bytes]:
    """What was found, and what the parts of a JSON Web Token say, without the secrets in it."""
    yield found
    if found.startswith(b"eyJ"):
        room = Room()
        for one in decoded(found, room):
            yield _redact(one.text, _LAYERS, 1, room)


def may_hold(raw: bytes) -> bool:
    """Whether the beginning of a secret stands in it; where none does, `redact` has nothing to do.

    To ask it of many texts at once costs less than to ask it of each.
    """
    if any(mark in raw for mark in MARKS):
        return True
    for read in _read(raw, _DEPTH, Room()):
        lower = read.lower()
        for beginning in BEGINNINGS:  # no generator: this is done for all that a run writes
            if beginning in lower:
                return True
        if any(form.stem in lower for form in _foreign):
            return True
    return False


def redact(raw: bytes) -> bytes:
    """Replaces every secret by a placeholder of the same length; returns the same object where there is none."""
    return _redact(raw, _LAYERS, _DEPTH, Room()) if may_hold(raw) else raw


def redact_lines(raw: bytes) -> bytes:
    """The same of a text of lines, as a log: also what goes over their ends, with words before each of its pieces.

    First what is whole, in any way to read it, then what was cut off: a piece of a line looks like that too, and words
    that stand before the next one like more of it.
    """
    if raw.find(b"\n", 0, -1) < 0:
        return redact(raw)
    ways = [way for way in (None, *OVER_LINES) if _may_hold_so(raw, way)]
    for begun in (False, True) if ways else ():
        for way in reversed(ways) if begun else ways:
            if way is None:
                raw = _redact(raw, _LAYERS, _DEPTH, Room(), begun=begun)
            elif (read := way(raw)) is not None and not (begun and way is words_behind):
                deep = (0, 0) if way is words_behind else (_LAYERS, _DEPTH)
                raw = _covered(raw, read, _redact(read.text, *deep, Room(), begun=begun))
    return raw


def _may_hold_so(raw: bytes, way: Callable[[bytes], Unescaped | None] | None) -> bool:
    """Whether the beginning of a secret may stand in what a way to read the text gives."""
    if way is words_behind:  # that is much, and seldom asked for: first whether a piece of a secret is there at all
        lower = raw.lower()
        pieces = (one for form in _foreign for one in (form.lower[:_PIECE], form.lower[_PIECE:]))
        return any(one in lower for one in pieces) or any(one[:_PIECE] in lower for one in BEGINNINGS)
    read = way(raw) if way else None
    return may_hold(read.text) if read else way is None and may_hold(raw)


def _covered(raw: bytes, read: Unescaped, clean: bytes) -> bytes:
    """The text with the placeholders that a reading of it has now."""
    hidden = bytearray(raw)
    for start, end in _placed(read.text, clean):
        _cover(hidden, [read.span(at, at + 1) for at in range(start, end)], clean[start:end])
    return bytes(hidden)


def _cover(hidden: bytearray, spans: list[tuple[int, int]], placeholder: bytes) -> None:
    """Puts a placeholder over what its characters were read from: one by one, or where these were digits in one row."""
    if all(behind - begin == 1 for begin, behind in spans):
        for (begin, _), byte in zip(spans, placeholder, strict=True):
            hidden[begin] = byte
        return
    rows: list[tuple[int, int]] = []
    for begin, behind in spans:
        goes_on = rows and not _END_OF_LINE.search(hidden, rows[-1][1], begin)
        rows.append((rows.pop()[0] if goes_on else begin, behind))
    longest = max(rows, key=lambda row: row[1] - row[0])
    for begin, behind in rows:
        told = placeholder if (begin, behind) == longest else b""
        hidden[begin:behind] = _fitted(told, behind - begin)


def redact_body(raw: bytes) -> bytes:
    """The same of a body, which may be packed: then all of it is hidden where a secret is in it."""
    plain = unpacked(raw)
    if plain is None or (clean := redact(plain)) is plain or clean == plain:
        return redact_lines(raw)
    return _fitted(b" ".join(match.group() for match in _PLACEHOLDER.finditer(clean)), len(raw))


def _redact(raw: bytes, layers: int, depth: int, room: Room, *, begun: bool = True) -> bytes:
    """Hides first what stands there whole, then what is a secret when escapes are read, layer by layer.

    What was cut off comes last, if `begun` asks for it: an encoding may begin as another form of the secret does, and
    what looks like an escape may be a part of it.
    """
    raw = _hide_whole(raw)
    read = unescaped(raw) if layers and may_be_escaped(raw) else None
    if read is not None:
        clean = _redact(read.text, layers - 1, depth, room, begun=begun)
        raw = raw if clean == read.text else _put_back(raw, read, clean)
    elif depth:
        raw = _redact_words(raw, depth, room, begun=begun)
    return _hide_begun(raw) if begun else raw


def _redact_words(raw: bytes, depth: int, room: Room, *, begun: bool) -> bytes:
    """Hides those parts of words that say a secret when they are decoded."""
    hidden: bytearray | None = None
    for one in decoded(raw, room):
        clean = _redact(one.text, _LAYERS, depth - 1, room, begun=begun)
        if clean == one.text:
            continue
        places = list(_placed(one.text, clean))
        if one.packed:  # there is one place for all of them
            clean = b"-".join([clean[start:end] for start, end in places])
            places = [(0, len(clean))]
        for start, end in places:
            begin, behind = one.span(start, end)
            hidden = hidden or bytearray(raw)
            hidden[begin:behind] = _fitted(clean[start:end], behind - begin)
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


def _hide_whole(raw: bytes) -> bytes:
    """The bytes without the secrets that stand there whole in one of their forms."""
    lower = raw.lower()
    if begun := [form for form in _foreign if form.stem in lower]:
        hidden = bytearray(raw)
        for form in begun:
            for at in _places(hidden, form.lower):
                hidden[at : at + len(form.lower)] = _placeholder(form.digest, len(form.lower))
        raw = bytes(hidden)
    return CANARY.sub(_hide_canary, raw) if CANARY.search(raw) else raw


def _hide_begun(raw: bytes) -> bytes:
    """The bytes without the beginnings of secrets that were cut off."""
    if CUT.search(raw):
        raw = CUT.sub(_hide_canary, raw)
    lower = raw.lower()
    begun = [form for form in _foreign if form.stem in lower]
    if not begun:
        return raw
    hidden = bytearray(raw)
    for form in begun:
        for at in _places(hidden, form.stem):
            there = zip(hidden[at : at + len(form.lower)].lower(), form.lower, strict=False)
            length = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], there))
            hidden[at : at + length] = b"SECRET".ljust(length, b"-")
    return bytes(hidden)


def _places(text: bytearray, lower: bytes) -> list[int]:
    """Where the bytes stand in the text, in any case and without overlapping."""
    return [match.start() for match in re.finditer(re.escape(lower), text.lower())]


def redact_text(text: str) -> str:
    """The same filter over text, and over the ends of its lines."""
    return redact_lines(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def found_in(said: bytes | str, more: Mapping[str, str] | None = None) -> list[str]:
    """The names of the registered secrets that stand in what was said, in any form or redacted already.

    `more` are lab secrets to look for too, by their names.
    """
    hidden = redact_lines(said if isinstance(said, bytes) else said.encode("utf-8", "surrogateescape"))
    if _END_OF_LINE.search(hidden):
        # A placeholder goes over the ends of lines as its secret did.
        hidden = b"\0".join([hidden, _END_OF_LINE.sub(b"", hidden), *(read.text for read in over_lines(hidden))])
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
