"""Text from the wire, made safe to show: shortened, with what is left out told, and without characters that deceive."""

import re
from datetime import UTC, datetime

__all__ = [
    "RAW_LIMIT",
    "SIGNS",
    "counted",
    "moment",
    "one_line",
    "preview",
    "seconds",
    "shorten",
    "visible",
    "without_pages",
    "xml_safe",
]

RAW_LIMIT = 4_000  # characters of a body that a report shows; the history holds the whole
RAW_BINARY_LIMIT = 256  # bytes of a binary body, shown in hexadecimal

# Every outcome has a sign and a word, so that colour never stands alone.
SIGNS = {"passed": "✓", "failed": "✕", "error": "!", "unknown": "?", "not applicable": "–"}  # noqa: RUF001 - meant
SIGNS |= {"not reached": "…", "gap": "○", "not selected": "·"}

# Control characters, and those that reorder or hide text: a payload must not be able to rewrite the report's lines.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff]"
)
# A joiner between two pictographs is how one emoji is written, and hides nothing.
_JOINER = re.compile("(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])")
# What XML 1.0 cannot hold, not even escaped (section 2.2).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HELD = "\ue000"
# To its end, or to the next line of a verdict where only its beginning was kept.
_PAGE = re.compile(
    r"<(?:!doctype html|html[\s>]).*?(?:</html>|(?=\n *(?:diverged|try):)|\Z)", re.IGNORECASE | re.DOTALL
)
_TITLE = re.compile(r"<title[^>]*>([^<]{1,80})", re.IGNORECASE)


def _name(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(text: str) -> str:
    """The text with each control, direction and invisible character shown by its escape; newlines and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    joined = _JOINER.sub(_HELD, text.replace("\r\n", "\n"))
    return _UNSEEN.sub(_name, joined).replace(_HELD, "\u200d")


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters of the text, and how many were left out; none where to say so takes as many."""
    told = f" … ({len(text) - limit:,} more characters)"
    return text if len(text) <= limit + len(told) else f"{text[:limit].rstrip()}{told}"


def one_line(text: str, limit: int = 200) -> str:
    """The text on one line, safe to show, at most about `limit` characters."""
    return visible(" ".join(shorten(text, limit).split()))


def without_pages(text: str) -> str:
    """The text with each page of HTML in it, as a proxy answers, as one phrase."""
    return _PAGE.sub(_page, text) if "<" in text else text


def _page(match: re.Match[str]) -> str:
    title = _TITLE.search(match.group())
    named = f" ({' '.join(title[1].split())})" if title and title[1].strip() else ""
    return f"a page of HTML{named}"


def xml_safe(text: str) -> str:
    """The text without the characters that no XML document may hold."""
    return _NOT_XML.sub("", text)


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 scenario", "2 scenarios"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def moment(iso: str) -> str:
    """A stored time as people read it: "2025-11-20 22:11:04 UTC"; text that is no time stays as it is."""
    try:
        time = datetime.fromisoformat(iso)
        utc = time if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):  # it is none, or one before the first year there is in UTC
        return one_line(iso, 40)
    return f"{utc:%Y-%m-%d %H:%M:%S}{' UTC' if time.tzinfo else ''}"


def seconds(duration_s: float) -> str:
    """A duration in seconds as people write it: 0.31 s, 12.4 s, 3 min 20 s, 1 h 2 min."""
    if duration_s < 9.995:
        return f"{duration_s:.2f} s"
    if duration_s < 99.95:
        return f"{duration_s:.1f} s"
    minutes, rest = divmod(round(duration_s), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def preview(raw: bytes | None) -> tuple[str | None, int]:
    """What a report shows of the stored bytes, and their number."""
    if raw is None:
        return None, 0
    try:
        text = None if b"\x00" in raw else raw.decode()
    except UnicodeDecodeError:
        text = None
    return _readable(raw) if text is None else shorten(text, RAW_LIMIT), len(raw)


def _readable(data: bytes) -> str:
    """Bytes with a text inside, as an MQTT packet has it, as that text with escapes; others in hexadecimal."""
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}" for byte in data[:RAW_LIMIT])
    if text.count("\\x") * 4 <= len(data[:RAW_LIMIT]):
        return text + (f" … ({len(data) - RAW_LIMIT:,} more bytes)" if len(data) > RAW_LIMIT else "")
    more = len(data) - RAW_BINARY_LIMIT
    return data[:RAW_BINARY_LIMIT].hex(" ") + (f" … ({more:,} more bytes)" if more > 0 else "")
