"""What a text of lines says over their ends, whatever a log has put before each piece, and in a dump of bytes.

A logger splits what is long: the piece before the end is the last word of its line, and the next one is any of the
first words of the line behind it. A dump has the bytes as digits, some in each line, with offsets and letters beside.
"""

import re
from collections.abc import Iterator
from typing import Final

from uplab.scenarios.history.escapes import Unescaped

__all__ = ["OVER_LINES", "over_lines", "words_behind"]

_WORD = rb"[^\s\"'<>|:\[\](){},;=]+=*"
# The last word of a line, without what closes behind it: a log puts its own words before what goes over lines.
_CLOSING = b" \t\r\f\v\"'<>|[](){},;\\"
_WORD_BACKWARDS = re.compile(rb"=*[^\s\"'<>|:\[\](){},;=]+")
_LONGEST_LAST = 8_192  # bytes of a last word; read from the line's end, so that a long line costs no more than a short
_LINE = re.compile(rb"[^\n]+")
_EACH_WORD = re.compile(_WORD)
_FIRST_WORDS = 8  # of a line: time, level, thread, logger stand before what is said
_LONGEST = 200  # bytes of a piece
_DUMPED = re.compile(
    rb"(?im)^(?:[^\n]{0,60}?[ \t|])??(?:0x)?[0-9a-f]{4,16}[:|]?[ \t|]{1,3}"  # the offset
    rb"(?P<bytes>(?:[0-9a-f]{2}(?: {1,2}[0-9a-f]{2}){0,31}"
    rb"|[0-9a-f]{4}(?: [0-9a-f]{4}){0,15}(?: [0-9a-f]{2})?)(?![0-9a-f]))"
    rb"|^[ \t]*(?P<only>[0-9a-f]{2}(?: {1,2}[0-9a-f]{2}){0,31})[ \t]*\r?$"
)
_LEAST_DUMPED = 8  # bytes: fewer hold no secret
_BYTE = re.compile(rb"(?i)[0-9a-f]{2}")


class _Reading:
    """A text of pieces of another one, of which each place is known."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._starts, self._places, self._whole = [0], [0], [False]
        self._length = 0

    def add(self, said: bytes, place: int, *, whole: bool = False, end: int = 0) -> None:
        """A piece that stands at a place; a `whole` one says as little as it does from there to `end`."""
        self._pieces.append(said)
        self._starts.append(self._length)
        self._places.append(place)
        self._whole.append(whole)
        self._length += len(said)
        if whole:
            self._starts.append(self._length)
            self._places.append(end)
            self._whole.append(False)

    def apart(self) -> None:
        """What comes now follows nothing."""
        self.add(b"\0", self._places[-1])

    def read(self) -> Unescaped:
        return Unescaped(b"".join(self._pieces), self._starts, self._places, self._whole)


def last_words(raw: bytes) -> Unescaped | None:
    """The last words of the lines as one word, whatever stands before each in its line."""
    reading = _Reading()
    for line in _LINE.finditer(raw):
        if last := _last_word(raw, line.start(), line.end()):
            reading.add(*last)
    return reading.read()


def _last_word(raw: bytes, start: int, end: int) -> tuple[bytes, int] | None:
    """The last word of a line and where it begins; None in a line that has none at its end."""
    tail = raw[max(start, end - _LONGEST_LAST) : end].rstrip(_CLOSING)
    found = _WORD_BACKWARDS.match(tail[::-1])
    if found is None:
        return None
    word = tail[-found.end() :]
    return word, max(start, end - _LONGEST_LAST) + len(tail) - len(word)


def words_behind(raw: bytes) -> Unescaped | None:
    """The last word of each line with each of the first words of the next one, where more is said behind it."""
    reading = _Reading()
    before: list[tuple[bytes, int]] = []  # the last words of the last two lines
    for line in _LINE.finditer(raw):
        last = _last_word(raw, line.start(), line.end())
        for number, word in enumerate(_EACH_WORD.finditer(raw, line.start(), line.end())) if before else ():
            if number >= _FIRST_WORDS or (last and word.start() >= last[1]):
                break
            if len(word.group()) <= _LONGEST:
                reading.apart()
                for said, place in (*before, (word.group(), word.start())):
                    reading.add(said, place)
        before = before[-1:]
        if last and len(last[0]) <= _LONGEST:
            before.append(last)
        else:
            before = []
    return reading.read()


def dumped(raw: bytes) -> Unescaped | None:
    """The bytes that lines of a dump have as digits; None where there is none."""
    reading, found = _Reading(), 0
    for line in _DUMPED.finditer(raw):
        kind = line.lastgroup or ""
        for byte in _BYTE.finditer(raw, line.start(kind), line.end(kind)):
            reading.add(bytes.fromhex(byte.group().decode()), byte.start(), whole=True, end=byte.end())
            found += 1
    return reading.read() if found >= _LEAST_DUMPED else None


OVER_LINES: Final = (last_words, dumped, words_behind)
"""Each way to read a text of lines; None where it says nothing in this one."""


def over_lines(raw: bytes) -> Iterator[Unescaped]:
    """What each of them reads; nothing where the text has one line."""
    if raw.find(b"\n", 0, -1) >= 0:
        yield from filter(None, (way(raw) for way in OVER_LINES))
