"""The usual ways to write a secret: what is hidden, and looked for, in the place of each."""

import base64
import html
import json
import math
from urllib.parse import quote, quote_plus

__all__ = ["base64_cores", "forms"]


def forms(secret: str) -> set[bytes]:
    """The usual ways to write a secret, in lower case; none is shorter than the secret itself."""
    raw = secret.encode("utf-8", "surrogateescape")
    old = secret.encode("latin-1", "ignore")  # as Basic had it before UTF-8 (RFC 7617, section 2.1)
    escaped = html.escape(secret)
    texts = {
        secret,
        secret[::-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(raw, safe=""),
        quote(raw),
        quote_plus(raw),
        html.escape(secret, quote=False),
        escaped,
        escaped.replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
        raw.hex(),
        *(raw.hex(between) for between in " :-._,"),
        *(between.join(f"{byte:02x}" for byte in raw) for between in (", ", ", 0x", ",0x", " 0x")),
        *(between.join(map(str, raw)) for between in (", ", ",", " ")),  # as Node and Go log bytes
        ", ".join(str(byte - 256 if byte > 127 else byte) for byte in raw),  # as Java does
        raw.hex(" ", -2),  # as hexdumps have them, from the first byte of a pair or from the second
        f"{raw[:1].hex()} {raw[1:].hex(' ', -2)}",
        base64.b32encode(raw).decode().rstrip("="),
        secret.replace("=", "=3D"),  # quoted-printable
        "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"={byte:02X}" for byte in raw),  # of a header
        *base64_cores(raw),
        *(base64_cores(old) if len(old) == len(secret) and old != raw else ()),
    }
    # Of UTF-16 in either order what both have where the first and the last character are ASCII.
    wide = [secret.encode(f"utf-16-{order}", "surrogatepass").strip(b"\0") for order in ("be", "le")]
    plain = [*(one.hex().encode() for one in wide), *([old] if len(old) == len(secret) else [])]
    return {form.lower() for form in (*(text.encode("utf-8", "surrogateescape") for text in texts), *wide, *plain)}


def base64_cores(raw: bytes) -> list[str]:
    """What Base64 makes of the bytes alone, whatever stands before and behind them, in both alphabets."""
    return [
        encode(bytes(before) + raw).decode()[math.ceil(before * 8 / 6) : (before + len(raw)) * 8 // 6]
        for before in range(3)
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
    ]
