"""Bodies as they were before their Content-Encoding: what people want to read beside the bytes that came."""

import gzip
import io
import zlib
from collections.abc import Callable
from typing import Final

__all__ = ["PackedError", "unpacked"]


class PackedError(ValueError):
    """A body that cannot be shown unpacked; the text says why, after "it"."""


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """The body without its encodings, the last one first; an empty one and "identity" leave it as it is.

    PackedError where one is unknown, or wrong, or makes it larger than `most` bytes.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        if name == "identity":
            continue
        unpack = _KNOWN.get(name)
        if unpack is None:
            known = ", ".join(sorted(_KNOWN))
            raise PackedError(f"came as {name[:40]}, which nothing here unpacks; known are {known}")
        try:
            body = unpack(body, most + 1)
        except EOFError:
            raise PackedError(f"came as {name}, and is cut off") from None
        except (OSError, zlib.error):
            raise PackedError(f"came as {name}, and is none") from None
        if len(body) > most:
            raise PackedError(f"came as {name}, and has more than {most:,} bytes unpacked")
    return body


def _gzip(body: bytes, most: int) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
        return file.read(most)


def _deflate(body: bytes, most: int) -> bytes:
    """zlib (RFC 1950), as the name promises, or the bare deflate (RFC 1951) that some clients send."""
    bare = body[:1] and (body[0] & 0x0F != 8 or int.from_bytes(body[:2], "big") % 31)
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS)
    plain = unpacking.decompress(body, most)
    if not unpacking.eof and len(plain) < most:
        raise EOFError
    return plain


_KNOWN: Final[dict[str, Callable[[bytes, int], bytes]]] = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}
